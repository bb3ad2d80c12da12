// Every arrow of a referral's way, walked against a live service.
#include <algorithm>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/contract/catalog_file.h"
#include "services/contract/convert.h"
#include "services/runtime/errors.h"
#include "tests/services/intake/intake_process.h"

namespace rapport::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class JourneyTest : public IntakeTest {};

TEST_F(JourneyTest, CreateOpensADraft) {
  const v1::Referral referral = Must(client_.Create());
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_DRAFT);
  EXPECT_EQ(referral.revision(), 1);
  EXPECT_EQ(referral.client_id(), "client-7");
  matcher::v1::Needs needs = PlainNeeds();
  *needs.mutable_risk()->mutable_asked_at() = contract::ToTimestamp(clock_.Now());
  EXPECT_THAT(referral.needs(), SameMessage(needs));
  EXPECT_EQ(contract::ToTime(referral.created_at()), clock_.Now());
  EXPECT_FALSE(referral.has_shortlist());
  EXPECT_THAT(Must(client_.Get(referral)), SameMessage(referral));
}

TEST_F(JourneyTest, SubmitRanks) {
  const v1::Referral draft = Must(client_.Create());
  clock_.Advance(absl::Minutes(1));
  const v1::Referral referral = Must(client_.Submit(draft));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_SHORTLISTED);
  EXPECT_NE(referral.etag(), draft.etag());
  EXPECT_GT(referral.revision(), draft.revision());
  EXPECT_EQ(contract::ToTime(referral.updated_at()), clock_.Now());
  EXPECT_EQ(contract::ToTime(referral.created_at()), contract::ToTime(draft.created_at()));
  EXPECT_EQ(referral.shortlist().candidates_size(), 5);
  EXPECT_EQ(referral.shortlist().therapists(), 5);
  EXPECT_EQ(referral.shortlist().eligible(), 5);
  EXPECT_EQ(referral.shortlist().state().as_of(), 1);
  EXPECT_THAT(referral.shortlist().learned(), ElementsAre("that you like to laugh"));
  EXPECT_EQ(contract::ToTime(referral.shortlist().ranked_at()), clock_.Now());
  EXPECT_THAT(Must(client_.Get(referral)), SameMessage(referral));
}

TEST_F(JourneyTest, SubmitWithoutAnyMatch) {
  EXPECT_THAT(client_.Submit(Must(client_.Create(ImpossibleNeeds()))), IsIn(v1::REFERRAL_STATE_NO_MATCH));
}

TEST_F(JourneyTest, ChooseReservesASeat) {
  const v1::Referral offered =
      Must(client_.Choose(client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_), "t2"));
  EXPECT_EQ(offered.state(), v1::REFERRAL_STATE_OFFERED);
  ASSERT_EQ(offered.attempts_size(), 1);
  EXPECT_EQ(offered.attempts(0).therapist_id(), "t2");
  EXPECT_EQ(offered.attempts(0).state(), v1::ATTEMPT_STATE_OFFERED);
  EXPECT_EQ(offered.attempts(0).reservation_id(), "res_1");
  EXPECT_EQ(contract::ToTime(offered.attempts(0).offered_at()), clock_.Now());
  EXPECT_EQ(matcher_.FreeSeats("t2"), 1);
}

TEST_F(JourneyTest, ChooseOnlyFromTheShortlist) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  EXPECT_THAT(client_.Choose(referral, "t9"),
              Refused(absl::StatusCode::kFailedPrecondition, kNotOnShortlist));
  EXPECT_THAT(matcher_.state().reservations, IsEmpty());
}

TEST_F(JourneyTest, ChooseWithoutAFreeSeatChangesNothing) {
  const v1::Referral late = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);  // t1 is full now
  EXPECT_THAT(client_.Choose(late), Refused(absl::StatusCode::kFailedPrecondition, kNoFreeSeat));
  EXPECT_THAT(Must(client_.Get(late)), SameMessage(late));
  EXPECT_THAT(client_.Choose(late, "t2"), IsIn(v1::REFERRAL_STATE_OFFERED));
}

TEST_F(JourneyTest, ChooseSomebodyWhoHasLeftTheDirectory) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  ScriptedMatcher::State state = matcher_.state();
  state.seats.erase("t1");
  matcher_.SetState(state);
  EXPECT_THAT(client_.Choose(referral), Refused(absl::StatusCode::kFailedPrecondition, kNoFreeSeat));
}

TEST_F(JourneyTest, AcceptedOfferIsTold) {
  const v1::Referral accepted = Must(client_.Respond(client_.At(v1::REFERRAL_STATE_OFFERED, matcher_)));
  EXPECT_EQ(accepted.state(), v1::REFERRAL_STATE_ACCEPTED);
  EXPECT_EQ(accepted.attempts(0).state(), v1::ATTEMPT_STATE_ACCEPTED);
  EXPECT_EQ(contract::ToTime(accepted.attempts(0).answered_at()), clock_.Now());
  const auto reaches = matcher_.state().reaches;  // before the answer, without any loop
  ASSERT_EQ(reaches.size(), 1u);
  EXPECT_EQ(reaches[0].outcome(), matcher::v1::REACH_OUTCOME_ACCEPTED);
  EXPECT_EQ(reaches[0].therapist_id(), "t1");
  EXPECT_EQ(reaches[0].reservation_id(), "res_1");
  EXPECT_EQ(contract::ToTime(reaches[0].occurred_at()), clock_.Now());
  EXPECT_EQ(matcher_.FreeSeats("t1"), 1);
}

TEST_F(JourneyTest, ALateAcceptanceTakesASeatAnew) {
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  EXPECT_EQ(contract::ToTime(offered.attempts(0).reserved_until()), clock_.Now() + absl::Hours(72));
  clock_.Advance(absl::Hours(73));
  matcher_.EndReservations();
  const v1::Referral accepted = Must(client_.Respond(offered));
  EXPECT_EQ(accepted.state(), v1::REFERRAL_STATE_ACCEPTED);
  EXPECT_EQ(accepted.attempts(0).reservation_id(), "res_2");
  EXPECT_EQ(matcher_.FreeSeats("t1"), 1);
  ASSERT_EQ(matcher_.state().reaches.size(), 1u);
  EXPECT_EQ(matcher_.state().reaches[0].reservation_id(), "res_2");
}

TEST_F(JourneyTest, ALateAcceptanceFindsTheSeatGivenAway) {
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  clock_.Advance(absl::Hours(73));
  matcher_.EndReservations();
  client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);  // t1 is full now
  EXPECT_THAT(client_.Respond(offered), Refused(absl::StatusCode::kFailedPrecondition, kNoFreeSeat));
  EXPECT_THAT(Must(client_.Get(offered)), SameMessage(offered));
  EXPECT_THAT(client_.Respond(offered, v1::OFFER_ANSWER_DECLINED), IsIn(v1::REFERRAL_STATE_SHORTLISTED));
}

TEST_F(JourneyTest, WhoMayNotTakeTheClientAnyMoreCannotAccept) {
  const v1::Referral suspended = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  matcher_.Suspend("t1");
  EXPECT_THAT(client_.Respond(suspended), Refused(absl::StatusCode::kFailedPrecondition, kNoLongerFits));
  EXPECT_THAT(Must(client_.Get(suspended)), SameMessage(suspended));
  ScriptedMatcher::State state = matcher_.state();
  state.seats.erase("t1");
  matcher_.SetState(state);
  EXPECT_THAT(client_.Respond(suspended), Refused(absl::StatusCode::kFailedPrecondition, kNoLongerFits));
  matcher_.FailWith(absl::UnavailableError("away"));
  EXPECT_THAT(client_.Respond(suspended), IsIn(v1::REFERRAL_STATE_ACCEPTED)) << "nobody waits for a check";
}

// What the law asks for has nothing to do with risk.
TEST_F(JourneyTest, RiskStatedMeanwhileHidesNoLicenceThatEnded) {
  v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  offered = Must(client_.Update(offered, AcuteNeeds()));
  ASSERT_EQ(offered.state(), v1::REFERRAL_STATE_OFFERED);
  matcher_.Suspend("t1");
  EXPECT_THAT(client_.Respond(offered), Refused(absl::StatusCode::kFailedPrecondition, kNoLongerFits));
}

TEST_F(JourneyTest, AnAnswerThatCannotBeCheckedIsNotTaken) {
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  matcher_.FailWith(absl::InvalidArgumentError("not in my catalog"));
  EXPECT_THAT(client_.Respond(offered), Refused(absl::StatusCode::kFailedPrecondition, kNeedsOutdated));
  matcher_.FailWith(absl::InternalError("broken"));
  EXPECT_THAT(client_.Respond(offered), Refused(absl::StatusCode::kInternal, runtime::kInternal));
  EXPECT_THAT(Must(client_.Get(offered)), SameMessage(offered));
}

TEST_F(JourneyTest, NobodyKeepsWhatIsNotChecked) {
  matcher::v1::Needs needs = PlainNeeds();
  needs.GetReflection()->MutableUnknownFields(&needs)->AddLengthDelimited(1000, "a name");
  const v1::Referral created = Must(client_.Create(needs));
  EXPECT_THAT(created.SerializeAsString(), ::testing::Not(HasSubstr("a name")));
  const v1::Referral updated = Must(client_.Update(created, needs));
  EXPECT_THAT(updated.SerializeAsString(), ::testing::Not(HasSubstr("a name")));
}

TEST_F(JourneyTest, DeclinedOfferIsToldAndRankedAgain) {
  const v1::Referral again =
      Must(client_.Respond(client_.At(v1::REFERRAL_STATE_OFFERED, matcher_), v1::OFFER_ANSWER_DECLINED));
  EXPECT_EQ(again.state(), v1::REFERRAL_STATE_SHORTLISTED);
  EXPECT_EQ(again.attempts(0).state(), v1::ATTEMPT_STATE_DECLINED);
  EXPECT_TRUE(again.attempts(0).has_answered_at());
  EXPECT_TRUE(again.attempts(0).has_ended_at());
  EXPECT_THAT(matcher_.rankings().back().tried_therapist_ids(), ElementsAre("t1"));
  EXPECT_EQ(again.shortlist().state().as_of(), 2);  // the ranking has seen the answer
  for (const auto& candidate : again.shortlist().candidates()) EXPECT_NE(candidate.therapist_id(), "t1");
  EXPECT_EQ(matcher_.FreeSeats("t1"), 2);
}

TEST_F(JourneyTest, UnansweredOfferIsToldAndRankedAgain) {
  const v1::Referral again =
      Must(client_.Respond(client_.At(v1::REFERRAL_STATE_OFFERED, matcher_), v1::OFFER_ANSWER_NO_ANSWER));
  EXPECT_EQ(again.state(), v1::REFERRAL_STATE_SHORTLISTED);
  EXPECT_EQ(again.attempts(0).state(), v1::ATTEMPT_STATE_NO_ANSWER);
  EXPECT_FALSE(again.attempts(0).has_answered_at());
  EXPECT_EQ(matcher_.state().reaches.at(0).outcome(), matcher::v1::REACH_OUTCOME_NO_ANSWER);
}

TEST_F(JourneyTest, EverybodyDeclines) {
  v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  for (const char* therapist : {"t1", "t2", "t3", "t4", "t5"}) {
    referral = Must(client_.Respond(Must(client_.Choose(referral, therapist)), v1::OFFER_ANSWER_DECLINED));
  }
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_NO_MATCH);
  EXPECT_THAT(matcher_.rankings().back().tried_therapist_ids(), ElementsAre("t1", "t2", "t3", "t4", "t5"));
}

TEST_F(JourneyTest, TherapyAndAnotherTry) {
  const v1::Referral therapy = Must(client_.Start(client_.At(v1::REFERRAL_STATE_ACCEPTED, matcher_)));
  EXPECT_EQ(therapy.state(), v1::REFERRAL_STATE_IN_THERAPY);
  EXPECT_EQ(therapy.attempts(0).state(), v1::ATTEMPT_STATE_IN_THERAPY);
  EXPECT_TRUE(therapy.attempts(0).has_started_at());

  matcher_.SetPosition(9);
  const v1::Referral again = Must(client_.TryAnother(therapy, 9));
  EXPECT_EQ(again.state(), v1::REFERRAL_STATE_SHORTLISTED);
  EXPECT_EQ(again.attempts(0).state(), v1::ATTEMPT_STATE_ENDED);
  EXPECT_TRUE(again.attempts(0).has_ended_at());
  EXPECT_EQ(matcher_.rankings().back().min_as_of(), 9);
  EXPECT_EQ(matcher_.rankings().back().client_id(), "client-7");
  EXPECT_THAT(matcher_.rankings().back().tried_therapist_ids(), ElementsAre("t1"));
  EXPECT_EQ(matcher_.FreeSeats("t1"), 2);
  EXPECT_THAT(client_.Choose(again, "t1"), Refused(absl::StatusCode::kFailedPrecondition, kNotOnShortlist));
}

TEST_F(JourneyTest, ClosingGivesAHeldSeatBack) {
  for (v1::ReferralState state :
       {v1::REFERRAL_STATE_OFFERED, v1::REFERRAL_STATE_ACCEPTED, v1::REFERRAL_STATE_IN_THERAPY}) {
    const v1::Referral referral = client_.At(state, matcher_);
    EXPECT_EQ(matcher_.FreeSeats("t1"), 1);
    const v1::Referral closed = Must(client_.Close(referral, v1::CLOSE_REASON_LOST_CONTACT));
    EXPECT_EQ(closed.state(), v1::REFERRAL_STATE_CLOSED);
    EXPECT_EQ(closed.close_reason(), v1::CLOSE_REASON_LOST_CONTACT);
    EXPECT_EQ(closed.attempts(0).state(), v1::ATTEMPT_STATE_ENDED);
    EXPECT_EQ(matcher_.FreeSeats("t1"), 2);
  }
}

TEST_F(JourneyTest, ClosingWithoutASeatTellsNobody) {
  matcher_.SetHook([](const std::string& rpc, bool) { ADD_FAILURE() << rpc; });
  EXPECT_THAT(client_.Close(Must(client_.Create())), IsIn(v1::REFERRAL_STATE_CLOSED));
  EXPECT_EQ(process_->intake().DeliverNotices(), 0);
}

TEST_F(JourneyTest, NewNeedsReopenAnAnsweredReferral) {
  for (v1::ReferralState state :
       {v1::REFERRAL_STATE_DRAFT, v1::REFERRAL_STATE_SUBMITTED, v1::REFERRAL_STATE_NEEDS_TRIAGE,
        v1::REFERRAL_STATE_NO_MATCH, v1::REFERRAL_STATE_SHORTLISTED}) {
    const v1::Referral answered = client_.At(state, matcher_);
    clock_.Advance(absl::Seconds(1));
    const v1::Referral draft = Must(client_.Update(answered));
    EXPECT_EQ(draft.state(), v1::REFERRAL_STATE_DRAFT);
    EXPECT_EQ(draft.triage_reasons_size(), 0);
    EXPECT_THAT(client_.Submit(draft), IsIn(v1::REFERRAL_STATE_SHORTLISTED));
  }
  EXPECT_EQ(process_->intake().RankWaiting(), 0) << "nothing waits any more";
}

TEST_F(JourneyTest, NewNeedsInTherapyCountForTheNextTry) {
  const v1::Referral therapy =
      Must(client_.Update(client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_), ImpossibleNeeds()));
  EXPECT_EQ(therapy.state(), v1::REFERRAL_STATE_IN_THERAPY);
  EXPECT_THAT(client_.TryAnother(therapy), IsIn(v1::REFERRAL_STATE_NO_MATCH));
}

// The built-in catalog without the concern `id`, as a file in `folder`.
std::string CatalogWithout(absl::string_view id, const std::string& folder) {
  catalog::v1::Catalog words = contract::LoadCatalog("")->message;
  auto& concerns = *words.mutable_concerns();
  concerns.erase(std::remove_if(concerns.begin(), concerns.end(),
                                [&](const auto& concern) { return concern.id() == id; }),
                 concerns.end());
  const std::string path = absl::StrCat(folder, "/catalog.textproto");
  std::ofstream(path) << contract::CatalogText(words);
  return path;
}

TEST_F(JourneyTest, NeedsThatTheCatalogNoLongerKnowsCostNobodyTheirTherapist) {
  const v1::Referral draft = Must(client_.Create());
  const v1::Referral met = client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_);
  IntakeProcess::Run run;
  run.catalog_path = CatalogWithout("grief", scratch_.folder());
  Restart(run);
  for (const Client::Answered& answered : {client_.Submit(draft), client_.TryAnother(met)}) {
    EXPECT_THAT(answered, Refused(absl::StatusCode::kFailedPrecondition, kNeedsOutdated));
    EXPECT_THAT(answered.status().message(), ::testing::HasSubstr("needs.concerns[0]"));
  }
  EXPECT_THAT(Must(client_.Get(met)), SameMessage(met)) << "still in therapy";

  matcher::v1::Needs needs = PlainNeeds();
  needs.clear_concerns();
  EXPECT_THAT(client_.TryAnother(Must(client_.Update(met, needs))), IsIn(v1::REFERRAL_STATE_SHORTLISTED));
}

TEST_F(JourneyTest, SomeFieldsOfTheNeedsChange) {
  const v1::Referral draft = Must(client_.Create());
  auto request = client_.RequestFor<v1::UpdateNeedsRequest>(draft);
  request.mutable_needs()->add_languages("es");
  request.add_update_fields("languages");
  request.add_update_fields("concerns");  // cleared: the request has none
  const v1::Referral changed = Must(client_.Send(request));
  EXPECT_THAT(changed.needs().languages(), ElementsAre("es"));
  EXPECT_THAT(changed.needs().concerns(), IsEmpty());
  EXPECT_EQ(changed.needs().age_group(), "adult");
}

TEST_F(JourneyTest, AnotherNetworkSeesNothing) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  Client stranger(*process_, "elsewhere");
  EXPECT_THAT(stranger.Get(referral), Refused(absl::StatusCode::kNotFound, kUnknownReferral));
  for (WriteCall call : kWriteCalls) {
    EXPECT_THAT(stranger.Call(call, referral), Refused(absl::StatusCode::kNotFound, kUnknownReferral));
  }
  EXPECT_EQ(Must(stranger.Send(v1::ListReferralsRequest())).referrals_size(), 0);
  EXPECT_THAT(Must(client_.Get(referral)), SameMessage(referral));
}

TEST_F(JourneyTest, LogsAndMetricsTellNothingPersonal) {
  client_.Close(client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_)).IgnoreError();
  client_.At(v1::REFERRAL_STATE_SUBMITTED, matcher_);
  process_->intake().DeliverNotices();
  process_->intake().RankWaiting();
  const std::string metrics = process_->MetricsText();
  EXPECT_THAT(metrics, ::testing::HasSubstr(
                           "rapport_intake_transitions_total{from=\"ACCEPTED\",to=\"IN_THERAPY\"} 1"));
  EXPECT_THAT(metrics, ::testing::HasSubstr("rapport_intake_outbox_depth{topic=\"intake.record_reach\"} 0"));
  EXPECT_THAT(metrics, ::testing::HasSubstr("rapport_intake_submitted_waiting 0"));
  for (const std::string& text : {process_->LogText(), metrics}) {
    EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("client-7")));
    EXPECT_THAT(text, ::testing::Not(::testing::HasSubstr("grief")));
  }
}

}  // namespace
}  // namespace rapport::intake
