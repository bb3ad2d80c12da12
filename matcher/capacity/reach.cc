#include "matcher/capacity/reach.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rapport::matcher {
namespace {

// ψ(x) and ψ₁(x), x > 0: carried up by their recurrences to where their asymptotic series hold to 1e-7
// (Abramowitz & Stegun 6.3.18, 6.4.12).
constexpr double kSeriesHolds = 6;

double Digamma(double x) {
  double sum = 0;
  for (; x < kSeriesHolds; ++x) sum -= 1 / x;
  const double square = 1 / (x * x);
  return sum + std::log(x) - .5 / x - square * (1. / 12 - square * (1. / 120 - square / 252));
}

double Trigamma(double x) {
  double sum = 0;
  for (; x < kSeriesHolds; ++x) sum += 1 / (x * x);
  const double square = 1 / (x * x);
  return sum + 1 / x + .5 * square + square / x * (1. / 6 - square * (1. / 30 - square / 42));
}

}  // namespace

ReachBelief BelieveReach(const Settings& settings, const OfferCounts& offers, absl::Duration age) {
  const double taken = settings.reach_prior_mean * settings.reach_prior_weight + offers.accepted;
  const double not_taken =
      (1 - settings.reach_prior_mean) * settings.reach_prior_weight + offers.declined + offers.unanswered;
  const double age_days = std::max(0.0, absl::ToDoubleHours(age) / 24);
  const double fading = std::numbers::ln2 * age_days / settings.freshness_half_life_days;
  return {.log_probability = std::log(taken / (taken + not_taken)) - fading,
          .taken = taken,
          .not_taken = not_taken,
          .log_fading = -fading};
}

ReachBelief::Interval ReachBelief::LogInterval() const {
  const double mean = Digamma(taken) - Digamma(not_taken);
  const double reach = 1.959964 * std::sqrt(Trigamma(taken) + Trigamma(not_taken));
  const auto log_of = [this](double log_odds) { return log_fading - std::log1p(std::exp(-log_odds)); };
  return {log_of(mean - reach), log_of(mean), log_of(mean + reach)};
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
