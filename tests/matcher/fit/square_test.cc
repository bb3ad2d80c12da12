// The passes over a covariance against Eigen's, and the same bits on every instruction set that the machine
// has: replicas run on different machines and fold the same log.
#include "matcher/fit/square.h"

#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "hwy/targets.h"

namespace rapport::matcher {
namespace {

TEST(SquareTest, AllTargetsComeToTheSameBits) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  for (Eigen::Index n = 1; n <= 70; ++n) {
    const auto draw = [&] { return normal(random); };
    const Eigen::MatrixXd root = Eigen::MatrixXd::NullaryExpr(n, n, draw);
    const Eigen::MatrixXd product = root * root.transpose();
    const Eigen::MatrixXd covariance = .5 * (product + product.transpose());
    const Eigen::VectorXd x = Eigen::VectorXd::NullaryExpr(n, draw);
    std::vector<Eigen::VectorXd> times;
    std::vector<Eigen::MatrixXd> left;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
      SCOPED_TRACE(hwy::TargetName(target));
      hwy::SetSupportedTargetsForTest(target);
      hwy::GetChosenTarget().Update(hwy::SupportedTargets());
      Times(covariance, x, times.emplace_back(n).data());
      LessSquare(covariance, x.data(), left.emplace_back(n, n));
      EXPECT_EQ(times.back(), times.front());
      EXPECT_EQ(left.back(), left.front());
      EXPECT_EQ(left.back(), left.back().transpose());
      Eigen::MatrixXd in_place = covariance;
      LessSquare(in_place, x.data(), in_place);
      EXPECT_EQ(in_place, left.front());
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().DeInit();
    ASSERT_GT(times.size(), 1u) << "one instruction set alone proves nothing";
    const double scale = covariance.cwiseAbs().maxCoeff() * static_cast<double>(n);
    EXPECT_LT((times.front() - covariance * x).cwiseAbs().maxCoeff(), 1e-14 * scale);
    EXPECT_LT((left.front() - (covariance - x * x.transpose())).cwiseAbs().maxCoeff(), 1e-14 * scale);
  }
}

}  // namespace
}  // namespace rapport::matcher
