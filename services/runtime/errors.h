// Errors as callers see them: an absl::Status that carries google.rpc details as payloads, so that business
// functions build complete errors without gRPC, and one pair of functions that moves them over the wire.
#ifndef RAPPORT_SERVICES_RUNTIME_ERRORS_H_
#define RAPPORT_SERVICES_RUNTIME_ERRORS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/support/status.h"
#include "services/runtime/field_path.h"

namespace rapport::runtime {

// The reasons that the runtime itself gives. Services declare their own beside their code.
inline constexpr char kInvalidRequest[] = "INVALID_REQUEST";  // INVALID_ARGUMENT: see BadRequest
inline constexpr char kMalformedMessage[] =
    "MALFORMED_MESSAGE";  // INVALID_ARGUMENT: the bytes are no such message
inline constexpr char kDeadlinePassed[] = "DEADLINE_PASSED";     // DEADLINE_EXCEEDED: nothing was begun
inline constexpr char kDeadlineTooNear[] = "DEADLINE_TOO_NEAR";  // DEADLINE_EXCEEDED: nothing was begun
inline constexpr char kCallCancelled[] = "CALL_CANCELLED";       // CANCELLED: the caller went away
inline constexpr char kOverloaded[] = "OVERLOADED";              // RESOURCE_EXHAUSTED: see RetryInfo
inline constexpr char kStreamTooLong[] =
    "STREAM_TOO_LONG";  // RESOURCE_EXHAUSTED: too many messages in a stream
inline constexpr char kConsumerTooSlow[] = "CONSUMER_TOO_SLOW";   // RESOURCE_EXHAUSTED: a stream was not read
inline constexpr char kShuttingDown[] = "SHUTTING_DOWN";          // UNAVAILABLE: another replica will answer
inline constexpr char kPermissionDenied[] = "PERMISSION_DENIED";  // PERMISSION_DENIED
inline constexpr char kUnauthenticated[] = "UNAUTHENTICATED";     // UNAUTHENTICATED
inline constexpr char kInternal[] = "INTERNAL";                   // INTERNAL: ours; the log has the text
// UNAVAILABLE, RESOURCE_EXHAUSTED, DATA_LOSS: a disk, a file or the memory of this server; the log has the
// text
inline constexpr char kServerTrouble[] = "SERVER_TROUBLE";

using Metadata = std::vector<std::pair<std::string, std::string>>;

// A status with an ErrorInfo of domain "rapport". `reason` is UPPER_SNAKE_CASE and constant. `metadata`
// repeats, by name, the values that `message` mentions. `code` OK gives an OK status without details.
absl::Status Error(absl::StatusCode code, absl::string_view reason, absl::string_view message,
                   const Metadata& metadata = {});

// Everything that is wrong with one request. Not thread-safe.
//
//   Violations violations;
//   if (request.network_id().empty()) violations.Add("network_id", "must be set");
//   if (!violations.empty()) return violations.ToStatus();
class Violations {
 public:
  struct Item {
    std::string field_path;   // proto names from the request: "needs.languages[2].code"
    std::string description;  // what is wrong and what would be right; never the personal data itself
  };

  void Add(const FieldPath& field, absl::string_view description);

  bool empty() const { return items_.empty(); }
  const std::vector<Item>& items() const { return items_; }

  // OK when empty. Else INVALID_ARGUMENT with `reason` and with a BadRequest of every item (as far as
  // limits.h:kMaxViolationsBytes goes); the message gives the count and tells the first
  // kMaxViolationsInMessage.
  absl::Status ToStatus(absl::string_view reason = kInvalidRequest) const;

 private:
  std::vector<Item> items_;
};

// `status` with a RetryInfo of `delay` (rounded to nanoseconds, at least 0). OK stays OK.
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);

// The reason of the ErrorInfo, or "" when there is none.
std::string ReasonOf(const absl::Status& status);

// The ErrorInfo's metadata of that key, or "" when there is none.
std::string MetadataOf(const absl::Status& status, absl::string_view key);

// The items of the BadRequest; empty when there is none.
std::vector<Violations::Item> ViolationsOf(const absl::Status& status);

// True when `status` is an INVALID_ARGUMENT that has nothing against the request but this field.
bool OnlyViolates(const absl::Status& status, absl::string_view field_path);

// The delay of the RetryInfo, if there is one.
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

// Whether an error is no caller's: a defect, damage, or (without a reason that was meant for callers) a disk,
// a file or the memory of this server.
bool OurFault(const absl::Status& status);

// For the wire: code, message, and a serialised google.rpc.Status in error_details. Our own faults without an
// ErrorInfo come from a library or a driver: their text, which may name files and hosts, is replaced by a
// sentence with the request id, reason INTERNAL or SERVER_TROUBLE; whoever calls this logs the original.
grpc::Status ToGrpc(const absl::Status& status, absl::string_view request_id = "");

// The other way, for clients: same code and message, details restored as payloads. Details that do not parse
// are dropped.
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_ERRORS_H_
