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

void AddCountsLanes(const Bitmap* HWY_RESTRICT bitmaps, std::size_t count,
                    std::int64_t* HWY_RESTRICT counts) {
  const hn::CappedTag<std::uint64_t, 8> lanes;
  const std::size_t step = hn::Lanes(lanes);
  for (std::size_t i = 0; i < count; ++i) {
    auto sum = hn::Zero(lanes);
    for (std::size_t word = 0; word < Bitmap::kWords; word += step) {
      sum = hn::Add(sum, hn::PopulationCount(hn::LoadU(lanes, bitmaps[i].words() + word)));
    }
    counts[i] += static_cast<std::int64_t>(hn::GetLane(hn::SumOfLanes(lanes, sum)));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace rapport::matcher
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rapport::matcher {

HWY_EXPORT(CompareLanes);
HWY_EXPORT(AddCountsLanes);

void Compare(const std::int32_t* values, std::size_t rows, std::int32_t limit, Bitmap& below, Bitmap& equal) {
  HWY_DYNAMIC_DISPATCH(CompareLanes)(values, rows, limit, below, equal);
}

void AddCounts(const Bitmap* bitmaps, std::size_t count, std::int64_t* counts) {
  HWY_DYNAMIC_DISPATCH(AddCountsLanes)(bitmaps, count, counts);
}

}  // namespace rapport::matcher
#endif  // HWY_ONCE
