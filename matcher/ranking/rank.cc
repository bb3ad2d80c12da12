#include "matcher/ranking/rank.h"

#include <algorithm>
#include <utility>

namespace rapport::matcher {
namespace {

struct Scored {
  const Listing* listing = nullptr;
  double log_score = 0;

  bool Before(const Scored& other) const {
    if (log_score != other.log_score) return log_score > other.log_score;
    return listing->therapist->id < other.listing->therapist->id;
  }
};

}  // namespace

Query QueryOf(const State& state, const RankRequest& request) {
  std::vector<std::string> tried = request.tried_therapist_ids;
  if (const ClientState* client = state.model.Client(request.client_id); client != nullptr) {
    tried.insert(tried.end(), client->therapists.begin(), client->therapists.end());
  }
  return MakeQuery(*state.catalog, request.needs, std::move(tried), request.now);
}

Candidate Describe(const State& state, const Query& query, const ClientView& client, const Listing& listing) {
  Candidate candidate;
  candidate.listing = &listing;
  std::vector<BondShare> shares;
  candidate.score =
      ScorePair(state, client, listing, query.now, [&shares](BondPart part, int subject, double value) {
        shares.push_back({part, subject, value});
      });
  candidate.explanation = Explain(state, client, listing, candidate.score, shares, query.now);
  candidate.distance_km = DistanceKm(query, *listing.therapist);
  return candidate;
}

Ranking Rank(const State& state, const RankRequest& request) {
  const Query query = QueryOf(state, request);
  const ClientView client = state.model.View(request.client_id, request.needs.context);
  const auto log_score = [&](const Listing& listing) {
    return ScorePair(state, client, listing, query.now, [](BondPart, int, double) {}).log_score;
  };

  const RuleSet relaxed = request.with_relaxations ? RelaxableRules() : RuleSet();
  const Selection selection = state.directory.Select(query, {.count_alone = relaxed, .list_alone = relaxed});
  std::vector<Scored> scored;
  scored.reserve(selection.eligible.size());
  for (const Listing* listing : selection.eligible) scored.push_back({listing, log_score(*listing)});
  const auto shown = static_cast<std::ptrdiff_t>(std::min(request.shortlist_size, scored.size()));
  std::partial_sort(scored.begin(), scored.begin() + shown, scored.end(),
                    [](const Scored& a, const Scored& b) { return a.Before(b); });

  Ranking ranking;
  for (std::ptrdiff_t i = 0; i < shown; ++i) {
    ranking.candidates.push_back(
        Describe(state, query, client, *scored[static_cast<std::size_t>(i)].listing));
  }
  ranking.therapists = selection.therapists;
  ranking.eligible = static_cast<std::int64_t>(selection.eligible.size());
  ranking.first_failed = selection.first_failed;
  ranking.only_this_rule = selection.only_this_rule;
  if (request.with_relaxations) {
    const double best_now = ranking.candidates.empty() ? 0 : ranking.candidates.front().score.Good();
    ranking.relaxations = Relaxations(state, query, client, selection, best_now);
  }
  return ranking;
}

}  // namespace rapport::matcher
