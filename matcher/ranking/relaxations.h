// What giving up one rule would buy: how many more therapists, and how good the best of them.
#ifndef RAPPORT_MATCHER_RANKING_RELAXATIONS_H_
#define RAPPORT_MATCHER_RANKING_RELAXATIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "matcher/eligibility/index.h"
#include "matcher/eligibility/rules.h"
#include "matcher/fit/model.h"
#include "matcher/ranking/bounds.h"
#include "matcher/state/state.h"

namespace rapport::matcher {

struct Relaxation {
  Rule rule = Rule::kLicence;
  std::int64_t additional = 0;
  double best_now = 0;   // best P(good) of the shortlist as it is; 0 when it is empty
  double best_then = 0;  // best P(good) with the rule given up
  std::string sentence;
};

// The rules that a client may choose to give up. Rules of law and safety, of capacity, and what the client
// refuses are never among them.
RuleSet RelaxableRules();

// For each rule given up, most therapists first (ties in the order of the rules). Exact: what a search
// without the rule would find. `matches`: what Index::Scan said of `query`, with the relaxable rules counted
// alone; `bounds`: of the same request; `best_now`: the best P(good) among the eligible. Only those near
// misses are scored whose bounds reach it.
std::vector<Relaxation> Relaxations(const State& state, const Query& query, const ClientView& client,
                                    Bounds& bounds, const std::vector<BlockMatch>& matches, double best_now);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_RANKING_RELAXATIONS_H_
