// Same request id, same answer, one effect; and what an old etag gets.
#include <condition_variable>
#include <mutex>
#include <thread>

#include "services/runtime/errors.h"
#include "tests/services/intake/intake_process.h"

namespace rapport::intake {
namespace {

class IdempotencyTest : public IntakeTest {
 protected:
  // Sends the request twice, once more after a restart, and then with other content.
  template <typename Request>
  v1::Referral Replay(Request request, const std::function<void(Request&)>& change) {
    const v1::Referral first = Must(client_.Send(request));
    EXPECT_THAT(Must(client_.Send(request)), SameMessage(first));
    Restart();
    EXPECT_THAT(Must(client_.Send(request)), SameMessage(first));
    EXPECT_THAT(Must(client_.Get(first)), SameMessage(first)) << "one effect";
    change(request);
    EXPECT_THAT(client_.Send(request), Refused(absl::StatusCode::kAlreadyExists, kRequestIdReused));
    EXPECT_THAT(Must(client_.Get(first)), SameMessage(first));
    return first;
  }

  template <typename Request>
  v1::Referral ReplayWrite(const Request& request) {
    return Replay<Request>(request, [](Request& changed) { changed.set_etag("other"); });
  }
};

TEST_F(IdempotencyTest, EveryWrite) {
  v1::CreateReferralRequest create;
  create.set_request_id("create");
  create.set_client_id("client-7");
  *create.mutable_needs() = PlainNeeds();
  v1::Referral referral =
      Replay<v1::CreateReferralRequest>(create, [](auto& changed) { changed.set_client_id("client-8"); });
  EXPECT_EQ(Must(client_.Send(v1::ListReferralsRequest())).referrals_size(), 1);

  auto update = client_.RequestFor<v1::UpdateNeedsRequest>(referral);
  *update.mutable_needs() = PlainNeeds();
  referral = ReplayWrite(update);
  referral = ReplayWrite(client_.RequestFor<v1::SubmitReferralRequest>(referral));
  EXPECT_EQ(matcher_.rankings().size(), 1u);

  auto choose = client_.RequestFor<v1::ChooseTherapistRequest>(referral);
  choose.set_therapist_id("t1");
  referral = ReplayWrite(choose);
  EXPECT_EQ(matcher_.state().reservations.size(), 1u);

  auto decline = client_.RequestFor<v1::RespondToOfferRequest>(referral);
  decline.set_answer(v1::OFFER_ANSWER_DECLINED);
  referral = ReplayWrite(decline);
  EXPECT_EQ(referral.attempts_size(), 1);
  EXPECT_EQ(matcher_.rankings().size(), 2u);

  referral = Must(client_.Choose(referral, "t2"));
  auto accept = client_.RequestFor<v1::RespondToOfferRequest>(referral);
  accept.set_answer(v1::OFFER_ANSWER_ACCEPTED);
  referral = ReplayWrite(accept);
  referral = ReplayWrite(client_.RequestFor<v1::StartTherapyRequest>(referral));
  referral = ReplayWrite(client_.RequestFor<v1::TryAnotherRequest>(referral));
  EXPECT_EQ(matcher_.rankings().size(), 3u);

  auto close = client_.RequestFor<v1::CloseReferralRequest>(referral);
  close.set_reason(v1::CLOSE_REASON_COMPLETED);
  ReplayWrite(close);
  EXPECT_EQ(matcher_.state().reaches.size(), 2u);
  EXPECT_EQ(process_->intake().DeliverNotices(), 0) << "everything was told before the answers";
}

TEST_F(IdempotencyTest, AnAcknowledgedWaitIsStillTheAnswerAfterTheRanking) {
  matcher_.FailWith(absl::ResourceExhaustedError("busy"));
  const auto request = client_.RequestFor<v1::SubmitReferralRequest>(Must(client_.Create()));
  const v1::Referral waiting = Must(client_.Send(request));
  EXPECT_EQ(waiting.state(), v1::REFERRAL_STATE_SUBMITTED);
  matcher_.FailWith(absl::OkStatus());
  EXPECT_EQ(process_->intake().RankWaiting(), 1);
  EXPECT_THAT(Must(client_.Send(request)), SameMessage(waiting));
  EXPECT_THAT(client_.Get(waiting), IsIn(v1::REFERRAL_STATE_SHORTLISTED));
}

TEST_F(IdempotencyTest, RequestIdsOfOtherNetworksAndMethodsAreOthers) {
  v1::CreateReferralRequest request;
  request.set_request_id("one");
  request.set_client_id("client-7");
  *request.mutable_needs() = PlainNeeds();
  Client other(*process_, "elsewhere");
  const v1::Referral here = Must(client_.Send(request));
  const v1::Referral there = Must(other.Send(request));
  EXPECT_NE(here.referral_id(), there.referral_id());
  EXPECT_THAT(client_.Send(client_.RequestFor<v1::SubmitReferralRequest>(here, "one")),
              IsIn(v1::REFERRAL_STATE_SHORTLISTED));
}

TEST_F(IdempotencyTest, AnOldEtagIsRefusedByEveryWrite) {
  for (v1::ReferralState state : AllStates()) {
    const v1::Referral now = client_.At(state, matcher_);
    v1::Referral stale = now;
    stale.set_etag("0123456789abcdef0123456789abcdef");
    for (WriteCall call : kWriteCalls) {
      EXPECT_THAT(client_.Call(call, stale), Refused(absl::StatusCode::kAborted, kEtagMismatch));
    }
    EXPECT_THAT(Must(client_.Get(now)), SameMessage(now));
    matcher_.EndReservations();
    clock_.Advance(absl::Seconds(1));  // needs at risk stop those of the same moment
  }
}

TEST_F(IdempotencyTest, EtagsDifferForEveryRevisionAndReferral) {
  std::set<std::string> etags;
  // The time tells a revision from the same number of a file that was restored from a copy.
  for (const absl::Time written : {clock_.Now(), clock_.Now() + absl::Milliseconds(1)}) {
    for (const char* id : {"ref_1", "ref_2"}) {
      for (int64_t revision = 1; revision <= 100; ++revision) etags.insert(EtagOf(id, revision, written));
    }
  }
  EXPECT_EQ(etags.size(), 400u);
}

// Lets calls of one RPC meet at the matcher: none goes on before all are there.
class Meeting {
 public:
  explicit Meeting(int expected) : expected_(expected) {}
  void Wait() {
    std::unique_lock lock(mutex_);
    ++there_;
    all_there_.notify_all();
    all_there_.wait(lock, [this] { return there_ >= expected_; });
  }

 private:
  const int expected_;
  std::mutex mutex_;
  std::condition_variable all_there_;
  int there_ = 0;
};

class ConcurrencyTest : public IntakeTest {
 protected:
  // Both requests at once, past every check before the reservation.
  std::pair<Client::Answered, Client::Answered> Race(const v1::ChooseTherapistRequest& one,
                                                     const v1::ChooseTherapistRequest& two) {
    Meeting meeting(2);
    matcher_.SetHook([&](const std::string& rpc, bool done) {
      if (rpc == "ReserveSlot" && !done) meeting.Wait();
    });
    Client other(*process_);
    Client::Answered second = absl::UnknownError("");
    std::thread thread([&] { second = other.Send(two); });
    Client::Answered first = client_.Send(one);
    thread.join();
    matcher_.SetHook(nullptr);
    return {std::move(first), std::move(second)};
  }

  v1::ChooseTherapistRequest ChooseRequest(const v1::Referral& referral, const std::string& request_id,
                                           const std::string& therapist_id) {
    auto request = client_.RequestFor<v1::ChooseTherapistRequest>(referral, request_id);
    request.set_therapist_id(therapist_id);
    return request;
  }
};

TEST_F(ConcurrencyTest, OneOfTwoChoicesWinsAndTheOtherSeatIsGivenBack) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  auto [first, second] = Race(ChooseRequest(referral, "one", "t1"), ChooseRequest(referral, "two", "t2"));
  ASSERT_NE(first.ok(), second.ok());
  const bool first_won = first.ok();
  EXPECT_THAT(first_won ? second : first, Refused(absl::StatusCode::kAborted, kEtagMismatch));
  const v1::Referral offered = Must(client_.Get(referral));
  EXPECT_THAT(offered, SameMessage(first_won ? *first : *second));
  EXPECT_EQ(offered.attempts_size(), 1);
  EXPECT_EQ(matcher_.FreeSeats(first_won ? "t1" : "t2"), 1);
  EXPECT_EQ(matcher_.FreeSeats(first_won ? "t2" : "t1"), 2);
}

TEST_F(ConcurrencyTest, TheSameChoiceTwiceAtOnceIsOne) {
  const v1::Referral referral = client_.At(v1::REFERRAL_STATE_SHORTLISTED, matcher_);
  auto [first, second] = Race(ChooseRequest(referral, "one", "t1"), ChooseRequest(referral, "one", "t1"));
  EXPECT_THAT(Must(std::move(first)), SameMessage(Must(std::move(second))));
  EXPECT_EQ(matcher_.state().reservations.size(), 1u);
  EXPECT_EQ(process_->intake().DeliverNotices(), 0);
  EXPECT_EQ(matcher_.FreeSeats("t1"), 1);
}

TEST_F(ConcurrencyTest, AChangeDuringTheRankingHasTheLastWord) {
  const v1::Referral draft = Must(client_.Create());
  v1::Referral closed;
  matcher_.SetHook([&](const std::string& rpc, bool done) {
    if (rpc != "RankTherapists" || done) return;
    Client other(*process_);
    closed = Must(other.Send([&] {
      auto request = other.RequestFor<v1::CloseReferralRequest>(Must(other.Get(draft)), "close");
      request.set_reason(v1::CLOSE_REASON_CLIENT_WITHDREW);
      return request;
    }()));
  });
  const v1::Referral answer = Must(client_.Submit(draft));
  EXPECT_EQ(closed.state(), v1::REFERRAL_STATE_CLOSED);
  EXPECT_THAT(answer, SameMessage(closed));
  EXPECT_THAT(Must(client_.Get(draft)), SameMessage(closed));
}

TEST_F(ConcurrencyTest, TheRankerLeavesAFreshReferralToItsCall) {
  matcher_.SetHook([&](const std::string& rpc, bool done) {
    if (rpc == "RankTherapists" && !done) {
      EXPECT_EQ(process_->intake().RankWaiting(), 0);
    }
  });
  EXPECT_THAT(client_.Submit(Must(client_.Create())), IsIn(v1::REFERRAL_STATE_SHORTLISTED));
  EXPECT_EQ(matcher_.rankings().size(), 1u);
}

}  // namespace
}  // namespace rapport::intake
