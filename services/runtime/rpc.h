// One RPC from arrival to answer: the steps that are the same whether messages are streamed or not. The
// wrappers in unary.h, client_stream.h and server_stream.h are built of it; services use those.
#ifndef RAPPORT_SERVICES_RUNTIME_RPC_H_
#define RAPPORT_SERVICES_RUNTIME_RPC_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "grpcpp/server_context.h"
#include "services/runtime/call.h"
#include "services/runtime/rpc_series.h"
#include "services/runtime/server_core.h"

namespace rapport::runtime {

// Thread-safe after construction.
class Rpc {
 public:
  // Counts the RPC as started, sets its deadline and ids, and asks the authenticator who is calling. The
  // result is admitted(). Uses `context` during construction only.
  Rpc(ServerCore& core, const Method& method, RpcType type, grpc::CallbackServerContext* context);

  // OK; or UNAUTHENTICATED, PERMISSION_DENIED (see Authenticator): then the RPC must end with this status.
  const absl::Status& admitted() const { return admitted_; }

  // The identity is empty unless admitted.
  const Call& call() const { return call_; }
  ServerCore& core() const { return core_; }

  // Marks the caller as gone.
  void Cancel() { *cancelled_ = true; }

  // Whether work is still worth beginning: OK, CANCELLED (CALL_CANCELLED) or DEADLINE_EXCEEDED
  // (DEADLINE_PASSED).
  absl::Status Worthwhile() const;

  // The same for work that only computes, whose answer is of no use later: DEADLINE_EXCEEDED
  // (DEADLINE_TOO_NEAR), too, where there is less time left than such calls need (TimeNeeded).
  absl::Status WorthComputing() const;

  // Notes that the answer was written: what such calls need.
  void Written() const { series_.time_needed().Took(core_.clock().Now() - call_.started); }

  // Runs `work` unless it is not Worthwhile. An exception becomes INTERNAL; its text reaches the log only.
  absl::Status RunGuarded(const std::function<absl::Status()>& work) const;

  // Records the RPC (metrics; a log line, or, of unary ones that were not begun, one a second) and converts
  // the status for the wire. Call exactly once, just before Finish.
  grpc::Status End(const absl::Status& status) const;

 private:
  ServerCore& core_;
  RpcSeries& series_;
  const RpcType type_;
  const char* const method_;
  const std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
  Call call_;
  absl::Status admitted_;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_RPC_H_
