// The loops of a search that look at whole columns, with the widest vectors that the machine has.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_LANES_H_
#define RAPPORT_MATCHER_ELIGIBILITY_LANES_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "matcher/eligibility/bitmap.h"

namespace rapport::matcher {

// Columns are as long as a multiple of this, so that loops need no tail.
inline constexpr std::size_t kColumnStep = 64;

// Rows whose value is below `limit`, and rows whose value is `limit`. `rows`: a multiple of kColumnStep, at
// most Bitmap::kRows; rows from there on are in neither.
void Compare(const std::int32_t* values, std::size_t rows, std::int32_t limit, Bitmap& below, Bitmap& equal);

// Each of these looks at the first `words` words of bitmaps, a multiple of kWordStep: no row may stand
// beyond.
inline constexpr std::uint32_t kWordStep = 8;

// How many `rows` are.
std::int64_t CountRows(const Bitmap& rows, std::uint32_t words);

// Leaves those of `rows` that stand in one of `bitmaps`, or in none of them; how many are left.
std::int64_t KeepInAny(absl::Span<const Bitmap* const> bitmaps, std::uint32_t words, Bitmap& rows);
std::int64_t KeepInNone(absl::Span<const Bitmap* const> bitmaps, std::uint32_t words, Bitmap& rows);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_LANES_H_
