// AdviseNextStep: the numbers of staying and of changing, from the client's own needs and answers.
#include <cmath>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/contract/catalog_file.h"
#include "services/runtime/errors.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using directory::v1::ReserveSlotRequest;
using matcher::v1::AdviseNextStepRequest;
using matcher::v1::AdviseNextStepResponse;
using matcher::v1::RecordFitRequest;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::Must;
using testing::Refused;
using testing::ValidNeeds;
using testing::ValidTherapist;

class AdvisingTest : public MatcherTest {
 protected:
  AdvisingTest() { client_.Upsert({ValidTherapist("t1"), ValidTherapist("t2"), ValidTherapist("t3")}); }

  static AdviseNextStepRequest About(const std::string& therapist_id) {
    AdviseNextStepRequest request;
    request.set_client_id("client-1");
    request.set_therapist_id(therapist_id);
    return request;
  }

  absl::StatusOr<directory::v1::ReserveSlotResponse> Reserve(const matcher::v1::Needs& needs) {
    ReserveSlotRequest request;
    request.set_request_id("r1");
    request.set_therapist_id("t1");
    request.set_client_id("client-1");
    *request.mutable_needs() = needs;
    return client_.Send(request);
  }

  void Say(const std::string& fit_check_id, matcher::v1::Verdict verdict, double overall) {
    RecordFitRequest request = FitCheck(fit_check_id);
    request.set_verdict(verdict);
    request.clear_frictions();
    request.clear_answers();
    for (const char* question : {"heard", "respected"}) {
      auto& answer = *request.add_answers();
      answer.set_id(question);
      answer.set_value(overall);
    }
    ASSERT_THAT(client_.Send(request), IsOk());
  }
};

TEST_F(AdvisingTest, NeedsComeWithTheReservation) {
  EXPECT_THAT(client_.Send(About("t1")), Refused(absl::StatusCode::kFailedPrecondition, kNeedsUnknown));
  ASSERT_THAT(Reserve(ValidNeeds()), IsOk());
  const AdviseNextStepResponse advised = Must(client_.Send(About("t1")));
  EXPECT_EQ(advised.advice().next_step(), matcher::v1::NEXT_STEP_STAY);
  EXPECT_EQ(advised.advice().rule(), "nothing_heard") << "silence is not a bad match";
  EXPECT_EQ(advised.state().as_of(), 4);

  AdviseNextStepRequest with_needs = About("t1");
  *with_needs.mutable_needs() = ValidNeeds();
  EXPECT_THAT(Must(client_.Send(with_needs)).advice(), SameMessage(advised.advice()));
  Restart();
  EXPECT_THAT(Must(client_.Send(About("t1"))).advice(), SameMessage(advised.advice()));
}

// Needs from which a payer is gone would take any: they are asked for anew.
TEST_F(AdvisingTest, NeedsThatLostAMustAreNotKnown) {
  ASSERT_THAT(Reserve(ValidNeeds()), IsOk());
  std::string text(contract::DefaultCatalogText());
  ASSERT_FALSE(ValidNeeds().payers().empty());
  const std::size_t payer = text.find(absl::StrCat("payers { id: \"", ValidNeeds().payers(0), "\""));
  ASSERT_NE(payer, std::string::npos);
  text.erase(payer, text.find('\n', payer) - payer);
  const std::string path = scratch_.folder() + "/catalog.textproto";
  std::ofstream(path) << text;
  Restart(path);
  EXPECT_THAT(client_.Send(About("t1")), Refused(absl::StatusCode::kFailedPrecondition, kNeedsUnknown));
  Restart();
  EXPECT_THAT(client_.Send(About("t1")), IsOk());
}

// Who has just declined this client is no way out.
TEST_F(AdvisingTest, WhoDeclinedIsNotNamedAgain) {
  ReserveSlotRequest request;
  request.set_request_id("offer");
  request.set_client_id("client-1");
  *request.mutable_needs() = ValidNeeds();
  ASSERT_THAT(Reserve(ValidNeeds()), IsOk());
  Say("f1", matcher::v1::VERDICT_WOULD_NOT_CONTINUE, 1);
  const std::string best = Must(client_.Send(About("t1"))).advice().alternative_therapist_id();
  ASSERT_NE(best, "");
  request.set_therapist_id(best);
  const std::string reservation = Must(client_.Send(request)).reservation().reservation_id();
  matcher::v1::RecordReachRequest answer = Reach("answer", reservation, matcher::v1::REACH_OUTCOME_DECLINED);
  answer.set_therapist_id(best);
  ASSERT_THAT(client_.Send(answer), IsOk());
  const auto advice = Must(client_.Send(About("t1"))).advice();
  EXPECT_NE(advice.alternative_therapist_id(), "");
  EXPECT_NE(advice.alternative_therapist_id(), best);
  AdviseNextStepRequest other = About("t1");
  other.set_client_id("client-2");
  *other.mutable_needs() = ValidNeeds();
  other.add_tried_therapist_ids(advice.alternative_therapist_id());
  EXPECT_EQ(Must(client_.Send(other)).advice().alternative_therapist_id(), best) << "another may ask them";
  snapshot_every_ = 1;
  Restart();  // from the log; it keeps a snapshot at its end
  EXPECT_THAT(Must(client_.Send(About("t1"))).advice(), SameMessage(advice));
  Restart();  // from that
  EXPECT_THAT(Must(client_.Send(About("t1"))).advice(), SameMessage(advice));
}

TEST_F(AdvisingTest, AContentClientStays) {
  ASSERT_THAT(Reserve(ValidNeeds()), IsOk());
  const double before = Must(client_.Send(About("t1"))).advice().p_bond_if_stay();
  Say("f1", matcher::v1::VERDICT_WOULD_CONTINUE, 10);
  const auto advice = Must(client_.Send(About("t1"))).advice();
  EXPECT_EQ(advice.next_step(), matcher::v1::NEXT_STEP_STAY);
  EXPECT_EQ(advice.rule(), "client_would_continue");
  EXPECT_GT(advice.p_bond_if_stay(), before);
}

TEST_F(AdvisingTest, TheNumbersBehindAChangeAddUp) {
  ASSERT_THAT(Reserve(ValidNeeds()), IsOk());
  Say("f1", matcher::v1::VERDICT_WOULD_NOT_CONTINUE, 0);
  const auto advice = Must(client_.Send(About("t1"))).advice();
  EXPECT_EQ(advice.alternative_therapist_id(), "t2") << "the next by id where all are alike";
  EXPECT_LT(advice.p_bond_if_stay_low(), advice.p_bond_if_stay());
  EXPECT_LT(advice.p_bond_if_stay(), advice.p_bond_if_stay_high());
  EXPECT_GT(advice.switch_cost(), 0);

  matcher::v1::RankTherapistsRequest search = RankRequest("client-1");
  *search.mutable_needs() = ValidNeeds();
  const auto ranked = Must(client_.Send(search));
  ASSERT_EQ(ranked.candidates_size(), 2);
  EXPECT_EQ(ranked.candidates(0).therapist_id(), "t2");
  EXPECT_NEAR(advice.p_good_of_alternative(), ranked.candidates(0).score().p_good(), 1e-12);
  double expected = 0, unplaced = 1;  // both are alike, and cost alike
  for (const auto& candidate : ranked.candidates()) {
    const double reach = candidate.score().p_reach();
    expected += unplaced * (candidate.score().p_good() - reach * advice.switch_cost());
    unplaced *= 1 - reach;
  }
  EXPECT_NEAR(advice.gain(), expected - advice.p_bond_if_stay(), 1e-12);
  EXPECT_NEAR(advice.p_place_given(), 1 - unplaced, 1e-12);
  EXPECT_EQ(advice.next_step(),
            advice.gain() > 0 ? matcher::v1::NEXT_STEP_TRY_ANOTHER : matcher::v1::NEXT_STEP_TALK_IT_THROUGH);
  ASSERT_GT(advice.sentences_size(), 2);
}

TEST_F(AdvisingTest, WithNobodyElseTheyTalkItThrough) {
  ASSERT_THAT(Reserve(ValidNeeds()), IsOk());
  Say("f1", matcher::v1::VERDICT_WOULD_NOT_CONTINUE, 0);
  AdviseNextStepRequest request = About("t1");
  request.add_tried_therapist_ids("t2");
  request.add_tried_therapist_ids("t3");
  const auto advice = Must(client_.Send(request)).advice();
  EXPECT_EQ(advice.next_step(), matcher::v1::NEXT_STEP_TALK_IT_THROUGH);
  EXPECT_EQ(advice.rule(), "nobody_else");
  EXPECT_EQ(advice.alternative_therapist_id(), "");
}

TEST_F(AdvisingTest, KeepsNoRiskAndRefusesAcuteRisk) {
  matcher::v1::Needs needs = ValidNeeds();
  needs.mutable_risk()->set_level(matcher::v1::RISK_LEVEL_ACUTE);
  EXPECT_THAT(Reserve(needs), Refused(absl::StatusCode::kFailedPrecondition, kNeedsTriage));
  AdviseNextStepRequest request = About("t1");
  *request.mutable_needs() = needs;
  EXPECT_THAT(client_.Send(request), Refused(absl::StatusCode::kFailedPrecondition, kNeedsTriage));
}

TEST_F(AdvisingTest, ASeatIsGivenOnlyWhileEveryRuleHolds) {
  therapist::v1::Therapist suspended = ValidTherapist("t1");
  for (auto& credential : *suspended.mutable_credentials())
    credential.set_status(therapist::v1::CREDENTIAL_STATUS_INACTIVE);
  client_.Upsert({suspended});
  const absl::Status refused = Reserve(ValidNeeds()).status();
  EXPECT_THAT(refused, Refused(absl::StatusCode::kFailedPrecondition, kNoLongerFits));
  EXPECT_EQ(runtime::MetadataOf(refused, "rule"), "RULE_LICENCE");
  client_.Upsert({ValidTherapist("t1")});
  EXPECT_THAT(Reserve(ValidNeeds()), IsOk());
}

TEST_F(AdvisingTest, RefusesWhatItCannotKnow) {
  ASSERT_THAT(Reserve(ValidNeeds()), IsOk());
  EXPECT_THAT(client_.Send(About("nobody")), Refused(absl::StatusCode::kNotFound, kUnknownTherapist));
  AdviseNextStepRequest later = About("t1");
  later.set_min_as_of(1000);
  EXPECT_THAT(client_.Send(later), Refused(absl::StatusCode::kFailedPrecondition, kBehind));
  AdviseNextStepRequest bad;
  bad.set_min_as_of(-1);
  const absl::Status refused = client_.Send(bad).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("3 violations"));

  directory::v1::DeleteTherapistRequest remove;
  remove.set_request_id("d1");
  remove.set_therapist_id("t1");
  Must(client_.Send(remove));
  EXPECT_THAT(client_.Send(About("t1")), IsOk()) << "a therapist who left may still be seen";
}

}  // namespace
}  // namespace rapport::matcher_service
