// Client channels as every caller of ours should have them: balanced over replicas, retried only when nothing
// happened, and quick to notice a dead peer.
#ifndef RAPPORT_SERVICES_RUNTIME_CHANNEL_H_
#define RAPPORT_SERVICES_RUNTIME_CHANNEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "grpcpp/channel.h"

namespace rapport::runtime {

// A channel to "host:port" (resolved by DNS, calls spread over all its addresses). UNAVAILABLE is tried up to
// three times in all, with backoff; every write of ours takes a request_id, so a second try has no second
// effect. Connects lazily: an absent server is not an error here. Errors: INVALID_ARGUMENT (not host:port),
// FAILED_PRECONDITION (plaintext not allowed there, see address.h).
absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(absl::string_view target, bool insecure_loopback);

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_CHANNEL_H_
