// A shortlist: who is eligible, in the order of their score, with reasons; for the rest, which rule excluded
// them and what giving it up would buy.
#ifndef RAPPORT_MATCHER_RANKING_RANK_H_
#define RAPPORT_MATCHER_RANKING_RANK_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "matcher/domain/needs.h"
#include "matcher/eligibility/rules.h"
#include "matcher/ranking/explanation.h"
#include "matcher/ranking/relaxations.h"
#include "matcher/ranking/score.h"
#include "matcher/state/state.h"

namespace rapport::matcher {

// How a shortlist is put together.
enum class Plan {
  kBestFirst,  // by score
  kTryPlan,    // so that P(at least one good) is greatest; see try_plan.h
};

struct RankRequest {
  std::string client_id;
  Needs needs;
  std::vector<std::string> tried_therapist_ids;  // those of whom the client has answered are added
  std::size_t shortlist_size = 5;
  bool with_relaxations = true;
  absl::Time now;
  bool with_reasons = true;  // false: candidates come without explanation
  Plan plan = Plan::kBestFirst;
  std::uint64_t seed = 0;  // of the draws of kTryPlan
};

// One therapist of a shortlist. Pointers live as long as the State ranked from, words as long as their pool
// too.
struct Candidate {
  const Listing* listing = nullptr;
  Score score;
  Explanation explanation;
  std::optional<double> distance_km;
};

struct Ranking {
  TextPool text;                            // where the candidates' words stand
  std::vector<Candidate> candidates;        // best first, ties by therapist id; or in the order of tries
  std::optional<double> at_least_one_good;  // kTryPlan: P(at least one of the candidates is a good bond)
  std::int64_t therapists = 0;
  std::int64_t eligible = 0;
  std::array<std::int64_t, kRules> first_failed{};    // by IndexOf(rule)
  std::array<std::int64_t, kRules> only_this_rule{};  // by IndexOf(rule)
  std::vector<Relaxation> relaxations;                // most therapists first
};

// Ranks exactly: as if every eligible therapist were scored. The same request on the same state gives the
// same result, to the byte. O(therapists / 64 + eligible · features).
Ranking Rank(const State& state, RankRequest request);

// The query that `request` asks of the rules, tried therapists included.
Query QueryOf(const State& state, const RankRequest& request);

// The candidate as it would be, eligible or not; its words stand in `text`.
Candidate Describe(const State& state, const Query& query, const ClientView& client, const Listing& listing,
                   TextPool& text);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_RANKING_RANK_H_
