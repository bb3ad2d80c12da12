#include "matcher/ranking/score.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rapport::matcher {

double Score::Good() const {
  return std::exp(log_reach + log_start + log_bond);
}
Score::Interval Score::GoodInterval() const {
  if (std::isinf(log_bond)) return {};  // too small for a number: so are both ends
  const double inner = std::sqrt(1 + bond.variance);
  const double calibrated = bond.shift + bond.slope * bond.mean / inner;
  const double density = std::exp(-.5 * calibrated * calibrated) / std::sqrt(2 * std::numbers::pi);
  const double slope =
      bond.slope * density / (inner * std::exp(log_bond));  // of log P(bond) in the latent mean
  const double sd = std::sqrt(reach_log_variance + slope * slope * bond.variance);
  const double middle = log_reach + log_start + log_bond;
  return {std::min(1.0, std::exp(middle - 1.959964 * sd)), std::min(1.0, std::exp(middle + 1.959964 * sd))};
}

Score ScorePair(const State& state, const ClientView& client, const Listing& listing, absl::Time now,
                BondVisitor visit) {
  const Settings& settings = state.catalog->settings();
  const ReachBelief reach = BelieveReach(settings, listing.offers, now - listing.last_confirmed);
  Score score;
  score.bond = state.model.Predict(client, *listing.therapist, visit);
  score.log_reach = reach.log_probability;
  score.reach_log_variance = reach.log_variance;
  score.log_start = LogStartProbability(settings, listing.therapist->wait_weeks);
  score.log_bond = std::log(score.bond.Probability());
  score.log_score = score.log_reach + score.log_start + score.log_bond - score.price;
  return score;
}

}  // namespace rapport::matcher
