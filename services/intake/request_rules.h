// What each request must be, before anything is looked up: every violation, each under its exact path.
#ifndef RAPPORT_SERVICES_INTAKE_REQUEST_RULES_H_
#define RAPPORT_SERVICES_INTAKE_REQUEST_RULES_H_

#include "absl/status/status.h"
#include "matcher/domain/catalog.h"
#include "rapport/intake/v1/intake.pb.h"
#include "services/runtime/errors.h"

namespace rapport::intake {

// Each: OK, or INVALID_ARGUMENT INVALID_REQUEST with every violation. Thread-safe.
absl::Status CheckRequest(const rapport::matcher::Catalog& catalog, const v1::CreateReferralRequest& request);
absl::Status CheckRequest(const v1::GetReferralRequest& request);
absl::Status CheckRequest(const v1::ListReferralsRequest& request);
absl::Status CheckRequest(const v1::SubmitReferralRequest& request);
absl::Status CheckRequest(const v1::ChooseTherapistRequest& request);
absl::Status CheckRequest(const v1::RespondToOfferRequest& request);
absl::Status CheckRequest(const v1::StartTherapyRequest& request);
absl::Status CheckRequest(const v1::TryAnotherRequest& request);
absl::Status CheckRequest(const v1::CloseReferralRequest& request);
absl::Status CheckRequest(const v1::WatchReferralRequest& request);

// The needs themselves are checked when they are merged: see MergeNeeds.
absl::Status CheckRequest(const v1::UpdateNeedsRequest& request);

// Changes `needs` as the request says; they are checked as a whole. INVALID_ARGUMENT INVALID_REQUEST as
// above; then `needs` are not to be used.
absl::Status MergeNeeds(const rapport::matcher::Catalog& catalog, const v1::UpdateNeedsRequest& request,
                        rapport::matcher::v1::Needs& needs);

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_REQUEST_RULES_H_
