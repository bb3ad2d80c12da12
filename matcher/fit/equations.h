// The mixed-model equations of many answers, solved exactly: the joint normal posterior of every client's and
// therapist's effects, track records, and the effects of features, given covariances.
//
//   Equations equations(answers, sizes);
//   absl::StatusOr<Posterior> posterior = equations.Solve(covariances);
//
// Unknowns are eliminated client by client (each its own small block), then by groups of therapists who are
// connected through shared clients (dense Cholesky), and last the effects of features. Second moments come
// from the same factors, only those that are needed.
#ifndef RAPPORT_MATCHER_FIT_EQUATIONS_H_
#define RAPPORT_MATCHER_FIT_EQUATIONS_H_

#include <optional>
#include <utility>
#include <vector>

#include "Eigen/Core"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"

namespace rapport::matcher {

// One answer, J channels: F = (x' ⊗ I) β + a_client + b_therapist + λ w Σ u + e₀ θ'f.
struct AnswerRow {
  int client = 0;
  int therapist = 0;
  Eigen::VectorXd x;                 // features
  Eigen::VectorXd slopes;            // f; may be empty
  std::vector<int> records;          // of this therapist, by number
  double record_weight = 0;          // w
  Eigen::MatrixXd information;       // J × J: what the answer says of F, as a normal likelihood
  Eigen::VectorXd information_mean;  // J: the same, times its mean
};

struct EquationSizes {
  int channels = 0;
  int features = 0;
  int slopes = 0;
  int clients = 0;
  int therapists = 0;
  std::vector<int> record_owner;  // therapist of each record
};

struct Covariances {
  Eigen::MatrixXd client;
  Eigen::MatrixXd therapist;
  double record = 1;
  Eigen::VectorXd record_loading;  // λ: 1 on the verdict
  double slope = 1;
  Eigen::MatrixXd effect_mean;       // F × J
  Eigen::MatrixXd effect_precision;  // F × J: what a channel's effect is known by; 0: nothing (improper)
  // J × J, inverse of the correlation between the channels of one feature's effects.
  Eigen::MatrixXd effect_coupling;
  // The first features of which that does not hold: each channel's effect of theirs is by itself.
  Eigen::Index uncoupled_features = 0;
};

// What is known of the sums that the next estimate needs.
struct Posterior {
  Eigen::MatrixXd effect_mean;                     // F × J
  std::vector<Eigen::MatrixXd> effect_covariance;  // by channel, F × F
  Eigen::VectorXd effect_square;             // F, E (β − prior)' prior⁻¹ (β − prior): J is expected
  Eigen::MatrixXd client_square;             // Σ E a a'
  Eigen::MatrixXd therapist_square;          // Σ E b b'
  double slope_square = 0;                   // Σ E |θ|²
  double record_square = 0;                  // Σ E u²
  std::vector<Eigen::VectorXd> fitted;       // by answer, E F
  std::vector<Eigen::MatrixXd> uncertainty;  // by answer, Cov F
  Eigen::MatrixXd client_mean;               // J × clients
  Eigen::MatrixXd therapist_mean;            // J × therapists
};

class Equations {
 public:
  // `rows` are read at each Solve; their shape (who, records) must not change between. Rows of a client stand
  // together, clients in ascending order.
  Equations(const std::vector<AnswerRow>& rows, EquationSizes sizes);

  // INTERNAL: a factor is not positive definite. CANCELLED: `cancelled` said so.
  absl::StatusOr<Posterior> Solve(const Covariances& covariances, absl::FunctionRef<bool()> cancelled) const;

 private:
  class Solution;

  struct Place {
    int group = 0;
    int at = 0;  // first unknown within the group
  };

  const std::vector<AnswerRow>& rows_;
  EquationSizes sizes_;
  std::vector<std::pair<std::size_t, std::size_t>> client_rows_;  // [begin, end) of each client's answers
  std::vector<int> group_size_;                                   // unknowns
  std::vector<std::vector<int>> group_clients_, group_therapists_, group_records_;
  std::vector<Place> therapist_place_;
  std::vector<Place> record_place_;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_EQUATIONS_H_
