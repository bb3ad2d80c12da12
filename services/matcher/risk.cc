#include "services/matcher/risk.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/contract/calendar.h"
#include "services/contract/triage.h"
#include "services/matcher/reasons.h"
#include "services/runtime/errors.h"

namespace rapport::matcher_service {

absl::Status CheckStatedRisk(const matcher::Catalog& catalog, const matcher::v1::Risk& risk) {
  const auto reasons = contract::TriageReasons(catalog, risk);
  if (reasons.empty()) return absl::OkStatus();
  const auto sentence = [](std::string* out, const auto& reason) { out->append(reason.sentence()); };
  return runtime::Error(absl::StatusCode::kFailedPrecondition, kNeedsTriage,
                        absl::StrCat("acute risk: a person must look before anybody is ranked (",
                                     absl::StrJoin(reasons, "; ", sentence), ")"));
}

absl::Status CheckNotedRisk(const matcher::State& state, absl::string_view client_id, absl::Time asked_at,
                            absl::Time now, absl::string_view reservation_id) {
  const matcher::RiskNotes* notes = state.risk.Find(client_id);
  const std::optional<absl::Time> known = notes == nullptr ? std::nullopt : notes->LookAskedAt();
  if (!known || *known < asked_at || now - *known > contract::kTriageRecalled) return absl::OkStatus();
  const std::string known_at = absl::FormatTime(absl::RFC3339_sec, *known, absl::UTCTimeZone());
  runtime::Metadata metadata = {{"known_at", known_at}};
  if (!reservation_id.empty()) metadata.emplace_back("reservation_id", reservation_id);
  return runtime::Error(
      absl::StatusCode::kFailedPrecondition, kNeedsTriage,
      absl::StrCat("a person must look first: a risk of this client became known at ", known_at,
                   asked_at == absl::InfinitePast() ? "" : ", after these needs were asked about it"),
      metadata);
}

absl::Time AskedAt(const matcher::v1::Risk& risk, absl::Time now) {
  return risk.has_asked_at() ? std::min(contract::ToTime(risk.asked_at()), now) : now;
}

}  // namespace rapport::matcher_service
