// See journey.h. One chapter is one function; the first that fails ends the journey.
#include "tests/e2e/journey.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/runtime/errors.h"
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
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

// Of the therapists loaded every sixth fails one rule each: licence, payer, seat, confirmation.
constexpr int kTherapists = 60;
constexpr int kSuitable = 20;
constexpr int kExcludedByEach = 10;
constexpr double kRounding = 1e-9;

std::vector<therapist::v1::Therapist> TherapistsOf(const World& world) {
  std::vector<therapist::v1::Therapist> therapists;
  for (int i = 0; i < kTherapists; ++i) {
    therapist::v1::Therapist& therapist = therapists.emplace_back(SuitableTherapist(world, i));
    switch (i % 6) {
      case 0:
        therapist.mutable_credentials(0)->set_status(therapist::v1::CREDENTIAL_STATUS_INACTIVE);
        break;
      case 1:
        therapist.set_payers(0, "self_pay");
        break;
      case 2:
        therapist.set_seats(0);
        break;
      case 3:
        therapist.mutable_last_confirmed()->set_seconds(therapist.last_confirmed().seconds() - 200 * 86400);
        break;
      default:
        break;
    }
  }
  return therapists;
}

double Sum(const google::protobuf::RepeatedPtrField<matcher::v1::Term>& terms) {
  double sum = 0;
  for (const matcher::v1::Term& term : terms) sum += term.value();
  return sum;
}

void CheckArithmetic(const matcher::v1::Score& score) {
  EXPECT_NEAR(score.p_good(), score.p_reach() * score.p_start() * score.p_bond(), kRounding);
  EXPECT_NEAR(score.log_score(), std::log(score.p_good()) - score.price(), kRounding);
  EXPECT_NEAR(Sum(score.terms()), score.log_score(), kRounding);
  EXPECT_NEAR(Sum(score.bond_terms()), score.bond_mean(), kRounding);
  EXPECT_LE(score.p_good_low(), score.p_good());
  EXPECT_LE(score.p_good(), score.p_good_high());
  EXPECT_GT(score.p_good(), 0);
  EXPECT_LT(score.p_good(), 1);
}

class Journey {
 public:
  explicit Journey(const cli::Services& services) : services_(services), world_(NewWorld()) {}

  void Take() {
    for (auto chapter :
         {&Journey::FillTheDirectory, &Journey::OpenAReferral, &Journey::GetAShortlist, &Journey::BeDeclined,
          &Journey::BeginTherapy, &Journey::SayThatItWentBadly, &Journey::TryAnother,
          &Journey::BeginTherapyAgain, &Journey::EndWell, &Journey::FindItAllInTheLists,
          &Journey::MeetAcuteRisk, &Journey::HearOfARisk, &Journey::LeaveNothingBehind}) {
      (this->*chapter)();
      if (testing::Test::HasFatalFailure()) return;
    }
  }

 private:
  // One write of intake's, with what all of them need.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Send(grpc::Status (IntakeStub::*rpc)(grpc::ClientContext*, const Request&,
                                                                Response*),
                                Request request) {
    request.set_request_id(NewRequestId());
    request.set_referral_id(referral_.referral_id());
    request.set_etag(referral_.etag());
    return services_.Call(rpc, request);
  }

  // The same, and the referral moves on. A busy machine may leave the ranking to the background: waited for.
  template <typename Request, typename Response>
  void Step(grpc::Status (IntakeStub::*rpc)(grpc::ClientContext*, const Request&, Response*),
            const Request& request, intake::v1::ReferralState then) {
    const auto response = Send(rpc, request);
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_GT(response->referral().revision(), referral_.revision());
    EXPECT_NE(response->referral().etag(), referral_.etag());
    referral_ = response->referral();
    if (referral_.state() == intake::v1::REFERRAL_STATE_SUBMITTED) {
      const auto ranked =
          watch_->WaitFor([&](const Referral& told) { return told.revision() > referral_.revision(); });
      ASSERT_TRUE(ranked.has_value());
      referral_ = *ranked;
    }
    ASSERT_EQ(referral_.state(), then) << referral_.ShortDebugString();
  }

  // An arrow that the referral's state does not have.
  template <typename Request, typename Response>
  void ExpectIllegal(grpc::Status (IntakeStub::*rpc)(grpc::ClientContext*, const Request&, Response*),
                     const Request& request) {
    const absl::Status status = Send(rpc, request).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
    EXPECT_EQ(runtime::ReasonOf(status), "ILLEGAL_TRANSITION");
  }

  intake::v1::ChooseTherapistRequest Choice() const {
    intake::v1::ChooseTherapistRequest request;
    request.set_therapist_id(referral_.shortlist().candidates(0).therapist_id());
    return request;
  }

  void Choose() {
    chosen_ = Choice().therapist_id();
    Step(&IntakeStub::ChooseTherapist, Choice(), intake::v1::REFERRAL_STATE_OFFERED);
  }

  void Respond(intake::v1::OfferAnswer answer, intake::v1::ReferralState then) {
    intake::v1::RespondToOfferRequest request;
    request.set_answer(answer);
    Step(&IntakeStub::RespondToOffer, request, then);
  }

  void AcceptAndStart() {
    Respond(intake::v1::OFFER_ANSWER_ACCEPTED, intake::v1::REFERRAL_STATE_ACCEPTED);
    if (testing::Test::HasFatalFailure()) return;
    ExpectIllegal(&IntakeStub::TryAnother, intake::v1::TryAnotherRequest());
    Step(&IntakeStub::StartTherapy, {}, intake::v1::REFERRAL_STATE_IN_THERAPY);
  }

  // Every therapist shown may be shown: suitable, with a free seat, and not tried before.
  void CheckShortlist() {
    const intake::v1::Shortlist& shortlist = referral_.shortlist();
    ASSERT_EQ(shortlist.candidates_size(), 5);
    std::set<std::string> tried;
    for (const intake::v1::Attempt& attempt : referral_.attempts()) tried.insert(attempt.therapist_id());
    double score_before = 0;  // log scores are negative
    for (const matcher::v1::Candidate& candidate : shortlist.candidates()) {
      SCOPED_TRACE(candidate.therapist_id());
      EXPECT_TRUE(suitable_.contains(candidate.therapist_id()));
      EXPECT_FALSE(tried.contains(candidate.therapist_id()));
      EXPECT_GT(candidate.seats_free(), 0);
      EXPECT_THAT(candidate.sentences(), Not(IsEmpty()));
      CheckArithmetic(candidate.score());
      EXPECT_LE(candidate.score().log_score(), score_before);
      score_before = candidate.score().log_score();
    }
    EXPECT_EQ(shortlist.eligible(), kSuitable - static_cast<int>(tried.size()));
    int64_t excluded = 0;
    for (const matcher::v1::Exclusion& exclusion : shortlist.exclusions()) excluded += exclusion.therapists();
    EXPECT_EQ(excluded + shortlist.eligible(), shortlist.therapists());
    EXPECT_EQ(shortlist.state().catalog_version(), "default-1");
    EXPECT_GE(shortlist.state().as_of(), position_);
  }

  // The feedback service answers once the record is kept; that the matcher has it may come a moment later,
  // and the same request asks again.
  void RecordFitCheck(feedback::v1::FitCheck check) {
    feedback::v1::RecordFitCheckRequest request;
    request.set_request_id(NewRequestId());
    check.set_client_id(referral_.client_id());
    check.set_therapist_id(chosen_);
    check.set_referral_id(referral_.referral_id());
    *request.mutable_fit_check() = std::move(check);
    absl::StatusOr<feedback::v1::RecordFitCheckResponse> response;
    EXPECT_TRUE(Eventually([&] {
      response = services_.Call(&FeedbackStub::RecordFitCheck, request);
      return !response.ok() || response->delivery() != feedback::v1::DELIVERY_PENDING;
    }));
    ASSERT_TRUE(response.ok()) << response.status();
    ASSERT_EQ(response->delivery(), feedback::v1::DELIVERY_DELIVERED);
    EXPECT_GT(response->position(), position_);
    position_ = response->position();
    advice_ = response->advice();
  }

  matcher::v1::Evidence EvidenceAbout(const std::string& therapist_id) {
    matcher::v1::PredictFitRequest request;
    request.set_client_id(referral_.client_id());
    request.add_therapist_ids(therapist_id);
    request.set_min_as_of(position_);
    const auto response = services_.Call(&MatcherStub::PredictFit, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->predictions(0).evidence() : matcher::v1::Evidence();
  }

  int SeatsFree(const std::string& therapist_id) {
    directory::v1::GetTherapistRequest request;
    request.set_therapist_id(therapist_id);
    const auto response = services_.Call(&DirectoryStub::GetTherapist, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->therapist().seats_free() : -1;
  }

  void FillTheDirectory() {
    const std::vector<therapist::v1::Therapist> therapists = TherapistsOf(world_);
    for (int i = 0; i < kTherapists; ++i) {
      if (i % 6 >= 4) suitable_.insert(therapists[i].therapist_id());
    }
    const auto loaded = Upsert(services_, therapists);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ASSERT_EQ(loaded->added(), kTherapists) << loaded->ShortDebugString();
    EXPECT_EQ(loaded->rows_size(), kTherapists);
    const auto again = Upsert(services_, therapists);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->unchanged(), kTherapists);

    therapist::v1::Therapist bad = SuitableTherapist(world_, kTherapists);
    bad.set_payers(0, "nobody_pays");
    bad.set_seats(-1);
    const auto refused = Upsert(services_, {bad, therapists[0]});
    ASSERT_TRUE(refused.ok()) << refused.status();
    EXPECT_EQ(refused->refused(), 1);
    EXPECT_EQ(refused->unchanged(), 1) << "a bad row stops no good one";
    EXPECT_EQ(refused->rows(0).violations_size(), 2) << "every reason is told";
    position_ = loaded->position();
  }

  void OpenAReferral() {
    intake::v1::CreateReferralRequest request;
    request.set_request_id(NewRequestId());
    request.set_client_id(absl::StrCat(world_.run, ".client"));
    *request.mutable_needs() = NeedsIn(world_);
    request.mutable_needs()->clear_age_group();
    request.mutable_needs()->clear_risk();
    const absl::Status refused = services_.Call(&IntakeStub::CreateReferral, request).status();
    EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(runtime::ViolationsOf(refused).size(), 2u) << refused;

    request.set_request_id(NewRequestId());
    *request.mutable_needs() = NeedsIn(world_);
    const auto created = services_.Call(&IntakeStub::CreateReferral, request);
    ASSERT_TRUE(created.ok()) << created.status();
    const auto repeated = services_.Call(&IntakeStub::CreateReferral, request);
    ASSERT_TRUE(repeated.ok()) << repeated.status();
    EXPECT_EQ(repeated->SerializeAsString(), created->SerializeAsString()) << "same id, one effect";
    referral_ = created->referral();
    EXPECT_EQ(referral_.state(), intake::v1::REFERRAL_STATE_DRAFT);
    EXPECT_EQ(referral_.revision(), 1);
    watch_.emplace(services_, referral_.referral_id());
    ExpectIllegal(&IntakeStub::StartTherapy, intake::v1::StartTherapyRequest());
  }

  void GetAShortlist() {
    Step(&IntakeStub::SubmitReferral, {}, intake::v1::REFERRAL_STATE_SHORTLISTED);
    if (testing::Test::HasFatalFailure()) return;
    CheckShortlist();
    EXPECT_THAT(referral_.shortlist().learned(), IsEmpty()) << "nothing is known of this client yet";
    for (const matcher::v1::Rule rule : {matcher::v1::RULE_LICENCE, matcher::v1::RULE_PAYER,
                                         matcher::v1::RULE_SEAT, matcher::v1::RULE_CONFIRMED}) {
      int64_t excluded = 0;
      for (const matcher::v1::Exclusion& exclusion : referral_.shortlist().exclusions()) {
        if (exclusion.rule() == rule) excluded = exclusion.therapists();
      }
      EXPECT_GE(excluded, kExcludedByEach) << matcher::v1::Rule_Name(rule);
    }
    ExpectIllegal(&IntakeStub::SubmitReferral, intake::v1::SubmitReferralRequest());

    intake::v1::ChooseTherapistRequest elsewhere;
    elsewhere.set_therapist_id(TherapistId(world_, 0));
    const absl::Status refused = Send(&IntakeStub::ChooseTherapist, elsewhere).status();
    EXPECT_EQ(runtime::ReasonOf(refused), "NOT_ON_SHORTLIST") << refused;
  }

  void BeDeclined() {
    Choose();
    if (testing::Test::HasFatalFailure()) return;
    declined_ = chosen_;
    EXPECT_EQ(SeatsFree(declined_), kSeats - 1) << "a seat is held for the offer";
    ExpectIllegal(&IntakeStub::ChooseTherapist, Choice());
    Respond(intake::v1::OFFER_ANSWER_DECLINED, intake::v1::REFERRAL_STATE_SHORTLISTED);
    if (testing::Test::HasFatalFailure()) return;
    CheckShortlist();
    ASSERT_EQ(referral_.attempts_size(), 1);
    EXPECT_EQ(referral_.attempts(0).state(), intake::v1::ATTEMPT_STATE_DECLINED);
    EXPECT_TRUE(Eventually([&] { return SeatsFree(declined_) == kSeats; }));
    EXPECT_TRUE(Eventually([&] { return EvidenceAbout(declined_).offers() == 1; })) << "a decline teaches";
  }

  void BeginTherapy() {
    Choose();
    if (testing::Test::HasFatalFailure()) return;
    first_ = chosen_;
    AcceptAndStart();
    intake::v1::RespondToOfferRequest late;
    late.set_answer(intake::v1::OFFER_ANSWER_DECLINED);
    ExpectIllegal(&IntakeStub::RespondToOffer, late);
  }

  void SayThatItWentBadly() {
    RecordFitCheck(BadSession());
    const matcher::v1::Evidence evidence = EvidenceAbout(first_);
    EXPECT_EQ(evidence.therapist_fit_checks(), 1);
    EXPECT_EQ(evidence.therapist_clients(), 1);
    EXPECT_EQ(evidence.client_fit_checks(), 1);
    EXPECT_NE(advice_.next_step(), matcher::v1::NEXT_STEP_UNSPECIFIED);
    EXPECT_NE(advice_.next_step(), matcher::v1::NEXT_STEP_STAY) << "she would not go back";
    EXPECT_NE(advice_.alternative_therapist_id(), "");
    EXPECT_NE(advice_.alternative_therapist_id(), first_);
    EXPECT_THAT(advice_.sentences(), Not(IsEmpty()));
    bad_session_advice_ = advice_;
  }

  void TryAnother() {
    intake::v1::TryAnotherRequest request;
    request.set_min_as_of(position_);
    Step(&IntakeStub::TryAnother, request, intake::v1::REFERRAL_STATE_SHORTLISTED);
    if (testing::Test::HasFatalFailure()) return;
    CheckShortlist();
    EXPECT_THAT(referral_.shortlist().learned(), Not(IsEmpty()));
    EXPECT_EQ(referral_.shortlist().candidates(0).evidence().client_fit_checks(), 1);
    EXPECT_TRUE(Eventually([&] { return SeatsFree(first_) == kSeats; })) << "the seat is given back";

    matcher::v1::ExplainMatchRequest explain;
    explain.set_client_id(referral_.client_id());
    *explain.mutable_needs() = referral_.needs();
    explain.set_therapist_id(first_);
    const auto explained = services_.Call(&MatcherStub::ExplainMatch, explain);
    ASSERT_TRUE(explained.ok()) << explained.status();
    EXPECT_FALSE(explained->eligible());
    for (const matcher::v1::RuleVerdict& verdict : explained->rules()) {
      EXPECT_EQ(verdict.passed(), verdict.rule() != matcher::v1::RULE_ALREADY_TRIED) << verdict.sentence();
    }
    CheckArithmetic(explained->candidate().score());
  }

  void BeginTherapyAgain() {
    Choose();
    if (testing::Test::HasFatalFailure()) return;
    second_ = chosen_;
    AcceptAndStart();
  }

  void EndWell() {
    RecordFitCheck(GoodSession());
    if (testing::Test::HasFatalFailure()) return;
    EXPECT_EQ(EvidenceAbout(second_).client_fit_checks(), 2);
    EXPECT_EQ(advice_.next_step(), matcher::v1::NEXT_STEP_STAY);
    EXPECT_GT(advice_.p_bond_if_stay(), bad_session_advice_.p_bond_if_stay());

    Referral stale = referral_;
    stale.set_etag("stale");
    std::swap(stale, referral_);
    intake::v1::CloseReferralRequest request;
    request.set_reason(intake::v1::CLOSE_REASON_COMPLETED);
    EXPECT_EQ(runtime::ReasonOf(Send(&IntakeStub::CloseReferral, request).status()), "ETAG_MISMATCH");
    std::swap(stale, referral_);

    Step(&IntakeStub::CloseReferral, request, intake::v1::REFERRAL_STATE_CLOSED);
    if (testing::Test::HasFatalFailure()) return;
    ExpectIllegal(&IntakeStub::CloseReferral, request);
    EXPECT_TRUE(watch_->WaitForEnd().ok()) << watch_->WaitForEnd();
    int64_t revision = 0;
    for (const Referral& told : watch_->Told()) EXPECT_EQ(told.revision(), ++revision);
    EXPECT_EQ(revision, referral_.revision()) << "every revision is told, in order";
    for (const std::string& tried : {declined_, first_, second_}) {
      EXPECT_TRUE(Eventually([&] { return SeatsFree(tried) == kSeats; })) << tried;
      EXPECT_EQ(EvidenceAbout(tried).offers(), 1) << tried;
    }
  }

  void FindItAllInTheLists() {
    intake::v1::ListReferralsRequest referrals;
    referrals.set_client_id(referral_.client_id());
    const auto kept = services_.Call(&IntakeStub::ListReferrals, referrals);
    ASSERT_TRUE(kept.ok()) << kept.status();
    ASSERT_EQ(kept->referrals_size(), 1);
    EXPECT_EQ(kept->referrals(0).SerializeAsString(), referral_.SerializeAsString());
    ASSERT_EQ(referral_.attempts_size(), 3);
    EXPECT_EQ(referral_.attempts(0).therapist_id(), declined_);
    EXPECT_EQ(referral_.attempts(1).therapist_id(), first_);
    EXPECT_EQ(referral_.attempts(2).therapist_id(), second_);

    feedback::v1::ListFeedbackRequest request;
    request.set_client_id(referral_.client_id());
    request.set_page_size(1);
    std::vector<std::string> about;
    do {
      const auto page = services_.Call(&FeedbackStub::ListFeedback, request);
      ASSERT_TRUE(page.ok()) << page.status();
      for (const feedback::v1::Feedback& each : page->feedback()) {
        EXPECT_EQ(each.delivery(), feedback::v1::DELIVERY_DELIVERED);
        about.push_back(each.fit_check().therapist_id());
      }
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    EXPECT_THAT(about, ElementsAre(second_, first_)) << "newest first";
  }

  void MeetAcuteRisk() {
    intake::v1::CreateReferralRequest request;
    request.set_request_id(NewRequestId());
    request.set_client_id(absl::StrCat(world_.run, ".client2"));
    *request.mutable_needs() = NeedsIn(world_);
    request.mutable_needs()->mutable_risk()->set_level(matcher::v1::RISK_LEVEL_ACUTE);
    const auto created = services_.Call(&IntakeStub::CreateReferral, request);
    ASSERT_TRUE(created.ok()) << created.status();
    referral_ = created->referral();
    Step(&IntakeStub::SubmitReferral, {}, intake::v1::REFERRAL_STATE_NEEDS_TRIAGE);
    EXPECT_FALSE(referral_.has_shortlist()) << "acute risk is never ranked";
    ASSERT_EQ(referral_.triage_reasons_size(), 1);
    EXPECT_EQ(referral_.triage_reasons(0).code(), "RISK_STATED");

    matcher::v1::RankTherapistsRequest rank;
    rank.set_client_id(referral_.client_id());
    *rank.mutable_needs() = request.needs();
    const absl::Status refused = services_.Call(&MatcherStub::RankTherapists, rank).status();
    EXPECT_EQ(runtime::ReasonOf(refused), "NEEDS_TRIAGE") << refused;
  }

  // What one service hears of a risk, the others do not rank past.
  void HearOfARisk() {
    intake::v1::CloseReferralRequest close;
    close.set_reason(intake::v1::CLOSE_REASON_MISTAKE);
    Step(&IntakeStub::CloseReferral, close, intake::v1::REFERRAL_STATE_CLOSED);
    if (testing::Test::HasFatalFailure()) return;

    intake::v1::CreateReferralRequest request;
    request.set_request_id(NewRequestId());
    request.set_client_id(absl::StrCat(world_.run, ".client3"));
    *request.mutable_needs() = NeedsIn(world_);
    const auto created = services_.Call(&IntakeStub::CreateReferral, request);
    ASSERT_TRUE(created.ok()) << created.status();
    referral_ = created->referral();

    feedback::v1::RecordInstrumentRequest alarm;
    alarm.set_request_id(NewRequestId());
    alarm.mutable_scores()->set_client_id(referral_.client_id());
    alarm.mutable_scores()->set_instrument("phq9");
    alarm.mutable_scores()->mutable_occurred_at()->set_seconds(absl::ToUnixSeconds(absl::Now()));
    auto& score = *alarm.mutable_scores()->add_scores();
    score.set_id("item9");
    score.set_value(2);
    const auto recorded = services_.Call(&FeedbackStub::RecordInstrument, alarm);
    ASSERT_TRUE(recorded.ok()) << recorded.status();
    EXPECT_TRUE(recorded->triage_advised());

    // Asked before the score was known, so the needs do not answer it.
    Step(&IntakeStub::SubmitReferral, {}, intake::v1::REFERRAL_STATE_NEEDS_TRIAGE);
    if (testing::Test::HasFatalFailure()) return;
    ASSERT_EQ(referral_.triage_reasons_size(), 1);
    EXPECT_EQ(referral_.triage_reasons(0).code(), "RISK_RECORDED");

    intake::v1::UpdateNeedsRequest looked;
    looked.add_update_fields("risk");
    looked.mutable_needs()->mutable_risk()->set_level(matcher::v1::RISK_LEVEL_ELEVATED);
    Step(&IntakeStub::UpdateNeeds, looked, intake::v1::REFERRAL_STATE_DRAFT);
    if (testing::Test::HasFatalFailure()) return;
    Step(&IntakeStub::SubmitReferral, {}, intake::v1::REFERRAL_STATE_SHORTLISTED);
  }

  void LeaveNothingBehind() {
    intake::v1::CloseReferralRequest close;
    close.set_reason(intake::v1::CLOSE_REASON_MISTAKE);
    Step(&IntakeStub::CloseReferral, close, intake::v1::REFERRAL_STATE_CLOSED);
    for (int i = 0; i < kTherapists; ++i) {
      directory::v1::DeleteTherapistRequest request;
      request.set_request_id(NewRequestId());
      request.set_therapist_id(TherapistId(world_, i));
      const auto deleted = services_.Call(&DirectoryStub::DeleteTherapist, request);
      ASSERT_TRUE(deleted.ok()) << deleted.status();
    }
    directory::v1::GetTherapistRequest gone;
    gone.set_therapist_id(first_);
    EXPECT_EQ(runtime::ReasonOf(services_.Call(&DirectoryStub::GetTherapist, gone).status()),
              "UNKNOWN_THERAPIST");
  }

  const cli::Services& services_;
  const World world_;
  std::set<std::string> suitable_;
  Referral referral_;
  std::optional<Watch> watch_;
  matcher::v1::Advice advice_;  // after the newest fit check
  matcher::v1::Advice bad_session_advice_;
  int64_t position_ = 0;  // of the newest write that was acknowledged
  std::string chosen_;
  std::string declined_;
  std::string first_;
  std::string second_;
};

}  // namespace

void TakeJourney(const cli::Services& services) {
  Journey(services).Take();
}

}  // namespace rapport::e2e
