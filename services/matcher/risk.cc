#include "services/matcher/risk.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/contract/triage.h"
#include "services/matcher/reasons.h"
#include "services/runtime/errors.h"

namespace rapport::matcher_service {

absl::Status CheckRisk(const matcher::Catalog& catalog, const matcher::v1::Risk& risk) {
  const auto reasons = contract::TriageReasons(catalog, risk);
  if (reasons.empty()) return absl::OkStatus();
  const auto sentence = [](std::string* out, const auto& reason) { out->append(reason.sentence()); };
  return runtime::Error(absl::StatusCode::kFailedPrecondition, kNeedsTriage,
                        absl::StrCat("acute risk: a person must look before anybody is ranked (",
                                     absl::StrJoin(reasons, "; ", sentence), ")"));
}

}  // namespace rapport::matcher_service
