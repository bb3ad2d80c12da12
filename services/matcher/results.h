// The library's results as the contract says them.
#ifndef RAPPORT_SERVICES_MATCHER_RESULTS_H_
#define RAPPORT_SERVICES_MATCHER_RESULTS_H_

#include "matcher/ranking/rank.h"
#include "matcher/state/state.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "rapport/therapist/v1/therapist.pb.h"

namespace rapport::matcher_service {

// Each fills in a message that is new: where it stands is where it is serialised from.
void FillState(const matcher::State& state, matcher::v1::ResultState& message);
void FillEvidence(const matcher::Evidence& evidence, matcher::v1::Evidence& message);
void FillCandidate(const matcher::Candidate& candidate, absl::Time now, matcher::v1::Candidate& message);
void FillRanking(const matcher::Ranking& ranking, absl::Time now,
                 matcher::v1::RankTherapistsResponse& message);

// A profile as the directory shows it: with its etag and the seats free at `now`.
therapist::v1::Therapist ListingToProto(const matcher::Catalog& catalog, const matcher::Listing& listing,
                                        absl::Time now);

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_RESULTS_H_
