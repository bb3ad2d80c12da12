// See delivery.h.
#include "services/feedback/delivery.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/feedback/metric_names.h"
#include "services/runtime/errors.h"
#include "services/storage/outbox.h"

namespace rapport::feedback {
namespace {

namespace outbox = storage::outbox;
using storage::Transaction;

// The only FAILED_PRECONDITION that time heals: the replica that answered has not followed the log so far.
constexpr char kBehind[] = "BEHIND";

// Whether the matcher answered this message, and will answer it so for ever.
bool RefusedForGood(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kAlreadyExists:
      return true;
    case absl::StatusCode::kFailedPrecondition:
      return runtime::ReasonOf(status) != kBehind;
    default:
      return false;
  }
}

// Codes and field names only: texts of another service are not ours to keep.
std::string CodesOf(const absl::Status& status) {
  std::string codes = absl::StatusCodeToString(status.code());
  if (const std::string reason = runtime::ReasonOf(status); !reason.empty())
    absl::StrAppend(&codes, " ", reason);
  std::vector<std::string> fields;
  for (const runtime::Violations::Item& item : runtime::ViolationsOf(status))
    fields.push_back(item.field_path);
  if (!fields.empty()) absl::StrAppend(&codes, ": ", absl::StrJoin(fields, ", "));
  return codes;
}

}  // namespace

Delivery::Delivery(storage::Database& database, const MatcherClient& matcher, runtime::ServerCore& core)
    : database_(database),
      matcher_(matcher),
      core_(core),
      depth_(core.metrics().GaugeOf(kOutboxDepth)),
      oldest_seconds_(core.metrics().GaugeOf(kOutboxOldestSeconds)),
      delivered_(core.metrics().CounterOf(kDelivered)),
      postponed_(core.metrics().CounterOf(kPostponed)),
      refused_(core.metrics().CounterOf(kRefused)) {}

absl::Status Delivery::DeliverClient(const runtime::Call& call, absl::string_view client_id, int& settled) {
  const std::string& network = call.identity.network;
  std::vector<records::Pending> pending;
  absl::Status read = database_.Read([&](Transaction& tx) -> absl::Status {
    absl::StatusOr<std::vector<records::Pending>> found =
        records::PendingOf(tx, network, client_id, kClientBatch);
    if (found.ok()) pending = *std::move(found);
    return found.status();
  });
  if (!read.ok()) return read;

  for (auto message = pending.begin(); message != pending.end(); ++message) {
    if (core_.clock().Now() + kAnswerMargin >= call.deadline) {
      return absl::DeadlineExceededError("no time is left for the matcher's answer");
    }
    matcher::v1::RecordFitRequest lesson;
    const absl::StatusOr<int64_t> position =
        lesson.ParseFromString(message->payload)
            ? matcher_.RecordFit(call, lesson)
            : absl::InvalidArgumentError("the message is not readable, and never will be");
    // What the matcher does not know may still become known; what is in the future to it will not be for
    // ever.
    const bool heals = runtime::ReasonOf(position.status()) == kUnknownTherapist ||
                       runtime::OnlyViolates(position.status(), "occurred_at");
    if (heals && core_.clock().Now() - message->recorded_at < kUnknownPatience) {
      // It says something about this message alone: what the client said of others goes on.
      postponed_.Add();
      absl::Status marked = database_.Write([&](Transaction& tx) {
        return outbox::MarkRetry(tx, message->outbox_id, core_.clock().Now(), CodesOf(position.status()));
      });
      if (!marked.ok() && !absl::IsNotFound(marked)) return marked;
      continue;
    }
    if (position.ok() || RefusedForGood(position.status())) {
      if (absl::Status kept = Settle(network, *message, position); !kept.ok()) return kept;
      ++settled;
      continue;
    }
    postponed_.Add();
    absl::Status postponed = database_.Write([&](Transaction& tx) {
      for (auto rest = message; rest != pending.end(); ++rest) {
        absl::Status marked =
            outbox::MarkRetry(tx, rest->outbox_id, core_.clock().Now(), CodesOf(position.status()));
        if (!marked.ok() && !absl::IsNotFound(marked)) return marked;  // not found: settled meanwhile
      }
      return absl::OkStatus();
    });
    return postponed.ok() ? position.status() : postponed;
  }
  return absl::OkStatus();
}

absl::Status Delivery::Settle(absl::string_view network, const records::Pending& message,
                              const absl::StatusOr<int64_t>& position) {
  const records::Standing standing =
      position.ok() ? records::Standing{v1::DELIVERY_DELIVERED, *position, ""}
                    : records::Standing{v1::DELIVERY_REFUSED, 0, CodesOf(position.status())};
  absl::Status settled = database_.Write([&](Transaction& tx) {
    const absl::Time now = core_.clock().Now();
    absl::Status marked = position.ok() ? outbox::MarkDelivered(tx, message.outbox_id, now)
                                        : outbox::MarkRefused(tx, message.outbox_id, now, standing.error);
    return marked.ok() ? records::SetStanding(tx, network, message.feedback_id, standing) : marked;
  });
  if (absl::IsNotFound(settled)) return absl::OkStatus();  // Another thread got the answer first.
  if (!settled.ok()) return settled;
  if (position.ok()) {
    delivered_.Add();
  } else {
    refused_.Add();
    core_.log().Warning("feedback_refused",
                        {{"feedback_id", message.feedback_id}, {"error", standing.error}});
  }
  return absl::OkStatus();
}

absl::Status Delivery::Step() {
  const absl::Status sent = SendDue();
  const absl::Status reported = ReportBacklog();
  return sent.ok() ? reported : sent;
}

absl::StatusOr<std::vector<Delivery::Sender>> Delivery::SendersDue() const {
  // After an absence nobody waits for their own time: one call a round finds out whether the matcher is back.
  const absl::Duration ahead = catching_up_ ? outbox::kLongestRetry : absl::ZeroDuration();
  const absl::StatusOr<std::vector<outbox::Message>> due =
      outbox::Due(database_, records::kTopic, core_.clock().Now() + ahead, kStepBatch);
  if (!due.ok()) return due.status();
  std::vector<Sender> senders;
  absl::Status read = database_.Read([&](Transaction& tx) -> absl::Status {
    for (const outbox::Message& message : *due) {
      absl::StatusOr<std::string> client_id = records::ClientOf(tx, message.network, message.key);
      if (!client_id.ok()) return client_id.status();
      Sender sender{message.network, *std::move(client_id)};
      if (std::find(senders.begin(), senders.end(), sender) == senders.end()) {
        senders.push_back(std::move(sender));
      }
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return read;
  return senders;
}

absl::Status Delivery::SendDue() {
  const absl::StatusOr<std::vector<Sender>> senders = SendersDue();
  if (!senders.ok()) return senders.status();
  bool away = false;
  int settled = 0;
  for (const Sender& sender : *senders) {
    runtime::Call call;
    call.identity.network = sender.network;
    call.request_id = core_.ids().NewId("delivery");
    away = MatcherAway(DeliverClient(call, sender.client_id, settled));
    if (away) break;
  }
  // There may be more than one round takes.
  catching_up_ = away || (catching_up_ && settled > 0);
  return absl::OkStatus();
}

absl::Status Delivery::ReportBacklog() {
  return database_.Read([&](Transaction& tx) -> absl::Status {
    const absl::StatusOr<records::Backlog> backlog = records::BacklogOf(tx);
    if (!backlog.ok()) return backlog.status();
    depth_.Set(static_cast<double>(backlog->depth));
    oldest_seconds_.Set(std::max(0., absl::ToDoubleSeconds(core_.clock().Now() - backlog->oldest)));
    return absl::OkStatus();
  });
}

}  // namespace rapport::feedback
