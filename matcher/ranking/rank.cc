#include "matcher/ranking/rank.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

// The query for what must hold and the concerns of `context`, tried therapists included.
Query QueryFor(const State& state, const std::string& client_id, Musts musts, const ClientContext& context,
               std::vector<std::string> tried, absl::Time now) {
  if (const ClientState* client = state.model.Client(client_id); client != nullptr)
    tried.insert(tried.end(), client->therapists.begin(), client->therapists.end());
  Needs needs{std::move(musts), {}};
  needs.context.concerns = context.concerns;
  return MakeQuery(*state.catalog, std::move(needs), std::move(tried), now);
}

// Parts of bonds' means, as they come while contenders are scored: whoever is described later is not scored
// again. Kept of the first contenders only, who mostly are all.
class Shares {
 public:
  Score Note(const State& state, const ClientView& client, const Listing& listing, absl::Time now) {
    if (ends_.size() == kKept) return ScorePair(state, client, listing, now, [](BondPart, int, double) {});
    const Score score =
        ScorePair(state, client, listing, now, [this](BondPart part, int subject, double value) {
          shares_.push_back({part, subject, value});
        });
    ends_.push_back(shares_.size());
    return score;
  }
  // Those of the `number`-th that was scored; null: not kept.
  std::optional<absl::Span<const BondShare>> Of(std::size_t number) const {
    if (number >= ends_.size()) return std::nullopt;
    const std::size_t begin = number == 0 ? 0 : ends_[number - 1];
    return absl::MakeConstSpan(shares_).subspan(begin, ends_[number] - begin);
  }

 private:
  static constexpr std::size_t kKept = 32;
  absl::InlinedVector<BondShare, 96> shares_;
  absl::InlinedVector<std::size_t, kKept> ends_;
};

Candidate InWords(const State& state, const Query& query, const ClientView& client, const Listing& listing,
                  const Score& score, absl::Span<const BondShare> shares, TextPool& text) {
  return {&listing, score, Explain(state, client, listing, score, shares, query.now, text),
          DistanceKm(query, *listing.therapist)};
}

}  // namespace

Query QueryOf(const State& state, const RankRequest& request) {
  return QueryFor(state, request.client_id, request.needs.musts, request.needs.context,
                  request.tried_therapist_ids, request.now);
}

Candidate Describe(const State& state, const Query& query, const ClientView& client, const Listing& listing,
                   TextPool& text) {
  absl::InlinedVector<BondShare, 24> shares;
  const Score score =
      ScorePair(state, client, listing, query.now, [&shares](BondPart part, int subject, double value) {
        shares.push_back({part, subject, value});
      });
  return InWords(state, query, client, listing, score, shares, text);
}

Ranking Rank(const State& state, RankRequest request) {
  const Query query = QueryFor(state, request.client_id, std::move(request.needs.musts),
                               request.needs.context, std::move(request.tried_therapist_ids), request.now);
  const ClientView client = state.model.View(request.client_id, Numbers(std::move(request.needs.context)));
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
  Shares shares;
  std::vector<Try> best = BestOf(
      contest, [&](const Listing& listing) { return shares.Note(state, client, listing, query.now); },
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
  for (const auto& [listing, score, number] : best) {
    if (!request.with_reasons) {
      ranking.candidates.push_back({listing, score, {}, DistanceKm(query, *listing->therapist)});
    } else if (const auto kept = shares.Of(number)) {
      ranking.candidates.push_back(InWords(state, query, client, *listing, score, *kept, ranking.text));
    } else {
      ranking.candidates.push_back(Describe(state, query, client, *listing, ranking.text));
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
