// Every call in every state against a live service: the legal ones work, all others say what would be legal.
#include <map>
#include <set>

#include "absl/strings/str_join.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "services/runtime/errors.h"
#include "tests/services/intake/intake_process.h"

namespace rapport::intake {
namespace {

// What the contract says of each state, and where each legal call may lead.
using Arrows = std::map<WriteCall, v1::ReferralState>;
const std::map<v1::ReferralState, Arrows>& Contract() {
  using enum WriteCall;
  constexpr auto kDraft = v1::REFERRAL_STATE_DRAFT;
  constexpr auto kShortlisted = v1::REFERRAL_STATE_SHORTLISTED;
  constexpr auto kClosed = v1::REFERRAL_STATE_CLOSED;
  static const auto* arrows = new std::map<v1::ReferralState, Arrows>{
      {kDraft, {{kUpdateNeeds, kDraft}, {kSubmitReferral, kShortlisted}, {kCloseReferral, kClosed}}},
      {v1::REFERRAL_STATE_SUBMITTED, {{kUpdateNeeds, kDraft}, {kCloseReferral, kClosed}}},
      {v1::REFERRAL_STATE_NEEDS_TRIAGE, {{kUpdateNeeds, kDraft}, {kCloseReferral, kClosed}}},
      {v1::REFERRAL_STATE_NO_MATCH, {{kUpdateNeeds, kDraft}, {kCloseReferral, kClosed}}},
      {kShortlisted,
       {{kUpdateNeeds, kDraft}, {kChooseTherapist, v1::REFERRAL_STATE_OFFERED}, {kCloseReferral, kClosed}}},
      {v1::REFERRAL_STATE_OFFERED,
       {{kUpdateNeeds, v1::REFERRAL_STATE_OFFERED},
        {kRespondToOffer, v1::REFERRAL_STATE_ACCEPTED},
        {kCloseReferral, kClosed}}},
      {v1::REFERRAL_STATE_ACCEPTED,
       {{kUpdateNeeds, v1::REFERRAL_STATE_ACCEPTED},
        {kStartTherapy, v1::REFERRAL_STATE_IN_THERAPY},
        {kCloseReferral, kClosed}}},
      {v1::REFERRAL_STATE_IN_THERAPY,
       {{kUpdateNeeds, v1::REFERRAL_STATE_IN_THERAPY},
        {kTryAnother, kShortlisted},
        {kCloseReferral, kClosed}}},
      {kClosed, {}},
  };
  return *arrows;
}

// The ErrorInfo as it came over the wire.
google::rpc::ErrorInfo InfoOf(const absl::Status& status) {
  google::rpc::Status wire;
  google::rpc::ErrorInfo info;
  wire.ParseFromString(runtime::ToGrpc(status).error_details());
  for (const auto& detail : wire.details()) {
    if (detail.Is<google::rpc::ErrorInfo>()) detail.UnpackTo(&info);
  }
  return info;
}

class ReferralMachineTest : public IntakeTest, public ::testing::WithParamInterface<v1::ReferralState> {};

TEST_P(ReferralMachineTest, EveryCall) {
  const Arrows& legal = Contract().at(GetParam());
  std::vector<std::string> names;
  for (const auto& [call, next] : legal) names.push_back(NameOf(call));
  for (WriteCall call : kWriteCalls) {
    SCOPED_TRACE(NameOf(call));
    const v1::Referral before = client_.At(GetParam(), matcher_);
    ASSERT_EQ(before.state(), GetParam());
    const auto seats = matcher_.state().reservations.size();
    const absl::StatusOr<v1::Referral> after = client_.Call(call, before);
    if (const auto arrow = legal.find(call); arrow != legal.end()) {
      EXPECT_THAT(after, IsIn(arrow->second));
      matcher_.EndReservations();
      continue;
    }
    EXPECT_THAT(after, Refused(absl::StatusCode::kFailedPrecondition, kIllegalTransition));
    const google::rpc::ErrorInfo info = InfoOf(after.status());
    EXPECT_EQ(info.metadata().at("state"), NameOf(GetParam()));
    EXPECT_EQ(info.metadata().at("call"), NameOf(call));
    EXPECT_EQ(info.metadata().at("legal_calls"), absl::StrJoin(names, ","));
    EXPECT_THAT(Must(client_.Get(before)), SameMessage(before)) << "nothing changed";
    EXPECT_EQ(matcher_.state().reservations.size(), seats);
    matcher_.EndReservations();
  }
}

INSTANTIATE_TEST_SUITE_P(States, ReferralMachineTest, ::testing::ValuesIn(AllStates()),
                         [](const auto& test) { return NameOf(test.param); });

}  // namespace
}  // namespace rapport::intake
