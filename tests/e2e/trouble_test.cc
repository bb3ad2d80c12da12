// Trouble that an operator will see: the matcher gone, the matcher frozen, an orderly end with calls in
// flight.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <future>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/runtime/errors.h"
#include "tests/e2e/deployment.h"
#include "tests/e2e/eventually.h"
#include "tests/e2e/watch.h"
#include "tests/e2e/world.h"

namespace rapport::e2e {
namespace {

using cli::DirectoryStub;
using cli::FeedbackStub;
using cli::IntakeStub;
using cli::MatcherStub;
using intake::v1::Referral;

constexpr int kTherapists = 10;
// What a caller gives intake and feedback while the matcher is in trouble: they must answer within it.
constexpr absl::Duration kDeadline = absl::Seconds(6);

bool IsRanked(const Referral& referral) {
  return referral.state() == intake::v1::REFERRAL_STATE_SHORTLISTED;
}

class TroubleTest : public testing::Test {
 protected:
  TroubleTest() {
    std::vector<therapist::v1::Therapist> therapists;
    for (int i = 0; i < kTherapists; ++i) therapists.push_back(SuitableTherapist(world_, i));
    const auto loaded = Upsert(services_, therapists);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
  }

  Referral Create() {
    intake::v1::CreateReferralRequest request;
    request.set_request_id(NewRequestId());
    request.set_client_id(absl::StrCat(world_.run, ".client", ++clients_));
    *request.mutable_needs() = NeedsIn(world_);
    const auto response = services_.Call(&IntakeStub::CreateReferral, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->referral() : Referral();
  }

  template <typename Request>
  static Request For(const Referral& referral) {
    Request request;
    request.set_request_id(NewRequestId());
    request.set_referral_id(referral.referral_id());
    request.set_etag(referral.etag());
    return request;
  }

  // The call must succeed, within its deadline.
  template <typename Request, typename Response>
  Referral Move(grpc::Status (IntakeStub::*rpc)(grpc::ClientContext*, const Request&, Response*),
                const Request& request) {
    const auto response = services_.Call(rpc, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->referral() : Referral();
  }

  Referral Submit(const Referral& referral) {
    return Move(&IntakeStub::SubmitReferral, For<intake::v1::SubmitReferralRequest>(referral));
  }

  Referral Shortlisted() {
    const Referral submitted = Submit(Create());
    Watch watch(services_, submitted.referral_id());
    const auto ranked = watch.WaitFor(IsRanked);
    EXPECT_TRUE(ranked.has_value());
    return ranked.value_or(Referral());
  }

  static intake::v1::ChooseTherapistRequest Choice(const Referral& referral, int number) {
    auto request = For<intake::v1::ChooseTherapistRequest>(referral);
    request.set_therapist_id(referral.shortlist().candidates(number).therapist_id());
    return request;
  }

  static intake::v1::RespondToOfferRequest Acceptance(const Referral& referral) {
    auto request = For<intake::v1::RespondToOfferRequest>(referral);
    request.set_answer(intake::v1::OFFER_ANSWER_ACCEPTED);
    return request;
  }

  feedback::v1::RecordFitCheckRequest FitCheckOf(const std::string& client_id, int therapist) const {
    feedback::v1::RecordFitCheckRequest request;
    request.set_request_id(NewRequestId());
    *request.mutable_fit_check() = GoodSession();
    request.mutable_fit_check()->set_client_id(client_id);
    request.mutable_fit_check()->set_therapist_id(TherapistId(world_, therapist));
    return request;
  }

  // Kept at once, and on its way.
  void RecordWithoutMatcher(const std::string& client_id, int therapist) {
    const auto kept = services_.Call(&FeedbackStub::RecordFitCheck, FitCheckOf(client_id, therapist));
    ASSERT_TRUE(kept.ok()) << kept.status();
    EXPECT_EQ(kept->delivery(), feedback::v1::DELIVERY_PENDING);
  }

  bool Delivered(const std::string& client_id) {
    feedback::v1::ListFeedbackRequest request;
    request.set_client_id(client_id);
    const auto listed = services_.Call(&FeedbackStub::ListFeedback, request);
    return listed.ok() && listed->feedback_size() == 1 &&
           listed->feedback(0).delivery() == feedback::v1::DELIVERY_DELIVERED;
  }

  matcher::v1::Evidence EvidenceAbout(const std::string& therapist_id) {
    matcher::v1::PredictFitRequest request;
    request.set_client_id("nobody");
    request.add_therapist_ids(therapist_id);
    const auto response = services_.Call(&MatcherStub::PredictFit, request);
    return response.ok() ? response->predictions(0).evidence() : matcher::v1::Evidence();
  }

  int SeatsFree(const std::string& therapist_id) {
    directory::v1::GetTherapistRequest request;
    request.set_therapist_id(therapist_id);
    const auto response = services_.Call(&DirectoryStub::GetTherapist, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->therapist().seats_free() : -1;
  }

  Process& matcher() { return deployment_.process(Service::kMatcher); }

  const World world_ = NewWorld();
  Deployment deployment_;
  const cli::Services services_ = deployment_.Connect(kDeadline);
  const cli::Services patient_ = deployment_.Connect();  // for streams, which outlive a call's deadline
  int clients_ = 0;
};

TEST_F(TroubleTest, WithTheMatcherGoneEverythingIsKeptAndDoneWhenItIsBack) {
  const Referral draft = Create();
  deployment_.Kill(Service::kMatcher);
  const Referral waiting = Submit(draft);
  EXPECT_EQ(waiting.state(), intake::v1::REFERRAL_STATE_SUBMITTED);
  RecordWithoutMatcher("client-of-old", 3);
  Watch watch(patient_, waiting.referral_id());
  const auto told = watch.WaitFor([](const Referral&) { return true; });
  ASSERT_TRUE(told.has_value());
  EXPECT_EQ(told->state(), intake::v1::REFERRAL_STATE_SUBMITTED);

  deployment_.Start(Service::kMatcher);
  EXPECT_TRUE(watch.WaitFor(IsRanked).has_value());
  EXPECT_TRUE(Eventually([&] { return Delivered("client-of-old"); }));
  EXPECT_EQ(EvidenceAbout(TherapistId(world_, 3)).therapist_fit_checks(), 1);
}

TEST_F(TroubleTest, WithTheMatcherFrozenEverybodyIsAnsweredInTime) {
  const Referral draft = Create();
  const Referral shortlisted = Shortlisted();
  const Referral other = Shortlisted();
  const Referral offered = Move(&IntakeStub::ChooseTherapist, Choice(other, 1));
  ASSERT_EQ(offered.state(), intake::v1::REFERRAL_STATE_OFFERED);
  const std::string asked = offered.attempts(0).therapist_id();

  matcher().Signal(SIGSTOP);
  const Referral waiting = Submit(draft);
  EXPECT_EQ(waiting.state(), intake::v1::REFERRAL_STATE_SUBMITTED);
  const intake::v1::ChooseTherapistRequest choice = Choice(shortlisted, 0);
  const absl::Status refused = services_.Call(&IntakeStub::ChooseTherapist, choice).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable) << refused;
  EXPECT_EQ(runtime::ReasonOf(refused), "MATCHER_AWAY");
  EXPECT_TRUE(runtime::RetryAfterOf(refused).has_value());
  const Referral accepted = Move(&IntakeStub::RespondToOffer, Acceptance(offered));
  EXPECT_EQ(accepted.state(), intake::v1::REFERRAL_STATE_ACCEPTED);
  RecordWithoutMatcher("client-of-old", 3);

  matcher().Signal(SIGCONT);
  Watch watch(patient_, waiting.referral_id());
  EXPECT_TRUE(watch.WaitFor(IsRanked).has_value());
  EXPECT_TRUE(Eventually([&] { return Delivered("client-of-old"); }));
  EXPECT_EQ(EvidenceAbout(TherapistId(world_, 3)).therapist_fit_checks(), 1);
  EXPECT_TRUE(Eventually([&] { return EvidenceAbout(asked).offers() == 1; }));
  // The same choice again: whether the seat was taken while nobody listened or not, it is taken once.
  absl::StatusOr<intake::v1::ChooseTherapistResponse> chosen;
  EXPECT_TRUE(Eventually([&] {
    chosen = services_.Call(&IntakeStub::ChooseTherapist, choice);
    return !absl::IsUnavailable(chosen.status());
  }));
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->referral().state(), intake::v1::REFERRAL_STATE_OFFERED);
  EXPECT_EQ(SeatsFree(choice.therapist_id()), kSeats - 1);
}

TEST_F(TroubleTest, AnEndingIntakeFinishesTheCallInFlight) {
  const Referral draft = Create();
  Watch watch(patient_, draft.referral_id());
  matcher().Signal(SIGSTOP);
  auto in_flight = std::async(std::launch::async, [&] { return Submit(draft); });
  // Kept, so the call is waiting for the ranking.
  ASSERT_TRUE(watch.WaitFor(
      [](const Referral& told) { return told.state() == intake::v1::REFERRAL_STATE_SUBMITTED; }));
  Process& intake = deployment_.process(Service::kIntake);
  intake.Signal(SIGTERM);
  EXPECT_TRUE(intake.WaitForEvent("draining"));
  matcher().Signal(SIGCONT);
  EXPECT_EQ(in_flight.get().state(), intake::v1::REFERRAL_STATE_SHORTLISTED);
  EXPECT_EQ(intake.Wait(), 0) << intake.Errors();
  EXPECT_EQ(runtime::ReasonOf(watch.WaitForEnd()), "SHUTTING_DOWN") << watch.WaitForEnd();
}

TEST_F(TroubleTest, AnEndingMatcherFinishesTheStreamInFlight) {
  grpc::ClientContext context;
  patient_.SetDeadline(context);
  directory::v1::UpsertTherapistsResponse response;
  const auto writer = patient_.Get<DirectoryStub>().UpsertTherapists(&context, &response);
  directory::v1::UpsertTherapistsRequest row;
  *row.mutable_therapist() = SuitableTherapist(world_, kTherapists);
  ASSERT_TRUE(writer->Write(row));
  // Asked on the same connection after the stream: answered, so the stream is known there.
  const auto before = patient_.Call(&DirectoryStub::GetCatalog, directory::v1::GetCatalogRequest());
  ASSERT_TRUE(before.ok()) << before.status();

  matcher().Signal(SIGTERM);
  EXPECT_TRUE(matcher().WaitForEvent("draining"));
  EXPECT_TRUE(Eventually([&] {
    return absl::IsUnavailable(
        services_.Call(&DirectoryStub::GetCatalog, directory::v1::GetCatalogRequest()).status());
  })) << "new calls are refused";
  *row.mutable_therapist() = SuitableTherapist(world_, kTherapists + 1);
  EXPECT_TRUE(writer->Write(row));
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.added(), 2);
  EXPECT_EQ(matcher().Wait(), 0) << matcher().Errors();
}

TEST_F(TroubleTest, AnEndingFeedbackAnswersWhatWasSent) {
  Process& feedback = deployment_.process(Service::kFeedback);
  feedback.Signal(SIGTERM);
  EXPECT_EQ(feedback.Wait(), 0) << feedback.Errors();
  // A while in which health is red and calls are served: what was sent before the signal surely arrives in
  // it.
  deployment_.Start(Service::kFeedback, "3s");
  const cli::Services services = deployment_.Connect();
  matcher().Signal(SIGSTOP);  // so that the call takes a while
  auto in_flight = std::async(std::launch::async, [&] {
    return services.Call(&FeedbackStub::RecordFitCheck, FitCheckOf("client-of-old", 3));
  });
  deployment_.process(Service::kFeedback).Signal(SIGTERM);
  const auto kept = in_flight.get();
  EXPECT_TRUE(kept.ok()) << kept.status();
  EXPECT_EQ(deployment_.process(Service::kFeedback).Wait(), 0);
}

}  // namespace
}  // namespace rapport::e2e
