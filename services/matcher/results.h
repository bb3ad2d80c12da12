// The library's results as the contract says them.
#ifndef RAPPORT_SERVICES_MATCHER_RESULTS_H_
#define RAPPORT_SERVICES_MATCHER_RESULTS_H_

#include <string>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "matcher/ranking/rank.h"
#include "matcher/state/state.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "rapport/therapist/v1/therapist.pb.h"
#include "services/runtime/message_writer.h"

namespace rapport::matcher_service {

// Each fills in a message.
void FillState(const matcher::State& state, matcher::v1::ResultState& message);
void FillEvidence(const matcher::Evidence& evidence, matcher::v1::Evidence& message);

// Write a Candidate and a RankTherapistsResponse, in the bytes that protobuf would make of them. `learned`:
// what the client's earlier answers added to the wishes, in words.
void WriteCandidate(const matcher::Candidate& candidate, absl::Time now, runtime::MessageWriter& writer);
void WriteRanking(const matcher::State& state, const matcher::Ranking& ranking,
                  absl::Span<const std::string> learned, absl::Time now, runtime::MessageWriter& writer);

// A profile as the directory shows it: with its etag and the seats free at `now`.
therapist::v1::Therapist ListingToProto(const matcher::Catalog& catalog, const matcher::Listing& listing,
                                        absl::Time now);

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_RESULTS_H_
