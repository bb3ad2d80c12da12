#include "matcher/ranking/rank.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "matcher/ranking/bounds.h"
#include "matcher/ranking/contest.h"
#include "matcher/ranking/try_plan.h"

namespace rapport::matcher {
namespace {

// Wishes that are no numbers are not wished for: a caller's mistake must not decide who comes first.
ClientContext Numbers(ClientContext context) {
  const auto no_number = [](double value) { return !std::isfinite(value); };
  std::erase_if(context.styles,
                [&](const StyleWish& wish) { return no_number(wish.value) || no_number(wish.strength); });
  std::erase_if(context.approaches, [&](const ApproachWish& wish) { return no_number(wish.strength); });
  std::erase_if(context.tags, [&](const TagWish& wish) { return no_number(wish.strength); });
  std::erase_if(context.attributes, [&](const AttributeValue& own) { return no_number(own.value); });
  std::erase_if(context.facets, [&](const FacetWish& wish) { return no_number(wish.strength); });
  return context;
}

}  // namespace

Query QueryOf(const State& state, const RankRequest& request) {
  std::vector<std::string> tried = request.tried_therapist_ids;
  if (const ClientState* client = state.model.Client(request.client_id); client != nullptr) {
    tried.insert(tried.end(), client->therapists.begin(), client->therapists.end());
  }
  return MakeQuery(*state.catalog, request.needs, std::move(tried), request.now);
}

Candidate Describe(const State& state, const Query& query, const ClientView& client, const Listing& listing,
                   TextPool& text) {
  absl::InlinedVector<BondShare, 24> shares;
  const Score score =
      ScorePair(state, client, listing, query.now, [&shares](BondPart part, int subject, double value) {
        shares.push_back({part, subject, value});
      });
  return {&listing, score, Explain(state, client, listing, score, shares, query.now, text),
          DistanceKm(query, *listing.therapist)};
}

Ranking Rank(const State& state, const RankRequest& request) {
  const Query query = QueryOf(state, request);
  const ClientView client = state.model.View(request.client_id, Numbers(request.needs.context));
  Bounds bounds(state, query, client);
  const RuleSet relaxed = request.with_relaxations ? RelaxableRules() : RuleSet();

  const std::size_t size = std::min(request.shortlist_size, state.directory.size());
  const bool by_plan = request.plan == Plan::kTryPlan && size > 1;
  Contest contest(by_plan ? std::max(kLeastPlanPool, kPlanPoolPerTry * size) : size,
                  -std::numeric_limits<float>::infinity());
  std::vector<BlockMatch> matches;
  const Tally tally = state.directory.Scan(query, {.count_alone = relaxed, .list_alone = relaxed},
                                           [&](const BlockMatch& match) {
                                             bounds.Enter(*match.columns, match.eligible, contest);
                                             if (request.with_relaxations) matches.push_back(match);
                                           });
  bounds.Finish(contest);
  std::vector<Try> best = BestOf(
      contest,
      [&](const Listing& listing) {
        return ScorePair(state, client, listing, query.now, [](BondPart, int, double) {});
      },
      [&](absl::Span<const absl::string_view> ids) { state.model.Fetch(ids); });

  Ranking ranking;
  double best_now = best.empty() || size == 0 ? 0 : best.front().score.Good();
  // The best score is no number where none is (wishes whose product overflows): as good as nobody.
  if (std::isnan(best_now)) best_now = 0;
  if (by_plan) {
    const TryPlan plan = PlanTries(state, client, best, size, request.seed);
    std::vector<Try> planned;
    for (const std::size_t place : plan.order) planned.push_back(best[place]);
    best = std::move(planned);
    ranking.at_least_one_good = plan.at_least_one_good;
  } else if (request.plan == Plan::kTryPlan) {
    ranking.at_least_one_good = size == 0 ? 0 : best_now;
  }
  ranking.candidates.reserve(best.size());
  for (const auto& [listing, score] : best) {
    if (request.with_reasons) {
      ranking.candidates.push_back(Describe(state, query, client, *listing, ranking.text));
    } else {
      ranking.candidates.push_back({listing, score, {}, DistanceKm(query, *listing->therapist)});
    }
  }
  ranking.therapists = tally.therapists;
  ranking.eligible = tally.eligible;
  ranking.first_failed = tally.first_failed;
  ranking.only_this_rule = tally.only_this_rule;
  if (request.with_relaxations) {
    ranking.relaxations = Relaxations(state, query, client, bounds, matches, best_now);
  }
  return ranking;
}

}  // namespace rapport::matcher
