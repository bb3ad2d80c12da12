#include "matcher/eligibility/distance.h"

#include <numbers>

#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

constexpr double kHalfTurnKm = std::numbers::pi * kEarthRadiusKm;

TEST(GreatCircleKm, IsZeroAtOneSpot) {
  EXPECT_EQ(GreatCircleKm({42.36, -71.06}, {42.36, -71.06}), 0);
}

TEST(GreatCircleKm, IsOneDegreeOfArcAlongMeridianAndEquator) {
  EXPECT_NEAR(GreatCircleKm({10, 20}, {11, 20}), 111.195, .001);
  EXPECT_NEAR(GreatCircleKm({0, 20}, {0, 21}), 111.195, .001);
}

TEST(GreatCircleKm, IsSymmetric) {
  EXPECT_EQ(GreatCircleKm({42.36, -71.06}, {40.71, -74.01}), GreatCircleKm({40.71, -74.01}, {42.36, -71.06}));
  EXPECT_NEAR(GreatCircleKm({42.36, -71.06}, {40.71, -74.01}), 306.1, 1);  // Boston to New York
}

TEST(GreatCircleKm, CrossesTheAntimeridianTheShortWay) {
  EXPECT_NEAR(GreatCircleKm({0, 179.5}, {0, -179.5}), 111.195, .001);
}

TEST(GreatCircleKm, IgnoresLongitudeAtThePoles) {
  EXPECT_NEAR(GreatCircleKm({90, 0}, {90, 137}), 0, 1e-9);
  EXPECT_NEAR(GreatCircleKm({-90, 10}, {-90, -170}), 0, 1e-9);
  EXPECT_NEAR(GreatCircleKm({90, 50}, {-90, -50}), kHalfTurnKm, 1e-6);
}

TEST(GreatCircleKm, IsHalfATurnBetweenAntipodes) {
  EXPECT_NEAR(GreatCircleKm({0, 0}, {0, 180}), kHalfTurnKm, 1e-6);
  EXPECT_NEAR(GreatCircleKm({42.36, -71.06}, {-42.36, 108.94}), kHalfTurnKm, 1e-3);
}

}  // namespace
}  // namespace rapport::matcher
