// One call as a business function sees it: who asks, until when, under which id. A plain value, so that
// business functions are called from tests, from a command line or from another service without gRPC.
#ifndef RAPPORT_SERVICES_RUNTIME_CALL_H_
#define RAPPORT_SERVICES_RUNTIME_CALL_H_

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "grpcpp/client_context.h"

namespace rapport::runtime {

struct Identity {
  std::string network;  // the tenant; never taken from a request body
  std::string subject;  // the calling system, as authenticated; not a person
};

struct Call {
  Identity identity;
  std::string request_id;  // of this RPC, for logs; not the request_id that makes a write happen once
  absl::Time started = absl::UnixEpoch();        // by the server's clock
  absl::Time deadline = absl::InfiniteFuture();  // by the same clock; work beyond it is wasted
  std::string traceparent;                       // W3C trace context as received; may be empty
  // Whether the caller is gone. Thread-safe, cheap, and valid for as long as the Call is.
  std::function<bool()> cancelled = [] { return false; };
};

// Prepares a call that is made on behalf of `call`: its deadline is the earlier of `call.deadline - margin`
// (what we need ourselves after the answer) and `now + cap`; its metadata carry traceparent and x-request-id.
// `now` is by the clock that `call.deadline` is of.
void PrepareOnward(const Call& call, absl::Time now, absl::Duration margin, absl::Duration cap,
                   grpc::ClientContext* context);

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_CALL_H_
