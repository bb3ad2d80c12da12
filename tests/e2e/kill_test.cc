// kill -9, everywhere: one journey after another is taken step by step, in each one service is killed at
// another point, after a call was acknowledged or while it is in flight, and started again on what it left.
// The caller does what every caller should: asks again under the same request id. Then nothing acknowledged
// is missing, and nothing is doubled.
//
// This cannot see a missing fsync, for the operating system survives;
// tests/services/storage/power_loss_test.cc does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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
using testing::UnorderedElementsAreArray;

constexpr int kTherapists = 10;
constexpr int kSteps = 15;  // calls of one journey that write
constexpr int kRounds =
    2;  // each step is hit in flight and after the answer, in each round by another victim
// How far into a call in flight the kill falls.
constexpr std::chrono::microseconds kIntoTheCall[] = {
    std::chrono::microseconds(0), std::chrono::microseconds(300), std::chrono::milliseconds(1),
    std::chrono::milliseconds(3), std::chrono::milliseconds(8)};

struct Point {
  int number;
  int step;
  bool in_flight;
  Service victim;

  std::chrono::microseconds into_the_call() const { return kIntoTheCall[number % std::size(kIntoTheCall)]; }
};

std::string ToString(const Point& point) {
  return absl::StrCat("point ", point.number, ": ", NameOf(point.victim), " killed ",
                      point.in_flight ? "during" : "after", " step ", point.step);
}

std::vector<Point> AllPoints() {
  std::vector<Point> points;
  for (int round = 0; round < kRounds; ++round) {
    for (int step = 0; step < kSteps; ++step) {
      for (bool in_flight : {false, true}) {
        const int number = static_cast<int>(points.size());
        points.push_back({number, step, in_flight, kServices[(step + in_flight + round) % kServices.size()]});
      }
    }
  }
  return points;
}

// Nobody answered: whether anything was done is not known.
bool Unanswered(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsUnknown(status);
}

// What was acknowledged in all journeys, to be found again exactly.
struct Expected {
  std::map<std::string, int> offers;      // by therapist
  std::map<std::string, int> fit_checks;  // by therapist
  std::vector<std::string> referrals;
  std::set<std::string> therapists;
};

// One journey with a kill in it.
class Journey {
 public:
  Journey(Deployment& deployment, const World& world, const Point& point, Expected& expected)
      : deployment_(deployment),
        world_(world),
        point_(point),
        expected_(expected),
        services_(deployment.Connect()) {}

  void Take() {
    const std::function<void()> steps[] = {
        [this] { AddTherapist(); },
        [this] { Create(); },
        [this] { Move(&IntakeStub::SubmitReferral, {}, intake::v1::REFERRAL_STATE_SHORTLISTED); },
        [this] { Choose(); },
        [this] { Respond(intake::v1::OFFER_ANSWER_DECLINED, intake::v1::REFERRAL_STATE_SHORTLISTED); },
        [this] { Choose(); },
        [this] { Respond(intake::v1::OFFER_ANSWER_ACCEPTED, intake::v1::REFERRAL_STATE_ACCEPTED); },
        [this] { Move(&IntakeStub::StartTherapy, {}, intake::v1::REFERRAL_STATE_IN_THERAPY); },
        [this] { RecordFitCheck(BadSession()); },
        [this] { TryAnother(); },
        [this] { Choose(); },
        [this] { Respond(intake::v1::OFFER_ANSWER_ACCEPTED, intake::v1::REFERRAL_STATE_ACCEPTED); },
        [this] { Move(&IntakeStub::StartTherapy, {}, intake::v1::REFERRAL_STATE_IN_THERAPY); },
        [this] { RecordFitCheck(GoodSession()); },
        [this] { Close(); },
    };
    static_assert(std::size(steps) == kSteps);
    for (const auto& step : steps) {
      step();
      if (testing::Test::HasFatalFailure()) return;
      ++step_;
    }
    CheckReferral();
  }

 private:
  void KillTheVictim() { deployment_.Kill(point_.victim); }

  void BringItBack() {
    deployment_.Start(point_.victim);
    services_ = deployment_.Connect();
  }

  // Asks until it is answered, with the kill of this journey where its point is.
  template <typename Response>
  absl::StatusOr<Response> Ask(const std::function<absl::StatusOr<Response>()>& ask) {
    const bool here = step_ == point_.step && !killed_;
    if (here) killed_ = true;
    absl::StatusOr<Response> answer = absl::UnavailableError("not asked yet");
    if (here && point_.in_flight) {
      auto in_flight = std::async(std::launch::async, ask);
      in_flight.wait_for(point_.into_the_call());
      KillTheVictim();
      answer = in_flight.get();
      BringItBack();
    }
    EXPECT_TRUE(Eventually([&] {
      if (Unanswered(answer.status())) answer = ask();
      return !Unanswered(answer.status());
    }));
    if (here && !point_.in_flight) {
      KillTheVictim();
      BringItBack();
    }
    return answer;
  }

  // One write of intake's.
  template <typename Request, typename Response>
  void Move(grpc::Status (IntakeStub::*rpc)(grpc::ClientContext*, const Request&, Response*), Request request,
            intake::v1::ReferralState then) {
    request.set_request_id(NewRequestId());
    request.set_referral_id(referral_.referral_id());
    request.set_etag(referral_.etag());
    const auto answer = Ask<Response>([&] { return services_.Call(rpc, request); });
    ASSERT_TRUE(answer.ok()) << answer.status();
    Acknowledge(answer->referral());
    if (referral_.state() == intake::v1::REFERRAL_STATE_SUBMITTED) AwaitRanking();
    ASSERT_EQ(referral_.state(), then) << referral_.ShortDebugString();
  }

  void AwaitRanking() {
    Watch watch(services_, referral_.referral_id());
    const auto ranked = watch.WaitFor(
        [](const Referral& told) { return told.state() != intake::v1::REFERRAL_STATE_SUBMITTED; });
    ASSERT_TRUE(ranked.has_value());
    Acknowledge(*ranked);
  }

  void Acknowledge(const Referral& referral) {
    EXPECT_GT(referral.revision(), referral_.revision());
    referral_ = referral;
  }

  void AddTherapist() {
    const therapist::v1::Therapist therapist =
        SuitableTherapist({absl::StrCat(world_.run, ".extra"), /*region=*/"ZZ-0"}, point_.number);
    const auto answer =
        Ask<directory::v1::UpsertTherapistsResponse>([&] { return Upsert(services_, {therapist}); });
    ASSERT_TRUE(answer.ok()) << answer.status();
    ASSERT_EQ(answer->added() + answer->unchanged(), 1) << answer->ShortDebugString();
    expected_.therapists.insert(therapist.therapist_id());
  }

  void Create() {
    intake::v1::CreateReferralRequest request;
    request.set_request_id(NewRequestId());
    request.set_client_id(absl::StrCat(world_.run, ".client", point_.number));
    *request.mutable_needs() = NeedsIn(world_);
    const auto answer = Ask<intake::v1::CreateReferralResponse>(
        [&] { return services_.Call(&IntakeStub::CreateReferral, request); });
    ASSERT_TRUE(answer.ok()) << answer.status();
    Acknowledge(answer->referral());
    expected_.referrals.push_back(referral_.referral_id());
  }

  void Choose() {
    chosen_ = referral_.shortlist().candidates(0).therapist_id();
    for (const intake::v1::Attempt& attempt : referral_.attempts())
      EXPECT_NE(attempt.therapist_id(), chosen_);
    intake::v1::ChooseTherapistRequest request;
    request.set_therapist_id(chosen_);
    Move(&IntakeStub::ChooseTherapist, request, intake::v1::REFERRAL_STATE_OFFERED);
    tried_.push_back(chosen_);
  }

  void Respond(intake::v1::OfferAnswer answer, intake::v1::ReferralState then) {
    intake::v1::RespondToOfferRequest request;
    request.set_answer(answer);
    Move(&IntakeStub::RespondToOffer, request, then);
    ++expected_.offers[chosen_];
  }

  void RecordFitCheck(feedback::v1::FitCheck check) {
    feedback::v1::RecordFitCheckRequest request;
    request.set_request_id(NewRequestId());
    check.set_client_id(referral_.client_id());
    check.set_therapist_id(chosen_);
    check.set_referral_id(referral_.referral_id());
    *request.mutable_fit_check() = std::move(check);
    const auto answer = Ask<feedback::v1::RecordFitCheckResponse>(
        [&] { return services_.Call(&FeedbackStub::RecordFitCheck, request); });
    ASSERT_TRUE(answer.ok()) << answer.status();
    position_ = answer->position();
    feedback_ids_.push_back(answer->feedback_id());
    ++expected_.fit_checks[chosen_];
  }

  void TryAnother() {
    intake::v1::TryAnotherRequest request;
    request.set_min_as_of(position_);
    Move(&IntakeStub::TryAnother, request, intake::v1::REFERRAL_STATE_SHORTLISTED);
  }

  void Close() {
    intake::v1::CloseReferralRequest request;
    request.set_reason(intake::v1::CLOSE_REASON_COMPLETED);
    Move(&IntakeStub::CloseReferral, request, intake::v1::REFERRAL_STATE_CLOSED);
  }

  void CheckReferral() {
    intake::v1::GetReferralRequest get;
    get.set_referral_id(referral_.referral_id());
    const auto kept = services_.Call(&IntakeStub::GetReferral, get);
    ASSERT_TRUE(kept.ok()) << kept.status();
    EXPECT_EQ(kept->referral().SerializeAsString(), referral_.SerializeAsString());
    // One for each of intake's writes, and one for each of the three rankings.
    EXPECT_EQ(referral_.revision(), 15);
    std::vector<std::string> tried;
    for (const intake::v1::Attempt& attempt : referral_.attempts()) tried.push_back(attempt.therapist_id());
    EXPECT_EQ(tried, tried_);

    feedback::v1::ListFeedbackRequest list;
    list.set_client_id(referral_.client_id());
    const auto feedback = services_.Call(&FeedbackStub::ListFeedback, list);
    ASSERT_TRUE(feedback.ok()) << feedback.status();
    std::vector<std::string> feedback_ids;
    for (const feedback::v1::Feedback& each : feedback->feedback())
      feedback_ids.push_back(each.feedback_id());
    EXPECT_THAT(feedback_ids, UnorderedElementsAreArray(feedback_ids_));
  }

  Deployment& deployment_;
  const World& world_;
  const Point point_;
  Expected& expected_;
  cli::Services services_;
  int step_ = 0;
  bool killed_ = false;
  Referral referral_;  // as last acknowledged
  std::string chosen_;
  int64_t position_ = 0;
  std::vector<std::string> tried_;
  std::vector<std::string> feedback_ids_;
};

class KillTest : public testing::Test {
 protected:
  KillTest() {
    std::vector<therapist::v1::Therapist> therapists;
    for (int i = 0; i < kTherapists; ++i) {
      therapists.push_back(SuitableTherapist(world_, i));
      expected_.therapists.insert(therapists.back().therapist_id());
    }
    const auto loaded = Upsert(deployment_.Connect(), therapists);
    EXPECT_TRUE(loaded.ok()) << loaded.status();
  }

  // What the matcher counts, once everything on its way is delivered: exactly what was acknowledged.
  void CheckCounts() {
    const cli::Services services = deployment_.Connect();
    matcher::v1::PredictFitRequest request;
    request.set_client_id("nobody");
    for (int i = 0; i < kTherapists; ++i) request.add_therapist_ids(TherapistId(world_, i));
    const auto counts = [&] {
      std::map<std::string, std::pair<int64_t, int64_t>> offers_and_fit_checks;
      const auto response = services.Call(&MatcherStub::PredictFit, request);
      EXPECT_TRUE(response.ok()) << response.status();
      if (!response.ok()) return offers_and_fit_checks;
      for (const matcher::v1::FitPrediction& each : response->predictions()) {
        offers_and_fit_checks[each.therapist_id()] = {each.evidence().offers(),
                                                      each.evidence().therapist_fit_checks()};
      }
      return offers_and_fit_checks;
    };
    std::map<std::string, std::pair<int64_t, int64_t>> expected;
    for (const std::string& therapist : request.therapist_ids()) {
      expected[therapist] = {expected_.offers[therapist], expected_.fit_checks[therapist]};
    }
    Eventually([&] { return counts() == expected; });
    EXPECT_EQ(counts(), expected) << "offers and fit checks, by therapist";
    const auto seats = [&] {
      std::map<std::string, int> seats_free;
      for (const therapist::v1::Therapist& each : ListTherapists(services)) {
        seats_free[each.therapist_id()] = each.seats_free();
      }
      return seats_free;
    };
    std::map<std::string, int> all_free;
    for (const std::string& therapist : expected_.therapists) all_free[therapist] = kSeats;
    Eventually([&] { return seats() == all_free; });
    EXPECT_EQ(seats(), all_free) << "free seats, by therapist";
  }

  static std::vector<therapist::v1::Therapist> ListTherapists(const cli::Services& services) {
    directory::v1::ListTherapistsRequest request;
    request.set_page_size(500);
    const auto response = services.Call(&DirectoryStub::ListTherapists, request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->therapists().begin(), response->therapists().end()};
  }

  void CheckReferrals() {
    const cli::Services services = deployment_.Connect();
    intake::v1::ListReferralsRequest request;
    request.set_page_size(500);
    std::vector<std::string> found;
    do {
      const auto page = services.Call(&IntakeStub::ListReferrals, request);
      ASSERT_TRUE(page.ok()) << page.status();
      for (const Referral& referral : page->referrals()) {
        EXPECT_EQ(referral.state(), intake::v1::REFERRAL_STATE_CLOSED);
        found.push_back(referral.referral_id());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    EXPECT_THAT(found, UnorderedElementsAreArray(expected_.referrals));
  }

  const World world_ = NewWorld();
  Deployment deployment_;
  Expected expected_;
};

TEST_F(KillTest, NothingAcknowledgedIsLostAndNothingIsDoubled) {
  const std::vector<Point> points = AllPoints();
  ASSERT_GE(points.size(), 50u);
  for (const Point& point : points) {
    SCOPED_TRACE(ToString(point));
    Journey(deployment_, world_, point, expected_).Take();
    if (HasFatalFailure()) return;
    CheckCounts();
    if (HasFailure()) return;
  }
  for (Service service : kServices) deployment_.Kill(service);
  for (Service service : kServices) deployment_.Start(service);
  CheckCounts();
  CheckReferrals();
}

}  // namespace
}  // namespace rapport::e2e
