#include "matcher/domain/week.h"

namespace rapport::matcher {
namespace {

constexpr int kHours = 168;

// The week as it reads `hours` later: bit h of the result is bit h + hours of `week`.
WeekHours Later(const WeekHours& week, int hours) {
  const int shift = ((hours % kHours) + kHours) % kHours;
  return (week >> shift) | (week << (kHours - shift));
}

}  // namespace

bool ShareAnHour(const WeekHours& a, const WeekHours& b, int minutes_ahead) {
  const int whole = minutes_ahead >= 0 ? minutes_ahead / 60 : -((-minutes_ahead + 59) / 60);
  const WeekHours seen = Later(b, whole);  // b's hours on a's clock, rounded down to a's full hours.
  if (minutes_ahead == whole * 60) return (a & seen).any();
  // An hour of a lies in two neighbouring hours of b, and an hour of b in two of a.
  const WeekHours next = Later(b, whole + 1);
  return (a & seen & next).any() || (next & a & Later(a, 1)).any();
}

}  // namespace rapport::matcher
