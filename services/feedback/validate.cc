// See validate.h.
#include "services/feedback/validate.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/contract/limits.h"
#include "services/contract/triage.h"
#include "services/contract/validate.h"

namespace rapport::feedback {
namespace {

using runtime::FieldPath;
using runtime::Violations;

// What both kinds of content say in the same fields, but for the therapist.
template <typename Content>
void ValidateCircumstances(const Content& content, absl::Time now, const FieldPath& path,
                           Violations& violations) {
  contract::ValidateId(content.client_id(), FieldPath(path, "client_id"), violations);
  contract::ValidateOptionalId(content.referral_id(), FieldPath(path, "referral_id"), violations);
  if (content.session_number() < 0 || content.session_number() > contract::kMaxSessionNumber) {
    violations.Add(FieldPath(path, "session_number"),
                   absl::StrCat("must be 0 to ", contract::kMaxSessionNumber));
  }
  contract::ValidatePastTimestamp(content.has_occurred_at(), content.occurred_at(), now,
                                  FieldPath(path, "occurred_at"), violations);
}

void ValidateVerdict(matcher::v1::Verdict verdict, const FieldPath& path, Violations& violations) {
  if (verdict == matcher::v1::VERDICT_UNSPECIFIED || !matcher::v1::Verdict_IsValid(verdict)) {
    violations.Add(path, "must be VERDICT_WOULD_CONTINUE, VERDICT_UNSURE or VERDICT_WOULD_NOT_CONTINUE");
  }
}

void ValidateFitCheck(const matcher::Catalog& catalog, const v1::FitCheck& check, absl::Time now,
                      const FieldPath& path, Violations& violations) {
  ValidateCircumstances(check, now, path, violations);
  contract::ValidateId(check.therapist_id(), FieldPath(path, "therapist_id"), violations);
  contract::ValidateQuestionAnswers(catalog, check.answers(), FieldPath(path, "answers"), violations);
  contract::ValidateFacetAnswers(catalog, check.facets(), FieldPath(path, "facets"), violations);
  contract::ValidateFrictions(catalog, check.frictions(), FieldPath(path, "frictions"), violations);
  ValidateVerdict(check.verdict(), FieldPath(path, "verdict"), violations);
}

bool SpeaksOfTheBond(const matcher::Catalog& catalog, const v1::InstrumentScores& scores) {
  return std::any_of(scores.scores().begin(), scores.scores().end(), [&](const auto& score) {
    const matcher::Scale* scale = contract::FindScale(catalog, scores.instrument(), score.id());
    return scale != nullptr && !scale->channel.empty();
  });
}

void ValidateInstrumentScores(const matcher::Catalog& catalog, const v1::InstrumentScores& scores,
                              absl::Time now, const FieldPath& path, Violations& violations) {
  ValidateCircumstances(scores, now, path, violations);
  const auto validate_therapist =
      SpeaksOfTheBond(catalog, scores) ? contract::ValidateId : contract::ValidateOptionalId;
  validate_therapist(scores.therapist_id(), FieldPath(path, "therapist_id"), violations);
  if (scores.scores().empty()) violations.Add(FieldPath(path, "scores"), "must have at least one entry");
  if (const std::optional<matcher::Word> word = catalog.InstrumentWord(scores.instrument())) {
    contract::ValidateScores(catalog.lists().instruments[*word], scores.scores(), FieldPath(path, "scores"),
                             violations);
  } else {
    violations.Add(FieldPath(path, "instrument"), "must be an instrument of the catalog");
  }
}

}  // namespace

Violations Validate(const matcher::Catalog& catalog, const v1::RecordFitCheckRequest& request,
                    absl::Time now) {
  Violations violations;
  contract::ValidateId(request.request_id(), "request_id", violations);
  ValidateFitCheck(catalog, request.fit_check(), now, "fit_check", violations);
  return violations;
}

Violations Validate(const matcher::Catalog& catalog, const v1::RecordInstrumentRequest& request,
                    absl::Time now) {
  Violations violations;
  contract::ValidateId(request.request_id(), "request_id", violations);
  ValidateInstrumentScores(catalog, request.scores(), now, "scores", violations);
  return violations;
}

Violations Validate(const v1::ListFeedbackRequest& request) {
  Violations violations;
  if (request.page_size() < 0 || request.page_size() > contract::kMaxPageSize) {
    violations.Add("page_size", absl::StrCat("must be 0 to ", contract::kMaxPageSize));
  }
  contract::ValidateOptionalId(request.client_id(), "client_id", violations);
  contract::ValidateOptionalId(request.therapist_id(), "therapist_id", violations);
  return violations;
}

}  // namespace rapport::feedback
