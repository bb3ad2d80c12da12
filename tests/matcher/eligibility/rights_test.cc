// Rights of a whole block, held against a look at each row's own.
#include "matcher/eligibility/rights.h"

#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

class RightsTest : public testing::Test {
 protected:
  std::uint32_t Below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  // Days of few values, so that many fall together.
  Right MakeRight() {
    Right right;
    if (Below(4) == 0) right.from = static_cast<DayNumber>(Below(40));
    if (Below(8) != 0) right.until = static_cast<DayNumber>(Below(60));
    right.remote_only = Below(6) == 0;
    return right;
  }
  std::vector<Right> MakeRights() {
    std::vector<Right> rights(Below(8) == 0 ? 2 + Below(2) : 1);
    for (Right& right : rights) right = MakeRight();
    // A renewal begins where the right before it ends, a day late at times.
    if (rights.size() > 1 && Below(2) == 0) {
      rights[0].until = static_cast<DayNumber>(Below(60));
      rights[1].from = rights[0].until + (Below(4) == 0 ? 2 : 1);
    }
    return rights;
  }
  Bitmap MakeRows(std::uint32_t words) {
    Bitmap rows;
    for (std::uint32_t word = 0; word < words; ++word) rows.SetWord(word, random_() | random_());
    return rows;
  }

  // All rows of `known`, asked on many days.
  void ExpectAgrees(const RegionRights& rights, const std::map<std::uint32_t, std::vector<Right>>& known,
                    std::uint32_t words) {
    for (int round = 0; round < 40; ++round) {
      Days days;
      days.first = static_cast<DayNumber>(Below(64));
      days.last = days.first + static_cast<DayNumber>(Below(3));
      const Bitmap remote = MakeRows(words), asked = MakeRows(words);
      Bitmap expected;
      for (const auto& [row, of_row] : known) {
        bool holds = true;
        for (DayNumber day = days.first; day <= days.last; ++day) {
          bool some = false;
          for (const Right& right : of_row)
            some |= right.from <= day && day <= right.until && (!right.remote_only || remote.Test(row));
          holds &= some;
        }
        expected.Assign(row, holds && asked.Test(row));
      }
      Bitmap kept = asked;
      EXPECT_EQ(rights.Keep(days, remote, words, kept), expected.Count());
      for (std::uint32_t word = 0; word < words; ++word) ASSERT_EQ(kept.Word(word), expected.Word(word));
    }
  }

  std::mt19937_64 random_{20261127};
};

TEST_F(RightsTest, KeepsThoseWhoHoldOneOnTheDays) {
  for (const std::uint32_t count : {20u, 63u, 64u, 200u, 1'000u, Bitmap::kRows}) {
    const std::uint32_t words = Bitmap::kWords;
    RegionRights rights;
    std::map<std::uint32_t, std::vector<Right>> known;
    for (std::uint32_t row = 0; row < count; ++row) {
      known[row] = MakeRights();
      rights.Append(row, known[row]);
    }
    rights.Settle();
    ExpectAgrees(rights, known, words);
    // Rows that go, come back and come anew; some of them before the first step's end, some behind the last.
    for (int change = 0; change < 300; ++change) {
      const std::uint32_t row = Below(count);
      rights.Remove(row);
      known.erase(row);
      if (Below(3) != 0) {
        known[row] = MakeRights();
        rights.Add(row, known[row]);
      }
      if (change % 30 == 0) ExpectAgrees(rights, known, words);
    }
    while (!known.empty()) {
      rights.Remove(known.begin()->first);
      known.erase(known.begin());
    }
    ExpectAgrees(rights, known, words);
  }
}

}  // namespace
}  // namespace rapport::matcher
