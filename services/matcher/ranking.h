// What the matcher answers without changing anything: shortlists, explanations, predictions.
#ifndef RAPPORT_SERVICES_MATCHER_RANKING_H_
#define RAPPORT_SERVICES_MATCHER_RANKING_H_

#include <array>
#include <memory>

#include "absl/status/statusor.h"
#include "matcher/domain/catalog.h"
#include "matcher/eligibility/rules.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "services/matcher/networks.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"
#include "services/runtime/message_writer.h"
#include "services/runtime/metrics.h"

namespace rapport::matcher_service {

// Thread-safe. Never touches the database. Errors are those of the RPCs (rapport/matcher/v1/matcher.proto).
class Ranking {
 public:
  Ranking(std::shared_ptr<const matcher::Catalog> catalog, const Networks& networks,
          const runtime::Clock& clock, runtime::Metrics& metrics);

  // Writes a RankTherapistsResponse.
  absl::Status Rank(const runtime::Call& call, const matcher::v1::RankTherapistsRequest& request,
                    runtime::MessageWriter& answer) const;
  absl::StatusOr<matcher::v1::ExplainMatchResponse> Explain(
      const runtime::Call& call, const matcher::v1::ExplainMatchRequest& request) const;
  absl::StatusOr<matcher::v1::PredictFitResponse> Predict(
      const runtime::Call& call, const matcher::v1::PredictFitRequest& request) const;

 private:
  const std::shared_ptr<const matcher::Catalog> catalog_;
  const Networks& networks_;
  const runtime::Clock& clock_;
  const runtime::Histogram shortlist_size_;
  const runtime::Histogram candidates_scored_;
  std::array<runtime::Counter, matcher::kRules> exclusions_;  // by IndexOf(rule)
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_RANKING_H_
