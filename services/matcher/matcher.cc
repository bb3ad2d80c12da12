#include "services/matcher/matcher.h"

#include <string>
#include <utility>
#include <vector>

#include "services/matcher/methods.h"
#include "services/matcher/migrations.h"
#include "services/storage/migrations.h"
#include "services/storage/secret.h"

namespace rapport::matcher_service {
namespace {

// How often remembered answers that nobody will ask for again are dropped.
constexpr absl::Duration kHousekeepingInterval = absl::Minutes(10);

// How often it is looked whether a network has enough new events for a snapshot.
constexpr absl::Duration kSnapshotInterval = absl::Minutes(1);

}  // namespace

absl::StatusOr<std::unique_ptr<Matcher>> Matcher::Create(const MatcherOptions& options,
                                                         runtime::ServerCore& core) {
  absl::StatusOr<contract::LoadedCatalog> catalog = contract::LoadCatalog(options.catalog_path);
  if (!catalog.ok()) return catalog.status();
  absl::StatusOr<std::unique_ptr<storage::Database>> database =
      storage::Database::Open({.url = options.database_url, .check_beside = true, .vfs = options.vfs});
  if (!database.ok()) return database.status();
  if (absl::Status migrated = storage::Migrate(**database, kComponent, Migrations()); !migrated.ok())
    return migrated;
  absl::StatusOr<std::string> secret = storage::InstallationSecret(**database);
  if (!secret.ok()) return secret.status();

  std::unique_ptr<Matcher> matcher(
      new Matcher(options, *std::move(catalog), *std::move(database), *std::move(secret), core));
  if (absl::Status restored = matcher->networks_.Restore(*matcher->database_, matcher->snapshots_);
      !restored.ok())
    return restored;
  if (absl::Status whole = matcher->database_->AwaitCheck(); !whole.ok()) return whole;
  for (const auto& [network, model] : matcher->networks_.set_aside()) {
    core.log().Warning("model_set_aside", {{"network", network},
                                           {"model_version", model.version},
                                           {"reason", model.reason},
                                           {"in_force", "day 0 and what was learned since: refit"}});
  }
  for (const char* service : {kDirectoryService, kMatcherService}) {
    core.readiness().Add(service, "database", [&held = *matcher->database_] { return held.Ping(); });
    core.readiness().Add(service, "schema", [&held = *matcher->database_] {
      return storage::CheckSchema(held, kComponent, Migrations());
    });
  }
  matcher->housekeeping_ =
      std::make_unique<runtime::Periodic>(kHousekeepingInterval, [&core, &writer = matcher->writer_] {
        if (absl::Status pruned = writer.PruneLedger(); !pruned.ok()) {
          core.log().Warning("prune_failed", {{"code", absl::StatusCodeToString(pruned.code())}});
        }
      });
  matcher->snapshot_loop_ =
      std::make_unique<runtime::Periodic>(kSnapshotInterval, [&held = *matcher] { held.KeepSnapshots(); });
  return matcher;
}

void Matcher::LogWhatIsHeld() const {
  const std::vector<std::string> networks = networks_.Names();
  if (networks.empty()) core_.log().Warning("empty_database", {{"database", database_url_}});
  for (const std::string& network : networks) {
    const auto head = networks_.Head(network);
    core_.log().Info("restored", {{"network", network},
                                  {"position", head->position},
                                  {"therapists", static_cast<std::int64_t>(head->directory.size())}});
  }
}

void Matcher::KeepSnapshots() {
  for (const std::string& network : networks_.Names()) {
    const auto head = networks_.Head(network);
    const std::int64_t usable = snapshots_.UsablePosition(network, head->model.parameters().version);
    if (head->position - usable < snapshot_every_) continue;
    if (absl::Status kept = snapshots_.Keep(network, *head); kept.ok()) {
      core_.log().Info("snapshot_kept", {{"network", network}, {"position", head->position}});
    } else {
      core_.log().Warning("snapshot_failed",
                          {{"network", network}, {"code", absl::StatusCodeToString(kept.code())}});
    }
  }
}

Matcher::Matcher(const MatcherOptions& options, contract::LoadedCatalog catalog,
                 std::unique_ptr<storage::Database> database, std::string page_token_key,
                 runtime::ServerCore& core)
    : snapshot_every_(options.snapshot_every),
      database_url_(options.database_url),
      core_(core),
      catalog_(std::move(catalog)),
      database_(std::move(database)),
      page_tokens_(std::move(page_token_key)),
      networks_(catalog_.catalog),
      snapshots_(*database_, catalog_.catalog, catalog_.message.SerializeAsString()),
      writer_(*database_, networks_, core.clock()),
      directory_({catalog_.catalog, networks_, writer_, core.clock(), core.ids(), page_tokens_}),
      ranking_(catalog_.catalog, networks_, core.clock(), core.metrics()),
      advising_(catalog_.catalog, networks_, core.clock()),
      learning_(catalog_.catalog, writer_, core.clock()),
      refitting_(catalog_.catalog, *database_, networks_, writer_, core.clock()),
      directory_grpc_(core, directory_, catalog_.message),
      matcher_grpc_(core, ranking_, advising_, learning_, refitting_) {}

Matcher::~Matcher() {
  Stop();
}

std::vector<runtime::ServiceBinding> Matcher::services() {
  return {{&directory_grpc_, kDirectoryService}, {&matcher_grpc_, kMatcherService}};
}

void Matcher::Stop() {
  housekeeping_.reset();
  refitting_.Stop();
  if (snapshot_loop_ == nullptr) return;
  snapshot_loop_.reset();
  KeepSnapshots();
}

}  // namespace rapport::matcher_service
