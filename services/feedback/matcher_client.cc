// See matcher_client.h.
#include "services/feedback/matcher_client.h"

#include <string>
#include <utility>

#include "services/runtime/errors.h"

namespace rapport::feedback {

MatcherClient::MatcherClient(const std::shared_ptr<grpc::Channel>& channel, const runtime::Clock& clock,
                             const MatcherPatience& patience)
    : clock_(clock),
      patience_(patience),
      directory_(directory::v1::DirectoryService::NewStub(channel)),
      matcher_(matcher::v1::MatcherService::NewStub(channel)) {}

absl::StatusOr<bool> MatcherClient::KnowsTherapist(const runtime::Call& call,
                                                   absl::string_view therapist_id) const {
  grpc::ClientContext context;
  runtime::PrepareOnward(call, clock_.Now(), kAnswerMargin, patience_.knows_therapist, &context);
  directory::v1::GetTherapistRequest request;
  request.set_therapist_id(std::string(therapist_id));
  directory::v1::GetTherapistResponse response;
  const absl::Status status = runtime::FromGrpc(directory_->GetTherapist(&context, request, &response));
  if (status.ok()) return true;
  // A NOT_FOUND without our reason is a proxy's, or another service's: it says nothing about the therapist.
  // Of one who has left, what a client has to say still counts.
  if (absl::IsNotFound(status) && runtime::ReasonOf(status) == kUnknownTherapist) {
    return runtime::MetadataOf(status, "left") == "true";
  }
  return status;
}

absl::StatusOr<int64_t> MatcherClient::RecordFit(const runtime::Call& call,
                                                 const matcher::v1::RecordFitRequest& lesson) const {
  grpc::ClientContext context;
  runtime::PrepareOnward(call, clock_.Now(), kAnswerMargin, patience_.record_fit, &context);
  matcher::v1::RecordFitResponse response;
  if (absl::Status status = runtime::FromGrpc(matcher_->RecordFit(&context, lesson, &response));
      !status.ok()) {
    return status;
  }
  return response.position();
}

absl::Status MatcherClient::RecordRisk(const runtime::Call& call,
                                       const matcher::v1::RecordRiskRequest& note) const {
  grpc::ClientContext context;
  runtime::PrepareOnward(call, clock_.Now(), kAnswerMargin, patience_.record_fit, &context);
  matcher::v1::RecordRiskResponse response;
  return runtime::FromGrpc(matcher_->RecordRisk(&context, note, &response));
}

absl::StatusOr<matcher::v1::Advice> MatcherClient::AdviseNextStep(const runtime::Call& call,
                                                                  absl::string_view client_id,
                                                                  absl::string_view therapist_id,
                                                                  int64_t position) const {
  grpc::ClientContext context;
  runtime::PrepareOnward(call, clock_.Now(), kAnswerMargin, patience_.advise, &context);
  matcher::v1::AdviseNextStepRequest request;
  request.set_client_id(std::string(client_id));
  request.set_therapist_id(std::string(therapist_id));
  request.set_min_as_of(position);
  matcher::v1::AdviseNextStepResponse response;
  if (absl::Status status = runtime::FromGrpc(matcher_->AdviseNextStep(&context, request, &response));
      !status.ok()) {
    return status;
  }
  return std::move(*response.mutable_advice());
}

bool MatcherAway(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) || absl::IsResourceExhausted(status);
}

}  // namespace rapport::feedback
