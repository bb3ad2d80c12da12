// See authenticator.h.
#include "services/runtime/authenticator.h"

#include "absl/strings/match.h"
#include "services/runtime/errors.h"

namespace rapport::runtime {
namespace {

// What gRPC calls a peer whose transport has no addresses: the in-process channel. A socket always has one.
constexpr char kInProcess[] = "unknown";

bool IsLocal(absl::string_view address) {
  if (address == kInProcess) return true;
  // gRPC percent-encodes the brackets of an IPv6 peer.
  for (absl::string_view local : {"ipv4:127.", "ipv6:[::1]:", "ipv6:%5B::1%5D:", "unix:"}) {
    if (absl::StartsWith(address, local)) return true;
  }
  return false;
}

}  // namespace

absl::string_view Peer::Header(absl::string_view key) const {
  for (const auto& [name, value] : metadata) {
    if (name == key) return value;
  }
  return "";
}

absl::StatusOr<Identity> LoopbackAuthenticator::Authenticate(const Peer& peer) const {
  if (IsLocal(peer.address)) return Identity{.network = "default", .subject = "loopback"};
  return Error(absl::StatusCode::kUnauthenticated, kUnauthenticated,
               "only callers on this machine are known");
}

}  // namespace rapport::runtime
