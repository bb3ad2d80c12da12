#include "matcher/fit/crossed.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "Eigen/Cholesky"
#include "Eigen/LU"
#include "matcher/fit/dense.h"

namespace rapport::matcher {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::Vector3d;
using Eigen::VectorXd;

constexpr int kMostSteps = 100;
// Settled when no variance moves by more than this share of all variance: Newton's next step would move it by
// about the square of that.
constexpr double kSettled = 1e-5;
constexpr int kSweeps = 30;
// No variance goes below this share of all: where a step would bring it to zero it goes most of the way
// there.
constexpr double kLeastShare = 1e-8;

// One client's answers, gathered: how many of each therapist, and sums of the fixed effects' columns.
struct Gathered {
  std::vector<std::pair<int, double>> counts;  // therapist, answers
  double total = 0;
  VectorXd columns;
};

class Crossed {
 public:
  Crossed(const std::vector<int>& clients, const std::vector<int>& therapists, const VectorXd& y,
          const MatrixXd& x)
      : clients_(clients), therapists_(therapists), y_(y), x_(x) {
    client_count_ = *std::max_element(clients.begin(), clients.end()) + 1;
    therapist_count_ = *std::max_element(therapists.begin(), therapists.end()) + 1;
    gathered_.resize(static_cast<std::size_t>(client_count_));
    for (Gathered& one : gathered_) one.columns = VectorXd::Zero(x.cols());
    const Index dense = therapist_count_ + x.cols();
    base_ = MatrixXd::Zero(dense, dense);
    for (std::size_t i = 0; i < clients.size(); ++i) {
      Gathered& one = gathered_[static_cast<std::size_t>(clients[i])];
      const auto row = static_cast<Index>(i);
      one.counts.emplace_back(therapists[i], 1);
      one.total += 1;
      one.columns += x.row(row).transpose();
      base_(therapists[i], therapists[i]) += 1;
      base_.block(therapist_count_, therapists[i], x.cols(), 1) += x.row(row).transpose();
    }
    base_.bottomRightCorner(x.cols(), x.cols()) = x.transpose() * x;
    for (Gathered& one : gathered_) {
      std::sort(one.counts.begin(), one.counts.end());
      std::size_t kept = 0;
      for (std::size_t i = 1; i < one.counts.size(); ++i) {
        if (one.counts[i].first == one.counts[kept].first) {
          one.counts[kept].second += 1;
        } else {
          one.counts[++kept] = one.counts[i];
        }
      }
      one.counts.resize(one.counts.empty() ? 0 : kept + 1);
    }
  }

  absl::StatusOr<CrossedFit> Fit() {
    const auto n = static_cast<double>(y_.size()), p = static_cast<double>(x_.cols());
    const double mean = y_.mean();
    const double all = (y_.array() - mean).square().sum() / (n - 1);
    Vector3d variance = Start(all);
    for (int step = 1; step <= kMostSteps; ++step) {
      if (!Prepare(variance)) return absl::InternalError("the fixed effects are not of full rank");
      const Solution solution = Solve(y_);
      const VectorXd error = y_ - Fitted(solution);
      // Score of −2 log restricted likelihood, from the mixed-model equations' inverse.
      const double client_left = client_trace_ / (variance[0] / variance[2]);
      const double therapist_left = therapist_trace_ / (variance[1] / variance[2]);
      const double q_client = client_count_, q_therapist = therapist_count_;
      Vector3d score;
      score[0] = (q_client - client_left) / variance[0] -
                 solution.client.squaredNorm() / (variance[0] * variance[0]);
      score[1] = (q_therapist - therapist_left) / variance[1] -
                 solution.therapist.squaredNorm() / (variance[1] * variance[1]);
      score[2] = (n - p - q_client - q_therapist + client_left + therapist_left) / variance[2] -
                 error.squaredNorm() / (variance[2] * variance[2]);
      // Average information: ½ f_i' P f_k of the working answers f.
      MatrixXd working(y_.size(), 3), projected(y_.size(), 3);
      for (Index i = 0; i < y_.size(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        working(i, 0) = solution.client[clients_[at]] / variance[0];
        working(i, 1) = solution.therapist[therapists_[at]] / variance[1];
        working(i, 2) = error[i] / variance[2];
      }
      for (Index k = 0; k < 3; ++k) {
        const VectorXd column = working.col(k);
        projected.col(k) = (column - Fitted(Solve(column))) / variance[2];
      }
      const Eigen::Matrix3d information = .5 * working.transpose() * projected;
      // A variance at its least that would go lower still is left there.
      Eigen::Matrix3d free = information;
      Vector3d pull = -.5 * score;
      for (Index k = 0; k < 3; ++k) {
        if (variance[k] > 2 * kLeastShare * all || score[k] < 0) continue;
        free.row(k).setZero();
        free.col(k).setZero();
        free(k, k) = 1;
        pull[k] = 0;
      }
      Vector3d next = variance + free.ldlt().solve(pull);
      for (Index k = 0; k < 3; ++k) {
        // A step that would leave the positive variances goes most of the way to zero.
        if (next[k] <= 0) next[k] = .05 * variance[k];
        next[k] = std::max(next[k], kLeastShare * all);
      }
      const double moved = (next - variance).cwiseAbs().maxCoeff() / all;
      if (moved < kSettled) {
        CrossedFit fit;
        fit.client_variance = next[0];
        fit.therapist_variance = next[1];
        fit.error_variance = next[2];
        fit.variance_covariance = information.inverse();
        fit.effect = solution.effect;
        fit.client_effect = solution.client;
        fit.therapist_effect = solution.therapist;
        fit.iterations = step;
        const double squares = y_.dot(error);  // σ_e² y'P y
        fit.reml_criterion = (n - p) * std::log(2 * std::numbers::pi) + squares / variance[2] +
                             log_determinant_ + (n - p - q_client - q_therapist) * std::log(variance[2]) +
                             q_client * std::log(variance[0]) + q_therapist * std::log(variance[1]);
        return fit;
      }
      variance = next;
    }
    return absl::InternalError("the variances did not settle");
  }

 private:
  struct Solution {
    VectorXd client, therapist, effect;
  };

  // Variances near to their end, cheaply: expectation maximisation with each effect's belief independent of
  // the others', O(n) a sweep. In the order client, therapist, error.
  Vector3d Start(double all) const {
    Vector3d variance(all * .15, all * .15, all * .7);
    const VectorXd effect = (x_.transpose() * x_).ldlt().solve(x_.transpose() * y_);
    const VectorXd residual = y_ - x_ * effect;
    std::array<VectorXd, 2> mean, count, belief;
    const std::array<const std::vector<int>*, 2> who = {&clients_, &therapists_};
    for (std::size_t k = 0; k < 2; ++k) {
      mean[k] = count[k] = VectorXd::Zero(k == 0 ? client_count_ : therapist_count_);
      for (const int person : *who[k]) count[k][person] += 1;
    }
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      for (std::size_t k = 0; k < 2; ++k) {
        VectorXd sum = VectorXd::Zero(mean[k].size());
        const VectorXd& other = mean[1 - k];
        for (Index i = 0; i < y_.size(); ++i) {
          const auto at = static_cast<std::size_t>(i);
          sum[(*who[k])[at]] += residual[i] - other[(*who[1 - k])[at]];
        }
        const double own = variance[static_cast<Index>(k)];
        belief[k] = 1 / (count[k].array() / variance[2] + 1 / own);
        mean[k] = belief[k].cwiseProduct(sum) / variance[2];
      }
      double squares = 0;
      for (Index i = 0; i < y_.size(); ++i) {
        const auto at = static_cast<std::size_t>(i);
        const double error = residual[i] - mean[0][clients_[at]] - mean[1][therapists_[at]];
        squares += error * error;
      }
      for (std::size_t k = 0; k < 2; ++k) {
        variance[static_cast<Index>(k)] =
            std::max(kLeastShare * all,
                     (mean[k].squaredNorm() + belief[k].sum()) / static_cast<double>(mean[k].size()));
      }
      variance[2] =
          (squares + count[0].dot(belief[0]) + count[1].dot(belief[1])) / static_cast<double>(y_.size());
    }
    return variance;
  }

  // Factorises the equations (in units of σ_e²) and takes the traces of their inverse.
  bool Prepare(const Vector3d& variance) {
    const double client_ratio = variance[2] / variance[0], therapist_ratio = variance[2] / variance[1];
    const Index fixed = x_.cols(), dense = base_.rows();
    MatrixXd matrix = base_;
    MatrixXd squares = MatrixXd::Zero(dense, dense);  // Σ b b' / d²
    matrix.diagonal().head(therapist_count_).array() += therapist_ratio;
    log_determinant_ = 0;
    client_trace_ = 0;
    own_.resize(client_count_);
    for (Index c = 0; c < client_count_; ++c) {
      const Gathered& one = gathered_[static_cast<std::size_t>(c)];
      const double own = one.total + client_ratio, inverse = 1 / own;
      own_[c] = own;
      log_determinant_ += std::log(own);
      client_trace_ += inverse;
      for (std::size_t a = 0; a < one.counts.size(); ++a) {
        const auto [of, count] = one.counts[a];
        for (std::size_t b = a; b < one.counts.size(); ++b) {
          const double product = count * one.counts[b].second * inverse;
          matrix(one.counts[b].first, of) -= product;
          squares(one.counts[b].first, of) += product * inverse;
        }
        matrix.block(therapist_count_, of, fixed, 1) -= (count * inverse) * one.columns;
        squares.block(therapist_count_, of, fixed, 1) += (count * inverse * inverse) * one.columns;
      }
      matrix.bottomRightCorner(fixed, fixed) -= inverse * one.columns * one.columns.transpose();
      squares.bottomRightCorner(fixed, fixed) += inverse * inverse * one.columns * one.columns.transpose();
    }
    if (!Factorise(matrix)) return false;
    log_determinant_ += 2 * matrix.diagonal().array().log().sum();
    InvertFactor(matrix);
    inverse_ = std::move(matrix);
    therapist_trace_ = inverse_.diagonal().head(therapist_count_).sum();
    squares.triangularView<Eigen::StrictlyUpper>() = squares.transpose();
    client_trace_ += inverse_.cwiseProduct(squares).sum();
    return true;
  }

  Solution Solve(const VectorXd& y) const {
    VectorXd client = VectorXd::Zero(client_count_), rest = VectorXd::Zero(base_.rows());
    for (Index i = 0; i < y.size(); ++i) {
      client[clients_[static_cast<std::size_t>(i)]] += y[i];
      rest[therapists_[static_cast<std::size_t>(i)]] += y[i];
    }
    rest.tail(x_.cols()) = x_.transpose() * y;
    for (Index c = 0; c < client_count_; ++c) {
      const Gathered& one = gathered_[static_cast<std::size_t>(c)];
      const double share = client[c] / own_[c];
      for (const auto& [of, count] : one.counts) rest[of] -= count * share;
      rest.tail(x_.cols()) -= share * one.columns;
    }
    const VectorXd solved = inverse_ * rest;
    Solution solution{std::move(client), solved.head(therapist_count_), solved.tail(x_.cols())};
    for (Index c = 0; c < client_count_; ++c) {
      const Gathered& one = gathered_[static_cast<std::size_t>(c)];
      double sum = solution.client[c] - one.columns.dot(solution.effect);
      for (const auto& [of, count] : one.counts) sum -= count * solution.therapist[of];
      solution.client[c] = sum / own_[c];
    }
    return solution;
  }

  VectorXd Fitted(const Solution& solution) const {
    VectorXd fitted = x_ * solution.effect;
    for (Index i = 0; i < fitted.size(); ++i) {
      fitted[i] += solution.client[clients_[static_cast<std::size_t>(i)]] +
                   solution.therapist[therapists_[static_cast<std::size_t>(i)]];
    }
    return fitted;
  }

  const std::vector<int>& clients_;
  const std::vector<int>& therapists_;
  const VectorXd& y_;
  const MatrixXd& x_;
  Index client_count_ = 0, therapist_count_ = 0;
  std::vector<Gathered> gathered_;
  MatrixXd base_;  // equations of therapists and fixed effects before clients are eliminated, lower triangle
  VectorXd own_;   // each client's own equation
  MatrixXd inverse_;  // of what is left
  double log_determinant_ = 0, client_trace_ = 0, therapist_trace_ = 0;
};

}  // namespace

absl::StatusOr<CrossedFit> FitCrossed(const std::vector<int>& clients, const std::vector<int>& therapists,
                                      const VectorXd& y, const MatrixXd& x) {
  const auto n = static_cast<std::size_t>(y.size());
  if (clients.size() != n || therapists.size() != n || x.rows() != y.size() || y.size() < x.cols() + 4) {
    return absl::InvalidArgumentError("answers, people and fixed effects do not go together");
  }
  return Crossed(clients, therapists, y, x).Fit();
}

}  // namespace rapport::matcher
