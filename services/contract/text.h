// Texts that are shown to people: valid UTF-8, not too long, nothing in them that could disguise what is
// written.
#ifndef RAPPORT_SERVICES_CONTRACT_TEXT_H_
#define RAPPORT_SERVICES_CONTRACT_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace rapport::contract {

// Whether `text` is well-formed UTF-8, as every string of a message must be. O(bytes).
bool IsUtf8(absl::string_view text);

enum class Presence { kRequired, kOptional };

// What is wrong with `text`, and what would be right; "" when all is well. At most `max_length` code points,
// no control characters, line breaks or marks that turn the direction of writing. Only blanks count as empty.
// O(bytes).
std::string TextProblem(absl::string_view text, int max_length, Presence presence);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_TEXT_H_
