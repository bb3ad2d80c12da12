// Between the library's events and the messages that the log keeps.
#ifndef RAPPORT_SERVICES_MATCHER_EVENT_CODEC_H_
#define RAPPORT_SERVICES_MATCHER_EVENT_CODEC_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "matcher/domain/catalog.h"
#include "matcher/state/event.h"
#include "rapport/log/v1/event.pb.h"

namespace rapport::matcher_service {

// The library's form. Words that the catalog no longer has vanish (see services/contract/convert.h).
// REQUIRES: `message` has a kind; one without comes from a newer program, and must be refused before.
matcher::Event ToDomain(const matcher::Catalog& catalog, std::int64_t position,
                        const log::v1::Event& message);

// Name of an event's kind, as the log's column has it: "fit_recorded".
absl::string_view KindOf(const log::v1::Event& message);

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_EVENT_CODEC_H_
