#include "services/matcher/etag.h"

#include "absl/strings/str_cat.h"
#include "services/matcher/reasons.h"
#include "services/runtime/errors.h"

namespace rapport::matcher_service {

std::string EtagOf(const matcher::Listing& listing) {
  return absl::StrCat("t", absl::Hex(listing.changed_at));
}

absl::Status CheckEtag(const matcher::Listing& listing, absl::string_view etag) {
  if (etag.empty() || etag == EtagOf(listing)) return absl::OkStatus();
  return runtime::Error(absl::StatusCode::kAborted, kEtagMismatch,
                        "the profile was changed since it was read: read it again, then decide again");
}

}  // namespace rapport::matcher_service
