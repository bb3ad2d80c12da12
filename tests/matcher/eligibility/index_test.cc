// Holds the index against the reference predicate: same therapists, same counts, whatever was put in and
// taken out, for every version that is still held.
#include "matcher/eligibility/index.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/eligibility/distance.h"
#include "matcher/eligibility/rules.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

using testing::IsEmpty;

// What the index should hold, by therapist id.
using Directory = std::map<std::string, std::shared_ptr<const Listing>>;

// What a search should find. Near misses by id with the rule's number.
struct Expected {
  std::vector<std::string> eligible;
  std::vector<std::pair<std::string, int>> near_misses;
  std::array<std::int64_t, kRules> first_failed{};
  std::array<std::int64_t, kRules> only_this_rule{};
};

Expected ByPredicate(const Directory& directory, const Query& query) {
  Expected expected;
  for (const auto& [id, listing] : directory) {
    const RuleSet failed = FailedRules(query, *listing);
    const auto first = FirstFailed(failed);
    if (!first) {
      expected.eligible.push_back(id);
      continue;
    }
    ++expected.first_failed[IndexOf(*first)];
    if (failed.count() > 1) continue;
    ++expected.only_this_rule[IndexOf(*first)];
    expected.near_misses.emplace_back(id, static_cast<int>(*first));
  }
  return expected;
}

std::vector<std::string> EligibleIds(const Selection& selection) {
  std::vector<std::string> ids;
  for (const Listing* listing : selection.eligible) ids.push_back(listing->therapist->id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::pair<std::string, int>> NearMissIds(const Selection& selection) {
  std::vector<std::pair<std::string, int>> ids;
  for (const NearMiss& miss : selection.near_misses) {
    ids.emplace_back(miss.listing->therapist->id, static_cast<int>(miss.rule));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

void ExpectAgrees(const Index& index, const Directory& directory, const Query& query) {
  const Selection selection = index.Select(query);
  const Expected expected = ByPredicate(directory, query);
  EXPECT_EQ(selection.therapists, static_cast<std::int64_t>(directory.size()));
  EXPECT_EQ(EligibleIds(selection), expected.eligible);
  EXPECT_EQ(NearMissIds(selection), expected.near_misses);
  EXPECT_EQ(selection.first_failed, expected.first_failed);
  EXPECT_EQ(selection.only_this_rule, expected.only_this_rule);
}

void ExpectHolds(const Index& index, const Directory& directory) {
  ASSERT_EQ(index.size(), directory.size());
  std::size_t visited = 0;
  index.ForEach([&](const std::shared_ptr<const Listing>& listing) {
    ++visited;
    const auto found = directory.find(listing->therapist->id);
    ASSERT_NE(found, directory.end()) << listing->therapist->id;
    EXPECT_EQ(found->second, listing);
  });
  EXPECT_EQ(visited, directory.size());
  for (const auto& [id, listing] : directory) {
    EXPECT_EQ(index.Find(id), listing.get());
    EXPECT_EQ(index.Share(id), listing);
  }
}

// A random query; of therapists that exist, some are tried, some excluded, and one stands exactly at the
// distance limit.
Query MakeRandomQuery(RandomNetwork& network, const Directory& directory) {
  std::vector<std::string> tried;
  Needs needs = network.MakeNeeds();
  for (const auto& [id, listing] : directory) {
    if (network.Chance(2)) tried.push_back(id);
    if (network.Chance(2)) needs.musts.excluded_therapist_ids.push_back(id);
    const auto& place = listing->therapist->place;
    if (needs.musts.max_distance_km && needs.musts.location.coordinates && place && place->coordinates &&
        network.Chance(3)) {
      needs.musts.max_distance_km = GreatCircleKm(*needs.musts.location.coordinates, *place->coordinates);
    }
  }
  tried.push_back("nobody");
  needs.musts.excluded_therapist_ids.push_back("zz-nobody");
  const absl::Time now = RandomNetwork::Now() + absl::Hours(static_cast<int>(network.Below(8)) - 4);
  return MakeQuery(network.catalog(), needs, std::move(tried), now);
}

// Puts, replaces and removes at random, the same in both.
void Change(RandomNetwork& network, int changes, std::uint64_t ids, int remove_percent, Index& index,
            Directory& directory) {
  for (int i = 0; i < changes; ++i) {
    const std::string id = absl::StrCat("t", network.Below(ids));
    if (network.Chance(remove_percent)) {
      EXPECT_EQ(index.Remove(id), directory.erase(id) == 1);
    } else {
      directory[id] = network.MakeListing(id);
      index.Put(directory[id]);
    }
  }
}

// A listing, mostly of one place, so that the place takes more than one block.
std::shared_ptr<const Listing> MakeCrowdedListing(RandomNetwork& network, const std::string& id) {
  auto listing = std::make_shared<Listing>(*network.MakeListing(id));
  if (network.Chance(30) || !listing->therapist->place) return listing;
  auto therapist = std::make_shared<Therapist>(*listing->therapist);
  therapist->place->region = "US-MA";
  listing->therapist = std::move(therapist);
  return listing;
}

TEST(Index, OfNobodyAnswersWithNobody) {
  RandomNetwork network(1);
  const Index index;
  EXPECT_EQ(index.size(), 0u);
  EXPECT_EQ(index.Find("t1"), nullptr);
  EXPECT_EQ(index.Share("t1"), nullptr);
  for (int i = 0; i < 100; ++i) ExpectAgrees(index, {}, MakeRandomQuery(network, {}));
}

TEST(Index, ReplacesByTherapistIdWhereverTheyMoved) {
  auto in_place = [](const char* region) {
    auto therapist = std::make_shared<Therapist>();
    therapist->id = "t1";
    therapist->place = Place{region, "", {}};
    return std::make_shared<const Listing>(Listing{therapist, 0, absl::InfinitePast(), {}, {}});
  };
  Index index;
  Directory directory;
  for (const char* region : {"US-MA", "US-MA", "US-NY", "US-MA"}) {
    directory["t1"] = in_place(region);
    index.Put(directory["t1"]);
    ExpectHolds(index, directory);
  }
  EXPECT_FALSE(index.Remove("t2"));
  EXPECT_TRUE(index.Remove("t1"));
  EXPECT_FALSE(index.Remove("t1"));
  ExpectHolds(index, {});
}

TEST(Index, RemovesByAnIdThatTheListingItselfHolds) {
  RandomNetwork network(2);
  Index index;
  index.Put(network.MakeListing("a-therapist-with-quite-a-long-id"));
  index.Put(network.MakeListing("another-therapist-with-quite-a-long-id"));
  EXPECT_TRUE(index.Remove(index.Find("a-therapist-with-quite-a-long-id")->therapist->id));
  EXPECT_TRUE(index.Remove(index.Find("another-therapist-with-quite-a-long-id")->therapist->id));
  EXPECT_EQ(index.size(), 0u);
}

// 300 networks × 6 rounds × 10 queries, on the average about 100 therapists each: more than a million pairs
// with all rules, each version asked anew at the end.
TEST(Index, AgreesWithThePredicateOverRandomHistories) {
  std::int64_t pairs = 0;
  std::int64_t eligible = 0;
  std::array<std::int64_t, kRules> only_this_rule{};
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    RandomNetwork network(seed);
    struct Version {
      Index index;
      Directory directory;
      std::vector<Query> queries;
    };
    std::vector<Version> versions;
    Index index;
    Directory directory;
    for (int round = 0; round < 6; ++round) {
      Change(network, 150, 250, round % 3 == 2 ? 70 : 15, index, directory);
      ExpectHolds(index, directory);
      Version version{index, directory, {}};
      for (int i = 0; i < 10; ++i) {
        version.queries.push_back(MakeRandomQuery(network, directory));
        ExpectAgrees(index, directory, version.queries.back());
        const Selection selection = index.Select(version.queries.back());
        pairs += selection.therapists;
        eligible += static_cast<std::int64_t>(selection.eligible.size());
        for (std::size_t rule = 0; rule < kRules; ++rule)
          only_this_rule[rule] += selection.only_this_rule[rule];
      }
      if (round % 2 == 0) versions.push_back(std::move(version));
    }
    for (const Version& version : versions) {
      ExpectHolds(version.index, version.directory);
      for (const Query& query : version.queries) ExpectAgrees(version.index, version.directory, query);
    }
    if (testing::Test::HasFailure()) break;
  }
  // The histories say something only if they reach every rule.
  EXPECT_GE(pairs, 1'000'000);
  EXPECT_GT(eligible, 1000);
  for (std::size_t rule = 0; rule < kRules; ++rule)
    EXPECT_GT(only_this_rule[rule], 20) << "rule " << rule + 1;
}

TEST(Index, AgreesWithThePredicateOnBlocksThatAreFull) {
  RandomNetwork network(5000);
  Index index;
  Directory directory;
  for (std::uint32_t i = 0; i < 2 * Bitmap::kRows; ++i) {
    const std::string id = absl::StrCat("t", i);
    directory[id] = MakeCrowdedListing(network, id);
    index.Put(directory[id]);
  }
  ExpectHolds(index, directory);
  for (int i = 0; i < 20; ++i) ExpectAgrees(index, directory, MakeRandomQuery(network, directory));
  const Index full = index;
  const Directory everybody = directory;
  Change(network, 3000, 5000, 90, index, directory);
  Change(network, 500, 7000, 0, index, directory);
  ExpectHolds(index, directory);
  for (int i = 0; i < 20; ++i) ExpectAgrees(index, directory, MakeRandomQuery(network, directory));
  ExpectHolds(full, everybody);
  ExpectAgrees(full, everybody, MakeRandomQuery(network, everybody));
}

TEST(Index, CopiesGoTheirOwnWays) {
  RandomNetwork network(7);
  Index first;
  Directory in_first;
  Change(network, 400, 300, 10, first, in_first);
  Index second = first;
  Directory in_second = in_first;
  Index third;
  third = second;
  Directory in_third = in_second;
  // By turns, and with a copy taken between two changes of one owner.
  for (int round = 0; round < 20; ++round) {
    Change(network, 15, 300, 40, first, in_first);
    Change(network, 15, 300, 40, second, in_second);
    const Index kept = second;
    const Directory in_kept = in_second;
    Change(network, 15, 300, 40, second, in_second);
    Change(network, 15, 300, 40, third, in_third);
    ExpectHolds(kept, in_kept);
    ExpectHolds(first, in_first);
    ExpectHolds(second, in_second);
    ExpectHolds(third, in_third);
    ExpectAgrees(kept, in_kept, MakeRandomQuery(network, in_kept));
  }
  const Index moved = std::move(second);
  ExpectHolds(moved, in_second);
}

// Found by the fuzzer: differences between infinite times are not what comparing them says.
TEST(Index, AgreesWithThePredicateAtTheEndsOfTime) {
  RandomNetwork network(13);
  Index index;
  Directory directory;
  for (int i = 0; i < 300; ++i) {
    const std::string id = absl::StrCat("t", i);
    auto listing = std::make_shared<Listing>(*network.MakeListing(id));
    if (i % 3 == 0) listing->last_confirmed = absl::InfiniteFuture();
    if (i % 3 == 1) listing->last_confirmed = absl::InfinitePast();
    directory[id] = listing;
    index.Put(listing);
  }
  for (const absl::Time now : {absl::InfiniteFuture(), absl::InfinitePast(), RandomNetwork::Now()}) {
    for (int i = 0; i < 30; ++i) {
      ExpectAgrees(index, directory, MakeQuery(network.catalog(), network.MakeNeeds(), {}, now));
    }
  }
}

// Filled at once or one by one: the same network, also after changes.
TEST(Index, FilledAtOnceAgreesWithThePredicateToo) {
  RandomNetwork network(12);
  std::vector<std::shared_ptr<const Listing>> listings;
  Directory directory;
  for (std::uint32_t i = 0; i < 2 * Bitmap::kRows; ++i) {
    listings.push_back(MakeCrowdedListing(network, absl::StrCat("t", i)));
    directory[absl::StrCat("t", i)] = listings.back();
  }
  Index index;
  index.Fill(
      listings.size(), [&](std::size_t i) -> const std::shared_ptr<const Listing>& { return listings[i]; },
      [](const Listing&) { return 0.0; }, Standing());
  for (int round = 0; round < 3; ++round) {
    ExpectHolds(index, directory);
    for (int i = 0; i < 20; ++i) ExpectAgrees(index, directory, MakeRandomQuery(network, directory));
    Change(network, 1000, 4000, 50, index, directory);
  }
  EXPECT_GT(index.MemoryBytes(), 3000u * 50);
}

TEST(Index, CopiesDoNotShareTheTextsThatEitherAdds) {
  RandomNetwork network(30);
  const auto in_region = [&](const std::string& id, const std::string& region) {
    auto listing = std::make_shared<Listing>(*network.MakeListing(id));
    auto therapist = std::make_shared<Therapist>(*listing->therapist);
    therapist->place.reset();
    therapist->languages.clear();
    therapist->fee.reset();
    therapist->credentials.assign(1, Credential());
    therapist->credentials[0].region = region;
    therapist->credentials[0].active = true;
    listing->therapist = std::move(therapist);
    return listing;
  };
  Index first;
  first.Put(in_region("a", "US-MA"));
  Index second = first;
  first.Put(in_region("b", "US-NY"));
  second.Put(in_region("c", "US-CT"));
  second.Put(in_region("d", "US-NH"));
  first = second;
  first.Put(in_region("e", "US-VT"));
  EXPECT_EQ(first.texts(), 4u);
  EXPECT_EQ(second.texts(), 3u);
  std::vector<std::string> added;
  second.ForEachNewText(*in_region("f", "US-VT")->therapist,
                        [&](const std::string& text) { added.push_back(text); });
  EXPECT_THAT(added, testing::Each("US-VT"));
  added.clear();
  first.ForEachNewText(*in_region("f", "US-VT")->therapist,
                       [&](const std::string& text) { added.push_back(text); });
  EXPECT_THAT(added, IsEmpty());
}

TEST(Index, KeepsItsOrder) {
  RandomNetwork network(8);
  Index index;
  Directory directory;
  Change(network, 600, 400, 20, index, directory);
  for (int i = 0; i < 20; ++i) {
    const Query query = MakeRandomQuery(network, directory);
    EXPECT_EQ(index.Select(query).eligible, index.Select(query).eligible);
    const Selection selection = index.Select(query);
    std::vector<const Listing*> in_order;
    index.ForEach([&](const std::shared_ptr<const Listing>& listing) {
      if (FailedRules(query, *listing).none()) in_order.push_back(listing.get());
    });
    EXPECT_EQ(selection.eligible, in_order);
  }
}

TEST(Index, CountsOnlyTheDetailAskedFor) {
  RandomNetwork network(9);
  Index index;
  Directory directory;
  Change(network, 800, 800, 0, index, directory);
  for (int i = 0; i < 50; ++i) {
    const Query query = MakeRandomQuery(network, directory);
    const Selection all = index.Select(query);
    SelectDetail detail;
    detail.count_alone.reset(IndexOf(Rule::kLicence));
    detail.list_alone.reset().set(IndexOf(Rule::kFormat));
    const Selection some = index.Select(query, detail);
    EXPECT_EQ(some.eligible, all.eligible);
    EXPECT_EQ(some.first_failed, all.first_failed);
    auto counted = all.only_this_rule;
    counted[IndexOf(Rule::kLicence)] = 0;
    EXPECT_EQ(some.only_this_rule, counted);
    auto listed = NearMissIds(all);
    std::erase_if(listed, [](const auto& miss) { return miss.second != static_cast<int>(Rule::kFormat); });
    EXPECT_EQ(NearMissIds(some), listed);
    const Selection none = index.Select(query, {RuleSet(), RuleSet()});
    EXPECT_EQ(none.eligible, all.eligible);
    EXPECT_EQ(none.first_failed, all.first_failed);
    EXPECT_THAT(none.near_misses, IsEmpty());
  }
}

TEST(Index, ForgetsRegionsLanguagesAndCurrenciesThatNobodyHas) {
  RandomNetwork network(10);
  auto listing = std::make_shared<Listing>(*network.MakeListing("t1"));
  auto therapist = std::make_shared<Therapist>(*listing->therapist);
  therapist->credentials = {{"AU-VIC", CredentialKind::kLicence, true, {}, {}, "", {}},
                            {"AU-VIC", CredentialKind::kCompactPrivilege, true, {}, {}, "", {}}};
  therapist->languages = {"mi"};
  therapist->fee = Money{"AUD", 100};
  listing->therapist = therapist;
  Needs needs = network.MakeNeeds();
  needs.musts.location.region = "AU-VIC";
  needs.musts.languages = {"mi"};
  needs.musts.max_fee = Money{"AUD", 100};
  const Query query = MakeQuery(network.catalog(), needs, {}, RandomNetwork::Now());
  Index index;
  ExpectAgrees(index, {}, query);
  index.Put(listing);
  ExpectAgrees(index, {{"t1", listing}}, query);
  const auto plain = network.MakeListing("t1");
  index.Put(plain);
  ExpectAgrees(index, {{"t1", plain}}, query);
}

}  // namespace
}  // namespace rapport::matcher
