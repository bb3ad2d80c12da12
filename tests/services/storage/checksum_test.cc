#include "services/storage/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace rapport::storage {
namespace {

using Way = Checksum& (Checksum::*)(absl::string_view);

class ChecksumTest : public testing::TestWithParam<Way> {
 protected:
  static std::int64_t Of(const std::string& bytes) { return (Checksum().*GetParam())(bytes).value(); }
};

INSTANTIATE_TEST_SUITE_P(Ways, ChecksumTest, testing::Values(&Checksum::Add, &Checksum::AddLong));

TEST_P(ChecksumTest, EachFlippedBitAndEachPairOfHighestBitsShows) {
  const std::string text(101, 'x');
  const std::int64_t whole = Of(text);
  const auto flip = [](std::string& bytes, std::size_t bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
  };
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string damaged = text;
    flip(damaged, bit);
    EXPECT_NE(Of(damaged), whole) << bit;
  }
  // Where eight bytes are taken at once, their last byte's highest bit is what nothing is carried from.
  for (std::size_t a = 7; a < text.size(); a += 8) {
    for (std::size_t b = a + 8; b < text.size(); b += 8) {
      std::string damaged = text;
      flip(damaged, 8 * a + 7);
      flip(damaged, 8 * b + 7);
      EXPECT_NE(Of(damaged), whole) << a << " " << b;
    }
  }
}

TEST_P(ChecksumTest, TellsLengthsAndBordersApart) {
  EXPECT_NE(Of(""), Of(std::string(1, '\0')));
  EXPECT_NE(Of(std::string(8, '\0')), Of(std::string(16, '\0')));
  const auto parts = [](const char* first, const char* second) {
    Checksum checksum;
    (checksum.*GetParam())(first);
    return (checksum.*GetParam())(second).value();
  };
  EXPECT_NE(parts("ab", "c"), parts("a", "bc"));
}

}  // namespace
}  // namespace rapport::storage
