// What asks for a person to look before anything is ranked: a stated acute risk, or a score that shows one.
// One rule, used when needs are submitted and when scores come in after a session.
#ifndef RAPPORT_SERVICES_CONTRACT_TRIAGE_H_
#define RAPPORT_SERVICES_CONTRACT_TRIAGE_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "matcher/domain/catalog.h"
#include "rapport/intake/v1/intake.pb.h"
#include "rapport/matcher/v1/needs.pb.h"

namespace rapport::contract {

// What asked for a person to look says nothing of today's risk after this long.
inline constexpr absl::Duration kTriageRecalled = absl::Hours(24 * 30);

// What is said of a risk is told to the matcher again after this long, until it is taken: searches that wait
// for a matcher that was away begin soon after its return.
inline constexpr absl::Duration kRiskRetry = absl::Seconds(1);

// Codes of a TriageReason.
inline constexpr char kRiskStated[] = "RISK_STATED";
inline constexpr char kScreeningScore[] = "SCREENING_SCORE";
inline constexpr char kRiskRecorded[] = "RISK_RECORDED";

// Every reason, the stated risk first, then scores as sent; empty: nothing known speaks against ranking.
// Scores of scales that the catalog does not have are no reason: validation has refused them.
std::vector<intake::v1::TriageReason> TriageReasons(const matcher::Catalog& catalog,
                                                    const matcher::v1::Risk& risk);

// The scale of an instrument, by catalog ids; null when the catalog has none. Owned by the catalog.
// O(scales).
const matcher::Scale* FindScale(const matcher::Catalog& catalog, absl::string_view instrument,
                                absl::string_view scale);

// True when `score` is the scale's `triage_at` or worse: above it where lower is better, below it where
// higher is better. False where it has none.
bool AsksForTriage(const matcher::Scale& scale, double score);

// True when `score` is on the side of the published cut-off that asks for care, the cut-off itself included:
// at or above it where lower is better, at or below it where higher is better. False where no cut-off is
// published.
bool BeyondCutOff(const matcher::Scale& scale, double score);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_TRIAGE_H_
