// WatchReferral over real streams: what comes, in which order, and every way in which a stream ends.
#include <memory>
#include <thread>

#include "services/runtime/errors.h"
#include "tests/services/intake/intake_process.h"

namespace rapport::intake {
namespace {

class WatchTest : public IntakeTest {
 protected:
  // One open stream.
  class Stream {
   public:
    Stream(IntakeProcess& process, const Client& client, const v1::Referral& referral,
           int64_t after_revision = 0) {
      client.Prepare(&context_);
      v1::WatchReferralRequest request;
      request.set_referral_id(referral.referral_id());
      request.set_after_revision(after_revision);
      reader_ = process.stub().WatchReferral(&context_, request);
    }
    ~Stream() {
      context_.TryCancel();
      if (!ended_) End().IgnoreError();
    }

    // The next message; an empty referral at the end.
    v1::Referral Next() {
      v1::WatchReferralResponse response;
      return reader_->Read(&response) ? response.referral() : v1::Referral();
    }

    absl::Status End() {
      v1::WatchReferralResponse rest;
      while (reader_->Read(&rest)) continue;
      ended_ = true;
      return runtime::FromGrpc(reader_->Finish());
    }

    void Cancel() { context_.TryCancel(); }

   private:
    grpc::ClientContext context_;
    std::unique_ptr<grpc::ClientReader<v1::WatchReferralResponse>> reader_;
    bool ended_ = false;
  };
};

TEST_F(WatchTest, ThePresentThenEveryChangeUntilClosed) {
  const v1::Referral draft = Must(client_.Create());
  Stream stream(*process_, client_, draft);
  EXPECT_THAT(stream.Next(), SameMessage(draft));
  const v1::Referral ranked = Must(client_.Submit(draft));
  EXPECT_EQ(stream.Next().state(), v1::REFERRAL_STATE_SUBMITTED);
  EXPECT_THAT(stream.Next(), SameMessage(ranked));
  const v1::Referral offered = Must(client_.Choose(ranked));
  EXPECT_THAT(stream.Next(), SameMessage(offered));
  const v1::Referral closed = Must(client_.Close(offered));
  EXPECT_THAT(stream.Next(), SameMessage(closed));
  EXPECT_TRUE(stream.End().ok());
}

TEST_F(WatchTest, ARankingInTheBackgroundIsSeen) {
  const v1::Referral waiting = client_.At(v1::REFERRAL_STATE_SUBMITTED, matcher_);
  Stream stream(*process_, client_, waiting);
  EXPECT_THAT(stream.Next(), SameMessage(waiting));
  EXPECT_EQ(process_->intake().RankWaiting(), 1);
  EXPECT_EQ(stream.Next().state(), v1::REFERRAL_STATE_SHORTLISTED);
}

TEST_F(WatchTest, TheLoopsRunByThemselves) {
  const v1::Referral waiting = client_.At(v1::REFERRAL_STATE_SUBMITTED, matcher_);
  Restart({.background = true});
  Stream stream(*process_, client_, waiting, waiting.revision());
  EXPECT_EQ(stream.Next().state(), v1::REFERRAL_STATE_SHORTLISTED);
}

TEST_F(WatchTest, OnlyWhatIsNewerThanTheCallerKnows) {
  const v1::Referral draft = Must(client_.Create());
  Stream knows(*process_, client_, draft, draft.revision());
  Stream knows_not(*process_, client_, draft);
  EXPECT_THAT(knows_not.Next(), SameMessage(draft));
  const v1::Referral changed = Must(client_.Update(draft));
  EXPECT_THAT(knows.Next(), SameMessage(changed));
  EXPECT_THAT(knows_not.Next(), SameMessage(changed));
}

TEST_F(WatchTest, AClosedReferralEndsAtOnce) {
  const v1::Referral closed = client_.At(v1::REFERRAL_STATE_CLOSED, matcher_);
  Stream stream(*process_, client_, closed);
  EXPECT_THAT(stream.Next(), SameMessage(closed));
  EXPECT_TRUE(stream.End().ok());
  Stream knows(*process_, client_, closed, closed.revision());
  EXPECT_THAT(knows.Next(), SameMessage(v1::Referral()));
  EXPECT_TRUE(knows.End().ok());
}

TEST_F(WatchTest, Refusals) {
  const v1::Referral referral = Must(client_.Create());
  v1::Referral unknown;
  unknown.set_referral_id("ref_none");
  absl::Status status = Stream(*process_, client_, unknown).End();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
  EXPECT_EQ(runtime::ReasonOf(status), kUnknownReferral);
  status = Stream(*process_, Client(*process_, "elsewhere"), referral).End();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound) << status;
  status = Stream(*process_, client_, v1::Referral(), -1).End();
  ASSERT_EQ(runtime::ViolationsOf(status).size(), 2u) << status;
  EXPECT_EQ(runtime::ViolationsOf(status)[0].field_path, "referral_id");
  EXPECT_EQ(runtime::ViolationsOf(status)[1].field_path, "after_revision");
}

TEST_F(WatchTest, OnlySoManyAtATimeAndCancellingMakesRoom) {
  Restart({.max_watchers = 1});
  const v1::Referral referral = Must(client_.Create());
  Stream first(*process_, client_, referral);
  EXPECT_THAT(first.Next(), SameMessage(referral));
  const absl::Status refused = Stream(*process_, client_, referral).End();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  EXPECT_EQ(runtime::ReasonOf(refused), kTooManyWatchers);

  first.Cancel();
  EXPECT_EQ(first.End().code(), absl::StatusCode::kCancelled);
  // The server hears of the cancellation when it does: ask until there is room.
  v1::Referral seen;
  while (seen.referral_id().empty()) seen = Stream(*process_, client_, referral).Next();
  EXPECT_THAT(seen, SameMessage(referral));
}

TEST_F(WatchTest, ShutdownEndsStreams) {
  const v1::Referral referral = Must(client_.Create());
  Stream stream(*process_, client_, referral);
  EXPECT_THAT(stream.Next(), SameMessage(referral));
  std::thread shutdown([this] { process_->server().Shutdown(); });
  const absl::Status ended = stream.End();
  shutdown.join();
  EXPECT_EQ(ended.code(), absl::StatusCode::kUnavailable) << ended;
  EXPECT_EQ(runtime::ReasonOf(ended), runtime::kShuttingDown);
}

TEST_F(WatchTest, ManyChangesAtOnceComeInOrderAndTheLastOneComes) {
  const v1::Referral draft = Must(client_.Create());
  Stream stream(*process_, client_, draft);
  EXPECT_THAT(stream.Next(), SameMessage(draft));
  constexpr int kWriters = 4;
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      Client writer(*process_);
      for (int changes = 0; changes < 5;) {  // each until five of its own went through
        auto request = writer.RequestFor<v1::UpdateNeedsRequest>(
            Must(writer.Get(draft)), "w" + std::to_string(i) + "-" + std::to_string(changes));
        request.set_request_id(request.request_id() + "-" + request.etag());
        *request.mutable_needs() = PlainNeeds();
        if (writer.Send(request).ok()) ++changes;
      }
    });
  }
  int64_t last = draft.revision();
  while (last < draft.revision() + kWriters * 5) {
    const v1::Referral next = stream.Next();
    ASSERT_GT(next.revision(), last);
    last = next.revision();
  }
  for (std::thread& writer : writers) writer.join();
}

}  // namespace
}  // namespace rapport::intake
