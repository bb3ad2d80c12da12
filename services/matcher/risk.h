// Acute risk is never ranked, whoever asks.
#ifndef RAPPORT_SERVICES_MATCHER_RISK_H_
#define RAPPORT_SERVICES_MATCHER_RISK_H_

#include "absl/status/status.h"
#include "matcher/domain/catalog.h"
#include "rapport/matcher/v1/needs.pb.h"

namespace rapport::matcher_service {

// OK, or FAILED_PRECONDITION NEEDS_TRIAGE with what was stated.
absl::Status CheckRisk(const matcher::Catalog& catalog, const matcher::v1::Risk& risk);

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_RISK_H_
