// Checks requests against the contract and the catalog before anything is looked up or written: all that the
// comments of feedback.proto promise, every violation collected, each under its exact path.
#ifndef RAPPORT_SERVICES_FEEDBACK_VALIDATE_H_
#define RAPPORT_SERVICES_FEEDBACK_VALIDATE_H_

#include "absl/time/time.h"
#include "matcher/domain/catalog.h"
#include "rapport/feedback/v1/feedback.pb.h"
#include "services/runtime/errors.h"

namespace rapport::feedback {

// `now` is the latest that a session can have been held, but for contract::kMaxClockSkew.
runtime::Violations Validate(const matcher::Catalog& catalog, const v1::RecordFitCheckRequest& request,
                             absl::Time now);
runtime::Violations Validate(const matcher::Catalog& catalog, const v1::RecordInstrumentRequest& request,
                             absl::Time now);

// All but the page token, which only its maker can check.
runtime::Violations Validate(const v1::ListFeedbackRequest& request);

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_VALIDATE_H_
