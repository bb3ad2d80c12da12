// Why work is not begun: said again and again by a server that has too much of it.
#ifndef RAPPORT_SERVICES_RUNTIME_REFUSAL_H_
#define RAPPORT_SERVICES_RUNTIME_REFUSAL_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"
#include "services/runtime/errors.h"

namespace rapport::runtime {

// An error that is the same each time, put together once, with its form for the wire: details cost more than
// a server with too much to do should spend on a call that it does not take. Copies of status() are known
// again by comparing pointers. Thread-safe: const after construction.
class Refusal {
 public:
  // `status` has a reason.
  explicit Refusal(absl::Status status)
      : status_(std::move(status)), reason_(ReasonOf(status_)), wire_(ToGrpc(status_)) {}

  const absl::Status& status() const { return status_; }
  const std::string& reason() const { return reason_; }
  const grpc::Status& wire() const { return wire_; }

 private:
  const absl::Status status_;
  const std::string reason_;
  const grpc::Status wire_;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_REFUSAL_H_
