// Languages with both a two-letter and a three-letter code. BCP 47 asks for the shorter: without one form for
// each language, a client who asks for "eng" would never meet a therapist who speaks "en".
#ifndef RAPPORT_SERVICES_CONTRACT_LANGUAGE_CODES_H_
#define RAPPORT_SERVICES_CONTRACT_LANGUAGE_CODES_H_

#include "absl/strings/string_view.h"

namespace rapport::contract {

// The two-letter code (ISO 639-1) of the language with this three-letter code (ISO 639-2), or "" when it has
// none.
absl::string_view ShortLanguageCode(absl::string_view code);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_LANGUAGE_CODES_H_
