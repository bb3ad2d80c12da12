// The loops of a search that look at whole columns, with the widest vectors that the machine has.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_LANES_H_
#define RAPPORT_MATCHER_ELIGIBILITY_LANES_H_

#include <cstddef>
#include <cstdint>

#include "matcher/eligibility/bitmap.h"

namespace rapport::matcher {

// Columns are as long as a multiple of this, so that loops need no tail.
inline constexpr std::size_t kColumnStep = 64;

// Rows whose value is below `limit`, and rows whose value is `limit`. `rows`: a multiple of kColumnStep, at
// most Bitmap::kRows; rows from there on are in neither.
void Compare(const std::int32_t* values, std::size_t rows, std::int32_t limit, Bitmap& below, Bitmap& equal);

// counts[i] += rows in bitmaps[i].
void AddCounts(const Bitmap* bitmaps, std::size_t count, std::int64_t* counts);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_LANES_H_
