// Network addresses and the one rule about plaintext: loopback only, and only when asked for.
#ifndef RAPPORT_SERVICES_RUNTIME_ADDRESS_H_
#define RAPPORT_SERVICES_RUNTIME_ADDRESS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace rapport::runtime {

struct Address {
  std::string host;  // without brackets
  int port = 0;      // 0 to 65535; 0: any free one, for listening
};

// "127.0.0.1:8080", "localhost:0", "[::1]:8080". Else INVALID_ARGUMENT with what was expected.
absl::StatusOr<Address> ParseAddress(absl::string_view text);

// The other way; an IPv6 host gets its brackets.
std::string ToString(const Address& address);

// OK when plaintext may be spoken at `address`: it is loopback (127.0.0.0/8, ::1, localhost) and
// `insecure_loopback` is set. Else FAILED_PRECONDITION that says what to do.
absl::Status PlaintextAllowed(const Address& address, bool insecure_loopback);

// Whether one could listen on `address` now, found by trying: OK, UNAVAILABLE (in use), PERMISSION_DENIED,
// INVALID_ARGUMENT (not an address of this machine), or UNKNOWN; each names the address and the cause.
absl::Status TryListening(const Address& address);

// Why listening on `address` failed: as TryListening, and UNKNOWN where that finds nothing wrong.
absl::Status WhyNotListening(const Address& address);

// Whether whoever listens on `address` takes a new connection and speaks first on it, as HTTP/2 servers do,
// within `patience`: OK, or UNAVAILABLE with the cause. A connection that only the kernel took is no answer.
absl::Status TryConnecting(const Address& address, absl::Duration patience);

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_ADDRESS_H_
