#include "services/contract/text.h"

#include <algorithm>
#include <iterator>
#include <utility>

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

// Shows as nothing: spaces, joiners, fillers and marks without a width (Unicode's White_Space and
// Default_Ignorable_Code_Point).
bool IsBlank(char32_t code_point) {
  constexpr std::pair<char32_t, char32_t> kBlank[] = {
      {0x09, 0x0D},       {0x20, 0x20},       {0x85, 0x85},      {0xA0, 0xA0},     {0xAD, 0xAD},
      {0x034F, 0x034F},   {0x061C, 0x061C},   {0x115F, 0x1160},  {0x1680, 0x1680}, {0x17B4, 0x17B5},
      {0x180B, 0x180F},   {0x2000, 0x200F},   {0x2028, 0x202F},  {0x205F, 0x206F}, {0x3000, 0x3000},
      {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},  {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFF8},
      {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
  return std::any_of(std::begin(kBlank), std::end(kBlank), [code_point](const auto& range) {
    return code_point >= range.first && code_point <= range.second;
  });
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
  int length = 0;
  bool seen = false;
  while (!text.empty()) {
    char32_t code_point = 0;
    if (!TakeCodePoint(text, code_point)) return "must be valid UTF-8";
    if (IsControl(code_point)) return "must not have control characters";
    if (++length > max_length) return absl::StrCat("must have at most ", max_length, " characters");
    seen = seen || !IsBlank(code_point);
  }
  if (presence == Presence::kRequired && !seen) return "must be set";
  return "";
}

}  // namespace rapport::contract
