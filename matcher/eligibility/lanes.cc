// Compiled once for each instruction set, chosen at run time (Highway's foreach_target).
#include "matcher/eligibility/lanes.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "matcher/eligibility/lanes.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace rapport::matcher {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void CompareLanes(const std::int32_t* HWY_RESTRICT values, std::size_t rows, std::int32_t limit,
                  Bitmap& below, Bitmap& equal) {
  const hn::CappedTag<std::int32_t, 16> lanes;
  const auto limits = hn::Set(lanes, limit);
  const std::size_t step = hn::Lanes(lanes);
  for (std::size_t start = 0; start < rows; start += kColumnStep) {
    std::uint64_t bits_below = 0;
    std::uint64_t bits_equal = 0;
    for (std::size_t i = 0; i < kColumnStep; i += step) {
      const auto value = hn::LoadU(lanes, values + start + i);
      std::uint8_t bits[8] = {};
      std::uint64_t word = 0;
      hn::StoreMaskBits(lanes, hn::Lt(value, limits), bits);
      __builtin_memcpy(&word, bits, sizeof(word));
      bits_below |= word << i;
      std::uint8_t others[8] = {};
      hn::StoreMaskBits(lanes, hn::Eq(value, limits), others);
      __builtin_memcpy(&word, others, sizeof(word));
      bits_equal |= word << i;
    }
    below.SetWord(static_cast<std::uint32_t>(start / kColumnStep), bits_below);
    equal.SetWord(static_cast<std::uint32_t>(start / kColumnStep), bits_equal);
  }
}

using WordLanes = hn::CappedTag<std::uint64_t, kWordStep>;

std::int64_t CountRowsLanes(const std::uint64_t* HWY_RESTRICT rows, std::uint32_t words) {
  const WordLanes lanes;
  auto sum = hn::Zero(lanes);
  for (std::uint32_t word = 0; word < words; word += hn::Lanes(lanes)) {
    sum = hn::Add(sum, hn::PopulationCount(hn::LoadU(lanes, rows + word)));
  }
  return static_cast<std::int64_t>(hn::GetLane(hn::SumOfLanes(lanes, sum)));
}

// rows = combine(what stands in any of the bitmaps, rows), counted.
template <typename Combine>
std::int64_t CombineLanes(const Bitmap* const* HWY_RESTRICT bitmaps, std::size_t count, std::uint32_t words,
                          std::uint64_t* HWY_RESTRICT rows, Combine combine) {
  const WordLanes lanes;
  auto sum = hn::Zero(lanes);
  for (std::uint32_t word = 0; word < words; word += hn::Lanes(lanes)) {
    auto any = hn::LoadU(lanes, bitmaps[0]->words() + word);
    for (std::size_t i = 1; i < count; ++i) any = hn::Or(any, hn::LoadU(lanes, bitmaps[i]->words() + word));
    const auto left = combine(any, hn::LoadU(lanes, rows + word));
    hn::StoreU(left, lanes, rows + word);
    sum = hn::Add(sum, hn::PopulationCount(left));
  }
  return static_cast<std::int64_t>(hn::GetLane(hn::SumOfLanes(lanes, sum)));
}

std::int64_t KeepInAnyLanes(const Bitmap* const* bitmaps, std::size_t count, std::uint32_t words,
                            std::uint64_t* rows) {
  return CombineLanes(bitmaps, count, words, rows, [](auto any, auto from) { return hn::And(any, from); });
}

std::int64_t KeepInNoneLanes(const Bitmap* const* bitmaps, std::size_t count, std::uint32_t words,
                             std::uint64_t* rows) {
  return CombineLanes(bitmaps, count, words, rows, [](auto any, auto from) { return hn::AndNot(any, from); });
}

}  // namespace HWY_NAMESPACE
}  // namespace rapport::matcher
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rapport::matcher {

HWY_EXPORT(CompareLanes);
HWY_EXPORT(CountRowsLanes);
HWY_EXPORT(KeepInAnyLanes);
HWY_EXPORT(KeepInNoneLanes);

void Compare(const std::int32_t* values, std::size_t rows, std::int32_t limit, Bitmap& below, Bitmap& equal) {
  HWY_DYNAMIC_DISPATCH(CompareLanes)(values, rows, limit, below, equal);
}

std::int64_t CountRows(const Bitmap& rows, std::uint32_t words) {
  return HWY_DYNAMIC_DISPATCH(CountRowsLanes)(rows.words(), words);
}

std::int64_t KeepInAny(absl::Span<const Bitmap* const> bitmaps, std::uint32_t words, Bitmap& rows) {
  if (bitmaps.empty()) {
    rows = Bitmap();
    return 0;
  }
  return HWY_DYNAMIC_DISPATCH(KeepInAnyLanes)(bitmaps.data(), bitmaps.size(), words, rows.words());
}

std::int64_t KeepInNone(absl::Span<const Bitmap* const> bitmaps, std::uint32_t words, Bitmap& rows) {
  if (bitmaps.empty()) return CountRows(rows, words);
  return HWY_DYNAMIC_DISPATCH(KeepInNoneLanes)(bitmaps.data(), bitmaps.size(), words, rows.words());
}

}  // namespace rapport::matcher
#endif  // HWY_ONCE
