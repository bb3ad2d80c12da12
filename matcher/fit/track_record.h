// A therapist's records u_k with concerns, beside their effects b. Answers of clients with one concern tell
// what the two are together, and hardly which is which; so a record is held as what it is along the effects
// and a rest that is independent of them and of the other records:
//
//   u_k = E u_k + g_k'(b − E b) + r_k,   r_k ~ N(0, rest_k)
//
// which is exact for one therapist as long as each client names one concern.
#ifndef RAPPORT_MATCHER_FIT_TRACK_RECORD_H_
#define RAPPORT_MATCHER_FIT_TRACK_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "Eigen/Core"
#include "absl/types/span.h"
#include "matcher/domain/words.h"
#include "matcher/fit/innovation.h"

namespace rapport::matcher {

// A record as the verdict sees it, beside the effect b₀ on the verdict.
struct TrackRecord {
  Word concern = 0;
  double mean = 0;
  double along = 0;          // Cov(u, b₀) / Var b₀: 0 at first, then below
  double variance = 0;       // of u where b₀ is known; by itself along² Var b₀ more
  std::int64_t clients = 0;  // how many had this concern at their first answer
};

// Those of one therapist: only concerns that somebody has answered with.
struct TrackRecords {
  std::vector<TrackRecord> all;  // sorted by concern
  Eigen::MatrixXd regression;    // g, J × records; empty where there is none
  std::vector<double> rest;      // Var r
};

// The record with a concern; null: none is held.
const TrackRecord* FindRecord(const TrackRecords& records, Word concern);

// Weight of each of a client's concerns: the weights' squares sum to 1, so that the variance of all records
// together is the same however many concerns a client names. 0 where there are none.
double ConcernWeight(absl::Span<const Word> concerns);

// w Σ_k u_k over a client's concerns, beside effects of J channels. Here and below each concern is named
// once.
struct RecordSum {
  double mean = 0;
  ChannelVector regression;  // J
  double rest = 0;
};
// `prior_variance`: of a record that is not held.
RecordSum SumOf(const TrackRecords* records, absl::Span<const Word> concerns, double prior_variance,
                Eigen::Index channels);

// Makes sure that all of `concerns` have a record.
void HoldRecords(absl::Span<const Word> concerns, double prior_variance, Eigen::Index channels,
                 TrackRecords& records);

// Counts a client with `concerns`, all of which are held.
void CountClient(absl::Span<const Word> concerns, TrackRecords& records);

// Moves the records by an answer of a client with `concerns`, all of which are held, on whose observed
// channels they show with `loading`. `effects`: as they are now, after the answer; `moved`: by how much their
// mean went; `columns`: their covariance with the observed channels before it.
void LearnRecords(const Innovation& innovation, absl::Span<const Word> concerns, const ChannelVector& loading,
                  const ChannelMatrix& columns, const ChannelVector& moved, const Belief& effects,
                  TrackRecords& records);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_TRACK_RECORD_H_
