// "Try another" on meetings whose every outcome is known.
#include "services/cli/evaluate/try_again.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace rapport::evaluate {
namespace {

constexpr int kClients = 24, kTherapists = 4;

// Everybody met everybody; only t3 was wished again. Ten more meetings are only learned from.
Replay Everybody() {
  Replay replay;
  for (int c = 0; c < kClients; ++c) {
    for (int t = 0; t < kTherapists; ++t) {
      Meeting& meeting = replay.meetings.emplace_back();
      meeting.id = absl::StrCat(c, "-", t);
      meeting.wave = absl::StrCat(1);
      meeting.client_id = absl::StrCat("c", c);
      meeting.therapist_id = absl::StrCat("t", t);
      meeting.accepted = t == 3;
      meeting.answers = {{"bond", t}, {"heard", 5}};
      meeting.scored = true;
    }
  }
  for (int i = 0; i < 10; ++i) {
    Meeting& meeting = replay.meetings.emplace_back();
    meeting.id = absl::StrCat("before-", i);
    meeting.client_id = absl::StrCat("before");
    meeting.therapist_id = absl::StrCat("before");
    meeting.accepted = true;
  }
  return replay;
}

// Always prefers one therapist, and keeps what it and its copies were told.
class Fond : public Learner {
 public:
  explicit Fond(absl::string_view of) : of_(of) {}
  std::string name() const override { return {}; }
  std::unique_ptr<Learner> Copy() const override {
    ++heard->copies;
    return std::make_unique<Fond>(*this);
  }
  double Predict(const Encounter& encounter) const override {
    return encounter.therapist_id == of_ ? .9 : .1;
  }
  double PredictBond(const Encounter&) const override { return 0; }
  void Learn(const Meeting& meeting) override { heard->told.push_back(meeting); }
  void ForgetPeople() override { ++heard->forgotten; }

  struct Record {
    std::vector<Meeting> told;
    int forgotten = 0;
    int copies = 0;
  };
  const std::shared_ptr<Record> heard = std::make_shared<Record>();

 private:
  std::string of_;
};

TEST(TryAgainTest, SeatsAreTakenByThoseWhoStay) {
  const Replay replay = Everybody();
  Fond learner("t3");
  const std::vector<Search> searches = TryAgain(replay, learner, 2);
  ASSERT_EQ(searches.size(), 2u * kClients);
  EXPECT_EQ(learner.heard->forgotten, 2) << "once a wave and round";
  EXPECT_EQ(learner.heard->copies, 2) << "no round knows how another ended";
  int found = 0;
  std::set<int> groups;
  for (const Search& search : searches) {
    groups.insert(search.group);
    if (search.found) {
      ++found;
      EXPECT_EQ(search.tries, 1);
    } else {
      EXPECT_EQ(search.tries, 3) << "t3 has no seat left";
    }
  }
  EXPECT_EQ(found, 2 * kSeats);
  EXPECT_EQ(groups.size(), static_cast<std::size_t>(kClients));
}

TEST(TryAgainTest, TellsTheVerdictAndTheBondOfThoseWhoWereTried) {
  const Replay replay = Everybody();
  Fond learner("t0");
  const std::vector<Search> searches = TryAgain(replay, learner, 1);
  std::size_t tries = 0;
  for (const Search& search : searches) tries += static_cast<std::size_t>(search.tries);
  ASSERT_EQ(learner.heard->told.size(), 10 + tries) << "what is not scored is learned first";
  EXPECT_EQ(learner.heard->told[9].id, "before-9");
  for (std::size_t i = 10; i < learner.heard->told.size(); ++i) {
    EXPECT_EQ(learner.heard->told[i].answers.size(), 1u);
    EXPECT_TRUE(learner.heard->told[i].answers.contains("bond"));
  }
}

// The model itself: nobody is known any more, and how willing people are is.
TEST(TryAgainTest, ForgettingPeopleKeepsWhatWasLearnedOfAll) {
  Replay replay;
  for (int i = 0; i < 200; ++i) {
    Meeting& meeting = replay.meetings.emplace_back();
    meeting.id = absl::StrCat(i);
    meeting.client_id = absl::StrCat("c", i % 50);
    meeting.therapist_id = absl::StrCat("t", i % 20);
    meeting.accepted = i % 10 == 0;
    replay.clients[meeting.client_id];
    replay.therapists[meeting.therapist_id];
  }
  const absl::StatusOr<World> world = World::Create(replay);
  ASSERT_TRUE(world.ok()) << world.status();
  const std::unique_ptr<Learner> learner = MakeModel(*world, false);
  const Encounter liked{"c0", "t0", {}, {}}, other{"c1", "t1", {}, {}};
  const double before = learner->Predict(liked);
  for (const Meeting& meeting : replay.meetings) learner->Learn(meeting);
  EXPECT_GT(learner->Predict(liked), learner->Predict(other));
  learner->ForgetPeople();
  EXPECT_EQ(learner->Predict(liked), learner->Predict(other));
  EXPECT_LT(learner->Predict(liked), before - .1);
}

TEST(TryAgainTest, TooFewClientsTellNothing) {
  Replay replay = Everybody();
  std::erase_if(replay.meetings, [](const Meeting& meeting) { return meeting.client_id > "c2"; });
  Fond learner("t0");
  EXPECT_TRUE(TryAgain(replay, learner).empty());
}

}  // namespace
}  // namespace rapport::evaluate
