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

TEST_F(TriageTest, AnotherTryWithAcuteNeeds) {
  const v1::Referral therapy = client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_);
  const auto rankings = matcher_.rankings().size();
  const v1::Referral referral = Must(client_.TryAnother(Must(client_.Update(therapy, AcuteNeeds()))));
  EXPECT_EQ(referral.state(), v1::REFERRAL_STATE_NEEDS_TRIAGE);
  EXPECT_EQ(referral.attempts(0).state(), v1::ATTEMPT_STATE_ENDED);
  EXPECT_EQ(matcher_.FreeSeats("t1"), 2);
  EXPECT_EQ(process_->intake().RankWaiting(), 0);
  EXPECT_EQ(matcher_.rankings().size(), rankings);
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
