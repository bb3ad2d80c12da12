// See channel.h.
#include "services/runtime/channel.h"

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "services/runtime/address.h"
#include "services/runtime/limits.h"

namespace rapport::runtime {
namespace {

// A peer that was away is looked for at this pace: gRPC's own would leave it unnoticed for up to two minutes.
constexpr absl::Duration kFirstReconnectDelay = absl::Milliseconds(100);
constexpr absl::Duration kMaxReconnectDelay = absl::Milliseconds(500);

// UNAVAILABLE only: any other code may mean that something was done, or that trying again cannot help.
constexpr char kServiceConfig[] = R"json({
  "loadBalancingConfig": [{"round_robin": {}}],
  "methodConfig": [{
    "name": [{}],
    "retryPolicy": {
      "maxAttempts": 3,
      "initialBackoff": "0.1s",
      "maxBackoff": "1s",
      "backoffMultiplier": 2,
      "retryableStatusCodes": ["UNAVAILABLE"]
    }
  }]
})json";

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(absl::string_view target, bool insecure_loopback) {
  const absl::StatusOr<Address> address = ParseAddress(target);
  if (!address.ok()) return address.status();
  if (absl::Status allowed = PlaintextAllowed(*address, insecure_loopback); !allowed.ok()) return allowed;
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(kServiceConfig);
  arguments.SetMaxReceiveMessageSize(kMaxSendMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(absl::ToInt64Milliseconds(kKeepaliveTime)));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                   static_cast<int>(absl::ToInt64Milliseconds(kKeepaliveTimeout)));
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS,
                   static_cast<int>(absl::ToInt64Milliseconds(kFirstReconnectDelay)));
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS,
                   static_cast<int>(absl::ToInt64Milliseconds(kMaxReconnectDelay)));
  return grpc::CreateCustomChannel(absl::StrCat("dns:///", ToString(*address)),
                                   grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace rapport::runtime
