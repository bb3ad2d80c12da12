#include "services/contract/triage.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rapport::contract {
namespace {

intake::v1::TriageReason Reason(absl::string_view code, std::string sentence) {
  intake::v1::TriageReason reason;
  reason.set_code(std::string(code));
  reason.set_sentence(std::move(sentence));
  return reason;
}

// True when `score` is `limit` or worse; false where there is no limit.
bool AsBadAs(const matcher::Scale& scale, const std::optional<double>& limit, double score) {
  if (!limit) return false;
  return scale.higher_is_better ? score <= *limit : score >= *limit;
}

}  // namespace

std::vector<intake::v1::TriageReason> TriageReasons(const matcher::Catalog& catalog,
                                                    const matcher::v1::Risk& risk) {
  std::vector<intake::v1::TriageReason> reasons;
  if (risk.level() == matcher::v1::RISK_LEVEL_ACUTE) {
    reasons.push_back(Reason(kRiskStated, "An acute risk is stated: a person must look first."));
  }
  for (const matcher::v1::Screening& screening : risk.screenings()) {
    const matcher::Scale* scale = FindScale(catalog, screening.instrument(), screening.scale());
    if (scale == nullptr || !AsksForTriage(*scale, screening.score())) continue;
    reasons.push_back(Reason(
        kScreeningScore,
        absl::StrCat("A score of ", screening.score(), " on ", screening.instrument(), ".", screening.scale(),
                     scale->higher_is_better ? " is at or below " : " is at or above ", *scale->triage_at,
                     ": a person must look first.")));
  }
  return reasons;
}

const matcher::Scale* FindScale(const matcher::Catalog& catalog, absl::string_view instrument,
                                absl::string_view scale) {
  const std::optional<matcher::Word> word = catalog.InstrumentWord(instrument);
  if (!word) return nullptr;
  for (const matcher::Scale& candidate : catalog.lists().instruments[*word].scales) {
    if (candidate.id == scale) return &candidate;
  }
  return nullptr;
}

bool AsksForTriage(const matcher::Scale& scale, double score) {
  return AsBadAs(scale, scale.triage_at, score);
}

bool BeyondCutOff(const matcher::Scale& scale, double score) {
  return AsBadAs(scale, scale.cut_off, score);
}

}  // namespace rapport::contract
