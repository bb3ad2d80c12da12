#include "matcher/ranking/relaxations.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

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

// Those of one block who would be eligible in addition.
struct GainedRows {
  const Columns* columns = nullptr;
  Bitmap rows;
};

// Those who would be eligible in addition, were `rule` given up.
std::vector<GainedRows> Gained(const State& state, const Query& query, const std::vector<BlockMatch>& matches,
                               Rule rule) {
  std::vector<GainedRows> gained;
  const auto add = [&gained](const Columns* columns, const Bitmap& rows) {
    if (rows.Any()) gained.push_back({columns, rows});
  };
  if (rule != Rule::kModality) {
    for (const BlockMatch& match : matches)
      add(match.columns, match.failed_once & match.failed_by[IndexOf(rule)]);
    return gained;
  }
  // The one rule that others lean on (a remote modality makes distance and place of licence count less), so
  // that its near misses are not all who would be gained: the relaxed search itself tells. Both come in the
  // order of blocks.
  if (query.musts.modalities.empty()) return gained;
  auto now = matches.begin();
  state.directory.Scan(Without(rule, query), {.count_alone = {}, .list_alone = {}},
                       [&](const BlockMatch& then) {
                         while (now != matches.end() && now->block < then.block) ++now;
                         const bool both = now != matches.end() && now->block == then.block;
                         add(then.columns, both ? then.eligible - now->eligible : then.eligible);
                       });
  return gained;
}

// What the best of them is worth, in words.
std::string Gain(const Relaxation& relaxation) {
  constexpr double kWorthSaying = .01;
  if (relaxation.best_now == 0) return absl::StrFormat("best P(good) %.2f", relaxation.best_then);
  if (relaxation.best_then - relaxation.best_now < kWorthSaying)
    return "none clearly better than the best now";
  return absl::StrFormat("best P(good) %.2f → %.2f", relaxation.best_now, relaxation.best_then);
}

}  // namespace

RuleSet RelaxableRules() {
  RuleSet rules;
  for (const Rule rule : kRelaxable) rules.set(IndexOf(rule));
  return rules;
}

std::vector<Relaxation> Relaxations(const State& state, const Query& query, const ClientView& client,
                                    Bounds& bounds, const std::vector<BlockMatch>& matches, double best_now) {
  // Rounded down, so that nobody as good is left out.
  const float floor =
      std::nextafter(static_cast<float>(std::log(best_now)), -std::numeric_limits<float>::infinity());
  std::vector<Relaxation> relaxations;
  for (const Rule rule : kRelaxable) {
    Relaxation relaxation{rule, 0, best_now, best_now, ""};
    Contest contest(1, floor);
    for (const GainedRows& gained : Gained(state, query, matches, rule)) {
      relaxation.additional += gained.rows.Count();
      bounds.Enter(*gained.columns, gained.rows, contest);
    }
    bounds.Finish(contest);
    if (relaxation.additional == 0) continue;
    double best_then = best_now;
    BestOf(contest, [&](const Listing& listing) {
      const Score score = ScorePair(state, client, listing, query.now, [](BondPart, int, double) {});
      best_then = std::max(best_then, score.Good());
      return score;
    });
    relaxation.best_then = best_then;
    relaxation.sentence = absl::StrFormat("%s: +%d therapist%s, %s", GivenUp(rule), relaxation.additional,
                                          relaxation.additional == 1 ? "" : "s", Gain(relaxation));
    relaxations.push_back(std::move(relaxation));
  }
  std::stable_sort(relaxations.begin(), relaxations.end(),
                   [](const Relaxation& a, const Relaxation& b) { return a.additional > b.additional; });
  return relaxations;
}

}  // namespace rapport::matcher
