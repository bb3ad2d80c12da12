// See feedback.h.
#include "services/feedback/feedback.h"

#include <utility>

#include "services/contract/catalog_file.h"
#include "services/feedback/methods.h"
#include "services/feedback/records.h"
#include "services/storage/migrations.h"
#include "services/storage/outbox.h"
#include "services/storage/prune.h"
#include "services/storage/secret.h"

namespace rapport::feedback {
namespace {

// Settled messages to the matcher are kept a month, for those who ask what became of one; how a piece of
// feedback stands is in its own row for ever.
constexpr absl::Duration kMessagesKept = absl::Hours(24 * 30);
constexpr absl::Duration kHousekeepingInterval = absl::Minutes(10);

absl::Status ForgetSettledMessages(storage::Database& database, absl::Time now) {
  absl::Status pruned;
  for (const absl::string_view topic : {records::kTopic, kRiskTopic}) {
    pruned.Update(storage::PruneAll(database, storage::outbox::kPruneBatch, [&](storage::Transaction& tx) {
      return storage::outbox::Prune(tx, topic, now - kMessagesKept);
    }));
  }
  return pruned;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Feedback>> Feedback::Create(const FeedbackOptions& options,
                                                           runtime::ServerCore& core,
                                                           const std::shared_ptr<grpc::Channel>& matcher) {
  absl::StatusOr<contract::LoadedCatalog> catalog = contract::LoadCatalog(options.catalog_path);
  if (!catalog.ok()) return catalog.status();
  absl::StatusOr<std::unique_ptr<storage::Database>> database =
      storage::Database::Open({.url = options.database_url});
  if (!database.ok()) return database.status();
  if (absl::Status migrated = storage::Migrate(**database, records::kComponent, records::Migrations());
      !migrated.ok()) {
    return migrated;
  }
  absl::StatusOr<std::string> secret = storage::InstallationSecret(**database);
  if (!secret.ok()) return secret.status();

  std::unique_ptr<Feedback> feedback(new Feedback(*std::move(database), catalog->catalog, *std::move(secret),
                                                  core, matcher, options.matcher_patience));
  core.readiness().Add(kServiceName, "database",
                       [&database = *feedback->database_] { return database.Ping(); });
  core.readiness().Add(kServiceName, "schema", [&database = *feedback->database_] {
    return storage::CheckSchema(database, records::kComponent, records::Migrations());
  });
  feedback->loop_ = std::make_unique<runtime::Periodic>(
      options.delivery_interval,
      [&core, &delivery = feedback->delivery_, &risk_notes = feedback->risk_notes_] {
        absl::Status step = risk_notes.Step();  // whom a person must look at comes first
        step.Update(delivery.Step());
        if (!step.ok()) {
          core.log().Warning("delivery_step_failed", {{"code", absl::StatusCodeToString(step.code())}});
        }
      });
  feedback->loop_->Wake();
  feedback->housekeeping_ =
      std::make_unique<runtime::Periodic>(kHousekeepingInterval, [&core, &database = *feedback->database_] {
        if (absl::Status pruned = ForgetSettledMessages(database, core.clock().Now()); !pruned.ok()) {
          core.log().Warning("prune_failed", {{"code", absl::StatusCodeToString(pruned.code())}});
        }
      });
  return feedback;
}

Feedback::Feedback(std::unique_ptr<storage::Database> database,
                   std::shared_ptr<const matcher::Catalog> catalog, std::string page_token_key,
                   runtime::ServerCore& core, const std::shared_ptr<grpc::Channel>& matcher,
                   const MatcherPatience& patience)
    : database_(std::move(database)),
      matcher_(matcher, core.clock(), patience),
      delivery_(*database_, matcher_, core),
      risk_notes_(*database_, matcher_, core),
      commands_(
          {*database_, std::move(catalog), matcher_, delivery_, risk_notes_, core, [this] { loop_->Wake(); }},
          std::move(page_token_key)),
      service_(core, commands_) {}

Feedback::~Feedback() {
  Stop();
}

std::vector<runtime::ServiceBinding> Feedback::services() {
  return {{&service_, kServiceName}};
}

void Feedback::Stop() {
  housekeeping_.reset();
  loop_.reset();
}

}  // namespace rapport::feedback
