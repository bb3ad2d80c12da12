// What the matcher is told: fit checks, what became of offers, and what became known of a client's risk.
#ifndef RAPPORT_SERVICES_MATCHER_LEARNING_H_
#define RAPPORT_SERVICES_MATCHER_LEARNING_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "matcher/domain/catalog.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "services/matcher/log_writer.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"

namespace rapport::matcher_service {

// Thread-safe. Errors are those of the RPCs (rapport/matcher/v1/matcher.proto).
class Learning {
 public:
  Learning(std::shared_ptr<const matcher::Catalog> catalog, LogWriter& writer, const runtime::Clock& clock)
      : catalog_(std::move(catalog)), writer_(writer), clock_(clock) {}

  // One fit check has one effect for ever, however often and however late it is delivered.
  absl::StatusOr<matcher::v1::RecordFitResponse> RecordFit(const runtime::Call& call,
                                                           const matcher::v1::RecordFitRequest& request);
  absl::StatusOr<matcher::v1::RecordReachResponse> RecordReach(
      const runtime::Call& call, const matcher::v1::RecordReachRequest& request);
  // Notes come in any order: what is older than what is noted is answered, and not logged.
  absl::StatusOr<matcher::v1::RecordRiskResponse> RecordRisk(const runtime::Call& call,
                                                             const matcher::v1::RecordRiskRequest& request);

 private:
  const std::shared_ptr<const matcher::Catalog> catalog_;
  LogWriter& writer_;
  const runtime::Clock& clock_;
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_LEARNING_H_
