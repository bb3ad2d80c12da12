// Countries: a region that begins with another code is nobody's, and a search in it would find nobody.
#ifndef RAPPORT_SERVICES_CONTRACT_COUNTRY_CODES_H_
#define RAPPORT_SERVICES_CONTRACT_COUNTRY_CODES_H_

#include "absl/strings/string_view.h"

namespace rapport::contract {

// Whether ISO 3166-1 gives a country this code of two upper-case letters, or leaves it to its users: AA, QM
// to QZ, XA to XZ and ZZ, among them Kosovo's by custom, "XK", and whatever a network invents.
bool IsCountryCode(absl::string_view code);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_COUNTRY_CODES_H_
