#include "matcher/fit/equations.h"

#include <random>
#include <vector>

#include "Eigen/Cholesky"
#include "Eigen/LU"
#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

// One feature, two channels, one client with one therapist, both of whom hardly differ from others: what is
// heard is about the feature. Only channel 1 answers, with `heard` and precision 1.
absl::StatusOr<Posterior> SolveOneAnswer(double heard, double variance, double correlation,
                                         Eigen::Index uncoupled = 0) {
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
  covariances.uncoupled_features = uncoupled;
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

TEST(Equations, AFeatureThatIsLeftOutOfTheCouplingIsByItself) {
  const auto posterior = SolveOneAnswer(2, .25, .7, 1);
  ASSERT_TRUE(posterior.ok()) << posterior.status();
  EXPECT_NEAR(posterior->effect_mean(0, 1), 2 * .25 / 1.25, 1e-6);
  EXPECT_EQ(posterior->effect_mean(0, 0), 0);
  EXPECT_NEAR(posterior->effect_covariance[0](0, 0), .25, 1e-6);
}

// E (β − prior)' K⁻¹ (β − prior), with everything about the two channels written out.
TEST(Equations, TellHowLargeAFeaturesEffectsAre) {
  constexpr double kVariance = .25, kHeard = 2;
  for (const double correlation : {0.0, .3, .7}) {
    const auto posterior = SolveOneAnswer(kHeard, kVariance, correlation);
    ASSERT_TRUE(posterior.ok()) << posterior.status();
    Eigen::Matrix2d prior;
    prior << kVariance, correlation * kVariance, correlation * kVariance, kVariance;
    const Eigen::Vector2d gain = prior.col(1) / (kVariance + 1);
    const Eigen::Matrix2d covariance = prior - gain * prior.row(1);
    const Eigen::Vector2d mean = gain * kHeard;
    const double expected = (prior.inverse() * (mean * mean.transpose() + covariance)).trace();
    EXPECT_NEAR(posterior->effect_square[0], expected, 1e-6);
  }
  EXPECT_NEAR(SolveOneAnswer(0, 1e-6, 0)->effect_square[0], 2, 1e-4) << "nothing heard: as many as channels";
}

// All unknowns side by side in one dense system, without a thought about who hangs together with whom.
TEST(Equations, AgreeWithOneDenseSystem) {
  constexpr int kChannels = 3, kFeatures = 2, kSlopes = 2, kClients = 7, kTherapists = 4;
  std::mt19937_64 random(5);
  std::normal_distribution<double> normal;
  const auto draw = [&](Eigen::Index rows, Eigen::Index columns) {
    return Eigen::MatrixXd(Eigen::MatrixXd::NullaryExpr(rows, columns, [&] { return normal(random); }));
  };
  const auto covariance = [&](Eigen::Index size) {
    const Eigen::MatrixXd root = draw(size, size);
    return Eigen::MatrixXd(root * root.transpose() + .3 * Eigen::MatrixXd::Identity(size, size));
  };
  EquationSizes sizes = {.channels = kChannels,
                         .features = kFeatures,
                         .slopes = kSlopes,
                         .clients = kClients,
                         .therapists = kTherapists,
                         .record_owner = {0, 0, 1, 3}};
  std::vector<AnswerRow> rows;
  for (int c = 0; c < kClients; ++c) {
    for (int meeting = 0; meeting < 1 + c % 3; ++meeting) {
      AnswerRow& row = rows.emplace_back();
      row.client = c;
      row.therapist = (c + 2 * meeting) % kTherapists;
      row.x = draw(kFeatures, 1);
      row.slopes = draw(kSlopes, 1);
      for (int r = 0; r < static_cast<int>(sizes.record_owner.size()); ++r) {
        if (sizes.record_owner[static_cast<std::size_t>(r)] == row.therapist) row.records.push_back(r);
      }
      row.record_weight = .7;
      row.information = covariance(kChannels);
      row.information_mean = draw(kChannels, 1);
    }
  }
  Covariances covariances;
  covariances.client = covariance(kChannels);
  covariances.therapist = covariance(kChannels);
  covariances.record = .4;
  covariances.record_loading = Eigen::Vector3d(1, .6, -.2);
  covariances.slope = .3;
  covariances.effect_mean = draw(kFeatures, kChannels);
  covariances.effect_precision = Eigen::MatrixXd::Constant(kFeatures, kChannels, 2);
  covariances.effect_coupling = covariance(kChannels);
  const auto posterior = Equations(rows, sizes).Solve(covariances, [] { return false; });
  ASSERT_TRUE(posterior.ok()) << posterior.status();

  // Unknowns: effects (feature f on channel j at j F + f), clients with their slopes, therapists, records.
  const Eigen::Index own = kChannels + kSlopes, clients_at = kFeatures * kChannels,
                     therapists_at = clients_at + kClients * own,
                     records_at = therapists_at + kTherapists * kChannels,
                     size = records_at + static_cast<Eigen::Index>(sizes.record_owner.size());
  Eigen::MatrixXd precision = Eigen::MatrixXd::Zero(size, size);
  for (Eigen::Index j = 0; j < kChannels; ++j) {
    for (Eigen::Index k = 0; k < kChannels; ++k) {
      precision.block(j * kFeatures, k * kFeatures, kFeatures, kFeatures)
          .diagonal()
          .setConstant(2 * covariances.effect_coupling(j, k));
    }
  }
  Eigen::VectorXd right =
      precision.topLeftCorner(clients_at, clients_at) * covariances.effect_mean.reshaped();
  right.conservativeResizeLike(Eigen::VectorXd::Zero(size));
  for (Eigen::Index c = 0; c < kClients; ++c) {
    const Eigen::Index at = clients_at + c * own;
    precision.block(at, at, kChannels, kChannels) = covariances.client.inverse();
    precision.diagonal().segment(at + kChannels, kSlopes).setConstant(1 / covariances.slope);
  }
  for (Eigen::Index t = 0; t < kTherapists; ++t) {
    const Eigen::Index at = therapists_at + t * kChannels;
    precision.block(at, at, kChannels, kChannels) = covariances.therapist.inverse();
  }
  precision.diagonal().tail(size - records_at).setConstant(1 / covariances.record);
  std::vector<Eigen::MatrixXd> designs;
  for (const AnswerRow& row : rows) {
    Eigen::MatrixXd design = Eigen::MatrixXd::Zero(kChannels, size);
    for (Eigen::Index j = 0; j < kChannels; ++j) {
      design.row(j).segment(j * kFeatures, kFeatures) = row.x.transpose();
      design(j, clients_at + row.client * own + j) = 1;
      design(j, therapists_at + row.therapist * kChannels + j) = 1;
    }
    design.row(0).segment(clients_at + row.client * own + kChannels, kSlopes) = row.slopes.transpose();
    for (const int record : row.records) {
      design.col(records_at + record) = row.record_weight * covariances.record_loading;
    }
    precision += design.transpose() * row.information * design;
    right += design.transpose() * row.information_mean;
    designs.push_back(design);
  }
  const Eigen::MatrixXd spread = precision.inverse();
  const Eigen::VectorXd mean = spread * right;
  EXPECT_LT((posterior->effect_mean.reshaped() - mean.head(clients_at)).cwiseAbs().maxCoeff(), 1e-9);
  double record_square = 0;
  for (Eigen::Index r = records_at; r < size; ++r) record_square += mean[r] * mean[r] + spread(r, r);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_LT((posterior->fitted[i] - designs[i] * mean).cwiseAbs().maxCoeff(), 1e-9) << i;
  }
  for (Eigen::Index t = 0; t < kTherapists; ++t) {
    const Eigen::Index at = therapists_at + t * kChannels;
    EXPECT_LT((posterior->therapist_mean.col(t) - mean.segment(at, kChannels)).cwiseAbs().maxCoeff(), 1e-9);
  }
  // Second moments take the effects' uncertainty channel by channel, so they are near, not equal.
  EXPECT_NEAR(posterior->record_square, record_square, .1 * record_square);
}

}  // namespace
}  // namespace rapport::matcher
