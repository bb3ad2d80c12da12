#include "matcher/ranking/relaxations.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"
#include "matcher/ranking/score.h"

namespace rapport::matcher {
namespace {

constexpr std::array kRelaxable = {Rule::kLanguage, Rule::kPayer, Rule::kModality,   Rule::kDistance,
                                   Rule::kHours,    Rule::kFee,   Rule::kRequiredTag};

const char* GivenUp(Rule rule) {
  switch (rule) {
    case Rule::kLanguage:
      return "Any language accepted";
    case Rule::kPayer:
      return "Any payer accepted";
    case Rule::kModality:
      return "Any way to meet accepted";
    case Rule::kDistance:
      return "Any distance accepted";
    case Rule::kHours:
      return "Any hours accepted";
    case Rule::kFee:
      return "Any fee accepted";
    case Rule::kRequiredTag:
      return "No attribute required";
    default:
      return "Rule given up";
  }
}

// The query without what `rule` asks for.
Query Without(Rule rule, Query query) {
  switch (rule) {
    case Rule::kLanguage:
      query.musts.languages.clear();
      break;
    case Rule::kPayer:
      query.musts.payers.clear();
      break;
    case Rule::kModality:
      query.musts.modalities.clear();
      break;
    case Rule::kDistance:
      query.musts.max_distance_km.reset();
      break;
    case Rule::kHours:
      query.musts.hours.reset();
      break;
    case Rule::kFee:
      query.musts.max_fee.reset();
      break;
    case Rule::kRequiredTag:
      query.musts.required_tags.clear();
      break;
    default:
      break;
  }
  return query;
}

// Those who would be eligible in addition, were `rule` given up.
std::vector<const Listing*> Gained(const State& state, const Query& query, const Selection& selection,
                                   Rule rule) {
  std::vector<const Listing*> gained;
  if (rule == Rule::kModality) {
    // The one rule that others lean on (a remote modality makes distance and place of licence count less), so
    // that its near misses are not all who would be gained: the relaxed search itself tells.
    if (query.musts.modalities.empty()) return gained;
    for (const Listing* listing :
         state.directory.Select(Without(rule, query), {.count_alone = {}, .list_alone = {}}).eligible) {
      if (FailedRules(query, *listing).any()) gained.push_back(listing);
    }
    return gained;
  }
  for (const NearMiss& miss : selection.near_misses) {
    if (miss.rule == rule) gained.push_back(miss.listing);
  }
  return gained;
}

}  // namespace

RuleSet RelaxableRules() {
  RuleSet rules;
  for (const Rule rule : kRelaxable) rules.set(IndexOf(rule));
  return rules;
}

std::vector<Relaxation> Relaxations(const State& state, const Query& query, const ClientView& client,
                                    const Selection& selection, double best_now) {
  std::vector<Relaxation> relaxations;
  for (const Rule rule : kRelaxable) {
    const std::vector<const Listing*> gained = Gained(state, query, selection, rule);
    if (gained.empty()) continue;
    Relaxation relaxation{rule, static_cast<std::int64_t>(gained.size()), best_now, best_now, ""};
    for (const Listing* listing : gained) {
      const Score score = ScorePair(state, client, *listing, query.now, [](BondPart, int, double) {});
      relaxation.best_then = std::max(relaxation.best_then, score.Good());
    }
    relaxation.sentence =
        absl::StrFormat("%s: +%d therapist%s, best P(good) %.2f → %.2f", GivenUp(rule), relaxation.additional,
                        relaxation.additional == 1 ? "" : "s", relaxation.best_now, relaxation.best_then);
    relaxations.push_back(std::move(relaxation));
  }
  std::stable_sort(relaxations.begin(), relaxations.end(),
                   [](const Relaxation& a, const Relaxation& b) { return a.additional > b.additional; });
  return relaxations;
}

}  // namespace rapport::matcher
