// Acute risk is never ranked: not when submitted, not in another try, not in the background.
#include "tests/services/intake/intake_process.h"

namespace rapport::intake {
namespace {

using ::testing::IsEmpty;

class TriageTest : public IntakeTest {};

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

TEST_F(TriageTest, LeavingTriageClearsItsReasons) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_NEEDS_TRIAGE, matcher_);
  EXPECT_EQ(Must(client_.Close(referral)).triage_reasons_size(), 0);
}

}  // namespace
}  // namespace rapport::intake
