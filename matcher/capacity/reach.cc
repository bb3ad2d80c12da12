#include "matcher/capacity/reach.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rapport::matcher {

ReachBelief BelieveReach(const Settings& settings, const OfferCounts& offers, absl::Duration age) {
  const double taken = settings.reach_prior_mean * settings.reach_prior_weight + offers.accepted;
  const double not_taken =
      (1 - settings.reach_prior_mean) * settings.reach_prior_weight + offers.declined + offers.unanswered;
  const double age_days = std::max(0.0, absl::ToDoubleHours(age) / 24);
  const double fading = std::numbers::ln2 * age_days / settings.freshness_half_life_days;
  return {.log_probability = std::log(taken / (taken + not_taken)) - fading,
          .log_variance = not_taken / (taken * (taken + not_taken + 1))};
}

double FadingPerSecond(const Settings& settings) {
  return std::numbers::ln2 / (settings.freshness_half_life_days * 86'400);
}

double LogStartProbability(const Settings& settings, double wait_weeks) {
  const double odds = settings.start_probability / (1 - settings.start_probability) *
                      std::pow(settings.start_odds_per_week, wait_weeks);
  return std::log(odds / (1 + odds));
}

}  // namespace rapport::matcher
