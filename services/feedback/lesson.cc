// See lesson.h.
#include "services/feedback/lesson.h"

#include "absl/strings/str_cat.h"
#include "services/contract/triage.h"

namespace rapport::feedback {
namespace {

// What both kinds of content say in the same fields.
template <typename Content>
matcher::v1::RecordFitRequest LessonAbout(const std::string& feedback_id, const Content& content) {
  matcher::v1::RecordFitRequest lesson;
  lesson.set_fit_check_id(feedback_id);
  lesson.set_client_id(content.client_id());
  lesson.set_therapist_id(content.therapist_id());
  lesson.set_session_number(content.session_number());
  *lesson.mutable_occurred_at() = content.occurred_at();
  return lesson;
}

}  // namespace

std::optional<matcher::v1::RecordFitRequest> LessonOf(const matcher::Catalog& catalog,
                                                      const v1::Feedback& feedback) {
  if (feedback.has_fit_check()) {
    const v1::FitCheck& check = feedback.fit_check();
    matcher::v1::RecordFitRequest lesson = LessonAbout(feedback.feedback_id(), check);
    lesson.set_verdict(check.verdict());
    *lesson.mutable_answers() = check.answers();
    lesson.mutable_answers()->MergeFrom(check.facets());
    *lesson.mutable_frictions() = check.frictions();
    return lesson;
  }
  const v1::InstrumentScores& scores = feedback.instrument();
  matcher::v1::RecordFitRequest lesson = LessonAbout(feedback.feedback_id(), scores);
  for (const matcher::v1::Answer& score : scores.scores()) {
    if (contract::FindScale(catalog, scores.instrument(), score.id())->channel.empty()) continue;
    matcher::v1::Answer& answer = *lesson.add_answers();
    answer.set_id(absl::StrCat(scores.instrument(), ".", score.id()));
    answer.set_value(score.value());
  }
  if (lesson.answers().empty()) return std::nullopt;
  return lesson;
}

}  // namespace rapport::feedback
