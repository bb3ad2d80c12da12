// What ranking reads of a therapist, in few bytes: a line of 16-bit numbers a row. It is a cache of what the
// score's own formula reads, precise to a known error, so that ranking can bound each score by one look at a
// line and work out the few that matter exactly.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_LINE_H_
#define RAPPORT_MATCHER_ELIGIBILITY_LINE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "matcher/domain/words.h"

namespace rapport::matcher {

// How many numbers a line has, and where each stands.
struct LineShape {
  int styles = 0;     // style dimensions of the catalog
  int facets = 0;     // facets of the catalog
  double fading = 0;  // by how much log P(reach) falls in a second without a confirmation

  static constexpr int kMean = 0;      // expected effect on the verdict
  static constexpr int kVariance = 1;  // what is left uncertain of it
  int style(int dimension) const { return 2 + dimension; }
  int felt(int facet) const { return 2 + styles + facet; }
  int values() const { return 2 + styles + facets; }
  // Numbers stand in pairs, of 32 bits: the even one low, the odd one high; before them the moment of the
  // last confirmation and log access.
  static constexpr std::size_t kConfirmed = 0;
  static constexpr std::size_t kAccess = 1;
  static constexpr std::size_t kPairs = 2;
  // A line takes this many units.
  std::size_t units() const { return (kPairs + static_cast<std::size_t>(values() + 1) / 2 + 7) / 8; }
};

// Half a cache line, which is a line of a catalog with up to ten style dimensions and facets: a look at a
// therapist is a look at one cache line.
struct alignas(32) LineUnit {
  std::array<std::int32_t, 8> words{};
};

// A number x stands as the nearest of x · kLineScale: within kLineError of x for |x| up to kLineLimit.
inline constexpr double kLineScale = 4096;
inline constexpr double kLineError = .5 / kLineScale;
inline constexpr double kLineLimit = 32767 / kLineScale;

// Least and greatest number in one place of a block's lines, scaled; or a little beyond, after changes.
struct LineRange {
  std::int16_t low = 32767;
  std::int16_t high = -32767;
};

// A therapist's record with one concern, as it moves the latent verdict.
struct RecordStanding {
  Word concern = 0;
  double mean = 0;
  double along = 0;     // how it goes with the effect on the verdict
  double variance = 0;  // where that effect is known
};
// A record goes along with the effect by this at most, up or down, where a line is to describe it.
inline constexpr double kMostAlong = 1.25;

// What offers and clients' answers have taught of a therapist, beside what the profile says.
struct Standing {
  double log_access = 0;                // log P(reach) just after a confirmation, plus log P(start)
  double mean = 0;                      // of the effect on the verdict
  double variance = 0;                  // of that effect
  std::vector<double> felt;             // expected effect by facet; empty: none known, all 0
  std::vector<RecordStanding> records;  // those with concerns that somebody answered about
};

// Log access on one time scale: what it will have been at a reference moment, fading included, rounded up to
// one part in kMarkScale. Comparing marks is comparing access at any moment; a confirmation in the future
// makes a mark too high, never too low. The highest mark says nothing.
inline constexpr double kMarkScale = 512;
inline constexpr std::int16_t kHighestMark = 32767;
inline constexpr std::int16_t kLowestMark = -32768;

// Moments as whole seconds, for comparing columns: rounded down, and kept within 30 years of 2030.
using Seconds = std::int32_t;
inline constexpr Seconds kFirstSecond = -(1 << 30) + 1;
inline constexpr Seconds kLastSecond = (1 << 30) - 1;
Seconds ToSeconds(absl::Time time);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_LINE_H_
