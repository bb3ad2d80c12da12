// Beliefs about access.
#include "matcher/capacity/reach.h"

#include <cmath>

#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

double Reach(const OfferCounts& offers, absl::Duration age) {
  return std::exp(BelieveReach(Settings(), offers, age).log_probability);
}

TEST(ReachTest, StartsAtThePriorAndFollowsTheOffers) {
  const Settings settings;
  EXPECT_DOUBLE_EQ(Reach({}, absl::ZeroDuration()), settings.reach_prior_mean);
  // Beta(2, 2) and three taken of four.
  EXPECT_DOUBLE_EQ(Reach({3, 1, 0}, absl::ZeroDuration()), 5.0 / 8);
  EXPECT_DOUBLE_EQ(Reach({3, 0, 1}, absl::ZeroDuration()), 5.0 / 8);
}

TEST(ReachTest, HalvesWithEachHalfLifeAndNeverGrowsFromTheFuture) {
  const Settings settings;
  EXPECT_NEAR(Reach({}, settings.freshness_half_life_days * kDay), settings.reach_prior_mean / 2, 1e-12);
  EXPECT_DOUBLE_EQ(Reach({}, -5 * kDay), settings.reach_prior_mean);
}

TEST(ReachTest, TimeAloneReordersNobody) {
  const auto gap = [](absl::Duration later) {
    return BelieveReach(Settings(), {3, 0, 0}, 10 * kDay + later).log_probability -
           BelieveReach(Settings(), {0, 1, 0}, 3 * kDay + later).log_probability;
  };
  EXPECT_NEAR(gap(absl::ZeroDuration()), gap(40 * kDay), 1e-12);
}

TEST(ReachTest, EvidenceNarrowsTheBelief) {
  const auto width = [](const OfferCounts& offers) {
    const ReachBelief::Interval interval = BelieveReach(Settings(), offers, kDay).LogInterval();
    return interval.high - interval.low;
  };
  EXPECT_GT(width({}), width({5, 5, 0}));
  EXPECT_GT(width({5, 5, 0}), width({50, 50, 0}));
}

// Against quantiles of the Beta distribution, as R's qbeta gives them.
TEST(ReachTest, TheIntervalIsNearlyTheBetas) {
  const auto expect = [](double taken, double not_taken, double low, double median, double high) {
    const ReachBelief belief{.log_probability = 0, .taken = taken, .not_taken = not_taken, .log_fading = 0};
    const ReachBelief::Interval interval = belief.LogInterval();
    EXPECT_NEAR(std::exp(interval.low), low, .06);
    EXPECT_NEAR(std::exp(interval.median), median, .02);
    EXPECT_NEAR(std::exp(interval.high), high, .06);
  };
  expect(2, 12, .0192, .1258, .3603);
  expect(10, 2, .5872, .8520, .9772);
  expect(2, 2, 0.0943, 0.5000, 0.9057);
  expect(5, 2, 0.3588, 0.7356, 0.9567);
  expect(2, 5, 0.0433, 0.2644, 0.6412);
  expect(32, 2, 0.8424, 0.9497, 0.9926);
  expect(20, 20, 0.3478, 0.5000, 0.6522);
  expect(2, 202, 0.0012, 0.0083, 0.0271);
  expect(400, 20, 0.9301, 0.9531, 0.9706);
}

TEST(ReachTest, TheIntervalFadesWithTheBelief) {
  const Settings settings;
  const ReachBelief fresh = BelieveReach(settings, {3, 1, 0}, absl::ZeroDuration());
  const ReachBelief old = BelieveReach(settings, {3, 1, 0}, settings.freshness_half_life_days * kDay);
  EXPECT_NEAR(old.LogInterval().low, fresh.LogInterval().low - std::log(2), 1e-12);
  EXPECT_NEAR(old.LogInterval().high, fresh.LogInterval().high - std::log(2), 1e-12);
}

TEST(StartTest, OddsFallByFivePercentAWeek) {
  const Settings settings;
  const auto odds = [&](double weeks) {
    const double p = std::exp(LogStartProbability(settings, weeks));
    return p / (1 - p);
  };
  EXPECT_NEAR(std::exp(LogStartProbability(settings, 0)), settings.start_probability, 1e-12);
  EXPECT_NEAR(odds(1) / odds(0), .95, 1e-12);
  EXPECT_NEAR(odds(10) / odds(0), std::pow(.95, 10), 1e-12);
}

}  // namespace
}  // namespace rapport::matcher
