#include "matcher/fit/parameters.h"

#include <cmath>

#include "matcher/fit/features.h"
#include "matcher/fit/normal.h"

namespace rapport::matcher {
namespace {

// How strongly a client's, a therapist's and one answer's deviations go together between channels.
// Assumptions of ours, for day 0 only: halo between questions of one form is strong, and strongest for a
// therapist's mean.
constexpr double kClientCorrelation = .6;
constexpr double kTherapistCorrelation = .7;
constexpr double kErrorCorrelation = .5;

// Uncertainty about the means of the channels themselves, in their own units.
constexpr double kMeanVariance = .09;

// A covariance with one correlation between all channels.
Eigen::MatrixXd Uniform(const Eigen::VectorXd& sd, double correlation) {
  Eigen::MatrixXd covariance = correlation * sd * sd.transpose();
  covariance.diagonal() = sd.array().square();
  return covariance;
}

}  // namespace

Parameters DayZero(const Catalog& catalog) {
  const Settings& settings = catalog.settings();
  const auto channels = static_cast<Eigen::Index>(catalog.channels().size());
  const FeatureSpace space(catalog);
  const double track = settings.track_record_variance_share;
  const double structural = settings.therapist_variance_share + settings.client_variance_share;
  const double verdict_error = 1 - structural - track;

  // Numeric channels have variance 1; the verdict is rescaled so that its residual has variance 1.
  Eigen::VectorXd scale = Eigen::VectorXd::Ones(channels);
  scale[kVerdictChannel] = 1 / std::sqrt(verdict_error);
  Eigen::VectorXd error_sd = Eigen::VectorXd::Constant(channels, std::sqrt(1 - structural));
  error_sd[kVerdictChannel] = 1;

  Parameters day_zero;
  day_zero.client = Uniform(std::sqrt(settings.client_variance_share) * scale, kClientCorrelation);
  day_zero.therapist = Uniform(std::sqrt(settings.therapist_variance_share) * scale, kTherapistCorrelation);
  day_zero.error = Uniform(error_sd, kErrorCorrelation);
  day_zero.track_record_variance = track / verdict_error;
  day_zero.client_slope_variance = settings.client_slope_variance;

  const Eigen::Index features = space.size();
  day_zero.effect_mean = Eigen::MatrixXd::Zero(features, channels);
  day_zero.effect_variance = Eigen::MatrixXd::Zero(features, channels);
  for (Eigen::Index i = 1; i < features; ++i) {
    day_zero.effect_mean.row(i).setConstant(space.prior_mean(static_cast<int>(i)));
    day_zero.effect_variance.row(i).setConstant(space.prior_variance(static_cast<int>(i)));
  }
  day_zero.effect_variance.row(0).setConstant(kMeanVariance);
  const double unknown_pair = day_zero.client(0, 0) + day_zero.therapist(0, 0) + kMeanVariance;
  day_zero.effect_mean(0, kVerdictChannel) =
      NormalQuantile(settings.bond_prior_mean) * std::sqrt(1 + unknown_pair);
  return day_zero;
}

}  // namespace rapport::matcher
