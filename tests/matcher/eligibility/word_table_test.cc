// Words that come in any order, and more of them than sixteen bits number.
#include "matcher/eligibility/word_table.h"

#include <cstddef>
#include <map>

#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

TEST(WordTable, HoldsOneThingForEachWord) {
  WordTable<int> table;
  std::map<std::size_t, int> expected;
  // 70,000 different words: 7 i is one to one modulo a prime.
  constexpr std::size_t kPrime = 104'729;
  for (std::size_t i = 0; i < 70'000; ++i) {
    const std::size_t word = 7 * i % kPrime;
    table.At(word) = expected[word] = static_cast<int>(i);
  }
  for (std::size_t word = 0; word < kPrime + 10; ++word) {
    const int* thing = table.Find(word);
    const auto found = expected.find(word);
    ASSERT_EQ(thing != nullptr, found != expected.end()) << word;
    if (thing != nullptr) {
      ASSERT_EQ(*thing, found->second) << word;
    }
  }
}

}  // namespace
}  // namespace rapport::matcher
