// The one place where an identity enters: whatever a handler knows of its caller was decided here, before the
// request was even parsed. Replacing the implementation replaces authentication for every RPC of every
// service.
#ifndef RAPPORT_SERVICES_RUNTIME_AUTHENTICATOR_H_
#define RAPPORT_SERVICES_RUNTIME_AUTHENTICATOR_H_

#include <string>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/runtime/call.h"

namespace rapport::runtime {

// What the transport says of the caller; as long as the call is being admitted.
struct Peer {
  std::string address;  // gRPC's form: "ipv4:127.0.0.1:5000", "ipv6:%5B::1%5D:5000"
  absl::InlinedVector<std::pair<absl::string_view, absl::string_view>, 8> metadata;  // keys in lower case

  // The first value of `key`; "" where there is none.
  absl::string_view Header(absl::string_view key) const;
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;

  // The caller's identity. Errors: UNAUTHENTICATED (nobody we know), PERMISSION_DENIED (known, but not
  // welcome here). Thread-safe; must not block: it runs on gRPC's threads.
  virtual absl::StatusOr<Identity> Authenticate(const Peer& peer) const = 0;
};

// Everyone on this machine is {network "default", subject "loopback"}; everyone else is UNAUTHENTICATED. The
// server listens on loopback only as well: this is the second lock on the same door.
class LoopbackAuthenticator : public Authenticator {
 public:
  absl::StatusOr<Identity> Authenticate(const Peer& peer) const override;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_AUTHENTICATOR_H_
