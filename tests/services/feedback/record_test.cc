// Recording feedback: one effect for each request_id, the matcher taught with what concerns the bond and with
// nothing else.
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/contract/convert.h"
#include "services/runtime/errors.h"
#include "tests/services/feedback/bench.h"

namespace rapport::feedback {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

TEST(RecordFitCheckTest, IsKeptAndTaught) {
  Bench bench;
  const v1::RecordFitCheckRequest request = GoodFitCheck();
  const auto response = bench.commands().RecordFitCheck(bench.Call(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->feedback_id(), StartsWith("feedback_"));
  EXPECT_EQ(response->delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_EQ(response->position(), 100);

  const v1::Feedback kept = bench.Only();
  EXPECT_EQ(kept.feedback_id(), response->feedback_id());
  EXPECT_EQ(kept.recorded_at().seconds(), absl::ToUnixSeconds(TestNow()));
  EXPECT_EQ(kept.fit_check().SerializeAsString(), request.fit_check().SerializeAsString());
  EXPECT_EQ(kept.delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_EQ(kept.delivery_error(), "");

  const auto lessons = bench.matcher.Lessons();
  ASSERT_THAT(lessons, SizeIs(1));
  const matcher::v1::RecordFitRequest& lesson = lessons[0];
  EXPECT_EQ(lesson.fit_check_id(), response->feedback_id());
  EXPECT_EQ(lesson.client_id(), "c1");
  EXPECT_EQ(lesson.therapist_id(), "t1");
  EXPECT_EQ(lesson.session_number(), 1);
  EXPECT_EQ(lesson.occurred_at().seconds(), request.fit_check().occurred_at().seconds());
  EXPECT_EQ(lesson.verdict(), matcher::v1::VERDICT_WOULD_CONTINUE);
  ASSERT_EQ(lesson.answers_size(), 2);
  EXPECT_EQ(lesson.answers(0).id(), "overall");
  EXPECT_EQ(lesson.answers(0).value(), 8);
  EXPECT_EQ(lesson.answers(1).id(), "heard");
  EXPECT_EQ(lesson.answers(1).value(), 9.5);
  EXPECT_THAT(lesson.frictions(), ElementsAre("rushed"));
}

TEST(RecordFitCheckTest, IsAnsweredWithTheMatchersAdvice) {
  Bench bench;
  const auto response = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->advice().next_step(), matcher::v1::NEXT_STEP_TALK_IT_THROUGH);
  EXPECT_EQ(response->advice().alternative_therapist_id(), "t2");
}

TEST(RecordFitCheckTest, IsKeptWhereNoAdviceCanBeGiven) {
  Bench bench;
  bench.matcher.SetWithoutNeeds(true);
  const auto response = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_FALSE(response->has_advice());
}

// A person looks first; no calculation sends this client anywhere.
TEST(RecordFitCheckTest, RiskComesBeforeAdvice) {
  Bench bench;
  const auto scored = [&](const std::string& request_id, double item9) {
    return bench.commands()
        .RecordInstrument(bench.Call(), GoodScores(request_id, "phq9", {{"total", 14}, {"item9", item9}}))
        .ok();
  };
  const auto checked = [&](const std::string& request_id) {
    auto response = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck(request_id));
    EXPECT_TRUE(response.ok()) << response.status();
    return *std::move(response);
  };
  EXPECT_TRUE(checked("before").has_advice());
  bench.clock.Advance(absl::Minutes(1));
  ASSERT_TRUE(scored("s1", 2));
  const v1::RecordFitCheckResponse at_risk = checked("after");
  EXPECT_TRUE(at_risk.triage_advised());
  EXPECT_FALSE(at_risk.has_advice());
  EXPECT_EQ(at_risk.delivery(), v1::DELIVERY_DELIVERED) << "what was said counts all the same";

  bench.clock.Advance(absl::Minutes(1));
  ASSERT_TRUE(scored("s2", 0));
  EXPECT_FALSE(checked("later").triage_advised()) << "the last scores count";
  EXPECT_TRUE(checked("later_still").has_advice());
  bench.clock.Advance(absl::Minutes(1));
  ASSERT_TRUE(scored("s3", 1));
  bench.clock.Advance(absl::Hours(24 * 31));
  bench.matcher.ForgetRisks();
  EXPECT_FALSE(checked("much_later").triage_advised());
}

// Another scale of the same instrument, and scores of long ago, say nothing against an alarm.
TEST(RecordFitCheckTest, AnAlarmStandsUntilItsOwnScaleIsFilledInAnew) {
  Bench bench;
  int requests = 0;
  const auto scored = [&](std::vector<std::pair<std::string, double>> scores, absl::Duration ago) {
    bench.clock.Advance(absl::Minutes(1));
    v1::RecordInstrumentRequest request = GoodScores(absl::StrCat("scores", ++requests), "phq9", scores);
    *request.mutable_scores()->mutable_occurred_at() = contract::ToTimestamp(bench.clock.Now() - ago);
    return bench.commands().RecordInstrument(bench.Call(), request).status();
  };
  const auto advised = [&] {
    return bench.commands()
        .RecordFitCheck(bench.Call(), GoodFitCheck(absl::StrCat("check", ++requests)))
        ->triage_advised();
  };
  ASSERT_TRUE(scored({{"total", 19}, {"item9", 3}}, absl::ZeroDuration()).ok());
  ASSERT_TRUE(scored({{"total", 12}}, absl::ZeroDuration()).ok());
  EXPECT_TRUE(advised()) << "the total alone";
  ASSERT_TRUE(scored({{"total", 2}, {"item9", 0}}, absl::Hours(24 * 7)).ok());
  EXPECT_TRUE(advised()) << "filled in a week before, told today";
  ASSERT_TRUE(scored({{"total", 2}, {"item9", 0}}, absl::ZeroDuration()).ok());
  EXPECT_FALSE(advised());
}

TEST(RecordFitCheckTest, MuchFeedbackDoesNotHideAnAlarm) {
  Bench bench;
  ASSERT_TRUE(bench.commands().RecordInstrument(bench.Call(), GoodScores("s", "phq9", {{"item9", 2}})).ok());
  for (int i = 0; i < 150; ++i) {
    bench.clock.Advance(absl::Minutes(1));
    ASSERT_TRUE(bench.commands()
                    .RecordInstrument(bench.Call(), GoodScores(absl::StrCat("m", i), "phq9", {{"total", 3}}))
                    .ok());
  }
  EXPECT_TRUE(bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck())->triage_advised());
}

TEST(RecordFitCheckTest, TheSameRequestTwiceHasOneEffectAndOneAnswer) {
  Bench bench;
  const auto first = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck());
  ASSERT_TRUE(first.ok()) << first.status();
  bench.clock.Advance(absl::Hours(30));
  const auto again = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_THAT(bench.All(), SizeIs(1));
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(1));
}

TEST(RecordFitCheckTest, AReplayIsAnsweredThoughTheTherapistIsGoneByNow) {
  Bench bench;
  ASSERT_TRUE(bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck()).ok());
  bench.matcher.Forget("t1");
  const auto again = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->delivery(), v1::DELIVERY_DELIVERED);
}

TEST(RecordFitCheckTest, AReplayTellsTheDeliveryAsItNowIs) {
  Bench bench;
  bench.matcher.SetAway(true);
  const auto first = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->delivery(), v1::DELIVERY_PENDING);
  bench.matcher.SetAway(false);
  const auto again = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->feedback_id(), first->feedback_id());
  EXPECT_EQ(again->delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_EQ(again->position(), 100);
}

TEST(RecordFitCheckTest, OtherContentUnderAUsedIdIsRefused) {
  Bench bench;
  ASSERT_TRUE(bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck()).ok());
  v1::RecordFitCheckRequest changed = GoodFitCheck();
  changed.mutable_fit_check()->set_verdict(matcher::v1::VERDICT_UNSURE);
  const auto response = bench.commands().RecordFitCheck(bench.Call(), changed);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(runtime::ReasonOf(response.status()), "REQUEST_ID_REUSED");
  EXPECT_THAT(bench.All(), SizeIs(1));
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(1));
}

TEST(RecordFitCheckTest, RequestIdsBelongToTheirNetworkAndMethod) {
  Bench bench;
  ASSERT_TRUE(bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck("r1")).ok());
  ASSERT_TRUE(bench.commands().RecordInstrument(bench.Call(), GoodScores("r1", "phq9", {{"total", 4}})).ok());
  runtime::Call elsewhere = bench.Call();
  elsewhere.identity.network = "network2";
  ASSERT_TRUE(bench.commands().RecordFitCheck(elsewhere, GoodFitCheck("r1")).ok());
  EXPECT_THAT(bench.All(), SizeIs(2));
  EXPECT_EQ(bench.commands().ListFeedback(elsewhere, {})->feedback_size(), 1);
}

TEST(RecordFitCheckTest, TheSameRequestFromManyThreadsHasOneEffect) {
  Bench bench;
  std::vector<std::string> ids(8);
  std::vector<std::thread> callers;
  for (std::string& id : ids) {
    callers.emplace_back([&bench, &id] {
      const auto response = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck());
      EXPECT_TRUE(response.ok()) << response.status();
      if (response.ok()) id = response->feedback_id();
    });
  }
  for (std::thread& caller : callers) caller.join();
  for (const std::string& id : ids) EXPECT_EQ(id, ids[0]);
  EXPECT_THAT(bench.All(), SizeIs(1));
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(1));
}

TEST(RecordFitCheckTest, AnUnknownTherapistIsToldAtOnceAndNothingIsKept) {
  Bench bench;
  v1::RecordFitCheckRequest request = GoodFitCheck();
  request.mutable_fit_check()->set_therapist_id("t3");
  const auto response = bench.commands().RecordFitCheck(bench.Call(), request);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(runtime::ReasonOf(response.status()), "UNKNOWN_THERAPIST");
  EXPECT_THAT(bench.All(), IsEmpty());
  EXPECT_EQ(bench.matcher.RecordFitCalls(), 0);
  // The id is still free: the corrected request may use it.
  EXPECT_TRUE(bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck()).ok());
}

TEST(RecordFitCheckTest, TheLastWordAboutOneWhoHasLeftCounts) {
  Bench bench;
  bench.matcher.Leave("t1");
  EXPECT_TRUE(bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck()).ok());
  EXPECT_THAT(bench.matcher.Lessons(), SizeIs(1));
}

TEST(RecordFitCheckTest, ABadRequestIsNeitherKeptNorLookedUp) {
  Bench bench;
  v1::RecordFitCheckRequest request = GoodFitCheck();
  request.mutable_fit_check()->clear_verdict();
  request.mutable_fit_check()->mutable_answers(0)->set_id("Zebra 17");
  const auto response = bench.commands().RecordFitCheck(bench.Call(), request);
  EXPECT_EQ(response.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(runtime::ReasonOf(response.status()), "INVALID_REQUEST");
  EXPECT_THAT(Paths(response.status()), ElementsAre("fit_check.answers[0].id", "fit_check.verdict"));
  EXPECT_THAT(bench.All(), IsEmpty());
}

TEST(RecordFitCheckTest, WhatTheContractDoesNotKnowIsNotKept) {
  Bench bench;
  v1::RecordFitCheckRequest request = GoodFitCheck();
  request.mutable_fit_check()
      ->GetReflection()
      ->MutableUnknownFields(request.mutable_fit_check())
      ->AddLengthDelimited(1000, "Jane Doe");
  ASSERT_TRUE(bench.commands().RecordFitCheck(bench.Call(), request).ok());
  EXPECT_THAT(bench.Only().SerializeAsString(), Not(HasSubstr("Jane Doe")));
}

TEST(RecordInstrumentTest, AllianceScalesAreTaughtWithoutAVerdict) {
  Bench bench;
  const auto response = bench.commands().RecordInstrument(
      bench.Call(), GoodScores("r1", "wai", {{"goals", 12}, {"total", 40}, {"bond", 15}}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_EQ(response->position(), 100);
  EXPECT_EQ(response->readings_size(), 3);
  EXPECT_FALSE(response->triage_advised());

  const auto lessons = bench.matcher.Lessons();
  ASSERT_THAT(lessons, SizeIs(1));
  EXPECT_EQ(lessons[0].fit_check_id(), response->feedback_id());
  EXPECT_EQ(lessons[0].verdict(), matcher::v1::VERDICT_UNSPECIFIED);
  EXPECT_EQ(lessons[0].session_number(), 2);
  ASSERT_EQ(lessons[0].answers_size(), 2);
  EXPECT_EQ(lessons[0].answers(0).id(), "wai.goals");
  EXPECT_EQ(lessons[0].answers(0).value(), 12);
  EXPECT_EQ(lessons[0].answers(1).id(), "wai.bond");
}

TEST(RecordInstrumentTest, SymptomScoresStayHere) {
  Bench bench;
  v1::RecordInstrumentRequest request = GoodScores("r1", "phq9", {{"total", 14}, {"item9", 1}});
  request.mutable_scores()->clear_therapist_id();
  const auto response = bench.commands().RecordInstrument(bench.Call(), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->delivery(), v1::DELIVERY_NOT_NEEDED);
  EXPECT_EQ(response->position(), 0);
  EXPECT_TRUE(response->triage_advised());
  EXPECT_TRUE(response->readings(0).beyond_cut_off());
  ASSERT_TRUE(bench.delivery().Step().ok());
  EXPECT_EQ(bench.matcher.RecordFitCalls(), 0);
  EXPECT_EQ(bench.Only().delivery(), v1::DELIVERY_NOT_NEEDED);
}

// No score and no reason: that a person must look first, from when on, and when that is over.
TEST(RecordInstrumentTest, TheMatcherIsToldThatAPersonMustLookFirst) {
  Bench bench;
  v1::RecordInstrumentRequest last;
  const auto scored = [&](const std::string& id, double item9) {
    bench.clock.Advance(absl::Minutes(1));
    last = GoodScores(id, "phq9", {{"item9", item9}});
    *last.mutable_scores()->mutable_occurred_at() = contract::ToTimestamp(bench.clock.Now());
    return bench.commands().RecordInstrument(bench.Call(), last).ok();
  };
  ASSERT_TRUE(scored("calm", 0));
  EXPECT_THAT(bench.matcher.Risks(), SizeIs(0));
  ASSERT_TRUE(scored("alarm", 2));
  ASSERT_THAT(bench.matcher.Risks(), SizeIs(1));
  EXPECT_EQ(bench.matcher.Risks()[0].client_id(), GoodScores("x", "phq9", {}).scores().client_id());
  EXPECT_TRUE(bench.matcher.Risks()[0].look_first());
  EXPECT_EQ(contract::ToTime(bench.matcher.Risks()[0].known_at()), bench.clock.Now());
  ASSERT_TRUE(bench.commands().RecordInstrument(bench.Call(), last).ok()) << "a replay";
  ASSERT_TRUE(scored("still", 1));
  EXPECT_THAT(bench.matcher.Risks(), SizeIs(2)) << "known anew, once";
  EXPECT_TRUE(bench.matcher.Risks()[1].look_first());
  ASSERT_TRUE(scored("over", 0));
  ASSERT_THAT(bench.matcher.Risks(), SizeIs(3));
  EXPECT_FALSE(bench.matcher.Risks()[2].look_first());
  ASSERT_TRUE(scored("well", 0));
  EXPECT_THAT(bench.matcher.Risks(), SizeIs(3));
}

// Answer and note are of one mind, whatever scores came before or at the same moment.
TEST(RecordInstrumentTest, AnAlarmIsToldWhereverItStands) {
  Bench bench;
  const absl::Time midnight = bench.clock.Now() - absl::Hours(3);
  const auto scored = [&](const std::string& id, const std::string& instrument, const std::string& scale,
                          double value, absl::Time filled_in) {
    bench.clock.Advance(absl::Minutes(1));
    v1::RecordInstrumentRequest request = GoodScores(id, instrument, {{scale, value}});
    *request.mutable_scores()->mutable_occurred_at() = contract::ToTimestamp(filled_in);
    return bench.commands().RecordInstrument(bench.Call(), request)->triage_advised();
  };
  EXPECT_FALSE(scored("calm", "phq9", "item9", 0, midnight));
  EXPECT_TRUE(scored("alarm", "phq9", "item9", 2, midnight)) << "of the same moment";
  ASSERT_THAT(bench.matcher.Risks(), SizeIs(1));
  EXPECT_FALSE(scored("another", "srs", "total", 38, bench.clock.Now()));
  EXPECT_THAT(bench.matcher.Risks(), SizeIs(1)) << "these ask for nothing, and end nothing";
  EXPECT_FALSE(scored("corrected", "phq9", "item9", 0, midnight));
  ASSERT_THAT(bench.matcher.Risks(), SizeIs(2));
  EXPECT_FALSE(bench.matcher.Risks()[1].look_first());
  EXPECT_TRUE(scored("late", "phq9", "item9", 2, midnight - absl::Hours(48))) << "told late";
  ASSERT_THAT(bench.matcher.Risks(), SizeIs(3));
  EXPECT_TRUE(bench.matcher.Risks()[2].look_first());
  scored("old", "phq9", "item9", 2, midnight - absl::Hours(24 * 40));
  EXPECT_THAT(bench.matcher.Risks(), SizeIs(3)) << "a history that is imported";
}

// Whatever the matcher was told, scores that ask for nothing end it, once.
TEST(RecordInstrumentTest, WhatWasToldEndsWithScoresThatAskForNothing) {
  Bench bench;
  const auto scored = [&](const std::string& id, double item9, absl::Time filled_in) {
    v1::RecordInstrumentRequest request = GoodScores(id, "phq9", {{"item9", item9}});
    *request.mutable_scores()->mutable_occurred_at() = contract::ToTimestamp(filled_in);
    ASSERT_TRUE(bench.commands().RecordInstrument(bench.Call(), request).ok());
  };
  scored("told_late", 3, bench.clock.Now() - absl::Hours(24 * 25));
  ASSERT_THAT(bench.matcher.Risks(), SizeIs(1));
  bench.clock.Advance(absl::Hours(24 * 6));  // those were filled in more than 30 days ago by now
  scored("calm", 0, bench.clock.Now());
  ASSERT_THAT(bench.matcher.Risks(), SizeIs(2));
  EXPECT_FALSE(bench.matcher.Risks()[1].look_first());

  bench.clock.Advance(absl::Minutes(1));
  scored("of_yesterday", 3, bench.clock.Now() - absl::Hours(24));
  ASSERT_THAT(bench.matcher.Risks(), SizeIs(3));
  bench.clock.Advance(absl::Minutes(1));
  scored("calm_still", 0, bench.clock.Now());
  ASSERT_THAT(bench.matcher.Risks(), SizeIs(4));
  EXPECT_FALSE(bench.matcher.Risks()[3].look_first());
  bench.clock.Advance(absl::Minutes(1));
  scored("and_still", 0, bench.clock.Now());
  EXPECT_THAT(bench.matcher.Risks(), SizeIs(4)) << "it has been told";
}

// The scores of before have not changed; a person has looked, and the matcher knows.
TEST(RecordFitCheckTest, AdviceComesAgainAfterALook) {
  Bench bench;
  ASSERT_TRUE(bench.commands().RecordInstrument(bench.Call(), GoodScores("s", "phq9", {{"item9", 2}})).ok());
  EXPECT_TRUE(bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck("a"))->triage_advised());
  bench.matcher.ForgetRisks();
  const auto looked = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck("b"));
  EXPECT_FALSE(looked->triage_advised());
  EXPECT_TRUE(looked->has_advice());
}

// A matcher that has not heard of the scores cannot know better than they do.
TEST(RecordFitCheckTest, ScoresSpeakForThemselvesUntilTheMatcherHasHeard) {
  Bench bench;
  bench.matcher.SetAway(true);
  ASSERT_TRUE(bench.commands().RecordInstrument(bench.Call(), GoodScores("s", "phq9", {{"item9", 2}})).ok());
  bench.matcher.SetAway(false);
  const auto response = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck());
  EXPECT_EQ(response->delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_THAT(bench.matcher.Risks(), SizeIs(0));
  EXPECT_TRUE(response->triage_advised());
  EXPECT_FALSE(response->has_advice());
  bench.clock.Advance(absl::Seconds(1));
  ASSERT_TRUE(bench.risk_notes().Step().ok());
  EXPECT_THAT(bench.matcher.Risks(), SizeIs(1)) << "again after a second, however long it was away";
}

TEST(RecordInstrumentTest, AnAlarmReachesAMatcherThatWasAway) {
  Bench bench;
  bench.matcher.SetAway(true);
  v1::RecordInstrumentRequest request = GoodScores("alarm", "phq9", {{"item9", 2}});
  ASSERT_TRUE(bench.commands().RecordInstrument(bench.Call(), request).ok());
  ASSERT_TRUE(bench.risk_notes().Step().ok());
  EXPECT_THAT(bench.matcher.Risks(), SizeIs(0));
  bench.Restart();
  bench.matcher.SetAway(false);
  bench.clock.Advance(absl::Minutes(2));
  ASSERT_TRUE(bench.risk_notes().Step().ok());
  ASSERT_TRUE(bench.risk_notes().Step().ok());
  ASSERT_THAT(bench.matcher.Risks(), SizeIs(1));
  EXPECT_TRUE(bench.matcher.Risks()[0].look_first());
}

// A clock that is behind ours is waited for; what can never be taken is not sent for ever.
TEST(RecordInstrumentTest, ANoteThatIsRefused) {
  Bench bench;
  runtime::Violations ahead;
  ahead.Add("known_at", "must not be in the future");
  bench.matcher.SetRefusal(ahead.ToStatus());
  ASSERT_TRUE(bench.commands().RecordInstrument(bench.Call(), GoodScores("a", "phq9", {{"item9", 2}})).ok());
  bench.clock.Advance(absl::Minutes(2));
  bench.matcher.SetRefusal(absl::OkStatus());
  ASSERT_TRUE(bench.risk_notes().Step().ok());
  EXPECT_THAT(bench.matcher.Risks(), SizeIs(1));

  bench.matcher.SetRefusal(runtime::Error(absl::StatusCode::kInvalidArgument, "INVALID_REQUEST", "never"));
  ASSERT_TRUE(bench.commands().RecordInstrument(bench.Call(), GoodScores("b", "phq9", {{"item9", 2}})).ok());
  bench.matcher.SetRefusal(absl::OkStatus());
  bench.clock.Advance(absl::Hours(1));
  ASSERT_TRUE(bench.risk_notes().Step().ok());
  EXPECT_THAT(bench.matcher.Risks(), SizeIs(1));
  EXPECT_THAT(bench.Metrics(), ::testing::HasSubstr("rapport_feedback_risk_refused_total 1"));
}

TEST(RecordFitCheckTest, NoAdviceWhereTheMatcherKnowsOfARisk) {
  Bench bench;
  bench.matcher.SetKnowsARisk(true);
  const auto response = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->delivery(), v1::DELIVERY_DELIVERED);
  EXPECT_TRUE(response->triage_advised());
  EXPECT_FALSE(response->has_advice());
}

// It has something against the fit check, or has yet to take an earlier one: it knows of the risk all the
// same.
TEST(RecordFitCheckTest, ARiskIsHeardOfWhereTheFitCheckIsNotTaken) {
  Bench bench;
  bench.matcher.SetKnowsARisk(true);
  for (const absl::Status& refusal :
       {runtime::Error(absl::StatusCode::kFailedPrecondition, "FIT_CHECK_CHANGED", "refused"),
        runtime::Error(absl::StatusCode::kInternal, "INTERNAL", "postponed")}) {
    bench.matcher.SetRefusal(refusal);
    const auto response =
        bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck(std::string(refusal.message())));
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_NE(response->delivery(), v1::DELIVERY_DELIVERED);
    EXPECT_TRUE(response->triage_advised());
    EXPECT_FALSE(response->has_advice());
  }
  bench.matcher.SetKnowsARisk(false);
  const auto calm = bench.commands().RecordFitCheck(bench.Call(), GoodFitCheck("calm"));
  EXPECT_FALSE(calm->triage_advised());
  EXPECT_FALSE(calm->has_advice()) << "it would be without this fit check";
}

TEST(RecordInstrumentTest, AReplayGivesTheReadingsAgain) {
  Bench bench;
  const v1::RecordInstrumentRequest request = GoodScores("r1", "phq9", {{"item9", 2}});
  const auto first = bench.commands().RecordInstrument(bench.Call(), request);
  const auto again = bench.commands().RecordInstrument(bench.Call(), request);
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_TRUE(again->triage_advised());
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
}

}  // namespace
}  // namespace rapport::feedback
