// See request_rules.h.
#include "services/intake/request_rules.h"

#include "absl/strings/str_cat.h"
#include "services/contract/limits.h"
#include "services/contract/update_fields.h"
#include "services/contract/validate.h"
#include "services/intake/limits.h"

namespace rapport::intake {
namespace {

using runtime::Violations;

void CheckEtag(const std::string& etag, Violations& violations) {
  if (etag.empty()) violations.Add("etag", "must be set: the etag of the referral as it was read");
  if (etag.size() > kMaxEtagLength) {
    violations.Add("etag", absl::StrCat("must have at most ", kMaxEtagLength, " characters"));
  }
}

// What all writes of a referral have in common.
template <typename Request>
Violations CheckWrite(const Request& request) {
  Violations violations;
  contract::ValidateId(request.request_id(), "request_id", violations);
  contract::ValidateId(request.referral_id(), "referral_id", violations);
  CheckEtag(request.etag(), violations);
  return violations;
}

// An enum value that the contract names, other than its zero.
template <typename Enum>
void CheckStated(Enum value, bool (*is_valid)(int), absl::string_view path, absl::string_view expected,
                 Violations& violations) {
  if (value == Enum{} || !is_valid(value)) violations.Add(path, expected);
}

}  // namespace

absl::Status CheckRequest(const rapport::matcher::Catalog& catalog,
                          const v1::CreateReferralRequest& request) {
  Violations violations;
  contract::ValidateId(request.request_id(), "request_id", violations);
  contract::ValidateId(request.client_id(), "client_id", violations);
  if (request.has_needs()) {
    contract::ValidateNeeds(catalog, request.needs(), "needs", violations);
  } else {
    violations.Add("needs", "must be set");
  }
  return violations.ToStatus();
}

absl::Status CheckRequest(const v1::GetReferralRequest& request) {
  Violations violations;
  contract::ValidateId(request.referral_id(), "referral_id", violations);
  return violations.ToStatus();
}

absl::Status CheckRequest(const v1::ListReferralsRequest& request) {
  Violations violations;
  if (request.page_size() < 0 || request.page_size() > contract::kMaxPageSize) {
    violations.Add("page_size", absl::StrCat("must be 1 to ", contract::kMaxPageSize, ", or 0 for ",
                                             contract::kDefaultPageSize));
  }
  contract::ValidateOptionalId(request.client_id(), "client_id", violations);
  if (!v1::ReferralState_IsValid(request.state())) violations.Add("state", "must be a state of a referral");
  return violations.ToStatus();
}

absl::Status CheckRequest(const v1::UpdateNeedsRequest& request) {
  Violations violations = CheckWrite(request);
  if (!request.has_needs()) violations.Add("needs", "must be set");
  contract::ValidateUpdateFields(request.update_fields(), *rapport::matcher::v1::Needs::descriptor(), {},
                                 "update_fields", violations);
  return violations.ToStatus();
}

absl::Status MergeNeeds(const rapport::matcher::Catalog& catalog, const v1::UpdateNeedsRequest& request,
                        rapport::matcher::v1::Needs& needs) {
  if (request.update_fields().empty()) {
    needs = request.needs();
  } else {
    contract::CopyFields(request.update_fields(), request.needs(), needs);
  }
  needs.DiscardUnknownFields();  // nobody has checked them
  Violations violations;
  contract::ValidateNeeds(catalog, needs, "needs", violations);
  return violations.ToStatus();
}

absl::Status CheckRequest(const v1::SubmitReferralRequest& request) {
  return CheckWrite(request).ToStatus();
}

absl::Status CheckRequest(const v1::ChooseTherapistRequest& request) {
  Violations violations = CheckWrite(request);
  contract::ValidateId(request.therapist_id(), "therapist_id", violations);
  return violations.ToStatus();
}

absl::Status CheckRequest(const v1::RespondToOfferRequest& request) {
  Violations violations = CheckWrite(request);
  CheckStated(request.answer(), v1::OfferAnswer_IsValid, "answer", "must be ACCEPTED, DECLINED or NO_ANSWER",
              violations);
  return violations.ToStatus();
}

absl::Status CheckRequest(const v1::StartTherapyRequest& request) {
  return CheckWrite(request).ToStatus();
}

absl::Status CheckRequest(const v1::TryAnotherRequest& request) {
  Violations violations = CheckWrite(request);
  if (request.min_as_of() < 0) violations.Add("min_as_of", "must not be negative");
  return violations.ToStatus();
}

absl::Status CheckRequest(const v1::CloseReferralRequest& request) {
  Violations violations = CheckWrite(request);
  CheckStated(request.reason(), v1::CloseReason_IsValid, "reason",
              "must be COMPLETED, CLIENT_WITHDREW, LOST_CONTACT, REFERRED_ELSEWHERE or MISTAKE", violations);
  return violations.ToStatus();
}

absl::Status CheckRequest(const v1::WatchReferralRequest& request) {
  Violations violations;
  contract::ValidateId(request.referral_id(), "referral_id", violations);
  if (request.after_revision() < 0) violations.Add("after_revision", "must not be negative");
  return violations.ToStatus();
}

}  // namespace rapport::intake
