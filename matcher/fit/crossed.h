// The crossed linear mixed model, y = X β + a_client + b_therapist + e, by restricted maximum likelihood:
// what the fit model is with one numeric channel, and the yardstick by which it is held against other
// software.
//
//   absl::StatusOr<CrossedFit> fit = FitCrossed(clients, therapists, y, x);
//   fit->client_variance, fit->therapist_effect[t] ...
//
// Average-information Newton steps (Gilmour, Thompson & Cullis 1995) on the three variances. Clients are
// eliminated from the mixed-model equations one by one, what is left is dense in therapists.
#ifndef RAPPORT_MATCHER_FIT_CROSSED_H_
#define RAPPORT_MATCHER_FIT_CROSSED_H_

#include <vector>

#include "Eigen/Core"
#include "absl/status/statusor.h"

namespace rapport::matcher {

struct CrossedFit {
  double client_variance = 0;
  double therapist_variance = 0;
  double error_variance = 0;
  Eigen::Matrix3d variance_covariance;  // of the three, from the average information
  double reml_criterion = 0;            // −2 log restricted likelihood
  Eigen::VectorXd effect;               // β
  Eigen::VectorXd client_effect;        // best linear unbiased predictions
  Eigen::VectorXd therapist_effect;
  int iterations = 0;
};

// Fits n answers y of clients (0, 1, ... without gaps) about therapists (the same), with fixed effects x (n ×
// p, of full rank). INVALID_ARGUMENT: sizes differ, or fewer answers than unknown fixed effects and
// variances. INTERNAL: did not settle in 100 steps, or x is not of full rank. O(steps · (n + Σ answers of a
// client² + therapists³)).
absl::StatusOr<CrossedFit> FitCrossed(const std::vector<int>& clients, const std::vector<int>& therapists,
                                      const Eigen::VectorXd& y, const Eigen::MatrixXd& x);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_CROSSED_H_
