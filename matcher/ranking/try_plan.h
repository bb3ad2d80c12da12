// A shortlist as a plan of tries: whom to try first, second, third, so that one of them is likely to be a
// good bond. What is uncertain about the client is uncertain for every therapist alike, so two candidates who
// are good for the same reason are a worse plan than two who are good for different ones.
//
// Problem: of the candidates choose k in order, so that P(at least one good) = 1 − E Π (1 − P_i(s)) is
// greatest, where s is drawn from what is believed of the client and of the effects common to all, the same
// draws for every candidate. The greedy choice is within 1 − 1/e of the best, since the gain of one more try
// never grows with the tries before it (Nemhauser, Wolsey, Fisher 1978). The first is the best by score: with
// one try nothing is shared. Ties: the better score, then the id.
#ifndef RAPPORT_MATCHER_RANKING_TRY_PLAN_H_
#define RAPPORT_MATCHER_RANKING_TRY_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "matcher/fit/model.h"
#include "matcher/ranking/contest.h"
#include "matcher/state/state.h"

namespace rapport::matcher {

// A plan is chosen from this many of the best by score: so many times its length, and at least so many. Who
// is not among them adds less to any plan than their own P(good).
inline constexpr std::size_t kPlanPoolPerTry = 8;
inline constexpr std::size_t kLeastPlanPool = 48;

// Draws of what is uncertain: the standard error of a probability near one half is 2 %, the same for
// all candidates.
inline constexpr int kPlanDraws = 512;

struct TryPlan {
  std::vector<std::size_t> order;  // places in the pool, first try first
  double at_least_one_good = 0;    // within all tries; as the draws have it
};

// Plans `tries` tries out of `pool`, which stands best first. The same arguments give the same plan.
// O(draws · pool · (values + tries)).
TryPlan PlanTries(const State& state, const ClientView& client, const std::vector<Try>& pool,
                  std::size_t tries, std::uint64_t seed);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_RANKING_TRY_PLAN_H_
