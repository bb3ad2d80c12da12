// The table of rows against a plain map, with hashes that collide and versions that are held.
#include "matcher/eligibility/row_table.h"

#include <map>
#include <random>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "matcher/eligibility/epoch.h"

namespace rapport::matcher {
namespace {

using Plain = std::map<std::uint32_t, std::uint64_t>;  // place → hash

void ExpectHolds(const RowTable& table, const Plain& plain) {
  ASSERT_EQ(table.size(), plain.size());
  for (const auto& [number, hash] : plain) {
    const RowPlace wanted{number / 1000, number % 1000};
    RowPlace found;
    ASSERT_TRUE(table.Find(
        hash, [&](RowPlace place) { return place == wanted; }, found));
    ASSERT_EQ(found, wanted);
  }
  RowPlace found;
  EXPECT_FALSE(table.Find(
      12345, [](RowPlace) { return false; }, found));
}

TEST(RowTableTest, AgreesWithAPlainMapInEveryVersion) {
  std::mt19937_64 random(3);
  RowTable table;
  Plain plain;
  Epoch epoch;
  // A version as an index holds it: copying it ends the epoch.
  struct Version {
    RowTable table;
    Plain plain;
    Epoch epoch;
  };
  std::vector<Version> versions;
  for (int step = 0; step < 6000; ++step) {
    const auto number = static_cast<std::uint32_t>(random() % 3000);
    const RowPlace place{number / 1000, number % 1000};
    const auto known = plain.find(number);
    if (known == plain.end()) {
      // Many share a hash altogether, many its first bits.
      const std::uint64_t hash = random() % 3 == 0 ? random() % 5 << 28 : random();
      table.Add(hash, place, epoch.Current());
      plain.emplace(number, hash);
    } else {
      table.Remove(known->second, place, epoch.Current());
      plain.erase(known);
    }
    if (step % 1000 == 500) {
      versions.push_back({table, plain, epoch});
    }
  }
  ExpectHolds(table, plain);
  for (const Version& version : versions) ExpectHolds(version.table, version.plain);
}

TEST(RowTableTest, FilledAtOnceItIsTheSame) {
  std::mt19937_64 random(5);
  for (const std::uint32_t size : {0u, 1u, 64u, 65u, 3000u}) {
    RowTable filled, added;
    Plain plain;
    Epoch epoch;
    std::vector<std::pair<std::uint64_t, RowPlace>> by_hash;
    for (std::uint32_t number = 0; number < size; ++number) {
      const std::uint64_t hash = random() % 3 == 0 ? random() % 5 << 28 : random();
      const RowPlace place{number / 1000, number % 1000};
      by_hash.emplace_back(hash, place);
      added.Add(hash, place, epoch.Current());
      plain.emplace(number, hash);
    }
    filled.Fill(by_hash, epoch.Current());
    ExpectHolds(filled, plain);
    EXPECT_LE(filled.MemoryBytes(), added.MemoryBytes());
    // It goes on changing as any other, and a version held meanwhile does not.
    const RowTable held = filled;
    [[maybe_unused]] const Epoch its_epoch = epoch;  // copying it ends ours, as where an index is copied
    const Plain held_plain = plain;
    for (std::uint32_t number = 0; number < size; number += 3) {
      filled.Remove(plain.at(number), {number / 1000, number % 1000}, epoch.Current());
      plain.erase(number);
    }
    filled.Add(7, {900, 1}, epoch.Current());
    plain.emplace(900'001, 7);
    ExpectHolds(filled, plain);
    ExpectHolds(held, held_plain);
  }
}

}  // namespace
}  // namespace rapport::matcher
