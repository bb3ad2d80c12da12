// Hours of the week, and whether two people in different time zones share one.
#ifndef RAPPORT_MATCHER_DOMAIN_WEEK_H_
#define RAPPORT_MATCHER_DOMAIN_WEEK_H_

#include <bitset>

namespace rapport::matcher {

// One bit for each whole hour of a week in somebody's own time zone; bit 0 is Monday 0:00 to 1:00, bit 167
// the last hour of Sunday.
using WeekHours = std::bitset<168>;

// True when a whole hour lies within both weeks at once. `minutes_ahead` is how far b's clock is ahead of
// a's, in minutes
// (-10,080 to 10,080; clocks on Earth differ by 26 hours at most): at Monday 9:00 of a it is Monday 9:00 +
// minutes_ahead for b. Where the difference is no whole number of hours, the shared hour may start at a full
// hour of either. O(1).
bool ShareAnHour(const WeekHours& a, const WeekHours& b, int minutes_ahead);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_DOMAIN_WEEK_H_
