// The loops of ranking, with the widest vectors that the machine has: which rows have access enough to
// matter, and between which bounds their scores lie. See bounds.h for the formula.
#ifndef RAPPORT_MATCHER_RANKING_BOUNDS_LANES_H_
#define RAPPORT_MATCHER_RANKING_BOUNDS_LANES_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "matcher/eligibility/bitmap.h"
#include "matcher/eligibility/block.h"
#include "matcher/ranking/contest.h"
#include "matcher/ranking/curve.h"

namespace rapport::matcher {

// The formula in single precision, for vector code. Line values come first, sums of met wishes after them.
struct LaneFormula {
  // Where a line value stands.
  struct Half {
    std::int32_t pair = 0;
    bool high = false;
  };
  absl::InlinedVector<Half, 24> halves;
  std::size_t values = 0;  // line values and sums
  float constant = 0;
  absl::InlinedVector<float, 24> slope;
  float variance = 0;  // 1 + v
  absl::InlinedVector<float, 24> variance_slope;
  absl::InlinedVector<float, 64> square;  // lower triangle by rows, each pair counted once
  float line_unit = 0;                    // of the therapist's own mean and variance
  float z_slack = 0;
  float z_relative_slack = 0;
  // The calibration map: the curve is looked up at shift + slope · z, known to within calibration_slack
  // beside the slack of z.
  float calibration_shift = 0;
  float calibration_slope = 1;
  float calibration_slack = 0;
  const BondCurve* curve = nullptr;
  float fading = 0;  // of log P(reach), a second
  Seconds now = 0;
};

// Rows are looked at in stretches of a block: so many of a bitmap's words.
inline constexpr std::uint32_t kStretchWords = 16;
inline constexpr std::size_t kStretchRows = kStretchWords * 64;
static_assert(Bitmap::kWords % kStretchWords == 0);
static_assert(Columns::kLineRows % kStretchRows == 0, "the lines of a stretch stand one after another");

// A stretch's rows that one wished word picks out, 32 to a number, and what they add to which sum.
struct WishedRows {
  std::array<std::int32_t, kStretchRows / 32> bits;
  float strength = 0;
  std::int32_t value = 0;
};

// Rows of a stretch still of interest, by their place in the block. There is room for the lanes of one vector
// more.
struct RowList {
  static constexpr std::size_t kRoom = kStretchRows + 64;
  std::size_t size = 0;
  alignas(64) std::array<std::int32_t, kRoom> rows;
};

// What records with the client's concerns add to the mean and variance of a stretch's rows. `any` false:
// nothing, to nobody.
struct RecordSums {
  bool any = false;
  // Not initialised: they count where `any` is true.
  alignas(64) std::array<float, kStretchRows> mean;
  alignas(64) std::array<float, kStretchRows> variance;
  std::array<float, kStretchRows> along;  // how they go with a row's own effect
};

// Fills `list` with those of `rows`, a stretch from word `first_word` on, whose mark is at least `least`.
void ListMarked(const Columns& columns, std::uint32_t first_word,
                const std::array<std::uint64_t, kStretchWords>& rows, std::int16_t least, RowList& list);

// Enters those in `list` whose upper bound reaches the contest's floor. `first_row`: where the stretch
// begins. `slack`: how far off log access may be. The list's room is written to.
void EnterList(const LaneFormula& formula, const Columns& columns, std::uint32_t first_row,
               absl::Span<const WishedRows> wished, const RecordSums& records, float slack, RowList& list,
               Contest& contest);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_RANKING_BOUNDS_LANES_H_
