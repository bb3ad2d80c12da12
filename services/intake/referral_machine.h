// Which call is legal in which state: the one table, and the error that tells a caller what would have been
// legal.
#ifndef RAPPORT_SERVICES_INTAKE_REFERRAL_MACHINE_H_
#define RAPPORT_SERVICES_INTAKE_REFERRAL_MACHINE_H_

#include <array>
#include <string>

#include "absl/status/status.h"
#include "rapport/intake/v1/intake.pb.h"

namespace rapport::intake {

// The calls that change a referral.
enum class WriteCall {
  kUpdateNeeds,
  kSubmitReferral,
  kChooseTherapist,
  kRespondToOffer,
  kStartTherapy,
  kTryAnother,
  kCloseReferral,
};

inline constexpr std::array kWriteCalls = {WriteCall::kUpdateNeeds,     WriteCall::kSubmitReferral,
                                           WriteCall::kChooseTherapist, WriteCall::kRespondToOffer,
                                           WriteCall::kStartTherapy,    WriteCall::kTryAnother,
                                           WriteCall::kCloseReferral};

// The call's name in the contract: "SubmitReferral".
const char* NameOf(WriteCall call);

// The state without its prefix: "SHORTLISTED".
std::string NameOf(v1::ReferralState state);

// OK where the table allows `call` in `state`. Else FAILED_PRECONDITION ILLEGAL_TRANSITION, with metadata
// `state`, `call` and `legal_calls` (names separated by commas; empty in CLOSED).
absl::Status CheckLegal(v1::ReferralState state, WriteCall call);

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_REFERRAL_MACHINE_H_
