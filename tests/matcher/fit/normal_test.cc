// The normal distribution against values of another origin: closed forms, and a fine midpoint sum.
#include "matcher/fit/normal.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double Density(double z) {
  return std::exp(-.5 * z * z) / std::sqrt(2 * std::numbers::pi);
}

TEST(NormalTest, CdfAtPublishedPoints) {
  EXPECT_NEAR(NormalCdf(0), .5, 1e-15);
  EXPECT_NEAR(NormalCdf(1.959963984540054), .975, 1e-12);
  EXPECT_NEAR(NormalCdf(-8) / 6.220960574271785e-16, 1, 1e-9);
}

TEST(NormalTest, QuantileIsTheInverse) {
  for (const double p : {1e-9, .001, .1, .25, .5, .7, .99, 1 - 1e-9})
    EXPECT_NEAR(NormalCdf(NormalQuantile(p)) / p, 1, 1e-9);
}

TEST(TruncatedNormalTest, AgreesWithTheMillsRatio) {
  for (const double border : {-6.0, -2.0, -.3, 0.0, .7, 2.0, 5.0}) {
    const double mills = Density(border) / NormalCdf(-border);
    const Moments above = TruncatedNormal(0, 1, border, kInfinity);
    EXPECT_NEAR(above.mean, mills, 1e-8) << border;
    EXPECT_NEAR(above.variance, 1 + border * mills - mills * mills, 1e-7) << border;
  }
}

TEST(TruncatedNormalTest, ScalesAndShifts) {
  const Moments standard = TruncatedNormal(0, 1, -1, .5);
  const Moments scaled = TruncatedNormal(3, 4, 1, 4);
  EXPECT_NEAR(scaled.mean, 3 + 2 * standard.mean, 1e-10);
  EXPECT_NEAR(scaled.variance, 4 * standard.variance, 1e-10);
}

TEST(TruncatedNormalTest, AgreesWithAMidpointSum) {
  for (const auto& [low, high] : {std::pair{-.5, 0.0}, {1.0, 1.5}, {-4.0, -3.0}}) {
    double mass = 0, first = 0, second = 0;
    constexpr int kSteps = 200'000;
    for (int i = 0; i < kSteps; ++i) {
      const double z = low + (high - low) * (i + .5) / kSteps;
      mass += Density(z);
      first += z * Density(z);
      second += z * z * Density(z);
    }
    const Moments moments = TruncatedNormal(0, 1, low, high);
    EXPECT_NEAR(moments.mean, first / mass, 1e-8);
    EXPECT_NEAR(moments.variance, second / mass - first * first / mass / mass, 1e-8);
  }
}

TEST(TruncatedNormalTest, HoldsFarInTheTails) {
  const Moments surprise = TruncatedNormal(-40, 1, 0, kInfinity);
  EXPECT_GT(surprise.mean, 0);
  EXPECT_NEAR(surprise.mean, 1 / 40.0, 1e-3);  // there the density falls as e^(-40 z)
  EXPECT_GT(surprise.variance, 0);
  const Moments mirrored = TruncatedNormal(40, 1, -kInfinity, 0);
  EXPECT_NEAR(mirrored.mean, -surprise.mean, 1e-12);
}

}  // namespace
}  // namespace rapport::matcher
