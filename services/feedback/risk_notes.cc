// See risk_notes.h.
#include "services/feedback/risk_notes.h"

#include <optional>
#include <vector>

#include "services/contract/calendar.h"
#include "services/contract/triage.h"
#include "services/feedback/delivery.h"
#include "services/feedback/metric_names.h"
#include "services/runtime/errors.h"

namespace rapport::feedback {
namespace {

namespace outbox = storage::outbox;
using storage::Transaction;

// The matcher will never take it. What is in its future will not be for ever.
bool RefusedForGood(const absl::Status& sent) {
  return absl::IsInvalidArgument(sent) && !runtime::OnlyViolates(sent, "known_at");
}

}  // namespace

absl::Status NoteRisk(Transaction& tx, absl::string_view network, absl::string_view feedback_id,
                      absl::string_view client_id, bool look_first, absl::Time known_at) {
  matcher::v1::RecordRiskRequest request;
  request.set_client_id(std::string(client_id));
  request.set_source(matcher::v1::RISK_SOURCE_SCORES);
  request.set_look_first(look_first);
  *request.mutable_known_at() = contract::ToTimestamp(known_at);
  return outbox::Enqueue(
      tx,
      {std::string(network), std::string(kRiskTopic), std::string(feedback_id), request.SerializeAsString()},
      known_at);
}

absl::StatusOr<bool> IsNoted(Transaction& tx, absl::string_view network, absl::string_view feedback_id) {
  const absl::StatusOr<std::optional<outbox::Standing>> note =
      outbox::StateOf(tx, network, kRiskTopic, feedback_id);
  if (!note.ok()) return note.status();
  return note->has_value();
}

absl::StatusOr<bool> HasBeenNoted(Transaction& tx, absl::string_view network, absl::string_view feedback_id) {
  const absl::StatusOr<std::optional<outbox::Standing>> note =
      outbox::StateOf(tx, network, kRiskTopic, feedback_id);
  if (!note.ok()) return note.status();
  return note->has_value() && (*note)->state == outbox::State::kDelivered;
}

RiskNotes::RiskNotes(storage::Database& database, const MatcherClient& matcher, runtime::ServerCore& core)
    : database_(database),
      matcher_(matcher),
      core_(core),
      depth_(core.metrics().GaugeOf(kRiskOutboxDepth)),
      refused_(core.metrics().CounterOf(kRiskRefused)) {}

void RiskNotes::TryNow(const runtime::Call& call, absl::string_view feedback_id) {
  const absl::StatusOr<std::vector<outbox::Message>> due =
      outbox::Due(database_, kRiskTopic, core_.clock().Now(), kStepBatch);
  if (!due.ok()) return;
  for (const outbox::Message& message : *due) {
    if (message.network == call.identity.network && message.key == feedback_id) (void)Send(call, message);
  }
}

absl::Status RiskNotes::Step() {
  const absl::StatusOr<std::vector<outbox::Message>> due =
      outbox::Due(database_, kRiskTopic, core_.clock().Now(), kStepBatch);
  if (!due.ok()) return due.status();
  for (const outbox::Message& message : *due) {
    runtime::Call call;
    call.identity.network = message.network;
    call.request_id = core_.ids().NewId("risk");
    if (MatcherAway(Send(call, message))) break;
  }
  const absl::StatusOr<int64_t> waiting = outbox::Depth(database_, kRiskTopic);
  if (waiting.ok()) depth_.Set(static_cast<double>(*waiting));
  return waiting.status();
}

absl::Status RiskNotes::Send(const runtime::Call& call, const outbox::Message& message) {
  matcher::v1::RecordRiskRequest note;
  const absl::Status sent = note.ParseFromString(message.payload)
                                ? matcher_.RecordRisk(call, note)
                                : absl::InvalidArgumentError("the note is not readable, and never will be");
  const bool refused = RefusedForGood(sent);
  const std::string code = absl::StatusCodeToString(sent.code());
  const absl::Status kept = database_.Write([&](Transaction& tx) {
    const absl::Time now = core_.clock().Now();
    if (sent.ok()) return outbox::MarkDelivered(tx, message.id, now);
    return refused ? outbox::MarkRefused(tx, message.id, now, code)
                   : outbox::MarkRetry(tx, message.id, now, code, contract::kRiskRetry);
  });
  if (!kept.ok() && !absl::IsNotFound(kept)) {  // not found: another thread was quicker
    core_.log().Warning("risk_note_unsettled", {{"code", absl::StatusCodeToString(kept.code())}});
  }
  if (refused && kept.ok()) {
    refused_.Add();
    core_.log().Warning("risk_note_refused", {{"feedback_id", message.key}, {"error", code}});
  }
  return sent;
}

}  // namespace rapport::feedback
