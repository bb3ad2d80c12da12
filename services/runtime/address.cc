// See address.h.
#include "services/runtime/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace rapport::runtime {
namespace {

bool IsLoopback(const std::string& host) {
  // Only a literal address counts: "127.example.org" is somebody's name.
  in_addr v4;
  const bool loopback_v4 =
      inet_pton(AF_INET, host.c_str(), &v4) == 1 && ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
  return loopback_v4 || host == "localhost" || host == "::1";
}

}  // namespace

absl::StatusOr<Address> ParseAddress(absl::string_view text) {
  const size_t colon = text.rfind(':');
  absl::string_view host = text.substr(0, colon == absl::string_view::npos ? 0 : colon);
  const bool bracketed = absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  Address address{.host = std::string(host), .port = 0};
  const bool host_ok = !host.empty() && (bracketed == absl::StrContains(host, ':'));
  if (!host_ok || !absl::SimpleAtoi(text.substr(colon + 1), &address.port) || address.port < 0 ||
      address.port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is not host:port, such as 127.0.0.1:50051 or [::1]:50051"));
  }
  return address;
}

std::string ToString(const Address& address) {
  if (absl::StrContains(address.host, ':')) return absl::StrCat("[", address.host, "]:", address.port);
  return absl::StrCat(address.host, ":", address.port);
}

absl::Status PlaintextAllowed(const Address& address, bool insecure_loopback) {
  if (insecure_loopback && IsLoopback(address.host)) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      ToString(address), ": TLS is not available yet: serve on loopback with --insecure-loopback"));
}

absl::Status TryListening(const Address& address) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (failed != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on ", ToString(address), ": ", gai_strerror(failed)));
  }
  const int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int error = descriptor < 0 ? errno : 0;
  // As the servers have it: what is left of former connections keeps nobody from listening.
  const int yes = 1;
  if (error == 0) setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  if (error == 0 && bind(descriptor, found->ai_addr, found->ai_addrlen) != 0) error = errno;
  if (descriptor >= 0) close(descriptor);
  freeaddrinfo(found);
  const std::string what = absl::StrCat("cannot listen on ", ToString(address), ": ", std::strerror(error));
  switch (error) {
    case 0:
      return absl::OkStatus();
    case EADDRINUSE:
      return absl::UnavailableError(what);
    case EACCES:
      return absl::PermissionDeniedError(what);
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
      return absl::InvalidArgumentError(what);
    default:
      return absl::UnknownError(what);
  }
}

absl::Status TryConnecting(const Address& address, absl::Duration patience) {
  const auto unavailable = [&](absl::string_view cause) {
    return absl::UnavailableError(absl::StrCat("no answer on ", ToString(address), ": ", cause));
  };
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (failed != 0) return unavailable(gai_strerror(failed));
  const absl::Cleanup free_found = [found] { freeaddrinfo(found); };
  const int descriptor = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return unavailable(std::strerror(errno));
  const absl::Cleanup close_descriptor = [descriptor] { close(descriptor); };
  // Descriptors are given out from below: with few left, to connect would take what the other side needs for
  // somebody else's connection.
  constexpr rlim_t kLeftForOthers = 16;
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
      static_cast<rlim_t>(descriptor) + kLeftForOthers > limit.rlim_cur) {
    return unavailable("the process may open hardly any more files");
  }
  if (connect(descriptor, found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS)
    return unavailable(std::strerror(errno));
  pollfd spoken = {descriptor, POLLIN, 0};
  int events = 0;
  do {
    events = poll(&spoken, 1, static_cast<int>(absl::ToInt64Milliseconds(patience)));
  } while (events < 0 && errno == EINTR);
  if (events <= 0) return unavailable("nobody took the connection in time");
  char first = 0;
  const ssize_t heard = recv(descriptor, &first, 1, 0);
  if (heard < 0) return unavailable(std::strerror(errno));
  return heard == 1 ? absl::OkStatus() : unavailable("the connection was closed at once");
}

absl::Status WhyNotListening(const Address& address) {
  absl::Status tried = TryListening(address);
  if (!tried.ok()) return tried;
  return absl::UnknownError(absl::StrCat("cannot listen on ", ToString(address), ": cause unknown"));
}

}  // namespace rapport::runtime
