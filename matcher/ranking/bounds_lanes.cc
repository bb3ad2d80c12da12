// Compiled once for each instruction set, chosen at run time (Highway's foreach_target).
#include "matcher/ranking/bounds_lanes.h"

#include <bit>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "matcher/ranking/bounds_lanes.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace rapport::matcher {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Sixteen lanes at most: what the arrays below have room for.
using Floats = hn::CappedTag<float, 16>;
using Ints = hn::RebindToSigned<Floats>;
constexpr std::size_t kLanes = 16;
// A bitmap's words are read as halves, the low one first.
static_assert(std::endian::native == std::endian::little);

void ListMarkedLanes(const Columns& columns, std::uint32_t first_word,
                     const std::array<std::uint64_t, kStretchWords>& rows, std::int16_t least,
                     RowList& list) {
  const hn::CappedTag<std::int16_t, 64> marks;
  const std::size_t lanes = hn::Lanes(marks);
  const std::int16_t* HWY_RESTRICT column = columns.marks.data();
  const auto leasts = hn::Set(marks, least);
  std::size_t size = 0;
  for (std::uint32_t word = 0; word < kStretchWords; ++word) {
    std::uint64_t bits = rows[word];
    if (bits == 0) continue;
    const std::size_t start = (first_word + word) * std::size_t{64};
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < 64; i += lanes) {
      std::uint8_t part[8] = {};
      hn::StoreMaskBits(marks, hn::Lt(hn::LoadU(marks, column + start + i), leasts), part);
      std::uint64_t bits_of_part = 0;
      __builtin_memcpy(&bits_of_part, part, sizeof(bits_of_part));
      below |= bits_of_part << i;
    }
    for (bits &= ~below; bits != 0; bits &= bits - 1)
      list.rows[size++] = static_cast<std::int32_t>(start + static_cast<std::size_t>(std::countr_zero(bits)));
  }
  list.size = size;
}

// The therapist's number in one half of each pair, unscaled.
template <class V>
hn::Vec<Floats> HalfOf(V pairs, bool high) {
  return hn::ConvertTo(Floats(), hn::ShiftRight<16>(high ? pairs : hn::ShiftLeft<16>(pairs)));
}

void EnterListLanes(const LaneFormula& formula, const Columns& columns, std::uint32_t first_row,
                    absl::Span<const WishedRows> wished, const RecordSums& records, float slack,
                    RowList& list, Contest& contest) {
  const Floats floats;
  const Ints ints;
  const std::size_t lanes = hn::Lanes(floats);
  const std::int32_t* HWY_RESTRICT begin = columns.Line(first_row);
  const std::int32_t* HWY_RESTRICT lines = begin + LineShape::kPairs;
  const auto line_words = hn::Set(ints, static_cast<std::int32_t>(8 * columns.shape.units()));
  const auto first = hn::Set(ints, static_cast<std::int32_t>(first_row));
  const auto unit = hn::Set(floats, formula.line_unit);
  const auto one = hn::Set(floats, 1.f);
  const auto now = hn::Set(ints, formula.now);
  const auto fading = hn::Set(floats, formula.fading);
  const std::size_t values = formula.values;
  const LaneFormula::Half* halves_at = formula.halves.data();
  const float* slope = formula.slope.data();
  const float* variance_slope = formula.variance_slope.data();
  constexpr std::size_t kMaxValues = 64;
  alignas(64) float r[kMaxValues * kLanes];
  const std::size_t size = list.size;
  if (size == 0) return;
  // The last vector is filled up with the last row.
  for (std::size_t i = size; i < size + lanes; ++i) list.rows[i] = list.rows[size - 1];
  for (std::size_t start = 0; start < size; start += lanes) {
    const auto row = hn::LoadU(ints, list.rows.data() + start);
    const auto place = hn::Sub(row, first);
    const auto line = hn::Mul(place, line_words);
    const auto own = hn::GatherIndex(ints, lines, line);
    auto mean = hn::MulAdd(HalfOf(own, false), unit, hn::Set(floats, formula.constant));
    auto variance = hn::MulAdd(HalfOf(own, true), unit, hn::Set(floats, formula.variance));
    if (records.any) {
      mean = hn::Add(mean, hn::GatherIndex(floats, records.mean.data(), place));
      variance = hn::Add(variance, hn::GatherIndex(floats, records.variance.data(), place));
    }
    const std::size_t halves = formula.halves.size();
    for (std::size_t i = 0; i < halves; ++i) {
      const auto pair = hn::GatherIndex(ints, lines, hn::Add(line, hn::Set(ints, halves_at[i].pair)));
      hn::Store(HalfOf(pair, halves_at[i].high), floats, r + i * kLanes);
    }
    for (std::size_t i = halves; i < values; ++i) hn::Store(hn::Zero(floats), floats, r + i * kLanes);
    for (const WishedRows& wish : wished) {
      const auto word = hn::GatherIndex(ints, wish.bits.data(), hn::ShiftRight<5>(place));
      const auto bit = hn::Shl(hn::Set(ints, 1), hn::And(place, hn::Set(ints, 31)));
      const auto stated = hn::RebindMask(floats, hn::TestBit(word, bit));
      float* sum = r + static_cast<std::size_t>(wish.value) * kLanes;
      hn::Store(hn::Add(hn::Load(floats, sum), hn::IfThenElseZero(stated, hn::Set(floats, wish.strength))),
                floats, sum);
    }
    const float* square = formula.square.data();
    for (std::size_t i = 0; i < values; ++i) {
      const auto value = hn::Load(floats, r + i * kLanes);
      mean = hn::MulAdd(value, hn::Set(floats, slope[i]), mean);
      auto along = hn::Set(floats, variance_slope[i]);
      for (std::size_t j = 0; j <= i; ++j)
        along = hn::MulAdd(hn::Load(floats, r + j * kLanes), hn::Set(floats, *square++), along);
      variance = hn::MulAdd(value, along, variance);
    }
    const auto raw = hn::Div(mean, hn::Sqrt(hn::Max(variance, one)));
    const auto raw_slack =
        hn::MulAdd(hn::Abs(raw), hn::Set(floats, formula.z_relative_slack), hn::Set(floats, formula.z_slack));
    const auto bend = hn::Set(floats, formula.calibration_slope);
    const auto z = hn::MulAdd(raw, bend, hn::Set(floats, formula.calibration_shift));
    const auto z_slack = hn::MulAdd(raw_slack, bend, hn::Set(floats, formula.calibration_slack));
    const auto high = hn::Add(z, z_slack);
    // BondCurve::Upper, without the cases that a bounded formula cannot give.
    auto cell =
        hn::Mul(hn::Sub(high, hn::Set(floats, BondCurve::kFirst)), hn::Set(floats, BondCurve::kCellsPerUnit));
    cell = hn::Add(hn::Max(cell, hn::Set(floats, -1.f)), one);
    cell = hn::Min(cell, hn::Set(floats, static_cast<float>(BondCurve::kCells + 1)));
    const auto bond = hn::GatherIndex(floats, formula.curve->upper(), hn::ConvertTo(ints, cell));
    const auto confirmed = hn::GatherIndex(ints, begin + LineShape::kConfirmed, line);
    const auto newest = hn::BitCast(floats, hn::GatherIndex(ints, begin + LineShape::kAccess, line));
    const auto age = hn::ConvertTo(floats, hn::Max(hn::Sub(now, confirmed), hn::Zero(ints)));
    const auto access = hn::Add(hn::NegMulAdd(fading, age, newest), hn::Set(floats, slack));
    const auto upper = hn::Add(access, bond);
    const auto in = hn::Ge(upper, hn::Set(floats, contest.floor()));
    if (hn::AllFalse(floats, in)) continue;
    alignas(64) float uppers[kLanes], lows[kLanes], leasts[kLanes];
    hn::Store(hn::Sub(access, hn::Set(floats, 2 * slack)), floats, leasts);
    hn::Store(upper, floats, uppers);
    hn::Store(hn::Sub(z, z_slack), floats, lows);
    std::uint8_t reached[8] = {};
    hn::StoreMaskBits(floats, in, reached);
    std::uint64_t bits = 0;
    __builtin_memcpy(&bits, reached, sizeof(bits));
    if (size - start < lanes) bits &= (std::uint64_t{1} << (size - start)) - 1;
    for (; bits != 0; bits &= bits - 1) {
      const auto lane = static_cast<std::size_t>(std::countr_zero(bits));
      if (uppers[lane] < contest.floor()) continue;
      contest.Add({uppers[lane], leasts[lane] + formula.curve->Lower(lows[lane]), &columns,
                   static_cast<std::uint32_t>(list.rows[start + lane])});
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace rapport::matcher
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rapport::matcher {

HWY_EXPORT(ListMarkedLanes);
HWY_EXPORT(EnterListLanes);

void ListMarked(const Columns& columns, std::uint32_t first_word,
                const std::array<std::uint64_t, kStretchWords>& rows, std::int16_t least, RowList& list) {
  HWY_DYNAMIC_DISPATCH(ListMarkedLanes)(columns, first_word, rows, least, list);
}

void EnterList(const LaneFormula& formula, const Columns& columns, std::uint32_t first_row,
               absl::Span<const WishedRows> wished, const RecordSums& records, float slack, RowList& list,
               Contest& contest) {
  HWY_DYNAMIC_DISPATCH(EnterListLanes)(formula, columns, first_row, wished, records, slack, list, contest);
}

}  // namespace rapport::matcher
#endif  // HWY_ONCE
