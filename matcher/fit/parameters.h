// What the model believes before it has heard anything: channel means, the covariances of client, therapist
// and error, and the effects of features. Day 0 comes from the catalog's settings, whose figures are
// published ones where there are any.
#ifndef RAPPORT_MATCHER_FIT_PARAMETERS_H_
#define RAPPORT_MATCHER_FIT_PARAMETERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "Eigen/Core"
#include "absl/status/status.h"
#include "matcher/domain/catalog.h"

namespace rapport::matcher {

// The map from the model's own z to what comes of it: Φ(shift + slope z).
struct Calibration {
  Eigen::Vector2d mean = {0, 1};                                   // shift, slope
  Eigen::Matrix2d covariance = .01 * Eigen::Matrix2d::Identity();  // it bends only for what many answers say
};

// The norm of what is answered (a fit question, a facet, "instrument.scale"), or of "attribute:ID".
struct NamedNorm {
  std::string of;
  Norm norm;
};

// Parameters of the crossed model, J channels and F features. Units: numeric channels in norm standard
// deviations; the verdict in residual standard deviations of its latent variable.
struct Parameters {
  std::int64_t version = 0;          // number of the published model; 0: day 0
  Eigen::MatrixXd client;            // J × J, covariance of a client's leniency
  Eigen::MatrixXd therapist;         // J × J, covariance of a therapist's effects
  Eigen::MatrixXd error;             // J × J, covariance within one answer; [0][0] = 1
  double track_record_variance = 0;  // of therapist × concern, on the verdict (RecordLoading)
  double client_slope_variance = 0;  // of a client's slope on each perceived facet, on the verdict
  Eigen::MatrixXd effect_mean;       // F × J; feature 0 is the channel's mean
  std::vector<Eigen::MatrixXd> effect_covariance;  // by channel, F × F
  // So many of the fit checks that a model with these parameters hears, the first ones, are those that they
  // were estimated from: what those tell of the effects of features stands here already, and how they are
  // foretold is no test of the map. Day 0 has seen none.
  std::int64_t seen = 0;
  // The map to begin with: what was learned while such parameters foretold what was held out of them.
  Calibration calibration;
  // How much of the latent scale below the border of a bond "unsure" takes, in residual standard deviations;
  // 0: what the catalog states, and always where it has no third answer.
  double unsure_width = 0;
  // What the numbers are about: names of channels and codes of features, in order; and the norms by which
  // answers and attributes were standardised.
  std::vector<std::string> channels;
  std::vector<std::string> features;
  std::vector<NamedNorm> norms;
};

// Day-0 beliefs. An answer's variance is shared out as the catalog's settings say; the verdict's mean is set
// so that an unknown pair without stated concerns bonds with `bond_prior_mean`.
Parameters DayZero(const Catalog& catalog);

// How a therapist's record with a concern shows itself on each channel, J: as their general effect does, so
// 1 on the verdict, and on another channel what is expected there of an effect of 1 on the verdict,
// Σ_b[j][0] / Σ_b[0][0].
Eigen::VectorXd RecordLoading(const Parameters& parameters);

// How wide "unsure" is under `parameters`.
double UnsureWidth(const Catalog& catalog, const Parameters& parameters);

// FAILED_PRECONDITION when `parameters` were made for other channels, features or norms than this catalog's,
// or for one with a third answer where this has none: names the first that differs. INVALID_ARGUMENT when a
// size is wrong, a number is not finite, or a covariance is not symmetric and positive definite: names it.
absl::Status CheckParameters(const Catalog& catalog, const Parameters& parameters);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_PARAMETERS_H_
