#include "services/matcher/model_codec.h"

namespace rapport::matcher_service {
matcher::v1::Matrix ToProto(const Eigen::MatrixXd& matrix) {
  matcher::v1::Matrix message;
  message.set_rows(static_cast<int>(matrix.rows()));
  message.set_columns(static_cast<int>(matrix.cols()));
  message.mutable_values()->Reserve(static_cast<int>(matrix.size()));
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) message.add_values(matrix(i, j));
  }
  return message;
}

Eigen::MatrixXd ToMatrix(const matcher::v1::Matrix& message) {
  if (message.rows() < 0 || message.columns() < 0 ||
      std::int64_t{message.rows()} * message.columns() != message.values_size()) {
    return {};
  }
  Eigen::MatrixXd matrix(message.rows(), message.columns());
  int next = 0;
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) matrix(i, j) = message.values(next++);
  }
  return matrix;
}

matcher::v1::FitModel ToProto(const matcher::Catalog& catalog, const matcher::Parameters& parameters) {
  matcher::v1::FitModel message;
  message.set_version(parameters.version);
  message.set_catalog_version(catalog.lists().version);
  for (const std::string& channel : parameters.channels) message.add_channels(channel);
  for (const std::string& feature : parameters.features) message.add_features(feature);
  *message.mutable_client() = ToProto(parameters.client);
  *message.mutable_therapist() = ToProto(parameters.therapist);
  *message.mutable_error() = ToProto(parameters.error);
  message.set_track_record_variance(parameters.track_record_variance);
  message.set_client_slope_variance(parameters.client_slope_variance);
  *message.mutable_effect_mean() = ToProto(parameters.effect_mean);
  for (const Eigen::MatrixXd& covariance : parameters.effect_covariance)
    *message.add_effect_covariance() = ToProto(covariance);
  message.set_fit_checks_then(parameters.seen);
  message.set_unsure_width(parameters.unsure_width);
  for (const matcher::NamedNorm& norm : parameters.norms) {
    matcher::v1::FitModel::Norm& added = *message.add_norms();
    added.set_of(norm.of);
    added.set_mean(norm.norm.mean);
    added.set_sd(norm.norm.sd);
  }
  *message.mutable_calibration() = ToProto(parameters.calibration.mean);
  *message.mutable_calibration_covariance() = ToProto(parameters.calibration.covariance);
  return message;
}

matcher::Parameters ToDomain(const matcher::v1::FitModel& message) {
  matcher::Parameters parameters;
  parameters.version = message.version();
  parameters.channels.assign(message.channels().begin(), message.channels().end());
  parameters.features.assign(message.features().begin(), message.features().end());
  parameters.client = ToMatrix(message.client());
  parameters.therapist = ToMatrix(message.therapist());
  parameters.error = ToMatrix(message.error());
  parameters.track_record_variance = message.track_record_variance();
  parameters.client_slope_variance = message.client_slope_variance();
  parameters.effect_mean = ToMatrix(message.effect_mean());
  for (const matcher::v1::Matrix& covariance : message.effect_covariance())
    parameters.effect_covariance.push_back(ToMatrix(covariance));
  parameters.seen = message.fit_checks_then();
  parameters.unsure_width = message.unsure_width();
  for (const matcher::v1::FitModel::Norm& norm : message.norms())
    parameters.norms.push_back({norm.of(), {norm.mean(), norm.sd()}});
  if (message.has_calibration()) {
    const Eigen::MatrixXd mean = ToMatrix(message.calibration());
    const Eigen::MatrixXd covariance = ToMatrix(message.calibration_covariance());
    const bool sound = mean.size() == 2 && covariance.rows() == 2 && covariance.cols() == 2;
    parameters.calibration.mean =
        sound ? Eigen::Vector2d(mean.reshaped()) : Eigen::Vector2d(0, 0);  // refused
    if (sound) parameters.calibration.covariance = covariance;
  }
  return parameters;
}

}  // namespace rapport::matcher_service
