// See rpc.h.
#include "services/runtime/rpc.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/runtime/errors.h"
#include "services/runtime/limits.h"
#include "services/runtime/refusal.h"

namespace rapport::runtime {
namespace {

Peer PeerOf(const grpc::CallbackServerContext& context) {
  Peer peer{.address = context.peer(), .metadata = {}};
  for (const auto& [key, value] : context.client_metadata()) {
    peer.metadata.emplace_back(absl::string_view(key.data(), key.size()),
                               absl::string_view(value.data(), value.size()));
  }
  return peer;
}

// The header `key` if it is short and made of characters that are harmless in a log and in a header; else "".
std::string HarmlessHeader(const Peer& peer, absl::string_view key, size_t max_length) {
  const absl::string_view value = peer.Header(key);
  const bool sane =
      value.size() <= max_length && std::all_of(value.begin(), value.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' || c == ':';
      });
  return sane ? std::string(value) : "";
}

// The caller's deadline by the server's clock: gRPC gives it by the machine's, which may be another in a
// test.
absl::Time DeadlineOf(const grpc::CallbackServerContext& context, absl::Time now) {
  if (context.deadline() == std::chrono::system_clock::time_point::max()) return absl::InfiniteFuture();
  // gRPC 1.51 counts nanoseconds in 64 bits without looking: a deadline some centuries ahead comes out long
  // ago.
  if (context.deadline() < std::chrono::system_clock::time_point()) return absl::InfiniteFuture();
  return now + (absl::FromChrono(context.deadline()) - absl::Now());
}

const Refusal& CallerGone() {
  static const Refusal refusal(Error(absl::StatusCode::kCancelled, kCallCancelled, "the caller is gone"));
  return refusal;
}

const Refusal& DeadlinePassed() {
  static const Refusal refusal(Error(absl::StatusCode::kDeadlineExceeded, kDeadlinePassed,
                                     "the deadline passed before the work was begun: nothing was done"));
  return refusal;
}

const Refusal& DeadlineTooNear() {
  static const Refusal refusal(Error(absl::StatusCode::kDeadlineExceeded, kDeadlineTooNear,
                                     "there is less time left than such calls take now: nothing was begun"));
  return refusal;
}

}  // namespace

Rpc::Rpc(ServerCore& core, const Method& method, RpcType type, grpc::CallbackServerContext* context)
    : core_(core), series_(core.series().Of(method, type)), type_(type), method_(method.full_name) {
  series_.Started();
  const Peer peer = PeerOf(*context);
  call_.started = core_.clock().Now();
  call_.deadline = DeadlineOf(*context, call_.started);
  if (type == RpcType::kUnary) {
    const absl::Duration allowed =
        call_.deadline == absl::InfiniteFuture() ? core_.default_deadline() : kMaxDeadline;
    call_.deadline = std::min(call_.deadline, call_.started + allowed);
  }
  call_.request_id = HarmlessHeader(peer, "x-request-id", kMaxRequestIdLength);
  if (call_.request_id.empty()) call_.request_id = core_.ids().NewId("rpc");
  call_.traceparent = HarmlessHeader(peer, "traceparent", kMaxTraceparentLength);
  call_.cancelled = [flag = cancelled_] { return flag->load(); };
  context->AddTrailingMetadata("x-request-id", call_.request_id);
  absl::StatusOr<Identity> identity = core_.authenticator().Authenticate(peer);
  if (identity.ok()) {
    call_.identity = *std::move(identity);
  } else {
    admitted_ = identity.status();
  }
}

absl::Status Rpc::Worthwhile() const {
  if (*cancelled_) return CallerGone().status();
  if (core_.clock().Now() >= call_.deadline) return DeadlinePassed().status();
  return absl::OkStatus();
}

absl::Status Rpc::WorthComputing() const {
  if (*cancelled_) return CallerGone().status();
  const absl::Time now = core_.clock().Now();
  TimeNeeded& needed = series_.time_needed();
  if (now + needed.At(now) < call_.deadline) return absl::OkStatus();
  needed.CameTooLate(now);
  return now < call_.deadline ? DeadlineTooNear().status() : DeadlinePassed().status();
}

absl::Status Rpc::RunGuarded(const std::function<absl::Status()>& work) const {
  if (absl::Status worthwhile = Worthwhile(); !worthwhile.ok()) return worthwhile;
  try {
    return work();
  } catch (const std::exception& exception) {
    return absl::InternalError(absl::StrCat("exception: ", exception.what()));
  } catch (...) {
    return absl::InternalError("exception of unknown type");
  }
}

grpc::Status Rpc::End(const absl::Status& status) const {
  const absl::Time now = core_.clock().Now();
  const absl::Duration took = now - call_.started;
  series_.Ended(status.code(), absl::ToDoubleSeconds(took));

  if (!status.ok() && type_ == RpcType::kUnary) {
    for (const Refusal* refusal :
         {&core_.executor().overloaded(), &DeadlinePassed(), &DeadlineTooNear(), &CallerGone()}) {
      if (status != refusal->status()) continue;
      if (const std::int64_t calls = series_.Refused(now); calls > 0) {
        // Callers may leave; that there are too many of them is for operators to see.
        const bool too_many = refusal == &core_.executor().overloaded();
        core_.log().Write(too_many ? Severity::kWarning : Severity::kInfo, "rpc_not_begun",
                          {{"method", method_},
                           {"reason", refusal->reason()},
                           {"request_id", call_.request_id},
                           {"calls", calls}});
      }
      return refusal->wire();
    }
  }
  const bool our_fault = OurFault(status);
  const Severity severity = our_fault ? Severity::kError : Severity::kInfo;
  if (!core_.log().Writes(severity)) return ToGrpc(status, call_.request_id);
  const std::string reason = ReasonOf(status);
  // Only our own faults' text: that of other errors may repeat what the caller sent.
  const std::array<Field, 9> fields = {{{"method", method_},
                                        {"code", CodeName(status.code())},
                                        {"reason", reason},
                                        {"request_id", call_.request_id},
                                        {"traceparent", call_.traceparent},
                                        {"network", call_.identity.network},
                                        {"subject", call_.identity.subject},
                                        {"duration_ms", absl::ToDoubleMilliseconds(took)},
                                        {"detail", status.message()}}};
  core_.log().Write(severity, "rpc", Fields(fields).first(our_fault ? fields.size() : fields.size() - 1));
  return ToGrpc(status, call_.request_id);
}

}  // namespace rapport::runtime
