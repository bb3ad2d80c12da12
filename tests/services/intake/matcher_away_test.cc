// With the matcher away, slow or behind: nothing is lost, nobody waits on a hung call.
#include <atomic>

#include "absl/time/clock.h"
#include "services/contract/convert.h"
#include "services/intake/limits.h"
#include "services/intake/matcher_client.h"
#include "services/runtime/channel.h"
#include "services/runtime/errors.h"
#include "tests/services/intake/intake_process.h"

namespace rapport::intake {
namespace {

using ::testing::HasSubstr;

class MatcherAwayTest : public IntakeTest {
 protected:
  int RankWaiting() { return process_->intake().RankWaiting(); }
  int Deliver() { return process_->intake().DeliverNotices(); }
};

TEST_F(MatcherAwayTest, SubmittedWaitsAndIsRankedWhenTheMatcherIsBack) {
  matcher_.FailWith(absl::UnavailableError("away"));
  const v1::Referral waiting = Must(client_.Submit(Must(client_.Create())));
  EXPECT_EQ(waiting.state(), v1::REFERRAL_STATE_SUBMITTED);
  EXPECT_EQ(RankWaiting(), 0);
  EXPECT_THAT(Must(client_.Get(waiting)), SameMessage(waiting));
  EXPECT_THAT(process_->MetricsText(), HasSubstr("rapport_intake_submitted_waiting 1"));
  matcher_.FailWith(absl::OkStatus());
  EXPECT_EQ(RankWaiting(), 1);
  const v1::Referral ranked = Must(client_.Get(waiting));
  EXPECT_EQ(ranked.state(), v1::REFERRAL_STATE_SHORTLISTED);
  EXPECT_NE(ranked.etag(), waiting.etag());
  EXPECT_EQ(RankWaiting(), 0);
}

TEST_F(MatcherAwayTest, NobodyAnswersAtTheAddress) {
  process_.reset();
  int port = 0;
  {
    ScriptedMatcher gone(clock_);
    port = gone.port();
  }
  auto channel = runtime::Connect(absl::StrCat("127.0.0.1:", port), true);
  ASSERT_TRUE(channel.ok());
  process_ = std::make_unique<IntakeProcess>(scratch_.folder(), *channel, clock_,
                                             IntakeProcess::Run{.seed = ++runs_});
  client_.Attach(*process_);
  EXPECT_THAT(client_.Submit(Must(client_.Create())), IsIn(v1::REFERRAL_STATE_SUBMITTED));
  process_->core().readiness().Step();
  EXPECT_TRUE(process_->core().readiness().Ready("rapport.intake.v1.IntakeService"));
  Restart();  // this time the matcher is there
  EXPECT_EQ(RankWaiting(), 1);
}

TEST_F(MatcherAwayTest, ASlowMatcherDoesNotEatTheCallersDeadline) {
  const v1::Referral draft = Must(client_.Create());
  matcher_.Stall();
  client_.SetPatience(absl::Seconds(2));
  EXPECT_THAT(client_.Submit(draft), IsIn(v1::REFERRAL_STATE_SUBMITTED));
  matcher_.LetGo();
  EXPECT_EQ(RankWaiting(), 0) << "it may have been slow because of this referral: the others go first";
  clock_.Advance(kRankAgainAfter);
  EXPECT_EQ(RankWaiting(), 1);
}

TEST_F(MatcherAwayTest, AReferralThatCannotBeRankedDoesNotHoldUpTheOthers) {
  matcher_.FailWith(absl::InternalError("no"));
  const v1::Referral first = Must(client_.Submit(Must(client_.Create())));
  EXPECT_EQ(first.state(), v1::REFERRAL_STATE_SUBMITTED);
  matcher_.FailWith(absl::ResourceExhaustedError("busy"));
  const v1::Referral second = Must(client_.Submit(Must(client_.Create())));
  matcher_.FailWith(absl::OkStatus());
  EXPECT_EQ(RankWaiting(), 1);
  EXPECT_THAT(client_.Get(second), IsIn(v1::REFERRAL_STATE_SHORTLISTED));
  EXPECT_THAT(client_.Get(first), IsIn(v1::REFERRAL_STATE_SUBMITTED));
  clock_.Advance(kRankAgainAfter);
  EXPECT_EQ(RankWaiting(), 1);
}

TEST_F(MatcherAwayTest, OldestFirst) {
  matcher_.FailWith(absl::ResourceExhaustedError("busy"));
  std::vector<v1::Referral> waiting;
  for (const char* client_id : {"a", "b", "c"}) {
    waiting.push_back(Must(client_.Submit(Must(client_.Create(PlainNeeds(), client_id)))));
    clock_.Advance(absl::Seconds(1));
  }
  matcher_.FailWith(absl::OkStatus());
  const size_t before = matcher_.rankings().size();
  EXPECT_EQ(RankWaiting(), 3);
  const auto rankings = matcher_.rankings();
  ASSERT_EQ(rankings.size(), before + 3);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(rankings[before + i].client_id(), waiting[i].client_id());
}

TEST_F(MatcherAwayTest, BehindWaitsForTheStatedPosition) {
  const v1::Referral therapy = client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_);
  const v1::Referral waiting = Must(client_.TryAnother(therapy, 40));
  EXPECT_EQ(waiting.state(), v1::REFERRAL_STATE_SUBMITTED);
  clock_.Advance(kRankAgainAfter);
  EXPECT_EQ(RankWaiting(), 0);
  EXPECT_EQ(matcher_.rankings().back().min_as_of(), 40);
  matcher_.SetPosition(40);
  Restart();  // the position is kept with the referral
  clock_.Advance(kRankAgainAfter);
  EXPECT_EQ(RankWaiting(), 1);
  EXPECT_GE(Must(client_.Get(waiting)).shortlist().state().as_of(), 40);
}

// After a backup was restored, or by a caller's mistake: such a position never comes.
TEST_F(MatcherAwayTest, APositionThatDoesNotComeIsNotWaitedForForEver) {
  const v1::Referral waiting =
      Must(client_.TryAnother(client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_), 1'000'000'000));
  EXPECT_EQ(waiting.state(), v1::REFERRAL_STATE_SUBMITTED);
  clock_.Advance(kBehindPatience - absl::Seconds(1));
  EXPECT_EQ(RankWaiting(), 0);
  clock_.Advance(kRankAgainAfter);
  EXPECT_EQ(RankWaiting(), 1);
  EXPECT_EQ(Must(client_.Get(waiting)).state(), v1::REFERRAL_STATE_SHORTLISTED);
  EXPECT_EQ(matcher_.rankings().back().min_as_of(), 0);
}

TEST_F(MatcherAwayTest, NewNeedsKeepTheStatedPosition) {
  const v1::Referral waiting =
      Must(client_.TryAnother(client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_), 40));
  matcher_.SetPosition(40);
  EXPECT_THAT(client_.Submit(Must(client_.Update(waiting))), IsIn(v1::REFERRAL_STATE_SHORTLISTED));
  EXPECT_EQ(matcher_.rankings().back().min_as_of(), 40);
}

TEST_F(MatcherAwayTest, ChoosingIsUnavailableAndChangesNothing) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  auto request = client_.RequestFor<v1::ChooseTherapistRequest>(referral);
  request.set_therapist_id("t1");
  matcher_.FailWith(absl::UnavailableError("away"));
  const Client::Answered away = client_.Send(request);
  EXPECT_THAT(away, Refused(absl::StatusCode::kUnavailable, kMatcherAway));
  EXPECT_TRUE(runtime::RetryAfterOf(away.status()).has_value());
  EXPECT_THAT(Must(client_.Get(referral)), SameMessage(referral));
  matcher_.FailWith(absl::OkStatus());
  EXPECT_THAT(client_.Send(request), IsIn(v1::REFERRAL_STATE_OFFERED)) << "the same request again";
}

TEST_F(MatcherAwayTest, ChoosingFromASlowMatcher) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  matcher_.Stall();
  client_.SetPatience(absl::Seconds(2));
  EXPECT_THAT(client_.Choose(referral), Refused(absl::StatusCode::kUnavailable, kMatcherAway));
  matcher_.LetGo();
}

TEST_F(MatcherAwayTest, AMatchersOwnFaultIsNotExplainedToCallers) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  matcher_.FailWith(absl::DataLossError("secret text"));
  const Client::Answered answer = client_.Choose(referral);
  EXPECT_THAT(answer, Refused(absl::StatusCode::kInternal, runtime::kInternal));
  EXPECT_THAT(std::string(answer.status().message()), ::testing::Not(HasSubstr("secret")));
}

// It was started on another catalog, say: no fault of this server, and no therapist is given up for it.
TEST_F(MatcherAwayTest, NeedsThatTheMatchersCatalogHasNoWordsForAreOutdated) {
  const v1::Referral shortlisted = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  const v1::Referral therapy = client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_);
  matcher_.FailWith(absl::InvalidArgumentError("secret text"));
  for (const Client::Answered& answer : {client_.Choose(shortlisted), client_.TryAnother(therapy)}) {
    EXPECT_THAT(answer, Refused(absl::StatusCode::kFailedPrecondition, kNeedsOutdated));
    EXPECT_THAT(std::string(answer.status().message()), ::testing::Not(HasSubstr("secret")));
  }
  EXPECT_THAT(Must(client_.Get(shortlisted)), SameMessage(shortlisted));
  EXPECT_THAT(Must(client_.Get(therapy)), SameMessage(therapy));
}

TEST_F(MatcherAwayTest, AnExpiredReservationOfAnEarlierTryIsNotOffered) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  // The answer to the n-th reservation that is asked for is lost, and three days pass.
  const auto lose = [&](const v1::ChooseTherapistRequest& request, int n) {
    std::atomic<int> asked = 0;
    matcher_.SetHook([&](const std::string& rpc, bool done) {
      if (rpc == "ReserveSlot" && !done && ++asked == n) matcher_.LoseAnswers(true);
    });
    EXPECT_THAT(client_.Send(request), Refused(absl::StatusCode::kUnavailable, kMatcherAway));
    matcher_.SetHook(nullptr);
    matcher_.LoseAnswers(false);
    clock_.Advance(absl::Hours(73));
    matcher_.EndReservations();
  };
  auto request = client_.RequestFor<v1::ChooseTherapistRequest>(referral, "the-same");
  request.set_therapist_id("t1");
  lose(request, 1);
  lose(request, 2);
  EXPECT_EQ(matcher_.state().reservations.size(), 2u) << "another in place of the one that had expired";
  EXPECT_THAT(client_.Send(request), Refused(absl::StatusCode::kFailedPrecondition, kReservationEnded));
  const v1::Referral offered = Must(client_.Choose(referral));
  EXPECT_EQ(contract::ToTime(offered.attempts(0).reserved_until()), clock_.Now() + absl::Hours(72));
}

TEST_F(MatcherAwayTest, TheSameChoiceFindsTheSeatThatAnAnswerWasLostFor) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  matcher_.LoseAnswers(true);
  EXPECT_THAT(client_.Choose(referral), Refused(absl::StatusCode::kUnavailable, kMatcherAway));
  matcher_.LoseAnswers(false);
  EXPECT_EQ(matcher_.FreeSeats("t1"), 1);
  EXPECT_THAT(client_.Choose(referral), IsIn(v1::REFERRAL_STATE_OFFERED)) << "under another request id";
  EXPECT_EQ(matcher_.FreeSeats("t1"), 1);
}

// Two people make the same choice at once: one of them is told that it was made, and the seat stays theirs.
TEST_F(MatcherAwayTest, TheSameChoiceTwiceAtOnceHoldsOneSeat) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  Client other(*process_);
  std::atomic<bool> chosen = false;
  matcher_.SetHook([&](const std::string& rpc, bool done) {
    if (rpc != "ReserveSlot" || !done || chosen.exchange(true)) return;
    auto request = other.RequestFor<v1::ChooseTherapistRequest>(referral, "the-others");
    request.set_therapist_id("t1");
    EXPECT_THAT(other.Send(request), IsIn(v1::REFERRAL_STATE_OFFERED));
  });
  EXPECT_THAT(client_.Choose(referral), Refused(absl::StatusCode::kAborted, kEtagMismatch));
  matcher_.SetHook(nullptr);
  EXPECT_EQ(matcher_.FreeSeats("t1"), 1);
  EXPECT_THAT(client_.Respond(Must(client_.Get(referral))), IsIn(v1::REFERRAL_STATE_ACCEPTED));
  EXPECT_EQ(matcher_.state().reaches.size(), 1u) << "the seat was there";
}

// One request id for two choices at once: the seat of the one that is refused is given back.
TEST_F(MatcherAwayTest, ASeatForARequestIdThatWasUsedIsGivenBack) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  Client other(*process_);
  const auto choice = [&](const std::string& therapist_id) {
    auto request = client_.RequestFor<v1::ChooseTherapistRequest>(referral, "the-same");
    request.set_therapist_id(therapist_id);
    return request;
  };
  std::atomic<bool> chosen = false;
  matcher_.SetHook([&](const std::string& rpc, bool done) {
    if (rpc != "ReserveSlot" || !done || chosen.exchange(true)) return;
    EXPECT_THAT(other.Send(choice("t2")), IsIn(v1::REFERRAL_STATE_OFFERED));
  });
  EXPECT_THAT(client_.Send(choice("t1")), Refused(absl::StatusCode::kAlreadyExists, kRequestIdReused));
  matcher_.SetHook(nullptr);
  EXPECT_EQ(matcher_.FreeSeats("t1"), 2);
  EXPECT_EQ(matcher_.FreeSeats("t2"), 1);
}

// What it knows may be why the therapist is to be kept: one that is there is asked until it answers.
TEST_F(MatcherAwayTest, NobodyIsGivenUpWhileTheMatcherIsThereAndCannotLook) {
  const v1::Referral therapy = client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_);
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  matcher_.FailWith(absl::ResourceExhaustedError("busy"));
  for (const Client::Answered& answer : {client_.TryAnother(therapy), client_.Respond(offered)}) {
    EXPECT_THAT(answer, Refused(absl::StatusCode::kUnavailable, kMatcherAway));
    EXPECT_TRUE(runtime::RetryAfterOf(answer.status()).has_value());
  }
  matcher_.FailWith(absl::OkStatus());
  matcher_.Stall();
  client_.SetPatience(absl::Milliseconds(600));
  const Client::Answered hurried = client_.TryAnother(therapy);  // no time for the matcher to answer
  // On a machine that is busy the caller's own deadline may be told first.
  if (!absl::IsDeadlineExceeded(hurried.status())) {
    EXPECT_THAT(hurried, Refused(absl::StatusCode::kUnavailable, kMatcherAway));
  }
  matcher_.LetGo();
  client_.SetPatience(absl::Seconds(60));
  EXPECT_THAT(Must(client_.Get(therapy)), SameMessage(therapy));
  EXPECT_THAT(Must(client_.Get(offered)), SameMessage(offered));
  EXPECT_THAT(client_.TryAnother(therapy), IsIn(v1::REFERRAL_STATE_SHORTLISTED));
  EXPECT_THAT(client_.Respond(offered), IsIn(v1::REFERRAL_STATE_ACCEPTED));
}

// As gRPC ends what crosses a server's farewell on the wire.
TEST_F(MatcherAwayTest, AMatcherThatGoesWhileItIsAskedIsAway) {
  const v1::Referral shortlisted = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  matcher_.FailWith(absl::CancelledError("going"));
  for (const Client::Answered& answer : {client_.Choose(shortlisted), client_.Respond(offered)})
    EXPECT_THAT(answer, Refused(absl::StatusCode::kUnavailable, kMatcherAway));
  EXPECT_THAT(Must(client_.Get(offered)), SameMessage(offered));
}

TEST_F(MatcherAwayTest, WhatWaitedIsToldAsSoonAsTheMatcherIsBack) {
  const v1::Referral first = client_.At(v1::REFERRAL_STATE_ACCEPTED, matcher_);
  const v1::Referral second = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  matcher_.FailWith(absl::UnavailableError("away"));
  Must(client_.Close(first));
  Must(client_.Respond(second));
  for (int i = 0; i < 7; ++i) {
    clock_.Advance(absl::Minutes(2));
    EXPECT_EQ(Deliver(), 0);
  }
  matcher_.FailWith(absl::OkStatus());
  EXPECT_EQ(Deliver(), 2) << "though each was tried moments ago";
}

// A matcher that was started on the wrong file knows no seat; on its own again it does.
TEST_F(MatcherAwayTest, WhatTheMatcherDoesNotKnowIsToldAgainForAWeek) {
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  const ScriptedMatcher::State own = matcher_.state();
  ScriptedMatcher::State wrong = own;
  wrong.reservations.clear();
  matcher_.FailWith(absl::UnavailableError("away"));
  const v1::Referral accepted = Must(client_.Respond(offered));
  matcher_.SetState(wrong);
  matcher_.FailWith(absl::OkStatus());
  clock_.Advance(absl::Hours(24 * 6));
  EXPECT_EQ(Deliver(), 0);
  EXPECT_THAT(process_->MetricsText(),
              HasSubstr("rapport_intake_outbox_refused_total{topic=\"intake.record_reach\"} 0"));
  matcher_.SetState(own);
  clock_.Advance(absl::Minutes(2));
  EXPECT_EQ(Deliver(), 1);
  EXPECT_EQ(matcher_.state().reaches.size(), 1u);

  EXPECT_THAT(client_.Close(accepted), IsIn(v1::REFERRAL_STATE_CLOSED));
  EXPECT_EQ(matcher_.FreeSeats("t1"), 2);
}

TEST_F(MatcherAwayTest, WhatStaysUnknownIsGivenUp) {
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  ScriptedMatcher::State wrong = matcher_.state();
  wrong.reservations.clear();
  matcher_.SetState(wrong);
  EXPECT_THAT(client_.Respond(offered), IsIn(v1::REFERRAL_STATE_ACCEPTED));
  clock_.Advance(kUnknownPatience);
  EXPECT_EQ(Deliver(), 1);
  EXPECT_THAT(process_->MetricsText(),
              HasSubstr("rapport_intake_outbox_refused_total{topic=\"intake.record_reach\"} 1"));
}

// A clock that ran a day ahead must not make anything wait for a day.
TEST_F(MatcherAwayTest, NothingWaitsForAClockThatRanAhead) {
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  const v1::Referral draft = client_.At(v1::REFERRAL_STATE_DRAFT, matcher_);
  matcher_.FailWith(absl::UnavailableError("away"));
  clock_.Advance(absl::Hours(24));
  EXPECT_THAT(client_.Respond(offered), IsIn(v1::REFERRAL_STATE_ACCEPTED));
  EXPECT_THAT(client_.Submit(draft), IsIn(v1::REFERRAL_STATE_SUBMITTED));
  clock_.Advance(-absl::Hours(24));
  matcher_.FailWith(absl::OkStatus());
  EXPECT_EQ(Deliver(), 1);
  EXPECT_EQ(RankWaiting(), 1);
}

using Turn = HangGuard::Turn;
using Came = HangGuard::Came;

TEST(HangGuardTest, AMatcherThatHangsIsAskedByOneAtATime) {
  HangGuard guard;
  const absl::Time now = absl::FromUnixSeconds(1'900'000'000);
  EXPECT_EQ(guard.Enter(now), Turn::kFree);
  EXPECT_EQ(guard.Enter(now), Turn::kFree);
  guard.Left(Turn::kFree, Came::kAnswer, now);
  EXPECT_EQ(guard.Enter(now), Turn::kFree);
  guard.Left(Turn::kFree, Came::kNothing, now);
  EXPECT_EQ(guard.Enter(now), Turn::kNotNow);
  EXPECT_EQ(guard.Enter(now + kProbeInterval), Turn::kProbe);
  EXPECT_EQ(guard.Enter(now + 2 * kProbeInterval), Turn::kNotNow) << "one is asking";
  guard.Left(Turn::kFree, Came::kNothing, now + 2 * kProbeInterval);
  EXPECT_EQ(guard.Enter(now + 3 * kProbeInterval), Turn::kNotNow) << "one is asking still";
  guard.Left(Turn::kProbe, Came::kNothing, now + 3 * kProbeInterval);
  EXPECT_EQ(guard.Enter(now + 3 * kProbeInterval), Turn::kNotNow);
  EXPECT_EQ(guard.Enter(now + 4 * kProbeInterval), Turn::kProbe);
  guard.Left(Turn::kProbe, Came::kAnswer, now + 4 * kProbeInterval);
  EXPECT_EQ(guard.Enter(now + 4 * kProbeInterval), Turn::kFree);
}

TEST(HangGuardTest, WhoHadNoTimeSaysNothingOfTheMatcher) {
  HangGuard guard;
  const absl::Time now = absl::FromUnixSeconds(1'900'000'000);
  guard.Left(guard.Enter(now), Came::kTooSoonToSay, now);
  ASSERT_EQ(guard.Enter(now), Turn::kFree);
  guard.Left(Turn::kFree, Came::kNothing, now);
  ASSERT_EQ(guard.Enter(now + kProbeInterval), Turn::kProbe);
  guard.Left(Turn::kProbe, Came::kTooSoonToSay, now + kProbeInterval);
  EXPECT_EQ(guard.Enter(now + kProbeInterval), Turn::kNotNow) << "it hangs as before";
  EXPECT_EQ(guard.Enter(now + 2 * kProbeInterval), Turn::kProbe);
}

TEST_F(MatcherAwayTest, AnswersToOffersAreToldLater) {
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  matcher_.FailWith(absl::UnavailableError("away"));
  const v1::Referral waiting = Must(client_.Respond(offered, v1::OFFER_ANSWER_DECLINED));
  EXPECT_EQ(waiting.state(), v1::REFERRAL_STATE_SUBMITTED);
  EXPECT_EQ(waiting.attempts(0).state(), v1::ATTEMPT_STATE_DECLINED);
  EXPECT_EQ(Deliver(), 0);
  EXPECT_THAT(process_->MetricsText(),
              HasSubstr("rapport_intake_outbox_depth{topic=\"intake.record_reach\"} 1"));
  matcher_.FailWith(absl::OkStatus());
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(Deliver(), 1);
  EXPECT_EQ(RankWaiting(), 1);
  EXPECT_EQ(matcher_.state().reaches.size(), 1u);
  EXPECT_EQ(matcher_.FreeSeats("t1"), 2);
  EXPECT_EQ(Deliver(), 0);
  EXPECT_THAT(client_.Get(waiting), IsIn(v1::REFERRAL_STATE_SHORTLISTED));
}

TEST_F(MatcherAwayTest, ASeatIsNotReleasedBeforeTheAnswerIsTold) {
  EXPECT_EQ(Deliver(), 0) << "after a start all that waits is due";
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  matcher_.FailWith(absl::UnavailableError("away"));
  const v1::Referral accepted = Must(client_.Respond(offered));
  matcher_.FailWith(absl::OkStatus());
  // The answer waits for its retry; the release is due at once, and must not overtake it.
  EXPECT_THAT(client_.Close(accepted), IsIn(v1::REFERRAL_STATE_CLOSED));
  EXPECT_EQ(matcher_.FreeSeats("t1"), 1);
  EXPECT_EQ(Deliver(), 0);
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(Deliver(), 2);
  EXPECT_EQ(matcher_.state().reaches.size(), 1u) << "the matcher learned that the therapist accepts";
  EXPECT_EQ(matcher_.FreeSeats("t1"), 2);
}

TEST_F(MatcherAwayTest, AnAnswerToAnEndedReservationIsRefusedForGood) {
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  matcher_.EndReservations();
  EXPECT_THAT(client_.Respond(offered), IsIn(v1::REFERRAL_STATE_ACCEPTED));
  EXPECT_THAT(process_->MetricsText(),
              HasSubstr("rapport_intake_outbox_refused_total{topic=\"intake.record_reach\"} 1"));
  EXPECT_THAT(process_->LogText(), HasSubstr("RESERVATION_ENDED"));
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Deliver(), 0) << "never tried again";
}

}  // namespace
}  // namespace rapport::intake
