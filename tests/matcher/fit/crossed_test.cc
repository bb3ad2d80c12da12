// The crossed model against the textbook: its criterion from the whole covariance matrix of the answers.
#include "matcher/fit/crossed.h"

#include <cmath>
#include <numbers>
#include <random>

#include "Eigen/Cholesky"
#include "Eigen/LU"
#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

struct Answers {
  std::vector<int> clients, therapists;
  Eigen::VectorXd y;
  Eigen::MatrixXd x;
};

Answers Draw(std::uint64_t seed) {
  constexpr int kClients = 40, kTherapists = 12, kAnswers = 160;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> a(kClients), b(kTherapists);
  for (double& value : a) value = .7 * normal(random);
  for (double& value : b) value = .5 * normal(random);
  Answers answers{{}, {}, Eigen::VectorXd(kAnswers), Eigen::MatrixXd::Ones(kAnswers, 2)};
  for (int i = 0; i < kAnswers; ++i) {
    answers.clients.push_back(i < kClients ? i : static_cast<int>(random() % kClients));
    answers.therapists.push_back(i < kTherapists ? i : static_cast<int>(random() % kTherapists));
    answers.x(i, 1) = normal(random);
    answers.y[i] = 3 + .4 * answers.x(i, 1) + a[static_cast<std::size_t>(answers.clients.back())] +
                   b[static_cast<std::size_t>(answers.therapists.back())] + normal(random);
  }
  return answers;
}

// −2 log restricted likelihood, by its definition.
double Criterion(const Answers& answers, double client, double therapist, double error) {
  const Eigen::Index n = answers.y.size();
  Eigen::MatrixXd v(n, n);
  for (Eigen::Index i = 0; i < n; ++i) {
    for (Eigen::Index k = 0; k < n; ++k) {
      const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(k);
      v(i, k) = (answers.clients[a] == answers.clients[b] ? client : 0) +
                (answers.therapists[a] == answers.therapists[b] ? therapist : 0) + (i == k ? error : 0);
    }
  }
  const Eigen::LLT<Eigen::MatrixXd> factor(v);
  const Eigen::MatrixXd xvx = answers.x.transpose() * factor.solve(answers.x);
  const Eigen::VectorXd effect = xvx.ldlt().solve(answers.x.transpose() * factor.solve(answers.y));
  const Eigen::VectorXd residual = answers.y - answers.x * effect;
  return 2 * factor.matrixLLT().diagonal().array().log().sum() + std::log(xvx.determinant()) +
         residual.dot(factor.solve(residual)) +
         static_cast<double>(n - answers.x.cols()) * std::log(2 * std::numbers::pi);
}

TEST(CrossedTest, TheCriterionIsTheTextbooksAndNoNeighbourIsBetter) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Answers answers = Draw(seed);
    const auto fit = FitCrossed(answers.clients, answers.therapists, answers.y, answers.x);
    ASSERT_TRUE(fit.ok()) << fit.status();
    const double best =
        Criterion(answers, fit->client_variance, fit->therapist_variance, fit->error_variance);
    EXPECT_NEAR(fit->reml_criterion, best, 1e-5);
    for (const double factor : {.98, 1.02}) {
      EXPECT_GT(
          Criterion(answers, factor * fit->client_variance, fit->therapist_variance, fit->error_variance),
          best);
      EXPECT_GT(
          Criterion(answers, fit->client_variance, factor * fit->therapist_variance, fit->error_variance),
          best);
      EXPECT_GT(
          Criterion(answers, fit->client_variance, fit->therapist_variance, factor * fit->error_variance),
          best);
    }
  }
}

TEST(CrossedTest, AVarianceThatIsNotThereIsFoundToBeNone) {
  Answers answers = Draw(1);
  for (Eigen::Index i = 0; i < answers.y.size(); ++i) answers.y[i] = (i * 7919) % 13;
  const auto fit = FitCrossed(answers.clients, answers.therapists, answers.y, answers.x);
  ASSERT_TRUE(fit.ok()) << fit.status();
  EXPECT_GE(fit->client_variance, 0);
  EXPECT_LT(fit->client_variance + fit->therapist_variance, .15 * fit->error_variance);
}

TEST(CrossedTest, WhatDoesNotGoTogetherIsRefused) {
  Answers answers = Draw(1);
  answers.clients.pop_back();
  EXPECT_EQ(FitCrossed(answers.clients, answers.therapists, answers.y, answers.x).status().code(),
            absl::StatusCode::kInvalidArgument);
  answers = Draw(1);
  answers.x.col(1) = 2 * answers.x.col(0);
  EXPECT_FALSE(FitCrossed(answers.clients, answers.therapists, answers.y, answers.x).ok());
}

}  // namespace
}  // namespace rapport::matcher
