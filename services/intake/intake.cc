// See intake.h.
#include "services/intake/intake.h"

#include <utility>

#include "services/contract/catalog_file.h"
#include "services/intake/housekeeping.h"
#include "services/intake/metric_names.h"
#include "services/intake/migrations.h"
#include "services/storage/migrations.h"
#include "services/storage/secret.h"

namespace rapport::intake {
namespace {

constexpr char kServiceName[] = "rapport.intake.v1.IntakeService";

}  // namespace

absl::StatusOr<std::unique_ptr<Intake>> Intake::Create(const IntakeOptions& options,
                                                       runtime::ServerCore& core,
                                                       std::shared_ptr<grpc::Channel> matcher) {
  absl::StatusOr<contract::LoadedCatalog> catalog = contract::LoadCatalog(options.catalog_path);
  if (!catalog.ok()) return catalog.status();
  absl::StatusOr<std::unique_ptr<storage::Database>> db =
      storage::Database::Open({.url = options.database_url, .create_folder = options.create_folder});
  if (!db.ok()) return db.status();
  if (absl::Status migrated = storage::Migrate(**db, kComponent, Migrations()); !migrated.ok())
    return migrated;
  absl::StatusOr<std::string> secret = storage::InstallationSecret(**db);
  if (!secret.ok()) return secret.status();

  std::unique_ptr<Intake> intake(
      new Intake(core, *std::move(db), catalog->catalog, *secret, options.max_watchers, std::move(matcher)));
  intake->AddReadinessChecks();
  if (options.background) intake->StartLoops();
  return intake;
}

Intake::Intake(runtime::ServerCore& core, std::unique_ptr<storage::Database> db,
               std::shared_ptr<const rapport::matcher::Catalog> catalog, const std::string& secret,
               size_t max_watchers, std::shared_ptr<grpc::Channel> matcher)
    : core_(core),
      db_(std::move(db)),
      catalog_(std::move(catalog)),
      page_tokens_(secret),
      matcher_(matcher, core.clock()),
      hub_(max_watchers, core.metrics().GaugeOf(kWatchers)),
      transitions_(hub_, core.metrics()),
      ranking_({*catalog_, matcher_, core.clock(), core.log(), core.metrics()}),
      notices_({*db_, matcher_, core.clock(), core.ids(), core.log(), core.metrics()}),
      ranker_({*db_, ranking_, transitions_, core.clock(), core.ids(), core.log(), core.metrics()}),
      commands_({*db_, *catalog_, matcher_, ranking_, notices_, transitions_, core.clock(), core.ids()}),
      queries_(*db_, page_tokens_, hub_),
      service_(core, commands_, queries_) {}

Intake::~Intake() {
  Stop();
}

std::vector<runtime::ServiceBinding> Intake::services() {
  return {{&service_, kServiceName}};
}

void Intake::Stop() {
  ranker_.Stop();
  notices_.Stop();
  loops_.clear();
}

// The matcher being away is no reason to be unready: referrals are kept, and ranked when it is back.
void Intake::AddReadinessChecks() {
  core_.readiness().Add(kServiceName, "database", [this] { return db_->Ping(); });
  core_.readiness().Add(kServiceName, "schema",
                        [this] { return storage::CheckSchema(*db_, kComponent, Migrations()); });
}

void Intake::StartLoops() {
  loops_.push_back(std::make_unique<runtime::Periodic>(kLoopInterval, [this] { ranker_.Step(); }));
  loops_.push_back(std::make_unique<runtime::Periodic>(kLoopInterval, [this] { notices_.Step(); }));
  loops_.push_back(std::make_unique<runtime::Periodic>(kHousekeepingInterval, [this] {
    absl::Status done = ForgetOld(*db_, core_.clock().Now());
    if (!done.ok()) {
      core_.log().Error("housekeeping_failed", {{"code", absl::StatusCodeToString(done.code())}});
    }
  }));
}

}  // namespace rapport::intake
