#include "matcher/fit/parameters.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "Eigen/Cholesky"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "matcher/fit/features.h"
#include "matcher/fit/normal.h"

namespace rapport::matcher {
namespace {

// How strongly a client's, a therapist's and one answer's deviations go together between channels, for day 0
// only: rounded from what refit finds in a public replay of 2,600 first meetings (README.md). A client who
// marks low everywhere hardly refuses more often, so verdict and marks have little leniency in common.
constexpr double kClientCorrelation = .7;
constexpr double kClientVerdictCorrelation = .3;
constexpr double kTherapistCorrelation = .7;
constexpr double kErrorCorrelation = .5;

// A share of nothing is held above this, so that its covariance is one.
constexpr double kLeastShare = 1e-9;

// Uncertainty about the means of the channels themselves, in their own units.
constexpr double kMeanVariance = .09;

// As a catalog may state it.
constexpr double kWidestUnsure = 3;

// A covariance with one correlation between all channels.
Eigen::MatrixXd Uniform(const Eigen::VectorXd& sd, double correlation) {
  Eigen::MatrixXd covariance = sd * sd.transpose();
  covariance *= correlation;  // by itself: into one side, its rounding would make the product unsymmetric
  covariance.diagonal() = sd.array().square();
  return covariance;
}

std::vector<NamedNorm> NormsOf(const CatalogLists& lists) {
  std::vector<NamedNorm> norms;
  for (const FitQuestion& question : lists.fit_questions) norms.push_back({question.id, question.norm});
  for (const Facet& facet : lists.facets) norms.push_back({facet.id, facet.norm});
  for (const Instrument& instrument : lists.instruments) {
    for (const Scale& scale : instrument.scales) {
      if (!scale.channel.empty()) norms.push_back({absl::StrCat(instrument.id, ".", scale.id), scale.norm});
    }
  }
  for (const Attribute& attribute : lists.attributes)
    norms.push_back({absl::StrCat("attribute:", attribute.id), attribute.norm});
  return norms;
}

// What is standardised otherwise now means something else to the model.
absl::Status SameNorms(const std::vector<NamedNorm>& ours, const std::vector<NamedNorm>& theirs) {
  const auto words = [](const Norm& norm) { return absl::StrCat(norm.mean, " ± ", norm.sd); };
  for (const NamedNorm& its : theirs) {
    const auto here =
        std::find_if(ours.begin(), ours.end(), [&](const NamedNorm& norm) { return norm.of == its.of; });
    if (here == ours.end() || (here->norm.mean == its.norm.mean && here->norm.sd == its.norm.sd)) continue;
    return absl::FailedPreconditionError(
        absl::StrCat("the model was made for another catalog: its norm of \"", its.of, "\" is ",
                     words(its.norm), ", not ", words(here->norm)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckParameters(const Catalog& catalog, const Parameters& parameters) {
  const Parameters own = DayZero(catalog);
  const auto same_names = [](absl::string_view kind, const std::vector<std::string>& ours,
                             const std::vector<std::string>& theirs) {
    for (std::size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
      const absl::string_view here = i < ours.size() ? absl::string_view(ours[i]) : "none";
      const absl::string_view there = i < theirs.size() ? absl::string_view(theirs[i]) : "none";
      if (here == there) continue;
      return absl::FailedPreconditionError(absl::StrCat("the model was made for another catalog: its ", kind,
                                                        " ", i, " is \"", there, "\", not \"", here, "\""));
    }
    return absl::OkStatus();
  };
  if (absl::Status status = same_names("channel", own.channels, parameters.channels); !status.ok())
    return status;
  if (absl::Status status = same_names("feature", own.features, parameters.features); !status.ok())
    return status;
  if (absl::Status status = SameNorms(own.norms, parameters.norms); !status.ok()) return status;
  if (parameters.unsure_width > 0 && own.unsure_width == 0) {
    return absl::FailedPreconditionError(
        "the model was made for another catalog: in its \"unsure\" was a third answer");
  }
  if (!(parameters.unsure_width >= 0 && parameters.unsure_width <= kWidestUnsure))
    return absl::InvalidArgumentError("the model's width of \"unsure\" must be from 0 to 3");
  const auto covariance = [](absl::string_view name, const Eigen::MatrixXd& matrix, Eigen::Index size) {
    if (matrix.rows() != size || matrix.cols() != size || !matrix.allFinite() ||
        matrix != matrix.transpose() || matrix.llt().info() != Eigen::Success) {
      return absl::InvalidArgumentError(
          absl::StrCat("the model's ", name, " is no covariance of size ", size));
    }
    return absl::OkStatus();
  };
  const Eigen::Index channels = own.client.rows(), features = own.effect_mean.rows();
  for (const auto& [name, matrix] : {std::pair{"client", &parameters.client},
                                     {"therapist", &parameters.therapist},
                                     {"error", &parameters.error}}) {
    if (absl::Status status = covariance(name, *matrix, channels); !status.ok()) return status;
  }
  if (parameters.effect_mean.rows() != features || parameters.effect_mean.cols() != channels ||
      !parameters.effect_mean.allFinite() ||
      parameters.effect_covariance.size() != static_cast<std::size_t>(channels)) {
    return absl::InvalidArgumentError("the model's effects have the wrong size, or are not finite");
  }
  for (const Eigen::MatrixXd& matrix : parameters.effect_covariance) {
    if (absl::Status status = covariance("effect covariance", matrix, features); !status.ok()) return status;
  }
  if (!(parameters.track_record_variance >= 0) || !(parameters.client_slope_variance >= 0) ||
      !std::isfinite(parameters.track_record_variance + parameters.client_slope_variance)) {
    return absl::InvalidArgumentError("the model's variances must be finite and not negative");
  }
  const Calibration& map = parameters.calibration;
  if (absl::Status status = covariance("calibration covariance", map.covariance, 2); !status.ok())
    return status;
  if (!map.mean.allFinite() || map.mean[1] <= 0) {
    return absl::InvalidArgumentError("the model's calibration map must be finite and rising");
  }
  return absl::OkStatus();
}

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
  // A record shows itself there as a therapist's effect does (RecordLoading).
  const double record = kTherapistCorrelation * kTherapistCorrelation * track;
  Eigen::VectorXd error_sd = Eigen::VectorXd::Constant(channels, std::sqrt(1 - structural - record));
  error_sd[kVerdictChannel] = 1;

  Parameters day_zero;
  day_zero.client =
      Uniform(std::sqrt(std::max(kLeastShare, settings.client_variance_share)) * scale, kClientCorrelation);
  for (Eigen::Index j = 1; j < channels; ++j) {
    day_zero.client(kVerdictChannel, j) *= kClientVerdictCorrelation / kClientCorrelation;
    day_zero.client(j, kVerdictChannel) = day_zero.client(kVerdictChannel, j);
  }
  day_zero.therapist = Uniform(std::sqrt(std::max(kLeastShare, settings.therapist_variance_share)) * scale,
                               kTherapistCorrelation);
  day_zero.error = Uniform(error_sd, kErrorCorrelation);
  day_zero.track_record_variance = track / verdict_error;
  day_zero.client_slope_variance = settings.client_slope_variance;

  const Eigen::Index features = space.size();
  day_zero.effect_mean = Eigen::MatrixXd::Zero(features, channels);
  Eigen::VectorXd effect_variance(features);
  effect_variance[0] = kMeanVariance;
  day_zero.features.push_back(space.code(0));
  for (int i = 1; i < space.size(); ++i) {
    day_zero.effect_mean.row(i).setConstant(space.prior_mean(i));
    effect_variance[i] = space.prior_variance(i);
    day_zero.features.push_back(space.code(i));
  }
  day_zero.effect_covariance.assign(static_cast<std::size_t>(channels), effect_variance.asDiagonal());
  day_zero.channels = catalog.channels();
  day_zero.norms = NormsOf(catalog.lists());
  day_zero.unsure_width = settings.unsure_width;
  const double unknown_pair = day_zero.client(0, 0) + day_zero.therapist(0, 0) + kMeanVariance;
  day_zero.effect_mean(0, kVerdictChannel) =
      NormalQuantile(settings.bond_prior_mean) * std::sqrt(1 + unknown_pair);
  return day_zero;
}

double UnsureWidth(const Catalog& catalog, const Parameters& parameters) {
  return parameters.unsure_width > 0 ? parameters.unsure_width : catalog.settings().unsure_width;
}

Eigen::VectorXd RecordLoading(const Parameters& parameters) {
  return parameters.therapist.col(kVerdictChannel) / parameters.therapist(kVerdictChannel, kVerdictChannel);
}

}  // namespace rapport::matcher
