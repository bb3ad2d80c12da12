// From the outbox to the matcher: away, back, slow, refusing, losing answers, and a crash in between.
#include "services/feedback/delivery.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/errors.h"
#include "tests/services/feedback/bench.h"

namespace rapport::feedback {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

v1::RecordFitCheckResponse Record(Bench& bench, const std::string& request_id,
                                  const std::string& client_id = "c1") {
  v1::RecordFitCheckRequest request = GoodFitCheck(request_id);
  request.mutable_fit_check()->set_client_id(client_id);
  const auto response = bench.commands().RecordFitCheck(bench.Call(), request);
  EXPECT_TRUE(response.ok()) << response.status();
  return response.ok() ? *response : v1::RecordFitCheckResponse();
}

TEST(DeliveryTest, WaitsWhileTheMatcherIsAwayAndArrivesWhenItIsBack) {
  Bench bench;
  bench.matcher.SetAway(true);
  const v1::RecordFitCheckResponse response = Record(bench, "r1");
  EXPECT_EQ(response.delivery(), v1::DELIVERY_PENDING);
  EXPECT_EQ(response.position(), 0);
  EXPECT_EQ(bench.wakes, 1);
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_PENDING);
  EXPECT_THAT(bench.Metrics(), HasSubstr("rapport_feedback_outbox_depth 1\n"));

  bench.matcher.SetAway(false);
  bench.clock.Advance(absl::Minutes(1));
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(1));
  EXPECT_THAT(bench.Metrics(), HasSubstr("rapport_feedback_outbox_depth 0\n"));
  EXPECT_THAT(bench.Metrics(), HasSubstr("rapport_feedback_outbox_oldest_seconds 0\n"));
  EXPECT_THAT(bench.Metrics(), HasSubstr("rapport_feedback_delivered_total 1\n"));
}

TEST(DeliveryTest, WhatWaitedIsSentAsSoonAsTheMatcherIsBack) {
  Bench bench;
  bench.matcher.SetAway(true);
  Record(bench, "r1", "c1");
  Record(bench, "r2", "c2");
  for (int i = 0; i < 7; ++i) {
    bench.clock.Advance(absl::Minutes(2));
    ASSERT_TRUE(bench.delivery().Step().ok());
  }
  bench.matcher.SetAway(false);
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(2)) << "though each was tried moments ago";
}

// At a start nobody knows how long the matcher was away: nothing waits for its own time.
TEST(DeliveryTest, MoreThanARoundTakesIsSentRoundAfterRound) {
  Bench bench;
  bench.matcher.SetRefusal(absl::InternalError("hiccup"));
  constexpr int kClients = kStepBatch + 20;
  for (int i = 0; i < kClients; ++i) Record(bench, absl::StrCat("r", i), absl::StrCat("c", i));
  bench.matcher.SetRefusal(absl::OkStatus());
  bench.Restart();
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(kStepBatch));
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(kClients));
}

// What the matcher does not know waits for its own time: nothing is gained by asking at each round.
TEST(DeliveryTest, WhatStaysUnknownIsNotAskedForAtEachRound) {
  Bench bench;
  bench.matcher.SetAway(true);
  Record(bench, "r1");
  bench.matcher.SetAway(false);
  bench.matcher.SetRefusal(runtime::Error(absl::StatusCode::kNotFound, "UNKNOWN_THERAPIST", "no t1"));
  bench.Restart();
  const int before = bench.matcher.RecordFitCalls();
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.matcher.RecordFitCalls(), before + 1);
}

TEST(DeliveryTest, TellsHowLongTheOldestWaits) {
  Bench bench;
  bench.matcher.SetAway(true);
  Record(bench, "r1");
  bench.clock.Advance(absl::Minutes(30));
  Record(bench, "r2");
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_THAT(bench.Metrics(), HasSubstr("rapport_feedback_outbox_oldest_seconds 1800\n"));
}

TEST(DeliveryTest, FailuresAreTriedAgainLaterNotAtOnce) {
  Bench bench;
  ASSERT_TRUE(bench.delivery().Step().ok());  // after a start all that waits is due
  bench.matcher.SetRefusal(absl::InternalError("hiccup"));
  Record(bench, "r1");
  EXPECT_EQ(bench.matcher.RecordFitCalls(), 1);
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.matcher.RecordFitCalls(), 1);  // not due yet
  bench.clock.Advance(absl::Seconds(1));
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.matcher.RecordFitCalls(), 2);
  bench.clock.Advance(absl::Seconds(1));
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.matcher.RecordFitCalls(), 2);  // the second failure waits two seconds
  EXPECT_THAT(bench.Metrics(), HasSubstr("rapport_feedback_postponed_total 2\n"));
}

TEST(DeliveryTest, ALostAnswerIsAskedForAgainAndTheEffectIsOne) {
  Bench bench;
  bench.matcher.SetLosingAnswers(true);
  const v1::RecordFitCheckResponse response = Record(bench, "r1");
  EXPECT_EQ(response.delivery(), v1::DELIVERY_PENDING);
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(1));  // taken, and nobody here knows

  bench.matcher.SetLosingAnswers(false);
  bench.clock.Advance(absl::Minutes(1));
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_GT(bench.matcher.RecordFitCalls(), 1);
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(1));
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_EQ(Record(bench, "r1").position(), 100);
}

TEST(DeliveryTest, ARefusalForGoodIsKeptWithItsReason) {
  Bench bench;
  runtime::Violations violations;
  violations.Add("answers[0].id", "must be known");
  const std::pair<absl::Status, std::string> refusals[] = {
      {violations.ToStatus(), "INVALID_ARGUMENT INVALID_REQUEST: answers[0].id"},
      {runtime::Error(absl::StatusCode::kNotFound, "NO_SUCH_THING", "c1 has no t1"),
       "NOT_FOUND NO_SUCH_THING"},
      {runtime::Error(absl::StatusCode::kAlreadyExists, "FIT_CHECK_CHANGED", "changed"),
       "ALREADY_EXISTS FIT_CHECK_CHANGED"},
      {runtime::Error(absl::StatusCode::kFailedPrecondition, "CLOSED", "closed"),
       "FAILED_PRECONDITION CLOSED"},
  };
  int number = 0;
  for (const auto& [refusal, error] : refusals) {
    bench.matcher.SetRefusal(refusal);
    bench.clock.Advance(absl::Seconds(1));
    const v1::RecordFitCheckResponse response = Record(bench, absl::StrCat("r", ++number));
    EXPECT_EQ(response.delivery(), v1::DELIVERY_REFUSED);
    EXPECT_EQ(response.position(), 0);
    const v1::Feedback newest = bench.All().front();
    EXPECT_EQ(newest.delivery(), v1::DELIVERY_REFUSED);
    EXPECT_EQ(newest.delivery_error(), error);
  }
  // Refused is refused: nothing is sent again.
  bench.matcher.SetRefusal(absl::OkStatus());
  bench.clock.Advance(absl::Hours(1));
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_THAT(bench.matcher.Lessons(), IsEmpty());
  EXPECT_THAT(bench.Metrics(), HasSubstr("rapport_feedback_refused_total 4\n"));
  EXPECT_THAT(bench.LogText(), HasSubstr("NOT_FOUND NO_SUCH_THING"));
  EXPECT_THAT(bench.LogText(), Not(HasSubstr("c1")));
}

TEST(DeliveryTest, AReplicaThatIsBehindIsTriedAgain) {
  Bench bench;
  bench.matcher.SetRefusal(runtime::Error(absl::StatusCode::kFailedPrecondition, "BEHIND", "behind"));
  EXPECT_EQ(Record(bench, "r1").delivery(), v1::DELIVERY_PENDING);
  bench.matcher.SetRefusal(absl::OkStatus());
  bench.clock.Advance(absl::Seconds(1));
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_DELIVERED);
}

TEST(DeliveryTest, ATherapistWhomNobodyKnowsIsARefusalAfterAWeek) {
  Bench bench;
  bench.matcher.SetAway(true);
  Record(bench, "r1");
  bench.matcher.SetAway(false);
  bench.matcher.Forget("t1");
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_PENDING);
  bench.clock.Advance(kUnknownPatience);
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_REFUSED);
  EXPECT_EQ(bench.Only().delivery_error(), "NOT_FOUND UNKNOWN_THERAPIST");
}

// Such as one that was started on the wrong file, and then on the right one.
TEST(DeliveryTest, AMatcherThatKnewNobodyForAWhileLosesNothing) {
  Bench bench;
  bench.matcher.SetAway(true);
  Record(bench, "r1");
  bench.matcher.SetAway(false);
  bench.matcher.SetRefusal(runtime::Error(absl::StatusCode::kNotFound, "UNKNOWN_THERAPIST", "no t1"));
  bench.clock.Advance(absl::Minutes(1));
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_PENDING);
  EXPECT_THAT(bench.matcher.Lessons(), IsEmpty());
  bench.matcher.SetRefusal(absl::OkStatus());
  bench.clock.Advance(absl::Minutes(1));
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(1));
}

TEST(DeliveryTest, WhatWasKeptBeforeACrashIsDeliveredAfterIt) {
  Bench bench;
  bench.matcher.SetAway(true);
  const v1::RecordFitCheckResponse response = Record(bench, "r1");
  bench.Restart();
  bench.matcher.SetAway(false);
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_PENDING);
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_DELIVERED);
  ASSERT_THAT(bench.matcher.Lessons(), SizeIs(1));
  EXPECT_EQ(bench.matcher.Lessons()[0].fit_check_id(), response.feedback_id());
  EXPECT_EQ(Record(bench, "r1").feedback_id(), response.feedback_id());
  EXPECT_THAT(bench.All(), SizeIs(1));
}

TEST(DeliveryTest, AClientsSessionsAreLearnedInTheirOrder) {
  Bench bench;
  bench.matcher.SetRefusal(absl::InternalError("hiccup"));
  std::vector<std::string> kept;
  for (const char* id : {"r1", "r2", "r3"}) {
    kept.push_back(Record(bench, id).feedback_id());
    bench.clock.Advance(absl::Milliseconds(10));
  }
  // The first has failed most often and waits longest; a fourth is due at once and still comes last.
  bench.matcher.SetRefusal(absl::OkStatus());
  const v1::RecordFitCheckResponse last = Record(bench, "r4");
  EXPECT_EQ(last.delivery(), v1::DELIVERY_DELIVERED);
  kept.push_back(last.feedback_id());
  std::vector<std::string> learned;
  for (const auto& lesson : bench.matcher.Lessons()) learned.push_back(lesson.fit_check_id());
  EXPECT_EQ(learned, kept);
}

TEST(DeliveryTest, OneMessageThatFailsHoldsUpNoOtherClient) {
  Bench bench;
  bench.matcher.SetRefusal(absl::InternalError("hiccup"));
  Record(bench, "r1", "c1");
  bench.clock.Advance(absl::Milliseconds(10));
  bench.matcher.SetRefusal(absl::OkStatus());
  EXPECT_EQ(Record(bench, "r2", "c2").delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(1));
}

TEST(DeliveryTest, AStepEndsWhenTheMatcherIsAway) {
  Bench bench;
  bench.matcher.SetAway(true);
  for (int i = 0; i < 5; ++i) Record(bench, absl::StrCat("r", i), absl::StrCat("c", i));
  ASSERT_TRUE(bench.delivery().Step().ok());
  // One message was tried, by the channel at most three times; not one for each of the five.
  EXPECT_LE(bench.matcher.RecordFitCalls(), 3);
  bench.matcher.SetAway(false);
  bench.clock.Advance(absl::Minutes(1));
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(5));
}

TEST(DeliveryTest, NetworksAreApart) {
  Bench bench;
  bench.matcher.SetAway(true);
  Record(bench, "r1");
  runtime::Call elsewhere = bench.Call();
  elsewhere.identity.network = "network2";
  ASSERT_TRUE(bench.commands().RecordFitCheck(elsewhere, GoodFitCheck("r1")).ok());
  bench.matcher.SetAway(false);
  // The same client id in another network is another client.
  EXPECT_EQ(Record(bench, "r2").delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(2));
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(3));
}

TEST(DeliveryTest, NothingIsSentWhenNoTimeIsLeft) {
  Bench bench;
  const auto response = bench.commands().RecordFitCheck(bench.Call(absl::Milliseconds(100)), GoodFitCheck());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->delivery(), v1::DELIVERY_PENDING);
  EXPECT_EQ(bench.matcher.RecordFitCalls(), 0);
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_DELIVERED);
}

}  // namespace
}  // namespace rapport::feedback
