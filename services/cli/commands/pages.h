// One list out of as many pages as it takes.
#ifndef RAPPORT_SERVICES_CLI_COMMANDS_PAGES_H_
#define RAPPORT_SERVICES_CLI_COMMANDS_PAGES_H_

#include <algorithm>

#include "absl/status/statusor.h"
#include "services/cli/services.h"

namespace rapport::cli {

// The longest list that a command prints: all of it is held at once.
inline constexpr int kMostListed = 100'000;

// The first `limit` items of a list as one response; its next_page_token says whether there are more. `count`
// gives the number of items of a response. Errors: the server's.
template <typename Stub, typename Request, typename Response, typename Count>
absl::StatusOr<Response> FirstOf(const Services& services,
                                 grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*),
                                 Request request, int limit, Count count) {
  constexpr int kLargestPage = 500;
  Response all;
  do {
    request.set_page_size(std::min(kLargestPage, limit - count(all)));
    request.set_page_token(all.next_page_token());
    absl::StatusOr<Response> page = services.Call(rpc, request);
    if (!page.ok()) return page.status();
    all.clear_next_page_token();
    all.MergeFrom(*page);
  } while (!all.next_page_token().empty() && count(all) < limit);
  return all;
}

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_COMMANDS_PAGES_H_
