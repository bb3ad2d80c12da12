// See matcher_client.h.
#include "services/intake/matcher_client.h"

#include "services/intake/limits.h"
#include "services/runtime/errors.h"

namespace rapport::intake {

using runtime::Call;

MatcherClient::MatcherClient(const std::shared_ptr<grpc::Channel>& channel, const runtime::Clock& clock)
    : matcher_(matcher::v1::MatcherService::NewStub(channel)),
      directory_(directory::v1::DirectoryService::NewStub(channel)),
      clock_(clock) {}

absl::StatusOr<matcher::v1::RankTherapistsResponse> MatcherClient::RankTherapists(
    const Call& call, const matcher::v1::RankTherapistsRequest& request) {
  grpc::ClientContext context;
  Prepare(call, kAnswerMargin, kRankingCap, &context);
  matcher::v1::RankTherapistsResponse response;
  grpc::Status status = matcher_->RankTherapists(&context, request, &response);
  if (!status.ok()) return runtime::FromGrpc(status);
  return response;
}

absl::StatusOr<matcher::v1::ExplainMatchResponse> MatcherClient::ExplainMatch(
    const Call& call, const matcher::v1::ExplainMatchRequest& request) {
  grpc::ClientContext context;
  Prepare(call, kAnswerMargin, kExplainCap, &context);
  matcher::v1::ExplainMatchResponse response;
  grpc::Status status = matcher_->ExplainMatch(&context, request, &response);
  if (!status.ok()) return runtime::FromGrpc(status);
  return response;
}

absl::StatusOr<directory::v1::Reservation> MatcherClient::ReserveSlot(
    const Call& call, const directory::v1::ReserveSlotRequest& request) {
  grpc::ClientContext context;
  Prepare(call, kAnswerMargin, kReserveCap, &context);
  directory::v1::ReserveSlotResponse response;
  grpc::Status status = directory_->ReserveSlot(&context, request, &response);
  if (!status.ok()) return runtime::FromGrpc(status);
  return response.reservation();
}

absl::Status MatcherClient::ReleaseSlot(const Call& call, const directory::v1::ReleaseSlotRequest& request) {
  grpc::ClientContext context;
  Prepare(call, kNoticeMargin, kNoticeCap, &context);
  directory::v1::ReleaseSlotResponse response;
  return runtime::FromGrpc(directory_->ReleaseSlot(&context, request, &response));
}

absl::Status MatcherClient::RecordReach(const Call& call, const matcher::v1::RecordReachRequest& request) {
  grpc::ClientContext context;
  Prepare(call, kNoticeMargin, kNoticeCap, &context);
  matcher::v1::RecordReachResponse response;
  return runtime::FromGrpc(matcher_->RecordReach(&context, request, &response));
}

void MatcherClient::Prepare(const Call& call, absl::Duration margin, absl::Duration cap,
                            grpc::ClientContext* context) {
  runtime::PrepareOnward(call, clock_.Now(), margin, cap, context);
}

bool MatcherAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
}

}  // namespace rapport::intake
