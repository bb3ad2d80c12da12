// How a try moves on: small changes of a referral's newest attempt, each at a given time.
#ifndef RAPPORT_SERVICES_INTAKE_ATTEMPTS_H_
#define RAPPORT_SERVICES_INTAKE_ATTEMPTS_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "rapport/directory/v1/directory.pb.h"
#include "rapport/intake/v1/intake.pb.h"

namespace rapport::intake {

// A new try: the therapist is asked. → OFFERED.
void Offer(const directory::v1::Reservation& seat, absl::Time now, v1::Referral& referral);

// The state of a referral that has a therapist, or had one when it was sent to triage: that of its newest
// attempt; nothing where that is over, or none was made.
std::optional<v1::ReferralState> StateWithTherapist(const v1::Referral& referral);

// REQUIRES for each below: the referral has an attempt that is not over, as the table in referral_machine.h
// grants.

// The therapist answered, or did not. ACCEPTED moves the referral too; where it must be ranked again is the
// caller's.
void Answer(v1::OfferAnswer answer, absl::Time now, v1::Referral& referral);

// The newest attempt is about `seat` from now on.
void RenewSeat(const directory::v1::Reservation& seat, v1::Referral& referral);

// → IN_THERAPY.
void Start(absl::Time now, v1::Referral& referral);

// Ends the newest attempt unless it is over already. Result: the reservation whose seat was held until now;
// empty when none was.
std::string EndAttempt(absl::Time now, v1::Referral& referral);

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_ATTEMPTS_H_
