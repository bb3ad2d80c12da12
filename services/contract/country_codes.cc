#include "services/contract/country_codes.h"

namespace rapport::contract {
namespace {

// By first letter, the second letters: 249 countries and territories.
constexpr absl::string_view kSecondLetters[26] = {
    "DEFGILMOQRSTUWXZ",         // A
    "ABDEFGHIJLMNOQRSTVWYZ",    // B
    "ACDFGHIKLMNORUVWXYZ",      // C
    "EJKMOZ",                   // D
    "CEGHRST",                  // E
    "IJKMOR",                   // F
    "ABDEFGHILMNPQRSTUWY",      // G
    "KMNRTU",                   // H
    "DELMNOQRST",               // I
    "EMOP",                     // J
    "EGHIMNPRWYZ",              // K
    "ABCIKRSTUVY",              // L
    "ACDEFGHKLMNOPQRSTUVWXYZ",  // M
    "ACEFGILOPRUZ",             // N
    "M",                        // O
    "AEFGHKLMNRSTWY",           // P
    "A",                        // Q
    "EOSUW",                    // R
    "ABCDEGHIJKLMNORSTVXYZ",    // S
    "CDFGHJKLMNORTVWZ",         // T
    "AGMSYZ",                   // U
    "ACEGINU",                  // V
    "FS",                       // W
    "",                         // X
    "ET",                       // Y
    "AMW",                      // Z
};

}  // namespace

bool IsCountryCode(absl::string_view code) {
  const bool by_users =
      code == "AA" || code == "ZZ" || (code >= "QM" && code <= "QZ") || (code >= "XA" && code <= "XZ");
  if (code.size() == 2 && by_users) return true;
  return code.size() == 2 && code[0] >= 'A' && code[0] <= 'Z' &&
         kSecondLetters[code[0] - 'A'].find(code[1]) != absl::string_view::npos;
}

}  // namespace rapport::contract
