// Lists in the order of ids, over stretches that are kept: against the directory itself, in random changes.
#include "services/matcher/id_order.h"

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/random_network.h"

namespace rapport::matcher_service {
namespace {

using matcher::Event;
using matcher::State;

TEST(IdOrderTest, ShowsEverybodyOnceAcrossStretchesWhoeverComesAndLeaves) {
  matcher::RandomNetwork network(4);
  std::mt19937 random(9);
  State state(matcher::SmallCatalog());
  std::set<std::string> expected;
  IdOrder order(3);
  for (int round = 0; round < 400; ++round) {
    const std::string id = absl::StrCat("t", random() % 40);
    Event event{state.position + 1, matcher::RandomNetwork::Now(), {}};
    if (random() % 3 == 0) {
      event.what = matcher::TherapistDeleted{id};
      expected.erase(id);
    } else {
      event.what = matcher::TherapistUpserted{network.MakeListing(id)->therapist};
      expected.insert(id);
    }
    matcher::Apply(event, state);
    // From anywhere, and no farther than somebody reads.
    const std::string after = random() % 2 == 0 ? "" : absl::StrCat("t", random() % 45);
    const std::size_t most = 1 + random() % 50;
    std::vector<std::string> seen;
    order.ForEachAfter("n", state, after, [&](const matcher::Listing& listing) {
      seen.push_back(listing.therapist->id);
      return seen.size() < most;
    });
    std::vector<std::string> wanted(expected.upper_bound(after), expected.end());
    if (wanted.size() > most) wanted.resize(most);
    ASSERT_EQ(seen, wanted) << round << " after " << after;
  }
}

TEST(IdOrderTest, NetworksAreApart) {
  matcher::RandomNetwork network(4);
  IdOrder order(3);
  for (int n = 0; n < 70; ++n) {
    State state(matcher::SmallCatalog());
    const std::string id = absl::StrCat("t", n);
    matcher::Apply(
        {1, matcher::RandomNetwork::Now(), matcher::TherapistUpserted{network.MakeListing(id)->therapist}},
        state);
    int shown = 0;
    order.ForEachAfter(absl::StrCat("n", n), state, "", [&](const matcher::Listing& listing) {
      EXPECT_EQ(listing.therapist->id, id);
      ++shown;
      return true;
    });
    EXPECT_EQ(shown, 1);
  }
}

}  // namespace
}  // namespace rapport::matcher_service
