#include "matcher/ranking/relaxations.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "matcher/ranking/score.h"

namespace rapport::matcher {
namespace {

constexpr std::array kRelaxable = {Rule::kLanguage, Rule::kPayer, Rule::kModality, Rule::kDistance,
                                   Rule::kHours,    Rule::kFee,   Rule::kRequiredTag};

const char* GivenUp(Rule rule) {
  switch (rule) {
    case Rule::kLanguage: return "Any language accepted";
    case Rule::kPayer: return "Any payer accepted";
    case Rule::kModality: return "Any way to meet accepted";
    case Rule::kDistance: return "Any distance accepted";
    case Rule::kHours: return "Any hours accepted";
    case Rule::kFee: return "Any fee accepted";
    case Rule::kRequiredTag: return "No attribute required";
    default: return "Rule given up";
  }
}

// The query without what `rule` asks for.
Query Without(Rule rule, Query query) {
  switch (rule) {
    case Rule::kLanguage: query.musts.languages.clear(); break;
    case Rule::kPayer: query.musts.payers.clear(); break;
    case Rule::kModality: query.musts.modalities.clear(); break;
    case Rule::kDistance: query.musts.max_distance_km.reset(); break;
    case Rule::kHours: query.musts.hours.reset(); break;
    case Rule::kFee: query.musts.max_fee.reset(); break;
    case Rule::kRequiredTag: query.musts.required_tags.clear(); break;
    default: break;
  }
  return query;
}

}  // namespace

RuleSet RelaxableRules() {
  RuleSet rules;
  for (const Rule rule : kRelaxable) rules.set(IndexOf(rule));
  return rules;
}

std::vector<Relaxation> Relaxations(const State& state, const Query& query, const ClientView& client,
                                    const std::vector<NearMiss>& near_misses, double best_now) {
  std::vector<Relaxation> relaxations;
  for (const Rule rule : kRelaxable) {
    const Query relaxed = Without(rule, query);
    Relaxation relaxation{rule, 0, best_now, best_now, ""};
    for (const NearMiss& miss : near_misses) {
      // A way to meet that becomes acceptable can bring a distance with it, so the relaxed query is asked in full.
      if (miss.rule != rule || FailedRules(relaxed, *miss.listing).any()) continue;
      ++relaxation.additional;
      const Score score = ScorePair(state, client, *miss.listing, query.now, [](BondPart, int, double) {});
      relaxation.best_then = std::max(relaxation.best_then, score.Good());
    }
    if (relaxation.additional == 0) continue;
    relaxation.sentence = absl::StrFormat("%s: +%d therapist%s, best P(good) %.2f → %.2f", GivenUp(rule),
                                          relaxation.additional, relaxation.additional == 1 ? "" : "s",
                                          relaxation.best_now, relaxation.best_then);
    relaxations.push_back(std::move(relaxation));
  }
  std::stable_sort(relaxations.begin(), relaxations.end(),
                   [](const Relaxation& a, const Relaxation& b) { return a.additional > b.additional; });
  return relaxations;
}

}  // namespace rapport::matcher
