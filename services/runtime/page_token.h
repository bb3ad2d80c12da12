// Page tokens that a caller can keep but not make: a position in a list, sealed with a key and tied to the
// query that it continues, so that no token opens another query (or another network's list).
#ifndef RAPPORT_SERVICES_RUNTIME_PAGE_TOKEN_H_
#define RAPPORT_SERVICES_RUNTIME_PAGE_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace rapport::runtime {

// Thread-safe. All replicas of a service share one key, and keep it: a new key voids the tokens given out.
class PageTokens {
 public:
  // `key`: a random secret, at least 16 bytes.
  explicit PageTokens(std::string key);

  // `position`: where the next page begins, e.g. the last id given; the caller can read it, so nothing
  // secret. `query`: everything that decides which list this is: network, method, filter, order; not the page
  // size.
  std::string Encode(absl::string_view position, absl::string_view query) const;

  // The position. Errors: INVALID_ARGUMENT, violation of page_token, when the token was not made by Encode
  // with this key and this query. An empty token is the caller's to handle: it means the first page.
  absl::StatusOr<std::string> Decode(absl::string_view token, absl::string_view query) const;

 private:
  std::string Seal(absl::string_view position, absl::string_view query) const;

  const std::string key_;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_PAGE_TOKEN_H_
