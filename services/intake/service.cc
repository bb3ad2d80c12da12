// See service.h.
#include "services/intake/service.h"

#include <utility>

#include "services/runtime/server_stream.h"
#include "services/runtime/unary.h"

namespace rapport::intake {
namespace {

using runtime::Call;
using runtime::Method;
using runtime::Unary;

constexpr Method kCreateReferral{"rapport.intake.v1.IntakeService/CreateReferral"};
constexpr Method kGetReferral{"rapport.intake.v1.IntakeService/GetReferral"};
constexpr Method kListReferrals{"rapport.intake.v1.IntakeService/ListReferrals"};
constexpr Method kUpdateNeeds{"rapport.intake.v1.IntakeService/UpdateNeeds"};
constexpr Method kSubmitReferral{"rapport.intake.v1.IntakeService/SubmitReferral"};
constexpr Method kChooseTherapist{"rapport.intake.v1.IntakeService/ChooseTherapist"};
constexpr Method kRespondToOffer{"rapport.intake.v1.IntakeService/RespondToOffer"};
constexpr Method kStartTherapy{"rapport.intake.v1.IntakeService/StartTherapy"};
constexpr Method kTryAnother{"rapport.intake.v1.IntakeService/TryAnother"};
constexpr Method kCloseReferral{"rapport.intake.v1.IntakeService/CloseReferral"};
constexpr Method kWatchReferral{"rapport.intake.v1.IntakeService/WatchReferral"};

// The answer of all RPCs that answer one referral.
template <typename Response>
absl::StatusOr<Response> With(absl::StatusOr<v1::Referral> referral) {
  if (!referral.ok()) return referral.status();
  Response response;
  *response.mutable_referral() = *std::move(referral);
  return response;
}

}  // namespace

grpc::ServerUnaryReactor* Service::CreateReferral(Context* context, const Bytes* in, Bytes* out) {
  return Unary<v1::CreateReferralRequest, v1::CreateReferralResponse>(
      core_, kCreateReferral, context, in, out,
      [this](const Call& call, const v1::CreateReferralRequest& request) {
        return With<v1::CreateReferralResponse>(commands_.CreateReferral(call, request));
      });
}

grpc::ServerUnaryReactor* Service::GetReferral(Context* context, const Bytes* in, Bytes* out) {
  return Unary<v1::GetReferralRequest, v1::GetReferralResponse>(
      core_, kGetReferral, context, in, out, [this](const Call& call, const v1::GetReferralRequest& request) {
        return With<v1::GetReferralResponse>(queries_.GetReferral(call, request));
      });
}

grpc::ServerUnaryReactor* Service::ListReferrals(Context* context, const Bytes* in, Bytes* out) {
  return Unary<v1::ListReferralsRequest, v1::ListReferralsResponse>(
      core_, kListReferrals, context, in, out,
      [this](const Call& call, const v1::ListReferralsRequest& request) {
        return queries_.ListReferrals(call, request);
      });
}

grpc::ServerUnaryReactor* Service::UpdateNeeds(Context* context, const Bytes* in, Bytes* out) {
  return Unary<v1::UpdateNeedsRequest, v1::UpdateNeedsResponse>(
      core_, kUpdateNeeds, context, in, out, [this](const Call& call, const v1::UpdateNeedsRequest& request) {
        return With<v1::UpdateNeedsResponse>(commands_.UpdateNeeds(call, request));
      });
}

grpc::ServerUnaryReactor* Service::SubmitReferral(Context* context, const Bytes* in, Bytes* out) {
  return Unary<v1::SubmitReferralRequest, v1::SubmitReferralResponse>(
      core_, kSubmitReferral, context, in, out,
      [this](const Call& call, const v1::SubmitReferralRequest& request) {
        return With<v1::SubmitReferralResponse>(commands_.SubmitReferral(call, request));
      });
}

grpc::ServerUnaryReactor* Service::ChooseTherapist(Context* context, const Bytes* in, Bytes* out) {
  return Unary<v1::ChooseTherapistRequest, v1::ChooseTherapistResponse>(
      core_, kChooseTherapist, context, in, out,
      [this](const Call& call, const v1::ChooseTherapistRequest& request) {
        return With<v1::ChooseTherapistResponse>(commands_.ChooseTherapist(call, request));
      });
}

grpc::ServerUnaryReactor* Service::RespondToOffer(Context* context, const Bytes* in, Bytes* out) {
  return Unary<v1::RespondToOfferRequest, v1::RespondToOfferResponse>(
      core_, kRespondToOffer, context, in, out,
      [this](const Call& call, const v1::RespondToOfferRequest& request) {
        return With<v1::RespondToOfferResponse>(commands_.RespondToOffer(call, request));
      });
}

grpc::ServerUnaryReactor* Service::StartTherapy(Context* context, const Bytes* in, Bytes* out) {
  return Unary<v1::StartTherapyRequest, v1::StartTherapyResponse>(
      core_, kStartTherapy, context, in, out,
      [this](const Call& call, const v1::StartTherapyRequest& request) {
        return With<v1::StartTherapyResponse>(commands_.StartTherapy(call, request));
      });
}

grpc::ServerUnaryReactor* Service::TryAnother(Context* context, const Bytes* in, Bytes* out) {
  return Unary<v1::TryAnotherRequest, v1::TryAnotherResponse>(
      core_, kTryAnother, context, in, out, [this](const Call& call, const v1::TryAnotherRequest& request) {
        return With<v1::TryAnotherResponse>(commands_.TryAnother(call, request));
      });
}

grpc::ServerUnaryReactor* Service::CloseReferral(Context* context, const Bytes* in, Bytes* out) {
  return Unary<v1::CloseReferralRequest, v1::CloseReferralResponse>(
      core_, kCloseReferral, context, in, out,
      [this](const Call& call, const v1::CloseReferralRequest& request) {
        return With<v1::CloseReferralResponse>(commands_.CloseReferral(call, request));
      });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* Service::WatchReferral(Context* context, const Bytes* in) {
  return runtime::ServerStream<v1::WatchReferralRequest, v1::WatchReferralResponse>(
      core_, kWatchReferral, context, in,
      [this](const Call& call, const v1::WatchReferralRequest& request, Hub::Writer writer) {
        return queries_.WatchReferral(call, request, std::move(writer));
      });
}

}  // namespace rapport::intake
