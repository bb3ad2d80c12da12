// A therapist's profile, and lists of them.
#ifndef RAPPORT_SERVICES_CLI_VIEWS_PROFILE_H_
#define RAPPORT_SERVICES_CLI_VIEWS_PROFILE_H_

#include <ostream>
#include <vector>

#include "rapport/therapist/v1/therapist.pb.h"

namespace rapport::cli {

// Every part that the profile states, under the names of the CSV columns.
void PrintProfile(std::ostream& out, const therapist::v1::Therapist& profile);

// One line each.
void PrintProfiles(std::ostream& out, const std::vector<therapist::v1::Therapist>& profiles);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_VIEWS_PROFILE_H_
