#include "matcher/domain/currency.h"

#include <algorithm>
#include <array>

namespace rapport::matcher {
namespace {

struct Places {
  absl::string_view currency;
  int places;
};

constexpr std::array<Places, 26> kOthers = {{
    {"BHD", 3}, {"BIF", 0}, {"CLF", 4}, {"CLP", 0}, {"DJF", 0}, {"GNF", 0}, {"IQD", 3},
    {"ISK", 0}, {"JOD", 3}, {"JPY", 0}, {"KMF", 0}, {"KRW", 0}, {"KWD", 3}, {"LYD", 3},
    {"OMR", 3}, {"PYG", 0}, {"RWF", 0}, {"TND", 3}, {"UGX", 0}, {"UYI", 0}, {"UYW", 4},
    {"VND", 0}, {"VUV", 0}, {"XAF", 0}, {"XOF", 0}, {"XPF", 0},
}};

}  // namespace

int DecimalPlaces(absl::string_view currency) {
  const auto* const other = std::find_if(
      kOthers.begin(), kOthers.end(), [currency](const Places& each) { return each.currency == currency; });
  return other == kOthers.end() ? 2 : other->places;
}

}  // namespace rapport::matcher
