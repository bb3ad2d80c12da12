// Bad input: every violation at once, each under its exact path, and nothing written.
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "services/runtime/errors.h"
#include "tests/services/intake/intake_process.h"

namespace rapport::intake {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;

std::vector<std::string> PathsOf(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(runtime::ReasonOf(status), runtime::kInvalidRequest);
  std::vector<std::string> paths;
  for (const auto& item : runtime::ViolationsOf(status)) {
    EXPECT_NE(item.description, "");
    paths.push_back(item.field_path);
  }
  return paths;
}

class RequestRulesTest : public IntakeTest {
 protected:
  // One mistake and the paths that it must give.
  template <typename Request>
  struct Case {
    std::function<void(Request&)> spoil;
    std::vector<std::string> paths;
  };

  // Sends `good` spoiled in each way, and then as it is.
  template <typename Request>
  void Refuses(const Request& good, const std::vector<Case<Request>>& cases) {
    for (const Case<Request>& bad : cases) {
      Request request = good;
      bad.spoil(request);
      EXPECT_THAT(PathsOf(client_.Send(request).status()), UnorderedElementsAreArray(bad.paths))
          << request.ShortDebugString();
    }
    const auto answer = client_.Send(good);
    EXPECT_TRUE(answer.ok()) << answer.status();
  }

  // What all writes of a referral refuse.
  template <typename Request>
  std::vector<Case<Request>> WriteCases() {
    return {{[](Request& r) { r.clear_request_id(); }, {"request_id"}},
            {[](Request& r) { r.set_request_id(std::string(129, 'x')); }, {"request_id"}},
            {[](Request& r) { r.clear_referral_id(); }, {"referral_id"}},
            {[](Request& r) { r.set_referral_id("no blanks"); }, {"referral_id"}},
            {[](Request& r) { r.clear_etag(); }, {"etag"}},
            {[](Request& r) { r.set_etag(std::string(129, 'x')); }, {"etag"}},
            {[](Request& r) {
               r.clear_request_id();
               r.clear_referral_id();
               r.clear_etag();
             },
             {"request_id", "referral_id", "etag"}}};
  }

  template <typename Request>
  void RefusesWrite(const Request& good, std::vector<Case<Request>> cases = {}) {
    for (auto& common : WriteCases<Request>()) cases.push_back(std::move(common));
    Refuses(good, cases);
  }
};

TEST_F(RequestRulesTest, CreateReferral) {
  v1::CreateReferralRequest good;
  good.set_request_id("create");
  good.set_client_id("client-7");
  *good.mutable_needs() = PlainNeeds();
  Refuses<v1::CreateReferralRequest>(
      good, {{[](auto& r) { r.Clear(); }, {"request_id", "client_id", "needs"}},
             {[](auto& r) { r.set_client_id("Jane Doe"); }, {"client_id"}},
             {[](auto& r) { r.set_client_id(std::string(129, 'x')); }, {"client_id"}},
             {[](auto& r) { r.mutable_needs()->clear_risk(); }, {"needs.risk"}},
             {[](auto& r) { r.mutable_needs()->mutable_location()->set_region("Boston"); },
              {"needs.location.region"}},
             {[](auto& r) {
                r.mutable_needs()->set_age_group("aged");
                r.mutable_needs()->add_languages("english");
                r.mutable_needs()->add_wishes()->set_facet("heard");
              },
              {"needs.age_group", "needs.languages[0]", "needs.wishes[0].strength"}}});
  EXPECT_EQ(Must(client_.Send(v1::ListReferralsRequest())).referrals_size(), 1) << "only the good one";
}

TEST_F(RequestRulesTest, Reads) {
  v1::GetReferralRequest get;
  get.set_referral_id(Must(client_.Create()).referral_id());
  Refuses<v1::GetReferralRequest>(get, {{[](auto& r) { r.clear_referral_id(); }, {"referral_id"}},
                                        {[](auto& r) { r.set_referral_id("a/b"); }, {"referral_id"}}});
  Refuses<v1::ListReferralsRequest>(
      v1::ListReferralsRequest(),
      {{[](auto& r) { r.set_page_size(-1); }, {"page_size"}},
       {[](auto& r) { r.set_page_size(501); }, {"page_size"}},
       {[](auto& r) { r.set_client_id("Jane Doe"); }, {"client_id"}},
       {[](auto& r) { r.set_state(static_cast<v1::ReferralState>(77)); }, {"state"}},
       {[](auto& r) { r.set_page_token("forged"); }, {"page_token"}}});
}

TEST_F(RequestRulesTest, UpdateNeeds) {
  auto good = client_.RequestFor<v1::UpdateNeedsRequest>(Must(client_.Create()));
  *good.mutable_needs() = PlainNeeds();
  RefusesWrite<v1::UpdateNeedsRequest>(
      good, {{[](auto& r) { r.clear_needs(); }, {"needs"}},
             {[](auto& r) {
                r.add_update_fields("wishes");
                r.add_update_fields("wish");
                r.add_update_fields("wishes");
              },
              {"update_fields[1]", "update_fields[2]"}},
             {[](auto& r) { r.mutable_needs()->clear_location(); }, {"needs.location"}},
             {[](auto& r) {  // the rest is as it was; what was asked for is taken away
                r.mutable_needs()->clear_risk();
                r.add_update_fields("risk");
              },
              {"needs.risk"}}});
}

TEST_F(RequestRulesTest, ChangesOfTheNeedsAreJudgedByTheResult) {
  auto request = client_.RequestFor<v1::UpdateNeedsRequest>(Must(client_.Create()));
  request.mutable_needs()->set_age_group("aged");  // not named below, so not looked at
  request.mutable_needs()->add_languages("es");
  request.add_update_fields("languages");
  EXPECT_THAT(Must(client_.Send(request)).needs().languages(), ElementsAre("es"));
}

TEST_F(RequestRulesTest, SubmitReferral) {
  RefusesWrite(client_.RequestFor<v1::SubmitReferralRequest>(Must(client_.Create())));
}

TEST_F(RequestRulesTest, ChooseTherapist) {
  auto good =
      client_.RequestFor<v1::ChooseTherapistRequest>(client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_));
  good.set_therapist_id("t1");
  RefusesWrite<v1::ChooseTherapistRequest>(
      good, {{[](auto& r) { r.clear_therapist_id(); }, {"therapist_id"}},
             {[](auto& r) { r.set_therapist_id("Dr. Who"); }, {"therapist_id"}}});
}

TEST_F(RequestRulesTest, RespondToOffer) {
  auto good = client_.RequestFor<v1::RespondToOfferRequest>(client_.At(v1::REFERRAL_STATE_OFFERED, matcher_));
  good.set_answer(v1::OFFER_ANSWER_ACCEPTED);
  RefusesWrite<v1::RespondToOfferRequest>(
      good, {{[](auto& r) { r.clear_answer(); }, {"answer"}},
             {[](auto& r) { r.set_answer(static_cast<v1::OfferAnswer>(9)); }, {"answer"}}});
}

TEST_F(RequestRulesTest, StartTherapy) {
  RefusesWrite(
      client_.RequestFor<v1::StartTherapyRequest>(client_.At(v1::REFERRAL_STATE_ACCEPTED, matcher_)));
}

TEST_F(RequestRulesTest, TryAnother) {
  RefusesWrite<v1::TryAnotherRequest>(
      client_.RequestFor<v1::TryAnotherRequest>(client_.At(v1::REFERRAL_STATE_IN_THERAPY, matcher_)),
      {{[](auto& r) { r.set_min_as_of(-1); }, {"min_as_of"}}});
}

TEST_F(RequestRulesTest, CloseReferral) {
  auto good = client_.RequestFor<v1::CloseReferralRequest>(Must(client_.Create()));
  good.set_reason(v1::CLOSE_REASON_MISTAKE);
  RefusesWrite<v1::CloseReferralRequest>(
      good, {{[](auto& r) { r.clear_reason(); }, {"reason"}},
             {[](auto& r) { r.set_reason(static_cast<v1::CloseReason>(9)); }, {"reason"}}});
}

}  // namespace
}  // namespace rapport::intake
