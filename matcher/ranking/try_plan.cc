#include "matcher/ranking/try_plan.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "Eigen/Eigenvalues"
#include "matcher/fit/bond_form.h"

namespace rapport::matcher {
namespace {

// A bond's own variance in a draw; 1 is added to it before it is divided by.
constexpr double kLeastOwn = -.9;

// Standard normal draws, the same on every machine: Box and Muller's.
class Normals {
 public:
  explicit Normals(std::uint64_t seed) : random_(seed) {}
  double Next() {
    const double radius = std::sqrt(-2 * std::log(Unit()));
    return radius * std::cos(2 * std::numbers::pi * Unit());
  }

 private:
  // Above 0, at most 1.
  double Unit() { return (static_cast<double>(random_() >> 11) + 1) * 0x1p-53; }
  std::mt19937_64 random_;
};

// Draws of what is common to all candidates, one a column: by how much the client's leniency and the effects
// of (1, values) differ from what is expected.
Eigen::MatrixXd SharedDraws(const BondForm& form, std::uint64_t seed) {
  const Eigen::Index n = form.slope.size();
  Eigen::MatrixXd covariance(n + 1, n + 1);
  covariance(0, 0) = form.variance - (form.record_weight > 0 ? form.record_variance : 0);
  covariance.block(0, 1, 1, n) = form.variance_slope.transpose() / 2;
  covariance.block(1, 0, n, 1) = form.variance_slope / 2;
  covariance.block(1, 1, n, n) = form.square;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> parts(covariance);
  Normals normals(seed);
  Eigen::MatrixXd draws(n + 1, kPlanDraws);
  for (int s = 0; s < kPlanDraws; ++s) {
    for (Eigen::Index i = 0; i <= n; ++i)
      draws(i, s) = std::sqrt(std::max(0.0, parts.eigenvalues()[i])) * normals.Next();
  }
  return parts.eigenvectors() * draws;
}

}  // namespace

TryPlan PlanTries(const State& state, const ClientView& client, const std::vector<Try>& pool,
                  std::size_t tries, std::uint64_t seed) {
  TryPlan plan;
  tries = std::min(tries, pool.size());
  if (tries == 0) return plan;
  const BondForm form = FormOf(state.model, client);
  const Eigen::MatrixXd shared = SharedDraws(form, seed);
  // By candidate: P(good) in each draw.
  Eigen::ArrayXXd good(kPlanDraws, static_cast<Eigen::Index>(pool.size()));
  for (std::size_t c = 0; c < pool.size(); ++c) {
    const Therapist& therapist = *pool[c].listing->therapist;
    const Score& score = pool[c].score;
    Eigen::VectorXd values(form.slope.size() + 1);
    values << 1, ValuesOf(form, client, therapist, AnswersAbout(state.model, therapist.id));
    const Eigen::VectorXd deviation = shared.transpose() * values;
    const double of_shared = form.variance - (form.record_weight > 0 ? form.record_variance : 0) +
                             form.variance_slope.dot(values.tail(form.slope.size())) +
                             values.tail(form.slope.size()).dot(form.square * values.tail(form.slope.size()));
    // The calibrated latent bond, put so that its mean over the draws is P(bond) again: with z = (shift √(1 +
    // v) + slope (m + f d)) / √(1 + w), d ~ N(0, of_shared), that takes w + f² slope² of_shared = v. f is 1,
    // or less where w would come too near to −1.
    const LatentBond& bond = score.bond;
    const double spread = bond.slope * bond.slope * of_shared;
    const double own = std::max(kLeastOwn, bond.variance - spread);
    const double far = spread > bond.variance - own ? std::sqrt((bond.variance - own) / spread) : 1;
    const double shift = bond.shift * std::sqrt(1 + bond.variance);
    const double access = std::exp(score.log_reach + score.log_start);
    for (int s = 0; s < kPlanDraws; ++s) {
      good(s, static_cast<Eigen::Index>(c)) =
          access * LatentBond{shift + bond.slope * (bond.mean + far * deviation[s]), own}.Probability();
    }
  }
  // By draw: P(no try so far was good).
  Eigen::ArrayXd none = Eigen::ArrayXd::Ones(kPlanDraws);
  std::vector<bool> taken(pool.size(), false);
  const auto take = [&](std::size_t candidate) {
    taken[candidate] = true;
    none *= 1 - good.col(static_cast<Eigen::Index>(candidate));
    plan.order.push_back(candidate);
  };
  take(0);
  while (plan.order.size() < tries) {
    std::size_t best = 0;
    double best_gain = -1;
    for (std::size_t c = 0; c < pool.size(); ++c) {
      const double gain = (none * good.col(static_cast<Eigen::Index>(c))).sum();
      if (!taken[c] && gain > best_gain) {
        best = c;
        best_gain = gain;
      }
    }
    take(best);
  }
  plan.at_least_one_good = 1 - none.mean();
  return plan;
}

}  // namespace rapport::matcher
