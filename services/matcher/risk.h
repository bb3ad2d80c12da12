// Acute risk is never ranked, whoever asks, and wherever it became known.
#ifndef RAPPORT_SERVICES_MATCHER_RISK_H_
#define RAPPORT_SERVICES_MATCHER_RISK_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "matcher/domain/catalog.h"
#include "matcher/state/state.h"
#include "rapport/matcher/v1/needs.pb.h"

namespace rapport::matcher_service {

// OK, or FAILED_PRECONDITION NEEDS_TRIAGE with what was stated.
absl::Status CheckStatedRisk(const matcher::Catalog& catalog, const matcher::v1::Risk& risk);

// OK, or FAILED_PRECONDITION NEEDS_TRIAGE: of this client a risk is noted that became known since
// `asked_at`, when needs were asked about risk (absl::InfinitePast(): they were not), and within
// contract::kTriageRecalled. `reservation_id`: of a seat that was given before it became known, told in the
// metadata; may be empty.
absl::Status CheckNotedRisk(const matcher::State& state, absl::string_view client_id, absl::Time asked_at,
                            absl::Time now, absl::string_view reservation_id = "");

// When needs were asked about risk: `now` where that is not said, or later.
absl::Time AskedAt(const matcher::v1::Risk& risk, absl::Time now);

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_RISK_H_
