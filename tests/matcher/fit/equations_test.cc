#include "matcher/fit/equations.h"

#include <vector>

#include "Eigen/LU"
#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

// One feature, two channels, one client with one therapist, both of whom hardly differ from others: what is
// heard is about the feature. Only channel 1 answers, with `heard` and precision 1.
absl::StatusOr<Posterior> SolveOneAnswer(double heard, double variance, double correlation) {
  AnswerRow row;
  row.x = Eigen::VectorXd::Ones(1);
  row.information = Eigen::MatrixXd::Zero(2, 2);
  row.information(1, 1) = 1;
  row.information_mean = Eigen::Vector2d(0, heard);
  const std::vector<AnswerRow> rows = {row};
  const Equations equations(
      rows, {.channels = 2, .features = 1, .slopes = 0, .clients = 1, .therapists = 1, .record_owner = {}});
  Covariances covariances;
  covariances.client = covariances.therapist = 1e-9 * Eigen::MatrixXd::Identity(2, 2);
  covariances.effect_mean = Eigen::MatrixXd::Zero(1, 2);
  covariances.effect_precision = Eigen::MatrixXd::Constant(1, 2, 1 / variance);
  Eigen::Matrix2d together;
  together << 1, correlation, correlation, 1;
  covariances.effect_coupling = together.inverse();
  return equations.Solve(covariances, [] { return false; });
}

TEST(Equations, WhatOneChannelSaysOfAFeatureIsBelievedOfOthersInPart) {
  constexpr double kVariance = .25, kHeard = 2;
  for (const double correlation : {0.0, .3, .7}) {
    const auto posterior = SolveOneAnswer(kHeard, kVariance, correlation);
    ASSERT_TRUE(posterior.ok()) << posterior.status();
    // Normal conditioning: the answered channel moves by V / (V + 1), the other by the correlation of that.
    const double moved = kHeard * kVariance / (kVariance + 1);
    EXPECT_NEAR(posterior->effect_mean(0, 1), moved, 1e-6);
    EXPECT_NEAR(posterior->effect_mean(0, 0), correlation * moved, 1e-6);
    EXPECT_NEAR(posterior->effect_covariance[1](0, 0), kVariance / (kVariance + 1), 1e-6);
    EXPECT_NEAR(posterior->effect_covariance[0](0, 0),
                kVariance - correlation * correlation * kVariance * kVariance / (kVariance + 1), 1e-6);
  }
}

}  // namespace
}  // namespace rapport::matcher
