// Holds VersionedMap against a plain hash map over random histories, with every kept version checked at the
// end.
#include "matcher/versioned/map.h"

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

// Sends all keys to few hashes, which differ only in their highest bits: leaves overflow and the trie is as
// high as it gets.
struct CollidingHash {
  std::uint64_t operator()(absl::string_view key) const {
    return static_cast<std::uint64_t>(key.empty() ? 0 : key.back() % 3) << 62;
  }
};

template <typename Map>
void ExpectHolds(const Map& map, const absl::flat_hash_map<std::string, int>& expected) {
  ASSERT_EQ(map.size(), expected.size());
  ASSERT_EQ(map.empty(), expected.empty());
  absl::flat_hash_map<std::string, int> seen;
  map.ForEach([&](const std::string& key, const std::shared_ptr<const int>& value) {
    EXPECT_TRUE(seen.emplace(key, *value).second) << key << " came twice";
  });
  EXPECT_EQ(seen, expected);
  // Fetching looks along the same ways as finding, and changes nothing; "?" is no key of these tests.
  std::vector<absl::string_view> keys = {"?"};
  for (const auto& [key, value] : expected) keys.push_back(key);
  map.Fetch(keys);
  for (const auto& [key, value] : expected) {
    const int* found = map.Find(key);
    ASSERT_NE(found, nullptr) << key;
    EXPECT_EQ(*found, value);
    EXPECT_EQ(map.Share(key).get(), found);
  }
}

template <typename Hash>
class VersionedMapTest : public testing::Test {};
using Hashes = testing::Types<StableHash, CollidingHash>;
TYPED_TEST_SUITE(VersionedMapTest, Hashes);

TYPED_TEST(VersionedMapTest, IsEmptyAtFirst) {
  VersionedMap<int, TypeParam> map;
  EXPECT_EQ(map.Find("a"), nullptr);
  EXPECT_EQ(map.Share("a"), nullptr);
  EXPECT_FALSE(map.Erase("a"));
  ExpectHolds(map, {});
}

TYPED_TEST(VersionedMapTest, HoldsTheEmptyKey) {
  VersionedMap<int, TypeParam> map;
  map.Set("", std::make_shared<const int>(7));
  ExpectHolds(map, {{"", 7}});
  EXPECT_TRUE(map.Erase(""));
  ExpectHolds(map, {});
}

TYPED_TEST(VersionedMapTest, ACopyDoesNotSeeLaterChanges) {
  VersionedMap<int, TypeParam> before;
  before.Set("a", std::make_shared<const int>(1));
  VersionedMap<int, TypeParam> after = before;
  after.Set("a", std::make_shared<const int>(2));
  after.Set("b", std::make_shared<const int>(3));
  ExpectHolds(before, {{"a", 1}});
  ExpectHolds(after, {{"a", 2}, {"b", 3}});
  before.Erase("a");
  ExpectHolds(after, {{"a", 2}, {"b", 3}});
}

TYPED_TEST(VersionedMapTest, AgreesWithAHashMapOverRandomHistories) {
  using Map = VersionedMap<int, TypeParam>;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    const std::uint64_t keys = seed % 2 == 0 ? 40 : 400;
    Map map;
    absl::flat_hash_map<std::string, int> expected;
    std::vector<std::pair<Map, absl::flat_hash_map<std::string, int>>> versions;
    for (int step = 0; step < 2000; ++step) {
      const std::string key = absl::StrCat("key-", random() % keys);
      // Growth and decline by turns, so that branches form and fall together.
      const bool grows = step / 500 % 2 == 0;
      if (random() % 10 < (grows ? 8u : 2u)) {
        map.Set(key, std::make_shared<const int>(step));
        expected[key] = step;
      } else {
        EXPECT_EQ(map.Erase(key), expected.erase(key) == 1);
      }
      EXPECT_EQ(map.size(), expected.size());
      if (step % 97 == 0) versions.emplace_back(map, expected);
    }
    for (const auto& [key, value] : absl::flat_hash_map<std::string, int>(expected)) {
      EXPECT_TRUE(map.Erase(key));
      EXPECT_EQ(map.Find(key), nullptr);
    }
    ExpectHolds(map, {});
    for (const auto& [version, held] : versions) ExpectHolds(version, held);
  }
}

TEST(VersionedMap, OneVersionOwnsAValueNoOtherHolds) {
  VersionedMap<int> map;
  auto value = std::make_shared<const int>(1);
  const std::weak_ptr<const int> watch = value;
  map.Set("a", std::move(value));
  auto copy = std::make_unique<VersionedMap<int>>(map);
  map.Erase("a");
  EXPECT_FALSE(watch.expired());
  copy.reset();
  EXPECT_TRUE(watch.expired());
}

TEST(VersionedMap, HoldsManyEntries) {
  VersionedMap<int> map;
  for (int i = 0; i < 100'000; ++i) map.Set(absl::StrCat("therapist-", i), std::make_shared<const int>(i));
  ASSERT_EQ(map.size(), 100'000u);
  for (int i = 0; i < 100'000; ++i) ASSERT_EQ(*map.Find(absl::StrCat("therapist-", i)), i);
}

TEST(StableHash, IsTheSameInEveryBuild) {
  EXPECT_EQ(StableHash()(""), StableHash()(absl::string_view()));
  EXPECT_NE(StableHash()("a"), StableHash()("b"));
  EXPECT_EQ(StableHash()("therapist-1"), 2313603442427180964u);
}

}  // namespace
}  // namespace rapport::matcher
