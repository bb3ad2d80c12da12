// A profile's etag: opaque to callers, the log position of its last change to us.
#ifndef RAPPORT_SERVICES_MATCHER_ETAG_H_
#define RAPPORT_SERVICES_MATCHER_ETAG_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "matcher/domain/therapist.h"

namespace rapport::matcher_service {

std::string EtagOf(const matcher::Listing& listing);

// OK when `etag` is empty or the listing's; else ABORTED ETAG_MISMATCH.
absl::Status CheckEtag(const matcher::Listing& listing, absl::string_view etag);

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_ETAG_H_
