#include "matcher/ranking/score.h"

#include <algorithm>
#include <cmath>

#include "matcher/fit/normal.h"

namespace rapport::matcher {

double Score::Good() const {
  return std::exp(log_reach + log_start + log_bond);
}
Score::Interval Score::GoodInterval() const {
  if (std::isinf(log_bond)) return {};  // too small for a number: so are both ends
  const ReachBelief::Interval reached = reach.LogInterval();
  const double median = std::log(NormalCdf(bond.shift + bond.slope * bond.mean));
  const double probability = bond.Probability();
  const double low = std::log(bond.Low(probability)), high = std::log(bond.High(probability));
  const double middle = reached.median + log_start + median;
  // An end of the bond's interval lies beyond its median, but for rounding.
  const double below = std::hypot(reached.median - reached.low, std::max(0.0, median - low));
  const double above = std::hypot(reached.high - reached.median, std::max(0.0, high - median));
  const double good = Good();
  return {std::min(good, std::exp(middle - below)), std::max(good, std::exp(middle + above))};
}

Score ScorePair(const State& state, const ClientView& client, const Listing& listing, absl::Time now,
                BondVisitor visit) {
  const Settings& settings = state.catalog->settings();
  Score score;
  score.reach = BelieveReach(settings, listing.offers, now - listing.last_confirmed);
  score.bond = state.model.Predict(client, *listing.therapist, visit);
  score.log_reach = score.reach.log_probability;
  score.log_start = LogStartProbability(settings, listing.therapist->wait_weeks);
  score.log_bond = std::log(score.bond.Probability());
  score.log_score = score.log_reach + score.log_start + score.log_bond - score.price;
  return score;
}

}  // namespace rapport::matcher
