// See call.h.
#include "services/runtime/call.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace rapport::runtime {

void PrepareOnward(const Call& call, absl::Time now, absl::Duration margin, absl::Duration cap,
                   grpc::ClientContext* context) {
  // gRPC knows only the machine's clock: what is left by the call's clock is what is left by that one.
  const absl::Duration left = std::min(call.deadline - margin - now, cap);
  if (left < absl::InfiniteDuration()) context->set_deadline(absl::ToChronoTime(absl::Now() + left));
  if (!call.traceparent.empty()) context->AddMetadata("traceparent", call.traceparent);
  if (!call.request_id.empty()) context->AddMetadata("x-request-id", call.request_id);
}

}  // namespace rapport::runtime
