// The fold: deterministic, total, and true to a plain reckoning of seats, offers and profiles.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "matcher/ranking/rank.h"
#include "matcher/state/state.h"
#include "tests/support/random_history.h"

namespace rapport::matcher {
namespace {

// What a reader can see of a state, in words: two states that read the same rank the same.
std::string Read(const State& state) {
  std::map<std::string, std::string> lines;
  state.directory.ForEach([&](const std::shared_ptr<const Listing>& listing) {
    std::string line = absl::StrCat(listing->changed_at, " ", absl::FormatTime(listing->last_confirmed), " ",
                                    listing->therapist->seats, " ", listing->offers.accepted, "/",
                                    listing->offers.declined, "/", listing->offers.unanswered);
    for (const Reservation& each : listing->reservations)
      absl::StrAppend(&line, " ", each.id, each.settled ? "!" : "");
    lines[listing->therapist->id] = line;
  });
  std::string text = absl::StrCat(state.position, "\n");
  for (const auto& [id, line] : lines) {
    absl::StrAppend(&text, id, ": ", line, "\n");
    if (const TherapistState* rated = state.model.TherapistOf(id); rated != nullptr) {
      for (const double value : rated->effects.mean)
        text += std::to_string(std::bit_cast<std::uint64_t>(value)) + " ";
    }
  }
  return text;
}

State FoldAll(const std::vector<Event>& history) {
  State state(SmallCatalog());
  for (const Event& event : history) Apply(event, state);
  return state;
}

TEST(ApplyTest, TheSameLogGivesTheSameState) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    RandomNetwork network(seed);
    const std::vector<Event> history = RandomHistory(network, 40, 1500);
    EXPECT_EQ(Read(FoldAll(history)), Read(FoldAll(history)));
  }
}

TEST(ApplyTest, AReadersVersionNeverChanges) {
  RandomNetwork network(4);
  const std::vector<Event> history = RandomHistory(network, 40, 1500);
  State state(SmallCatalog());
  std::vector<std::pair<State, std::string>> held;
  for (const Event& event : history) {
    if (event.position % 100 == 0) held.emplace_back(state, Read(state));
    Apply(event, state);
  }
  for (const auto& [version, text] : held) EXPECT_EQ(Read(version), text);
}

TEST(ApplyTest, TheNewestNoteOfEachSourceCountsInWhateverOrderTheyCome) {
  const absl::Time t = RandomNetwork::Now();
  const absl::Duration hour = absl::Hours(1);
  const auto from = [](RiskSource source, bool look_first, absl::Time known_at) {
    return RiskRecorded{"c", source, look_first, known_at};
  };
  struct Case {
    const char* what;
    std::vector<RiskRecorded> notes;
    std::optional<absl::Time> asked;
  };
  constexpr RiskSource kScores = RiskSource::kScores, kPerson = RiskSource::kPerson;
  const std::vector<Case> cases = {
      {"of one moment the careful one",
       {from(kScores, true, t), from(kScores, false, t + hour), from(kScores, true, t + hour)},
       t + hour},
      {"newer scores ask no more", {from(kScores, true, t), from(kScores, false, t + hour)}, std::nullopt},
      {"a person has looked", {from(kScores, true, t), from(kPerson, false, t + hour)}, std::nullopt},
      {"looked before it was known", {from(kScores, true, t + hour), from(kPerson, false, t)}, t + hour},
      {"scores say nothing against a person", {from(kPerson, true, t), from(kScores, false, t + hour)}, t},
      {"a look ends both",
       {from(kPerson, true, t), from(kScores, true, t + hour), from(kPerson, false, t + 2 * hour)},
       std::nullopt},
      {"the later of two", {from(kPerson, true, t + hour), from(kScores, true, t)}, t + hour},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.what);
    std::vector<std::size_t> order(each.notes.size());
    std::iota(order.begin(), order.end(), 0);
    do {
      State state(SmallCatalog());
      for (const std::size_t i : order) Apply({state.position + 1, t, each.notes[i]}, state);
      ASSERT_NE(state.risk.Find("c"), nullptr);
      EXPECT_EQ(state.risk.Find("c")->LookAskedAt(), each.asked);
      EXPECT_EQ(state.risk.Find("another"), nullptr);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

// Seats by a plain reckoning: one set of taken reservations for each therapist.
TEST(ApplyTest, SeatsAreThoseReservedAndNotGivenBack) {
  RandomNetwork network(5);
  const std::vector<Event> history = RandomHistory(network, 12, 3000);
  State state(SmallCatalog());
  std::map<std::string, std::map<std::string, std::pair<absl::Time, bool>>>
      taken;                              // therapist → reservation → end, settled
  std::map<std::string, std::string> of;  // reservation → therapist
  std::set<std::string> held;
  for (const Event& event : history) {
    if (const auto* upserted = std::get_if<TherapistUpserted>(&event.what))
      held.insert(upserted->therapist->id);
    if (const auto* deleted = std::get_if<TherapistDeleted>(&event.what)) held.erase(deleted->therapist_id);
    if (const auto* reserved = std::get_if<SlotReserved>(&event.what);
        reserved && held.contains(reserved->therapist_id)) {
      taken[reserved->therapist_id][reserved->reservation_id] = {reserved->expires_at, false};
      of[reserved->reservation_id] = reserved->therapist_id;
    }
    if (const auto* released = std::get_if<SlotReleased>(&event.what);
        released && of.contains(released->reservation_id)) {
      taken[of[released->reservation_id]].erase(released->reservation_id);
    }
    if (const auto* reach = std::get_if<ReachRecorded>(&event.what)) {
      auto& mine = taken[reach->therapist_id];
      const auto at = mine.find(reach->reservation_id);
      if (at != mine.end() && reach->outcome == ReachOutcome::kAccepted) at->second.second = true;
      if (at != mine.end() && reach->outcome != ReachOutcome::kAccepted) mine.erase(at);
    }
    Apply(event, state);
    state.directory.ForEach([&](const std::shared_ptr<const Listing>& listing) {
      int count = 0;
      for (const auto& [id, seat] : taken[listing->therapist->id]) {
        count += seat.second || event.recorded_at < seat.first;
      }
      ASSERT_EQ(listing->SeatsFree(event.recorded_at), std::max(0, listing->therapist->seats - count))
          << event.position;
    });
    ASSERT_EQ(state.directory.size(), held.size());
  }
}

TEST(ApplyTest, ATherapistWhoReturnsKeepsSeatsOffersAndWhatWasLearned) {
  RandomNetwork network(6);
  const auto therapist = std::make_shared<Therapist>(*network.MakeListing("t1")->therapist);
  therapist->seats = 2;
  const absl::Time now = RandomNetwork::Now();
  State state(SmallCatalog());
  Apply({1, now, TherapistUpserted{therapist}}, state);
  Apply({2, now, SlotReserved{"r1", "t1", "c1", now + absl::Hours(1), {}, {}}}, state);
  Apply({3, now, ReachRecorded{"t1", "r1", ReachOutcome::kAccepted, now}}, state);
  FitCheck fit_check{"f1", "c1", "t1", 1, now, Verdict::kWouldContinue, {}, {}, {}};
  Apply({4, now, FitRecorded{fit_check}}, state);
  Apply({5, now, TherapistDeleted{"t1"}}, state);
  EXPECT_EQ(state.directory.Find("t1"), nullptr);
  Apply({6, now, TherapistUpserted{therapist}}, state);
  const Listing& back = *state.directory.Find("t1");
  EXPECT_EQ(back.SeatsFree(now + absl::Hours(48)), 1) << "a seat that was accepted does not expire";
  EXPECT_EQ(back.offers.accepted, 1);
  EXPECT_EQ(state.model.TherapistOf("t1")->fit_checks, 1);
  EXPECT_TRUE(state.departed.empty());
}

TEST(ApplyTest, NeedsThatLostAMustAreForgottenWithThoseBefore) {
  RandomNetwork network(6);
  const absl::Time now = RandomNetwork::Now();
  State state(SmallCatalog());
  Apply({1, now, TherapistUpserted{network.MakeListing("t1")->therapist}}, state);
  SlotReserved reserved{"r1", "t1", "c1", now + absl::Hours(1), {}, network.MakeNeeds()};
  Apply({2, now, reserved}, state);
  EXPECT_NE(state.needs.Find("c1"), nullptr);
  reserved.needs.reset();
  Apply({3, now, reserved}, state);
  EXPECT_NE(state.needs.Find("c1"), nullptr) << "none came: those of before hold";
  reserved.needs_lost = true;
  Apply({4, now, reserved}, state);
  EXPECT_EQ(state.needs.Find("c1"), nullptr);
}

// Logs of earlier programs have the map beside the model; it is that model's, and no later one's.
TEST(ApplyTest, AnOldModelsMapIsNotTheNewOnes) {
  const absl::Time now = RandomNetwork::Now();
  Calibration old_map;
  old_map.mean = {.4, 1.3};
  const auto catalog = SmallCatalog();
  State old(catalog);
  Apply({1, now, ModelPublished{old_map}}, old);
  EXPECT_EQ(old.model.calibration().mean, old_map.mean);
  Parameters parameters = DayZero(*catalog);
  parameters.seen = 10;
  parameters.calibration.mean = {-.1, .9};
  State renewed(catalog, parameters);
  Apply({1, now, ModelPublished{old_map}}, renewed);
  EXPECT_EQ(renewed.model.calibration().mean, parameters.calibration.mean);
}

TEST(ApplyTest, AnAnswerShowsThatSomebodyIsThereAndSilenceDoesNot) {
  RandomNetwork network(8);
  const auto therapist = std::make_shared<Therapist>(*network.MakeListing("t1")->therapist);
  const absl::Time now = RandomNetwork::Now();
  therapist->last_confirmed = now - absl::Hours(1000);
  State state(SmallCatalog());
  Apply({1, now, TherapistUpserted{therapist}}, state);
  Apply({2, now, ReachRecorded{"t1", "", ReachOutcome::kNoAnswer, now}}, state);
  EXPECT_EQ(state.directory.Find("t1")->last_confirmed, now - absl::Hours(1000));
  Apply({3, now, ReachRecorded{"t1", "", ReachOutcome::kDeclined, now}}, state);
  EXPECT_EQ(state.directory.Find("t1")->last_confirmed, now);
}

}  // namespace
}  // namespace rapport::matcher
