// See matcher_client.h.
#include "services/intake/matcher_client.h"

#include "absl/cleanup/cleanup.h"
#include "services/intake/limits.h"
#include "services/intake/reasons.h"
#include "services/runtime/errors.h"

namespace rapport::intake {

using runtime::Call;

MatcherClient::MatcherClient(const std::shared_ptr<grpc::Channel>& channel, const runtime::Clock& clock)
    : matcher_(matcher::v1::MatcherService::NewStub(channel)),
      directory_(directory::v1::DirectoryService::NewStub(channel)),
      clock_(clock) {}

HangGuard::Turn HangGuard::Enter(absl::Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!hangs_) return Turn::kFree;
  if (asking_ || now < next_) return Turn::kNotNow;
  asking_ = true;
  return Turn::kProbe;
}

void HangGuard::Left(Turn turn, Came came, absl::Time now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (turn == Turn::kProbe) asking_ = false;
  // A call without time says nothing of the matcher: it neither hangs by it, nor is it back.
  if (came != Came::kTooSoonToSay) hangs_ = came == Came::kNothing;
  if (came != Came::kTooSoonToSay || turn == Turn::kProbe) next_ = now + kProbeInterval;
}

template <typename Response, typename Ask>
absl::StatusOr<Response> MatcherClient::Make(const Call& call, absl::Duration margin, absl::Duration cap,
                                             Ask ask, bool insists) {
  const absl::Time begun = clock_.Now();
  const HangGuard::Turn turn = guard_.Enter(begun);
  if (turn == HangGuard::Turn::kNotNow && !insists)
    return absl::UnavailableError("the matcher has not answered of late");
  // Few at a time, or those who wait for one that hangs would hold every worker.
  const bool pressing = turn == HangGuard::Turn::kNotNow;
  if (pressing && ++insisting_ > kMostInsisting) {
    --insisting_;
    return absl::ResourceExhaustedError("others are asking a matcher that has not answered of late");
  }
  const absl::Cleanup asked = [this, pressing] {
    if (pressing) --insisting_;
  };
  Response response;
  const auto once = [&] {
    grpc::ClientContext context;
    runtime::PrepareOnward(call, begun, margin, cap, &context);
    return runtime::FromGrpc(ask(&context, &response));
  };
  absl::Status ended = once();
  // A server that goes ends so what crossed its farewell on the wire; nobody else cancels a call of ours.
  if (absl::IsCancelled(ended)) ended = once();
  if (absl::IsCancelled(ended)) {
    ended = runtime::WithRetryAfter(
        runtime::Error(absl::StatusCode::kUnavailable, kMatcherAway, "the matcher went while it was asked"),
        kRankAgainAfter);
  }
  const absl::Time now = clock_.Now();
  guard_.Left(turn,
              !absl::IsDeadlineExceeded(ended) ? HangGuard::Came::kAnswer
              : now - begun >= kHungAfter      ? HangGuard::Came::kNothing
                                               : HangGuard::Came::kTooSoonToSay,
              now);
  if (!ended.ok()) return ended;
  return response;
}

absl::StatusOr<matcher::v1::RankTherapistsResponse> MatcherClient::RankTherapists(
    const Call& call, const matcher::v1::RankTherapistsRequest& request) {
  return Make<matcher::v1::RankTherapistsResponse>(
      call, kAnswerMargin, kRankingCap,
      [&](auto* context, auto* response) { return matcher_->RankTherapists(context, request, response); });
}

absl::StatusOr<matcher::v1::ExplainMatchResponse> MatcherClient::ExplainMatch(
    const Call& call, const matcher::v1::ExplainMatchRequest& request) {
  const bool had_time = call.deadline - kAnswerMargin - clock_.Now() >= kHungAfter;
  absl::StatusOr<matcher::v1::ExplainMatchResponse> explained = Make<matcher::v1::ExplainMatchResponse>(
      call, kAnswerMargin, kExplainCap,
      [&](auto* context, auto* response) { return matcher_->ExplainMatch(context, request, response); },
      /*insists=*/true);
  // A deadline with a reason is the matcher's own word.
  if (absl::IsResourceExhausted(explained.status()) ||
      (absl::IsDeadlineExceeded(explained.status()) &&
       (!had_time || !runtime::ReasonOf(explained.status()).empty()))) {
    return runtime::WithRetryAfter(
        runtime::Error(absl::StatusCode::kUnavailable, kMatcherAway,
                       had_time ? "the matcher has too much to do to look at this client and therapist; the "
                                  "referral is as it was, try again"
                                : "too little time was left for the matcher to look at this client and "
                                  "therapist; the referral is as it was, try again with more"),
        kRankAgainAfter);
  }
  return explained;
}

absl::StatusOr<directory::v1::Reservation> MatcherClient::ReserveSlot(
    const Call& call, const directory::v1::ReserveSlotRequest& request) {
  const auto response = Make<directory::v1::ReserveSlotResponse>(
      call, kAnswerMargin, kReserveCap,
      [&](auto* context, auto* answer) { return directory_->ReserveSlot(context, request, answer); });
  if (!response.ok()) return response.status();
  return response->reservation();
}

absl::Status MatcherClient::ReleaseSlot(const Call& call, const directory::v1::ReleaseSlotRequest& request) {
  return Make<directory::v1::ReleaseSlotResponse>(call, kNoticeMargin, kNoticeCap,
                                                  [&](auto* context, auto* response) {
                                                    return directory_->ReleaseSlot(context, request,
                                                                                   response);
                                                  })
      .status();
}

absl::Status MatcherClient::RecordReach(const Call& call, const matcher::v1::RecordReachRequest& request) {
  return Make<matcher::v1::RecordReachResponse>(
             call, kNoticeMargin, kNoticeCap,
             [&](auto* context, auto* response) { return matcher_->RecordReach(context, request, response); })
      .status();
}

absl::Status MatcherClient::RecordRisk(const Call& call, const matcher::v1::RecordRiskRequest& request) {
  return Make<matcher::v1::RecordRiskResponse>(
             call, kNoticeMargin, kNoticeCap,
             [&](auto* context, auto* response) { return matcher_->RecordRisk(context, request, response); })
      .status();
}

bool MatcherAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
}

}  // namespace rapport::intake
