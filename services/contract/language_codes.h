// Languages with more than one code: two letters and three, or one that was withdrawn. BCP 47 asks for one of
// them: without that, a client who asks for "eng" would never meet a therapist who speaks "en".
#ifndef RAPPORT_SERVICES_CONTRACT_LANGUAGE_CODES_H_
#define RAPPORT_SERVICES_CONTRACT_LANGUAGE_CODES_H_

#include "absl/strings/string_view.h"

namespace rapport::contract {

// The code that BCP 47 asks for in place of this one: two letters (ISO 639-1) for three (ISO 639-2), "he" for
// "iw"; "" when it is the one.
absl::string_view ShortLanguageCode(absl::string_view code);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_LANGUAGE_CODES_H_
