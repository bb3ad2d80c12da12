// Reasons: the score's own arithmetic, named and put into words. Nothing here is computed by a second
// formula: every number is a part that the score was summed from.
#ifndef RAPPORT_MATCHER_RANKING_EXPLANATION_H_
#define RAPPORT_MATCHER_RANKING_EXPLANATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "matcher/domain/needs.h"
#include "matcher/domain/therapist.h"
#include "matcher/fit/model.h"
#include "matcher/ranking/score.h"
#include "matcher/ranking/text.h"
#include "matcher/state/state.h"

namespace rapport::matcher {

// A part of the latent bond's mean, as Model::Predict hands it out.
struct BondShare {
  BondPart part = BondPart::kFeature;
  int subject = 0;
  double value = 0;
};

struct Term {
  absl::string_view code;
  double value = 0;
  absl::string_view sentence;
};

struct Evidence {
  std::int64_t therapist_fit_checks = 0;
  std::int64_t therapist_clients = 0;
  std::int64_t client_fit_checks = 0;
  std::int64_t offers = 0;
  double prior_share = 1;
};

// Its words stand in the State and in the pool that it was made with, and live as long as both.
struct Explanation {
  absl::InlinedVector<Term, 4> terms;                   // sum to score.log_score
  absl::InlinedVector<Term, 12> bond_terms;             // sum to score.bond.mean
  absl::InlinedVector<absl::string_view, 4> sentences;  // the strongest reasons, for and against
  Evidence evidence;
};

// Puts a score into words. `shares`: every part of the bond's mean.
Explanation Explain(const State& state, const ClientView& client, const Listing& listing, const Score& score,
                    absl::Span<const BondShare> shares, absl::Time now, TextPool& text);

// What a probability about this pair rests on.
Evidence EvidenceOf(const State& state, const ClientView& client, const Listing& listing);

// What a client's earlier answers added to the search, one sentence for each style dimension that frictions
// spoke of.
std::vector<std::string> LearnedInWords(const State& state, const ClientState& client);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_RANKING_EXPLANATION_H_
