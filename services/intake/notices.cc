// See notices.h.
#include "services/intake/notices.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/contract/convert.h"
#include "services/contract/triage.h"
#include "services/intake/limits.h"
#include "services/intake/metric_names.h"
#include "services/runtime/errors.h"
#include "services/storage/request_ledger.h"

namespace rapport::intake {
namespace {

namespace outbox = storage::outbox;
using runtime::Call;

// In this order: the answer to an offer goes before the release of its seat.
constexpr const char* kTopics[] = {kRiskTopic, kReachTopic, kReleaseTopic};

// The same in every delivery of the same notice.
std::string RequestId(absl::string_view purpose, absl::string_view reservation_id) {
  return absl::StrCat(purpose, ".", storage::request_ledger::Fingerprint(reservation_id));
}

absl::Status EnqueueOnce(storage::Transaction& tx, const outbox::NewMessage& message, absl::Time now) {
  absl::Status added = outbox::Enqueue(tx, message, now);
  return absl::IsAlreadyExists(added) ? absl::OkStatus() : added;
}

// The matcher's answer to the very content: another try would get it again. What it does not know may still
// become known, and what is in the future to it will not be for ever: such a notice has kUnknownPatience.
bool IsRefusal(const absl::Status& sent, absl::Duration age) {
  const bool heals = absl::IsNotFound(sent) || runtime::OnlyViolates(sent, "occurred_at") ||
                     runtime::OnlyViolates(sent, "known_at");
  if (heals && age < kUnknownPatience) return false;
  return absl::IsInvalidArgument(sent) || absl::IsNotFound(sent) || absl::IsFailedPrecondition(sent) ||
         absl::IsAlreadyExists(sent);
}

std::string CodeOf(const absl::Status& status) {
  const std::string reason = runtime::ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

}  // namespace

absl::Status TellReach(storage::Transaction& tx, absl::string_view network, absl::string_view therapist_id,
                       absl::string_view reservation_id, matcher::v1::ReachOutcome outcome, absl::Time now) {
  matcher::v1::RecordReachRequest request;
  request.set_request_id(RequestId("reach", reservation_id));
  request.set_therapist_id(std::string(therapist_id));
  request.set_reservation_id(std::string(reservation_id));
  request.set_outcome(outcome);
  *request.mutable_occurred_at() = contract::ToTimestamp(now);
  return EnqueueOnce(
      tx, {std::string(network), kReachTopic, std::string(reservation_id), request.SerializeAsString()}, now);
}

absl::Status TellRelease(storage::Transaction& tx, absl::string_view network,
                         absl::string_view reservation_id, absl::Time now) {
  directory::v1::ReleaseSlotRequest request;
  request.set_request_id(RequestId("release", reservation_id));
  request.set_reservation_id(std::string(reservation_id));
  return EnqueueOnce(
      tx, {std::string(network), kReleaseTopic, std::string(reservation_id), request.SerializeAsString()},
      now);
}

absl::Status TellRisk(storage::Transaction& tx, absl::string_view network, absl::string_view key,
                      const matcher::v1::RecordRiskRequest& request, absl::Time now) {
  return EnqueueOnce(tx, {std::string(network), kRiskTopic, std::string(key), request.SerializeAsString()},
                     now);
}

Notices::Notices(const Parts& parts) : parts_(parts) {
  // There from the start, so that the first refusal is a rise.
  for (const char* topic : kTopics) parts_.metrics.CounterOf(kOutboxRefused, {{"topic", topic}});
}

void Notices::TryNow(const Call& call, absl::string_view key) {
  if (call.deadline - kNoticeMargin <= parts_.clock.Now()) return;
  for (const char* topic : kTopics) {
    // Behind a backlog there is nothing to gain by a try of our own: the loop is at it.
    absl::StatusOr<std::vector<outbox::Message>> due =
        outbox::Due(parts_.db, topic, parts_.clock.Now(), kNoticeBatch);
    if (!due.ok()) return;
    for (const outbox::Message& message : *due) {
      if (message.network == call.identity.network && message.key == key) Deliver(call, topic, message);
    }
  }
}

int Notices::Step() {
  int settled = 0;
  bool away = false, more = false;
  // After an absence nobody waits for their own time: one call a step finds out whether the matcher is back.
  const absl::Duration ahead = catching_up_ ? outbox::kLongestRetry : absl::ZeroDuration();
  for (const char* topic : kTopics) {
    absl::StatusOr<std::vector<outbox::Message>> due =
        outbox::Due(parts_.db, topic, parts_.clock.Now() + ahead, kNoticeBatch);
    if (!due.ok()) {
      parts_.log.Error("outbox_unreadable",
                       {{"topic", topic}, {"code", absl::StatusCodeToString(due.status().code())}});
      return settled;
    }
    more = more || due->size() == kNoticeBatch;
    for (const outbox::Message& message : *due) {
      if (away || stopping_) break;
      const absl::Time now = parts_.clock.Now();
      const Call call{.identity = {message.network, "intake"},
                      .request_id = parts_.ids.NewId("notice"),
                      .started = now,
                      .deadline = now + kNoticeMargin + kNoticeCap,
                      .traceparent = ""};
      const Outcome outcome = Deliver(call, topic, message);
      away = outcome == Outcome::kMatcherAway;
      settled += outcome == Outcome::kSettled ? 1 : 0;
    }
    if (absl::StatusOr<int64_t> depth = outbox::Depth(parts_.db, topic); depth.ok()) {
      parts_.metrics.GaugeOf(kOutboxDepth, {{"topic", topic}}).Set(static_cast<double>(*depth));
    }
  }
  catching_up_ = away || (catching_up_ && more && settled > 0);
  return settled;
}

Notices::Outcome Notices::Deliver(const Call& call, absl::string_view topic, const outbox::Message& message) {
  const absl::Status sent = WaitsForReach(topic, message)
                                ? absl::AbortedError("the answer to the offer goes first")
                                : Send(call, topic, message);
  const bool refused = IsRefusal(sent, parts_.clock.Now() - message.created_at);
  Settle(topic, message, sent, refused);
  if (sent.ok() || refused) return Outcome::kSettled;
  return MatcherAway(sent) ? Outcome::kMatcherAway : Outcome::kPostponed;
}

absl::Status Notices::Send(const Call& call, absl::string_view topic, const outbox::Message& message) {
  if (topic == kReachTopic) {
    matcher::v1::RecordReachRequest request;
    if (!request.ParseFromString(message.payload)) return absl::InvalidArgumentError("unreadable notice");
    return parts_.matcher.RecordReach(call, request);
  }
  if (topic == kRiskTopic) {
    matcher::v1::RecordRiskRequest request;
    if (!request.ParseFromString(message.payload)) return absl::InvalidArgumentError("unreadable notice");
    return parts_.matcher.RecordRisk(call, request);
  }
  directory::v1::ReleaseSlotRequest request;
  if (!request.ParseFromString(message.payload)) return absl::InvalidArgumentError("unreadable notice");
  return parts_.matcher.ReleaseSlot(call, request);
}

bool Notices::WaitsForReach(absl::string_view topic, const outbox::Message& message) {
  if (topic != kReleaseTopic) return false;
  bool waits = false;
  absl::Status done = parts_.db.Read([&](storage::Transaction& tx) {
    absl::StatusOr<std::optional<outbox::Standing>> reach =
        outbox::StateOf(tx, message.network, kReachTopic, message.key);
    if (!reach.ok()) return reach.status();
    waits = reach->has_value() && (*reach)->state == outbox::State::kPending;
    return absl::OkStatus();
  });
  return waits || !done.ok();
}

void Notices::Settle(absl::string_view topic, const outbox::Message& message, const absl::Status& sent,
                     bool refused) {
  const absl::Time now = parts_.clock.Now();
  absl::Status kept = parts_.db.Write([&](storage::Transaction& tx) {
    if (sent.ok()) return outbox::MarkDelivered(tx, message.id, now);
    if (refused) return outbox::MarkRefused(tx, message.id, now, CodeOf(sent));
    const absl::Duration longest = topic == kRiskTopic ? contract::kRiskRetry : outbox::kLongestRetry;
    return outbox::MarkRetry(tx, message.id, now, CodeOf(sent), longest);
  });
  if (absl::IsNotFound(kept)) return;  // another delivery of the same notice was quicker
  if (!kept.ok()) {
    parts_.log.Error("outbox_unwritable",
                     {{"topic", topic}, {"code", absl::StatusCodeToString(kept.code())}});
  }
  if (!refused) return;
  parts_.metrics.CounterOf(kOutboxRefused, {{"topic", std::string(topic)}}).Add();
  parts_.log.Warning("notice_refused", {{"topic", topic}, {"key", message.key}, {"reason", CodeOf(sent)}});
}

}  // namespace rapport::intake
