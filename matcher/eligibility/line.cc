#include "matcher/eligibility/line.h"

#include <algorithm>

namespace rapport::matcher {

Seconds ToSeconds(absl::Time time) {
  constexpr std::int64_t k2030 = 1893456000;  // 2030-01-01 00:00 UTC
  // Unix seconds are rounded down, and kept within 64 bits for infinite times.
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  return static_cast<Seconds>(std::clamp<std::int64_t>(seconds, k2030 + kFirstSecond, k2030 + kLastSecond) -
                              k2030);
}

}  // namespace rapport::matcher
