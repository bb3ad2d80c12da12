#include "services/matcher/log_writer.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/time/time.h"
#include "services/contract/calendar.h"
#include "services/matcher/event_codec.h"
#include "services/matcher/reasons.h"
#include "services/runtime/errors.h"
#include "services/storage/event_log.h"
#include "services/storage/prune.h"

namespace rapport::matcher_service {
namespace {

namespace ledger = storage::request_ledger;
namespace event_log = storage::event_log;

// Answers are kept at least a day; twice that leaves room for a caller's own delays.
constexpr absl::Duration kAnswersKept = absl::Hours(48);

using WorkingStates = std::map<std::string, std::shared_ptr<matcher::State>>;

// A failure of the database ends the batch; a refusal ends one write.
struct Outcome {
  absl::Status database;
  absl::StatusOr<std::string> result;
};

Outcome Refused(absl::Status status) {
  return {absl::OkStatus(), std::move(status)};
}
Outcome Broken(const absl::Status& status) {
  return {status, status};
}

// Appends what `draft` wants and folds it in, as a restart would: from the bytes that were kept.
absl::Status Append(const Head& head, const std::string& network, Draft& draft, matcher::State& state) {
  std::vector<event_log::NewEvent> rows;
  for (log::v1::Event& event : draft.events) {
    *event.mutable_recorded_at() = contract::ToTimestamp(head.now);
    rows.push_back({std::string(KindOf(event)), draft.source_key, event.SerializeAsString(), head.now});
  }
  absl::StatusOr<int64_t> position = event_log::Append(head.transaction, network, state.position, rows);
  if (!position.ok()) return position.status();
  for (const log::v1::Event& event : draft.events) {
    matcher::Apply(ToDomain(*state.catalog, state.position + 1, event), state);
  }
  return absl::OkStatus();
}

Outcome RunOne(const Write& write, const Head& head, matcher::State& state) {
  if (write.key) {
    absl::StatusOr<std::optional<std::string>> earlier =
        ledger::Find(head.transaction, *write.key, write.fingerprint);
    if (absl::IsAlreadyExists(earlier.status())) {
      return Refused(runtime::Error(absl::StatusCode::kAlreadyExists, kRequestIdReused,
                                    "this request_id was used before with other content: take a new one"));
    }
    if (!earlier.ok()) return Broken(earlier.status());
    if (*earlier) {
      absl::Status recalled = write.recall == nullptr ? absl::OkStatus() : write.recall(head, **earlier);
      return recalled.ok() ? Outcome{absl::OkStatus(), **earlier} : Refused(std::move(recalled));
    }
  }
  absl::StatusOr<Draft> draft = write.decide(head);
  if (!draft.ok()) return Refused(draft.status());
  if (draft->refolded != nullptr) state = *draft->refolded;
  if (!draft->events.empty()) {
    if (absl::Status status = Append(head, write.network, *draft, state); !status.ok()) return Broken(status);
  }
  if (write.key) {
    absl::Status status =
        ledger::Record(head.transaction, *write.key, write.fingerprint, draft->response, head.now);
    if (!status.ok()) return Broken(status);
  }
  return {absl::OkStatus(), std::move(draft->response)};
}

}  // namespace

Write RememberedWrite(const runtime::Call& call, const char* method, const std::string& request_id,
                      const google::protobuf::Message& request,
                      std::function<absl::StatusOr<Draft>(const Head&)> decide) {
  // Equal requests have equal bytes: no message of the contract holds a map.
  return {call.identity.network, ledger::Key{call.identity.network, method, request_id},
          ledger::Fingerprint(request.SerializeAsString()), std::move(decide), nullptr};
}

absl::StatusOr<std::string> LogWriter::Run(Write write) {
  Pending pending{std::move(write)};
  std::unique_lock<std::mutex> lock(mutex_);
  waiting_.push_back(&pending);
  turn_.wait(lock, [&] { return pending.done || !committing_; });
  if (pending.done) return std::move(pending.result);

  committing_ = true;
  std::vector<Pending*> batch;
  batch.swap(waiting_);
  lock.unlock();
  {
    // Run whatever is thrown on the way: else everybody would wait for ever.
    const absl::Cleanup end = [&] {
      lock.lock();
      for (Pending* each : batch) each->done = true;
      committing_ = false;
      turn_.notify_all();
    };
    Commit(batch);
  }
  return std::move(pending.result);
}

void LogWriter::Commit(const std::vector<Pending*>& batch) {
  WorkingStates working;
  std::vector<absl::StatusOr<std::string>> results;  // given out only once they are on disk
  const absl::Time now = clock_.Now();
  const absl::Status committed = database_.Write([&](storage::Transaction& tx) {
    for (Pending* pending : batch) {
      std::shared_ptr<matcher::State>& state = working[pending->write.network];
      if (state == nullptr) state = std::make_shared<matcher::State>(*networks_.Head(pending->write.network));
      Outcome outcome = RunOne(pending->write, Head{*state, tx, now}, *state);
      if (!outcome.database.ok()) return outcome.database;
      results.push_back(std::move(outcome.result));
    }
    return absl::OkStatus();
  });
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i]->result = committed.ok() ? std::move(results[i]) : committed;
  }
  if (!committed.ok()) return;
  for (auto& [network, state] : working) {
    // Where every write was refused there is nothing new, and perhaps no such network.
    if (state->position != networks_.Head(network)->position) networks_.Publish(network, std::move(state));
  }
}

absl::Status LogWriter::PruneLedger() {
  const absl::Time older_than = clock_.Now() - kAnswersKept;
  return storage::PruneAll(database_, ledger::kPruneBatch,
                           [&](storage::Transaction& tx) { return ledger::Prune(tx, older_than); });
}

}  // namespace rapport::matcher_service
