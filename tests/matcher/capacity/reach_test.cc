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
  const auto variance = [](const OfferCounts& offers) {
    return BelieveReach(Settings(), offers, kDay).log_variance;
  };
  EXPECT_GT(variance({}), variance({5, 5, 0}));
  EXPECT_GT(variance({5, 5, 0}), variance({50, 50, 0}));
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
