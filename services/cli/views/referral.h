// A referral: where it stands, what was tried, and what can be done next.
#ifndef RAPPORT_SERVICES_CLI_VIEWS_REFERRAL_H_
#define RAPPORT_SERVICES_CLI_VIEWS_REFERRAL_H_

#include <ostream>
#include <string>
#include <vector>

#include "rapport/intake/v1/intake.pb.h"

namespace rapport::cli {

// "in therapy", "needs triage".
std::string StateName(intake::v1::ReferralState state);
std::string StateName(intake::v1::AttemptState state);

// In full, with the newest shortlist while it is open.
void PrintReferral(std::ostream& out, const intake::v1::Referral& referral);

// One line: state, revision, time.
void PrintReferralLine(std::ostream& out, const intake::v1::Referral& referral);

// A table.
void PrintReferrals(std::ostream& out, const std::vector<intake::v1::Referral>& referrals);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_VIEWS_REFERRAL_H_
