// What of a piece of feedback concerns the bond, in the matcher's words. Symptom scores never leave this
// service.
#ifndef RAPPORT_SERVICES_FEEDBACK_LESSON_H_
#define RAPPORT_SERVICES_FEEDBACK_LESSON_H_

#include <optional>

#include "matcher/domain/catalog.h"
#include "rapport/feedback/v1/feedback.pb.h"
#include "rapport/matcher/v1/matcher.pb.h"

namespace rapport::feedback {

// The record for the matcher; none when nothing of it concerns the bond. Its fit_check_id is the feedback's
// id. A fit check's answers go as they are; of scores only those whose scale feeds a channel, as
// "instrument.scale" and without a verdict. REQUIRES: the content was validated against this catalog.
std::optional<matcher::v1::RecordFitRequest> LessonOf(const matcher::Catalog& catalog,
                                                      const v1::Feedback& feedback);

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_LESSON_H_
