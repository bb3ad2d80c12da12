// What `rapport evaluate` reads: folders that are right, and those that are refused with the file and the
// line.
#include "services/cli/evaluate/replay.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/cli/evaluate/evaluate.h"
#include "services/cli/evaluate/learner.h"
#include "services/cli/evaluate/world.h"

namespace rapport::evaluate {
namespace {

using ::testing::HasSubstr;

class ReplayTest : public ::testing::Test {
 protected:
  ReplayTest() { std::filesystem::create_directories(folder_); }
  ~ReplayTest() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<Replay> Read() const {
    for (const auto& [name, text] : files_) std::ofstream(folder_ / name, std::ios::binary) << text;
    return ReadReplay(folder_.string());
  }
  void ExpectRefused(const std::string& file, const std::string& text, const std::string& why) {
    const std::string before = std::exchange(files_[file], text);
    const absl::StatusOr<Replay> replay = Read();
    EXPECT_EQ(replay.status().code(), absl::StatusCode::kInvalidArgument) << replay.status();
    EXPECT_THAT(replay.status().message(), HasSubstr(why));
    EXPECT_THAT(replay.status().message(), HasSubstr(file));
    files_[file] = before;
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) /
      absl::StrCat("replay_test_", ::testing::UnitTest::GetInstance()->current_test_info()->name());
  std::map<std::string, std::string> files_ = {
      {"clients.csv", "client_id,age\nc1,37\nc2,\n"},
      {"therapists.csv", "therapist_id,age\nt1,64\n"},
      {"events.csv",
       "event_id,t,client_id,therapist_id,accepted,bond,split\n0,1,c1,t1,1,6,train\n1,2,c2,t1,0,,test\n"},
      {"queries.csv", "query_id,kind,t,client_id,candidates\nq1,half,2,c1,t1\n"},
      {"truth.csv", "query_id,therapist_id,accepted\nq1,t1,1\n"}};
};

// Foretells nothing, and keeps how many meetings it knew whenever it was asked.
class Counting : public Learner {
 public:
  std::string name() const override { return {}; }
  std::unique_ptr<Learner> Copy() const override { return std::make_unique<Counting>(*this); }
  double Predict(const Encounter&) const override {
    known.push_back(learned_);
    return .5;
  }
  double PredictBond(const Encounter&) const override { return 0; }
  void Learn(const Meeting&) override { ++learned_; }

  mutable std::vector<int> known;

 private:
  int learned_ = 0;
};

TEST_F(ReplayTest, ReadsAFolder) {
  const absl::StatusOr<Replay> replay = Read();
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_EQ(replay->clients.at("c1").at("age"), 37);
  EXPECT_EQ(replay->meetings.size(), 2u);
  EXPECT_TRUE(replay->meetings[1].scored);
  EXPECT_EQ(replay->queries.size(), 1u);
}

TEST_F(ReplayTest, WhatWasKnownOfAMeetingIsReadWithIt) {
  files_["events.csv"] =
      "event_id,t,round,client_id,therapist_id,accepted,bond,concern,service,waited,note,stamp,split\n"
      "0,1,1,c1,t1,1,6,grief panic,1,3,warm,1.7e12,train\n"
      "1,2,1,c2,t1,0,,,,,,1,test\n"
      "2,2,2,c1,t1,0,,panic panic,0,-1.5,7,nan,test\n";
  files_["queries.csv"] = "query_id,kind,t,client_id,candidates,concern\nq1,half,2,c1,t1,panic\n";
  const absl::StatusOr<Replay> replay = Read();
  ASSERT_TRUE(replay.ok()) << replay.status();
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  using ::testing::Pair;
  EXPECT_THAT(replay->meetings[0].concerns, ElementsAre("grief", "panic", "service_1"));
  EXPECT_THAT(replay->meetings[1].concerns, IsEmpty());
  EXPECT_THAT(replay->meetings[2].concerns, ElementsAre("panic", "service_0"));
  EXPECT_THAT(replay->meetings[0].circumstances, ElementsAre(Pair("waited", 3)))
      << "order is no circumstance, and neither are words or stamps";
  EXPECT_THAT(replay->meetings[1].circumstances, IsEmpty());
  EXPECT_THAT(replay->queries[0].concerns, ElementsAre("panic"));

  // The same words reach the model: what the client came with, and what else was known.
  const absl::StatusOr<World> made = World::Create(*replay);
  ASSERT_TRUE(made.ok()) << made.status();
  const World& world = *made;
  const auto context = world.Context(replay->meetings[0]);
  ASSERT_EQ(context.concerns.size(), 3u);
  EXPECT_EQ(world.catalog()->lists().concerns[context.concerns[1]].id, "panic");
  std::vector<std::string> stated;
  for (const auto& value : context.attributes) {
    stated.push_back(world.catalog()->lists().attributes[static_cast<std::size_t>(value.attribute)].id);
  }
  EXPECT_THAT(stated, ::testing::UnorderedElementsAre("age", "meeting_waited", "concern_grief",
                                                      "concern_panic", "concern_service_1"));
  Encounter unheard = replay->meetings[0];
  unheard.concerns = {"never heard of"};
  EXPECT_THAT(world.Context(unheard).concerns, IsEmpty());
}

TEST_F(ReplayTest, ConcernsAreWordsOfACatalogNotIdsOfMeetings) {
  std::string events = "event_id,t,client_id,therapist_id,bond,concern,split\n";
  for (std::size_t i = 0; i <= kMostConcerns; ++i) {
    absl::StrAppend(&events, i, ",", i, ",c1,t1,5,word", i, ",train\n");
  }
  ExpectRefused("events.csv", events, "there are more than 200 concerns");
}

TEST_F(ReplayTest, MoreKindsOfAnswersThanAModelHoldsAreNoWorld) {
  std::string header = "event_id,t,client_id,therapist_id,bond", answers = "0,1,c1,t1,5";
  for (int i = 0; i < 40; ++i) {
    absl::StrAppend(&header, ",rate_", i);
    absl::StrAppend(&answers, ",5");
  }
  files_["events.csv"] = absl::StrCat(header, ",split\n", answers, ",train\n");
  files_.erase("queries.csv");
  const absl::StatusOr<Replay> replay = Read();
  ASSERT_TRUE(replay.ok()) << replay.status();
  const absl::StatusOr<World> world = World::Create(*replay);
  EXPECT_EQ(world.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(world.status().message()), ::testing::HasSubstr("channels"));
}

// Two numbers that differ by little beside their size have a spread all the same.
TEST_F(ReplayTest, NormsOfLargeNumbersAreExact) {
  files_["clients.csv"] = "client_id,income\nc1,900000001\nc2,900000003\n";
  const absl::StatusOr<Replay> replay = Read();
  ASSERT_TRUE(replay.ok()) << replay.status();
  const absl::StatusOr<World> world = World::Create(*replay);
  ASSERT_TRUE(world.ok()) << world.status();
  for (const auto& attribute : (*world).catalog()->lists().attributes) {
    if (attribute.id != "income") continue;
    EXPECT_EQ(attribute.norm.mean, 900'000'002);
    EXPECT_EQ(attribute.norm.sd, 1);
    return;
  }
  FAIL() << "no attribute";
}

TEST_F(ReplayTest, NumbersAreFinite) {
  for (const char* cell : {"nan", "inf", "-inf", "1e300", "NA"}) {
    const std::string why = absl::StrCat("\"", cell, "\" is not a number");
    ExpectRefused("clients.csv", absl::StrCat("client_id,age\nc1,", cell, "\nc2,\n"), why);
    ExpectRefused("therapists.csv", absl::StrCat("therapist_id,age\nt1,", cell, "\n"), why);
    ExpectRefused("events.csv",
                  absl::StrCat("event_id,t,client_id,therapist_id,bond,split\n0,1,c1,t1,", cell, ",train\n"),
                  why);
  }
}

TEST_F(ReplayTest, AnswersAreOnTheScaleOfFitChecks) {
  ExpectRefused("events.csv", "event_id,t,client_id,therapist_id,bond,split\n0,1,c1,t1,60,train\n",
                "csv:2: bond is from 0 to 10");
  ExpectRefused("events.csv", "event_id,t,client_id,therapist_id,rate_heard,split\n0,1,c1,t1,-1,train\n",
                "csv:2: rate_heard is from 0 to 10");
}

TEST_F(ReplayTest, AVerdictIsZeroOrOneWhereverItStands) {
  files_["events.csv"] =
      "event_id,t,client_id,therapist_id,accepted,split\n0,1,c1,t1,1.0,train\n1,2,c2,t1,0.0,test\n"
      "2,3,c2,t1,,test\n";
  files_["truth.csv"] = "query_id,therapist_id,accepted\nq1,t1,1.0\n";
  const absl::StatusOr<Replay> replay = Read();
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_EQ(replay->meetings[0].accepted, true);
  EXPECT_EQ(replay->meetings[1].accepted, false);
  EXPECT_EQ(replay->meetings[2].accepted, std::nullopt);
  EXPECT_TRUE(replay->queries[0].accepted[0]);
  for (const char* cell : {"yes", "2", "0.5", "true", " 1"}) {
    ExpectRefused(
        "events.csv",
        absl::StrCat("event_id,t,client_id,therapist_id,accepted,split\n0,1,c1,t1,", cell, ",train\n"),
        "csv:2: accepted is 0 or 1");
  }
  for (const char* cell : {"yes", "2", "", "true"}) {
    ExpectRefused("truth.csv", absl::StrCat("query_id,therapist_id,accepted\nq1,t1,", cell, "\n"),
                  "csv:2: accepted is 0 or 1");
  }
}

TEST_F(ReplayTest, ABondHasOneColumn) {
  ExpectRefused("events.csv", "event_id,t,client_id,therapist_id,bond,rate_bond,split\n0,1,c1,t1,6,2,train\n",
                "there is a column \"rate_bond\"");
}

TEST_F(ReplayTest, OnlyQueriesMayBeMissing) {
  files_.erase("queries.csv");
  EXPECT_TRUE(Read().ok());
  files_.erase("events.csv");
  std::filesystem::remove(folder_ / "events.csv");
  EXPECT_EQ(Read().status().code(), absl::StatusCode::kNotFound);
  std::filesystem::create_directory(folder_ / "events.csv");
  EXPECT_EQ(Read().status().code(), absl::StatusCode::kInvalidArgument) << "a folder is no file";
}

TEST_F(ReplayTest, ALateQueryKnowsAllThatWasBeforeIt) {
  files_["therapists.csv"] = "therapist_id,age\nt1,64\nt2,50\n";
  files_["events.csv"] =
      "event_id,t,client_id,therapist_id,accepted,split\n0,1,c1,t1,0,train\n1,5,c1,t2,1,train\n";
  files_["queries.csv"] =
      "query_id,kind,t,client_id,candidates\nq1,early,5,c2,t1 t2\nq2,late,6,c2,t1 t2\nq3,late,7,c2,t2 t1\n";
  files_["truth.csv"] =
      "query_id,therapist_id,accepted\nq1,t1,0\nq1,t2,1\nq2,t1,0\nq2,t2,1\nq3,t1,0\nq3,t2,1\n";
  const absl::StatusOr<Replay> replay = Read();
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_TRUE(AnythingToScore(*replay));
  std::vector<std::unique_ptr<Learner>> learners;
  auto counting = std::make_unique<Counting>();
  const Counting& learner = *counting;
  learners.push_back(std::move(counting));
  const std::vector<Record> records = evaluate::Run(*replay, learners);
  EXPECT_THAT(learner.known, ::testing::ElementsAre(1, 1, 2, 2, 2, 2)) << "meetings, at each prediction";
  EXPECT_EQ(records[0].rankings.at("late").size(), 2u);
}

TEST_F(ReplayTest, NothingIsThereTwice) {
  ExpectRefused("clients.csv", "client_id,age\nc1,37\nc1,38\n", "csv:3: client_id c1 is there twice");
  ExpectRefused("therapists.csv", "therapist_id,age\nt1,1\nt1,1\n", "csv:3: therapist_id t1 is there twice");
  ExpectRefused("clients.csv", "client_id,age,age\nc1,37,38\n", "column \"age\" is there twice");
  ExpectRefused("queries.csv", files_["queries.csv"] + "q1,half,2,c1,t1\n",
                "csv:3: query_id q1 is there twice");
  ExpectRefused("queries.csv", "query_id,kind,t,client_id,candidates\nq1,half,2,c1,t1 t1\n",
                "csv:2: candidate t1 is there twice");
  ExpectRefused("truth.csv", files_["truth.csv"] + "q1,t1,0\n", "csv:3: query q1 has therapist t1 twice");
}

}  // namespace
}  // namespace rapport::evaluate
