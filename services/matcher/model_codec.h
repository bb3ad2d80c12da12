// The fit model's parameters between the library's values and the contract's message.
#ifndef RAPPORT_SERVICES_MATCHER_MODEL_CODEC_H_
#define RAPPORT_SERVICES_MATCHER_MODEL_CODEC_H_

#include "Eigen/Core"
#include "matcher/domain/catalog.h"
#include "matcher/fit/parameters.h"
#include "rapport/matcher/v1/model.pb.h"

namespace rapport::matcher_service {

matcher::v1::Matrix ToProto(const Eigen::MatrixXd& matrix);
// A matrix without its number of values becomes an empty one.
Eigen::MatrixXd ToMatrix(const matcher::v1::Matrix& message);

// Numbers, names and version; what a refit reports is the caller's to add.
matcher::v1::FitModel ToProto(const matcher::Catalog& catalog, const matcher::Parameters& parameters);

// The way back, bit for bit. Ask matcher::CheckParameters before use.
matcher::Parameters ToDomain(const matcher::v1::FitModel& message);

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_MODEL_CODEC_H_
