// The vector loops of a search against plain ones.
#include "matcher/eligibility/lanes.h"

#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

class Lanes : public testing::Test {
 protected:
  // Rows below `words` words, each with a chance that differs from bitmap to bitmap.
  Bitmap Draw(std::uint32_t words) {
    Bitmap rows;
    const auto chance = random_() % 101;
    for (std::uint32_t row = 0; row < words * 64; ++row) rows.Add(row, random_() % 100 < chance);
    return rows;
  }

  std::mt19937_64 random_{7};
};

TEST_F(Lanes, KeepWhatStandsInAnyOrInNone) {
  for (std::uint32_t words = 0; words <= Bitmap::kWords; words += kWordStep) {
    for (std::size_t count = 0; count <= 5; ++count) {
      const Bitmap rows = Draw(words);
      std::vector<Bitmap> bitmaps;
      for (std::size_t i = 0; i < count; ++i) bitmaps.push_back(Draw(Bitmap::kWords));
      std::vector<const Bitmap*> stating;
      for (const Bitmap& bitmap : bitmaps) stating.push_back(&bitmap);
      Bitmap in_any = rows;
      Bitmap in_none = rows;
      const std::int64_t any_left = KeepInAny(stating, words, in_any);
      const std::int64_t none_left = KeepInNone(stating, words, in_none);

      std::int64_t before = 0, any_expected = 0;
      for (std::uint32_t row = 0; row < Bitmap::kRows; ++row) {
        bool any = false;
        for (const Bitmap& bitmap : bitmaps) any |= bitmap.Test(row);
        ASSERT_EQ(in_any.Test(row), rows.Test(row) && any) << row;
        ASSERT_EQ(in_none.Test(row), rows.Test(row) && !any) << row;
        before += rows.Test(row);
        any_expected += rows.Test(row) && any;
      }
      EXPECT_EQ(any_left, any_expected);
      EXPECT_EQ(none_left, before - any_expected);
      EXPECT_EQ(CountRows(rows, words), before);
    }
  }
}

TEST_F(Lanes, CompareAgainstALimit) {
  for (std::size_t rows = kColumnStep; rows <= Bitmap::kRows; rows += 7 * kColumnStep) {
    std::vector<std::int32_t> values(rows);
    for (std::int32_t& value : values) value = static_cast<std::int32_t>(random_() % 7) - 3;
    Bitmap below, equal;
    Compare(values.data(), rows, 1, below, equal);
    for (std::uint32_t row = 0; row < Bitmap::kRows; ++row) {
      ASSERT_EQ(below.Test(row), row < rows && values[row] < 1) << row;
      ASSERT_EQ(equal.Test(row), row < rows && values[row] == 1) << row;
    }
  }
}

TEST(Bitmap, TakingARowTellsWhetherItWasThere) {
  Bitmap rows;
  rows.Assign(70, true);
  EXPECT_EQ(rows.Take(70), 1);
  EXPECT_EQ(rows.Take(70), 0);
  EXPECT_EQ(rows.Take(71), 0);
  EXPECT_FALSE(rows.Any());
}

}  // namespace
}  // namespace rapport::matcher
