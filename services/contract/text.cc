#include "services/contract/text.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace rapport::contract {
namespace {

// Takes one code point off the front of `text`; false when it does not begin with well-formed UTF-8 (overlong
// forms and surrogates included).
bool TakeCodePoint(absl::string_view& text, char32_t& code_point) {
  const auto lead = static_cast<unsigned char>(text.front());
  const int length = lead < 0x80         ? 1
                     : lead >> 5 == 0x6  ? 2
                     : lead >> 4 == 0xE  ? 3
                     : lead >> 3 == 0x1E ? 4
                                         : 0;
  if (length == 0 || text.size() < static_cast<size_t>(length)) return false;
  code_point = length == 1 ? lead : lead & (0x7F >> length);
  for (int i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if (next >> 6 != 0x2) return false;
    code_point = code_point << 6 | (next & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code_point < kSmallest[length] || code_point > 0x10FFFF) return false;
  if (code_point >= 0xD800 && code_point <= 0xDFFF) return false;
  text.remove_prefix(length);
  return true;
}

bool IsControl(char32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ||  // C0, DEL, C1
         code_point == 0x2028 || code_point == 0x2029 ||                    // line and paragraph separators
         (code_point >= 0x202A && code_point <= 0x202E) ||                  // embeddings and overrides
         (code_point >= 0x2066 && code_point <= 0x2069);                    // isolates
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  char32_t code_point = 0;
  while (!text.empty()) {
    if (!TakeCodePoint(text, code_point)) return false;
  }
  return true;
}

std::string TextProblem(absl::string_view text, int max_length, Presence presence) {
  if (presence == Presence::kRequired && absl::StripAsciiWhitespace(text).empty()) return "must be set";
  int length = 0;
  while (!text.empty()) {
    char32_t code_point = 0;
    if (!TakeCodePoint(text, code_point)) return "must be valid UTF-8";
    if (IsControl(code_point)) return "must not have control characters";
    if (++length > max_length) return absl::StrCat("must have at most ", max_length, " characters");
  }
  return "";
}

}  // namespace rapport::contract
