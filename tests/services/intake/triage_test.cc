// Acute risk is never ranked: not when submitted, not in another try, not in the background.
#include "absl/strings/str_cat.h"
#include "services/contract/calendar.h"
#include "services/storage/database.h"
#include "tests/services/intake/intake_process.h"

namespace rapport::intake {
namespace {

using ::testing::IsEmpty;

class TriageTest : public IntakeTest {
 protected:
  // A person has looked, and found what was stated before.
  Client::Answered Look(const v1::Referral& referral) {
    v1::UpdateNeedsRequest request = client_.RequestFor<v1::UpdateNeedsRequest>(referral);
    request.add_update_fields("risk");
    request.mutable_needs()->mutable_risk()->set_level(referral.needs().risk().level());
    return client_.Send(request);
  }
  // An update that has nothing to do with risk.
  v1::Referral WithMoreLanguages(const v1::Referral& referral) {
    v1::UpdateNeedsRequest request = client_.RequestFor<v1::UpdateNeedsRequest>(referral);
    request.add_update_fields("languages");
    request.mutable_needs()->add_languages("es");
    return Must(client_.Send(request));
  }
  int AtWhichAPersonMustLook() {
    v1::ListReferralsRequest list;
    list.set_state(v1::REFERRAL_STATE_NEEDS_TRIAGE);
    return Must(client_.Send(list)).referrals_size();
  }
  static absl::Time AskedAt(const v1::Referral& referral) {
    return contract::ToTime(referral.needs().risk().asked_at());
  }
};

TEST_F(TriageTest, StatedRisk) {
  const v1::Referral referral = Must(client_.Submit(Must(client_.Create(AcuteNeeds()))));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  ASSERT_EQ(referral.triage_reasons_size(), 1);
  EXPECT_EQ(referral.triage_reasons(0).code(), "RISK_STATED");
  EXPECT_NE(referral.triage_reasons(0).sentence(), "");
  EXPECT_EQ(process_->intake().RankWaiting(), 0);
  EXPECT_THAT(matcher_.rankings(), IsEmpty());
}

TEST_F(TriageTest, ScreeningScoreWhateverTheLevelSays) {
  matcher::v1::Needs needs = PlainNeeds();
  matcher::v1::Screening& screening = *needs.mutable_risk()->add_screenings();
  screening.set_instrument("phq9");
  screening.set_scale("item9");
  screening.set_score(1);
  const v1::Referral referral = Must(client_.Submit(Must(client_.Create(needs))));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  EXPECT_EQ(referral.triage_reasons(0).code(), "SCREENING_SCORE");
  EXPECT_THAT(matcher_.rankings(), IsEmpty());
}

TEST_F(TriageTest, AnotherTryWithAcuteNeedsKeepsTheTherapist) {
  const v1::Referral therapy = client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_);
  const auto rankings = matcher_.rankings().size();
  const v1::Referral referral = Must(client_.TryAnother(Must(client_.Update(therapy, AcuteNeeds()))));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  EXPECT_EQ(referral.attempts(0).state(), v1::ATTEMPT_STATE_IN_THERAPY);
  EXPECT_FALSE(referral.has_shortlist());
  EXPECT_EQ(matcher_.FreeSeats("t1"), 1);
  EXPECT_EQ(process_->intake().RankWaiting(), 0);
  EXPECT_EQ(matcher_.rankings().size(), rankings);

  clock_.Advance(absl::Seconds(1));
  const v1::Referral calm = Must(client_.Update(referral, PlainNeeds()));
  EXPECT_EQ(calm.state(), v1::REFERRAL_STATE_IN_THERAPY);
  EXPECT_EQ(calm.triage_reasons_size(), 0);
  const v1::Referral again = Must(client_.TryAnother(calm));
  EXPECT_EQ(again.state(), v1::REFERRAL_STATE_SHORTLISTED);
  EXPECT_EQ(again.attempts(0).state(), v1::ATTEMPT_STATE_ENDED);
}

TEST_F(TriageTest, RiskShowsAtOnceWhateverTheState) {
  std::vector<std::string> flagged;
  for (const v1::ReferralState state :
       {v1::REFERRAL_STATE_OFFERED, v1::REFERRAL_STATE_ACCEPTED, v1::REFERRAL_STATE_IN_THERAPY}) {
    const v1::Referral referral = Must(client_.Update(client_.At(state, matcher_), AcuteNeeds()));
    EXPECT_EQ(referral.state(), state) << "nobody takes the therapist away";
    ASSERT_EQ(referral.triage_reasons_size(), 1);
    flagged.push_back(referral.referral_id());
    matcher_.EndReservations();
    clock_.Advance(absl::Seconds(1));  // needs at risk stop those of the same moment
  }
  const v1::Referral draft = Must(client_.Create(AcuteNeeds()));
  EXPECT_EQ(draft.state(), v1::REFERRAL_STATE_DRAFT);
  EXPECT_EQ(draft.triage_reasons_size(), 1);
  flagged.push_back(draft.referral_id());
  Must(client_.Create());  // one without

  v1::ListReferralsRequest request;
  request.set_state(v1::REFERRAL_STATE_NEEDS_TRIAGE);
  std::vector<std::string> listed;
  const v1::ListReferralsResponse page = Must(client_.Send(request));
  for (const v1::Referral& referral : page.referrals()) listed.push_back(referral.referral_id());
  EXPECT_THAT(listed, ::testing::UnorderedElementsAreArray(flagged));
}

TEST_F(TriageTest, NoEarlierShortlistIsShown) {
  const v1::Referral shortlisted = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  const v1::Referral referral = Must(client_.Submit(Must(client_.Update(shortlisted, AcuteNeeds()))));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  EXPECT_FALSE(referral.has_shortlist());
}

TEST_F(TriageTest, AMoreCarefulMatcherIsFollowed) {
  matcher_.AskForTriage();
  const v1::Referral referral = Must(client_.Submit(Must(client_.Create())));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  EXPECT_EQ(referral.triage_reasons(0).code(), "SCREENING_SCORE");
  EXPECT_EQ(process_->intake().RankWaiting(), 0);
}

TEST_F(TriageTest, NeedsKeepWhenTheyWereAskedAboutRisk) {
  const v1::Referral draft = Must(client_.Create());
  EXPECT_EQ(AskedAt(draft), clock_.Now());
  clock_.Advance(absl::Hours(1));
  v1::UpdateNeedsRequest fee = client_.RequestFor<v1::UpdateNeedsRequest>(draft);
  fee.add_update_fields("languages");
  fee.mutable_needs()->add_languages("es");
  const v1::Referral updated = Must(client_.Send(fee));
  EXPECT_EQ(AskedAt(updated), AskedAt(draft)) << "nobody asked about risk";
  EXPECT_EQ(AskedAt(Must(client_.Update(updated))), AskedAt(draft)) << "the same needs once more";
  const v1::Referral anew = Must(Look(Must(client_.Get(updated))));
  EXPECT_EQ(AskedAt(anew), clock_.Now());

  // Read, changed and sent back: asked anew where the risk is another, or is stated by itself.
  clock_.Advance(absl::Hours(1));
  v1::Referral read = Must(client_.Update(anew, anew.needs()));
  EXPECT_EQ(AskedAt(read), AskedAt(draft) + absl::Hours(1)) << "as it was read";
  matcher::v1::Needs other = read.needs();
  other.mutable_risk()->set_level(matcher::v1::RISK_LEVEL_ELEVATED);
  read = Must(client_.Update(read, other));
  EXPECT_EQ(AskedAt(read), clock_.Now());
  clock_.Advance(absl::Hours(1));
  v1::UpdateNeedsRequest stated = client_.RequestFor<v1::UpdateNeedsRequest>(read);
  stated.add_update_fields("risk");
  *stated.mutable_needs()->mutable_risk() = read.needs().risk();
  EXPECT_EQ(AskedAt(Must(client_.Send(stated))), clock_.Now());

  matcher::v1::Needs needs = PlainNeeds();
  *needs.mutable_risk()->mutable_asked_at() = contract::ToTimestamp(clock_.Now() - absl::Hours(24));
  EXPECT_EQ(AskedAt(Must(client_.Create(needs))), clock_.Now() - absl::Hours(24));
  *needs.mutable_risk()->mutable_asked_at() = contract::ToTimestamp(clock_.Now() + absl::Hours(24));
  EXPECT_EQ(AskedAt(Must(client_.Create(needs))), clock_.Now()) << "nobody has asked tomorrow";
}

// Scores of a session are known to the matcher; the needs of the referral are older.
TEST_F(TriageTest, ARiskThatBecameKnownSinceKeepsTheTherapist) {
  const v1::Referral therapy = client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_);
  const auto rankings = matcher_.rankings().size();
  clock_.Advance(absl::Hours(1));
  matcher_.NoteRisk(therapy.client_id());
  const v1::Referral referral = Must(client_.TryAnother(therapy));
  ASSERT_EQ(referral.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  ASSERT_EQ(referral.triage_reasons_size(), 1);
  EXPECT_EQ(referral.triage_reasons(0).code(), "RISK_RECORDED");
  EXPECT_NE(referral.triage_reasons(0).sentence(), "");
  ASSERT_EQ(referral.attempts(0).state(), v1::ATTEMPT_STATE_IN_THERAPY);
  EXPECT_EQ(matcher_.FreeSeats("t1"), 1) << "the seat is kept";
  EXPECT_EQ(matcher_.rankings().size(), rankings);

  // What has nothing to do with risk answers nothing.
  clock_.Advance(absl::Hours(1));
  const v1::Referral updated = WithMoreLanguages(referral);
  EXPECT_EQ(updated.state(), v1::REFERRAL_STATE_IN_THERAPY);
  ASSERT_EQ(updated.triage_reasons_size(), 1);
  EXPECT_EQ(updated.triage_reasons(0).code(), "RISK_RECORDED");
  EXPECT_EQ(matcher_.state().risks.size(), 1u);

  // The same needs once more, as an integrator keeps them, answer nothing either.
  clock_.Advance(absl::Hours(1));
  const v1::Referral copied = Must(client_.Update(updated, PlainNeeds()));
  EXPECT_EQ(copied.triage_reasons_size(), 1);
  EXPECT_EQ(matcher_.state().risks.size(), 1u);
  const v1::Referral still = Must(client_.TryAnother(copied));
  ASSERT_EQ(still.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  EXPECT_EQ(still.attempts(0).state(), v1::ATTEMPT_STATE_IN_THERAPY);

  clock_.Advance(absl::Hours(1));
  const v1::Referral looked = Must(Look(still));
  EXPECT_EQ(looked.triage_reasons_size(), 0);
  ASSERT_EQ(matcher_.state().risks.size(), 2u) << "whoever asks the matcher hears of the look";
  EXPECT_FALSE(matcher_.state().risks.back().look_first());
  EXPECT_EQ(matcher_.state().risks.back().source(), matcher::v1::RISK_SOURCE_PERSON);
  EXPECT_EQ(contract::ToTime(matcher_.state().risks.back().known_at()), clock_.Now());
  EXPECT_EQ(Must(client_.TryAnother(looked)).state(), v1::REFERRAL_STATE_SHORTLISTED);
}

TEST_F(TriageTest, ARiskThatBecameKnownStopsWhatWaits) {
  const v1::Referral draft = Must(client_.Create());
  clock_.Advance(absl::Hours(1));
  matcher_.FailWith(absl::UnavailableError("away"));
  const v1::Referral waiting = Must(client_.Submit(draft));
  EXPECT_EQ(waiting.state(), v1::REFERRAL_STATE_SUBMITTED);
  matcher_.FailWith(absl::OkStatus());
  matcher_.NoteRisk(draft.client_id());
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(process_->intake().RankWaiting(), 1);
  const v1::Referral referral = Must(client_.Get(waiting));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  EXPECT_EQ(referral.triage_reasons(0).code(), "RISK_RECORDED");
}

// What the matcher said is remembered here until it is asked again, or a person has looked.
TEST_F(TriageTest, ARecordedRiskStopsAnotherTryWhileTheMatcherIsAway) {
  const v1::Referral therapy = client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_);
  clock_.Advance(absl::Hours(1));
  matcher_.NoteRisk(therapy.client_id());
  v1::Referral referral = WithMoreLanguages(Must(client_.TryAnother(therapy)));
  ASSERT_EQ(referral.state(), v1::REFERRAL_STATE_IN_THERAPY);
  matcher_.FailWith(absl::UnavailableError("away"));
  referral = Must(client_.TryAnother(referral));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  EXPECT_EQ(referral.triage_reasons_size(), 1);
  EXPECT_EQ(referral.attempts(0).state(), v1::ATTEMPT_STATE_IN_THERAPY);

  clock_.Advance(absl::Hours(1));
  referral = Must(client_.TryAnother(Must(Look(referral))));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_SUBMITTED) << "nothing is known that stops it";
  EXPECT_EQ(referral.attempts(0).state(), v1::ATTEMPT_STATE_ENDED);
}

TEST_F(TriageTest, ARecordedRiskStaysInTheListUntilTheMatcherHasRanked) {
  const v1::Referral draft = Must(client_.Create());
  clock_.Advance(absl::Hours(1));
  const ScriptedMatcher::State calm = matcher_.state();
  matcher_.NoteRisk(draft.client_id());
  v1::Referral referral = WithMoreLanguages(Must(client_.Submit(draft)));
  ASSERT_EQ(referral.state(), v1::REFERRAL_STATE_DRAFT);
  matcher_.FailWith(absl::UnavailableError("away"));
  referral = Must(client_.Submit(referral));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_SUBMITTED);
  EXPECT_EQ(referral.triage_reasons_size(), 1);
  EXPECT_EQ(AtWhichAPersonMustLook(), 1);

  matcher_.FailWith(absl::OkStatus());
  matcher_.SetState(calm);  // a person has looked at another referral of this client
  EXPECT_EQ(process_->intake().RankWaiting(), 1);
  referral = Must(client_.Get(referral));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_SHORTLISTED);
  EXPECT_EQ(referral.triage_reasons_size(), 0);
  EXPECT_EQ(AtWhichAPersonMustLook(), 0);
}

TEST_F(TriageTest, ASeatThatIsGivenEndsWhatTheMatcherKnewOf) {
  const v1::Referral shortlisted = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  clock_.Advance(absl::Hours(1));
  const ScriptedMatcher::State calm = matcher_.state();
  matcher_.NoteRisk(shortlisted.client_id());
  EXPECT_THAT(client_.Choose(shortlisted), Refused(absl::StatusCode::kFailedPrecondition, kNeedsTriage));
  EXPECT_EQ(AtWhichAPersonMustLook(), 1);
  matcher_.SetState(calm);
  const v1::Referral offered = Must(client_.Choose(Must(client_.Get(shortlisted))));
  EXPECT_EQ(offered.state(), v1::REFERRAL_STATE_OFFERED);
  EXPECT_EQ(offered.triage_reasons_size(), 0);
}

// The matcher may be the first to know, when a seat is asked for: the referral is in the list all the same.
TEST_F(TriageTest, ARefusedSeatShowsWhy) {
  const v1::Referral shortlisted = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  clock_.Advance(absl::Hours(1));
  matcher_.NoteRisk(shortlisted.client_id());
  EXPECT_THAT(client_.Choose(shortlisted), Refused(absl::StatusCode::kFailedPrecondition, kNeedsTriage));
  const v1::Referral referral = Must(client_.Get(shortlisted));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_SHORTLISTED);
  ASSERT_EQ(referral.triage_reasons_size(), 1);
  EXPECT_EQ(referral.triage_reasons(0).code(), "RISK_RECORDED");
  EXPECT_EQ(AtWhichAPersonMustLook(), 1);
  EXPECT_EQ(matcher_.FreeSeats("t1"), 2);
}

// The seat that an earlier try of this choice was given, and whose answer was lost, would never be found
// again.
TEST_F(TriageTest, ASeatGivenBeforeTheRiskIsGivenBack) {
  const v1::Referral shortlisted = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  clock_.Advance(absl::Hours(1));
  matcher_.LoseAnswers(true);
  EXPECT_THAT(client_.Choose(shortlisted), Refused(absl::StatusCode::kUnavailable, kMatcherAway));
  matcher_.LoseAnswers(false);
  EXPECT_EQ(matcher_.FreeSeats("t1"), 1);
  matcher_.NoteRisk(shortlisted.client_id());
  EXPECT_THAT(client_.Choose(shortlisted), Refused(absl::StatusCode::kFailedPrecondition, kNeedsTriage));
  EXPECT_EQ(matcher_.FreeSeats("t1"), 2);
  EXPECT_EQ(AtWhichAPersonMustLook(), 1);
}

// As the version before kept them.
TEST_F(TriageTest, NeedsWithoutATimeWereAskedWhenTheReferralCame) {
  const v1::Referral therapy = client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_);
  v1::Referral old = therapy;
  old.mutable_needs()->mutable_risk()->clear_asked_at();
  process_.reset();
  {
    const auto database =
        *storage::Database::Open({.url = absl::StrCat("sqlite:", scratch_.folder(), "/intake.db")});
    ASSERT_TRUE(database
                    ->Write([&](storage::Transaction& tx) {
                      return tx
                          .Execute("UPDATE referrals SET referral = $1 WHERE referral_id = $2",
                                   {storage::Bytes{old.SerializeAsString()}, old.referral_id()})
                          .status();
                    })
                    .ok());
  }
  Restart();
  EXPECT_EQ(AskedAt(Must(client_.Get(therapy))), contract::ToTime(therapy.created_at()));
  clock_.Advance(absl::Hours(1));
  matcher_.NoteRisk(therapy.client_id());
  const v1::Referral referral = Must(client_.TryAnother(therapy));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  EXPECT_EQ(referral.attempts(0).state(), v1::ATTEMPT_STATE_IN_THERAPY);
}

// A position that the matcher has not read yet is no reason to give a therapist up unasked.
TEST_F(TriageTest, ARiskIsSeenBeforeAPositionThatIsAwaited) {
  const v1::Referral therapy = client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_);
  clock_.Advance(absl::Hours(1));
  matcher_.NoteRisk(therapy.client_id());
  const v1::Referral referral = Must(client_.TryAnother(therapy, matcher_.state().position + 5));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  EXPECT_EQ(referral.attempts(0).state(), v1::ATTEMPT_STATE_IN_THERAPY);
}

TEST_F(TriageTest, AnAcceptanceDoesNotDependOnRisk) {
  const v1::Referral offered = client_.At(v1::REFERRAL_STATE_OFFERED, matcher_);
  clock_.Advance(absl::Hours(1));
  matcher_.NoteRisk(offered.client_id());
  EXPECT_THAT(client_.Respond(offered), IsIn(v1::REFERRAL_STATE_ACCEPTED));
}

TEST_F(TriageTest, TheMatcherIsToldOfAcuteNeedsAndOfALook) {
  Must(client_.Create());
  EXPECT_THAT(matcher_.state().risks, IsEmpty()) << "nothing to tell";
  const v1::Referral acute = Must(client_.Create(AcuteNeeds()));
  ASSERT_EQ(matcher_.state().risks.size(), 1u);
  EXPECT_TRUE(matcher_.state().risks[0].look_first());
  EXPECT_EQ(matcher_.state().risks[0].client_id(), acute.client_id());
  EXPECT_EQ(matcher_.state().risks[0].source(), matcher::v1::RISK_SOURCE_PERSON);
  EXPECT_EQ(contract::ToTime(matcher_.state().risks[0].known_at()), clock_.Now());

  clock_.Advance(absl::Hours(1));
  matcher_.FailWith(absl::UnavailableError("away"));
  const v1::Referral calm = Must(client_.Update(acute, PlainNeeds()));
  EXPECT_EQ(matcher_.state().risks.size(), 1u);
  matcher_.FailWith(absl::OkStatus());
  clock_.Advance(absl::Minutes(2));
  EXPECT_EQ(process_->intake().DeliverNotices(), 1);
  ASSERT_EQ(matcher_.state().risks.size(), 2u);
  EXPECT_FALSE(matcher_.state().risks[1].look_first());
  EXPECT_EQ(contract::ToTime(matcher_.state().risks[1].known_at()), AskedAt(calm));
}

TEST_F(TriageTest, LeavingTriageClearsItsReasons) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_NEEDS_TRIAGE, matcher_);
  EXPECT_EQ(Must(client_.Close(referral)).triage_reasons_size(), 0);
}

}  // namespace
}  // namespace rapport::intake
