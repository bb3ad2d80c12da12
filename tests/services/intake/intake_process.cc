// See intake_process.h.
#include "tests/services/intake/intake_process.h"

#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "services/runtime/errors.h"

namespace rapport::intake {
namespace {

constexpr char kNetworkHeader[] = "x-network";

// Believes what the caller says of its network: two networks on one machine.
class TrustingAuthenticator final : public runtime::Authenticator {
 public:
  absl::StatusOr<runtime::Identity> Authenticate(const runtime::Peer& peer) const override {
    const std::string network(peer.Header(kNetworkHeader));
    return runtime::Identity{network.empty() ? "default" : network, "test"};
  }
};

runtime::ServerOptions TestOptions() {
  runtime::ServerOptions options;
  options.address = "127.0.0.1:0";
  options.http_address = "";
  options.insecure_loopback = true;
  options.drain_delay = absl::ZeroDuration();
  options.readiness_interval = absl::Minutes(1);
  return options;
}

// Unlike a channel of ours it never tries again: tests see every answer as it was given.
std::shared_ptr<grpc::Channel> ChannelTo(int port) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials(),
                                   arguments);
}

template <typename T>
T ValueOrDie(absl::StatusOr<T> value) {
  if (!value.ok()) {
    ADD_FAILURE() << value.status();
    std::abort();
  }
  return *std::move(value);
}

}  // namespace

Scratch::Scratch() : folder_(std::filesystem::temp_directory_path() / "intake_test_XXXXXX") {
  if (mkdtemp(folder_.data()) == nullptr) std::abort();
}

Scratch::~Scratch() {
  std::filesystem::remove_all(folder_);
}

IntakeProcess::IntakeProcess(const std::string& folder, const std::shared_ptr<grpc::Channel>& matcher,
                             const runtime::Clock& clock, const Run& run)
    : ids_(run.seed),
      authenticator_(std::make_unique<TrustingAuthenticator>()),
      log_(log_text_, clock),
      core_(TestOptions(), {clock, ids_, *authenticator_, metrics_, log_}),
      intake_(ValueOrDie(Intake::Create({.database_url = absl::StrCat("sqlite:", folder, "/intake.db"),
                                         .catalog_path = run.catalog_path,
                                         .background = run.background,
                                         .max_watchers = run.max_watchers},
                                        core_, matcher))),
      server_(ValueOrDie(runtime::Server::Start(TestOptions(), core_, intake_->services()))),
      channel_(ChannelTo(server_->port())),
      stub_(v1::IntakeService::NewStub(channel_)) {}

IntakeProcess::~IntakeProcess() {
  stub_.reset();
  channel_.reset();
  server_->Shutdown();
  intake_->Stop();
}

matcher::v1::Needs PlainNeeds() {
  matcher::v1::Needs needs;
  needs.mutable_location()->set_region("US-MA");
  needs.set_age_group("adult");
  needs.set_format("individual");
  needs.add_concerns("grief");
  needs.mutable_risk()->set_level(matcher::v1::RISK_LEVEL_NONE);
  return needs;
}

matcher::v1::Needs AcuteNeeds() {
  matcher::v1::Needs needs = PlainNeeds();
  needs.mutable_risk()->set_level(matcher::v1::RISK_LEVEL_ACUTE);
  return needs;
}

matcher::v1::Needs ImpossibleNeeds() {
  matcher::v1::Needs needs = PlainNeeds();
  for (const char* id : {"t1", "t2", "t3", "t4", "t5"}) needs.add_excluded_therapist_ids(id);
  return needs;
}

template <typename Response, typename Rpc, typename Request>
absl::StatusOr<Response> Client::Ask(Rpc rpc, const Request& request) {
  grpc::ClientContext context;
  Prepare(&context);
  Response response;
  grpc::Status status = (process_->stub().*rpc)(&context, request, &response);
  if (!status.ok()) return runtime::FromGrpc(status);
  return response;
}

template <typename Response, typename Rpc, typename Request>
Client::Answered Client::AskForReferral(Rpc rpc, const Request& request) {
  absl::StatusOr<Response> response = Ask<Response>(rpc, request);
  if (!response.ok()) return response.status();
  return response->referral();
}

Client::Answered Client::Send(const v1::CreateReferralRequest& request) {
  return AskForReferral<v1::CreateReferralResponse>(&v1::IntakeService::Stub::CreateReferral, request);
}
Client::Answered Client::Send(const v1::GetReferralRequest& request) {
  return AskForReferral<v1::GetReferralResponse>(&v1::IntakeService::Stub::GetReferral, request);
}
Client::Answered Client::Send(const v1::UpdateNeedsRequest& request) {
  return AskForReferral<v1::UpdateNeedsResponse>(&v1::IntakeService::Stub::UpdateNeeds, request);
}
Client::Answered Client::Send(const v1::SubmitReferralRequest& request) {
  return AskForReferral<v1::SubmitReferralResponse>(&v1::IntakeService::Stub::SubmitReferral, request);
}
Client::Answered Client::Send(const v1::ChooseTherapistRequest& request) {
  return AskForReferral<v1::ChooseTherapistResponse>(&v1::IntakeService::Stub::ChooseTherapist, request);
}
Client::Answered Client::Send(const v1::RespondToOfferRequest& request) {
  return AskForReferral<v1::RespondToOfferResponse>(&v1::IntakeService::Stub::RespondToOffer, request);
}
Client::Answered Client::Send(const v1::StartTherapyRequest& request) {
  return AskForReferral<v1::StartTherapyResponse>(&v1::IntakeService::Stub::StartTherapy, request);
}
Client::Answered Client::Send(const v1::TryAnotherRequest& request) {
  return AskForReferral<v1::TryAnotherResponse>(&v1::IntakeService::Stub::TryAnother, request);
}
Client::Answered Client::Send(const v1::CloseReferralRequest& request) {
  return AskForReferral<v1::CloseReferralResponse>(&v1::IntakeService::Stub::CloseReferral, request);
}
absl::StatusOr<v1::ListReferralsResponse> Client::Send(const v1::ListReferralsRequest& request) {
  return Ask<v1::ListReferralsResponse>(&v1::IntakeService::Stub::ListReferrals, request);
}

Client::Answered Client::Create(const matcher::v1::Needs& needs, const std::string& client_id) {
  v1::CreateReferralRequest request;
  request.set_request_id(FreshRequestId());
  request.set_client_id(client_id);
  *request.mutable_needs() = needs;
  return Send(request);
}

Client::Answered Client::Get(const v1::Referral& referral) {
  v1::GetReferralRequest request;
  request.set_referral_id(referral.referral_id());
  return Send(request);
}

Client::Answered Client::Update(const v1::Referral& referral, const matcher::v1::Needs& needs) {
  auto request = RequestFor<v1::UpdateNeedsRequest>(referral);
  *request.mutable_needs() = needs;
  return Send(request);
}

Client::Answered Client::Submit(const v1::Referral& referral) {
  return Send(RequestFor<v1::SubmitReferralRequest>(referral));
}

Client::Answered Client::Choose(const v1::Referral& referral, const std::string& therapist_id) {
  auto request = RequestFor<v1::ChooseTherapistRequest>(referral);
  request.set_therapist_id(therapist_id);
  return Send(request);
}

Client::Answered Client::Respond(const v1::Referral& referral, v1::OfferAnswer answer) {
  auto request = RequestFor<v1::RespondToOfferRequest>(referral);
  request.set_answer(answer);
  return Send(request);
}

Client::Answered Client::Start(const v1::Referral& referral) {
  return Send(RequestFor<v1::StartTherapyRequest>(referral));
}

Client::Answered Client::TryAnother(const v1::Referral& referral, int64_t min_as_of) {
  auto request = RequestFor<v1::TryAnotherRequest>(referral);
  request.set_min_as_of(min_as_of);
  return Send(request);
}

Client::Answered Client::Close(const v1::Referral& referral, v1::CloseReason reason) {
  auto request = RequestFor<v1::CloseReferralRequest>(referral);
  request.set_reason(reason);
  return Send(request);
}

Client::Answered Client::Call(WriteCall call, const v1::Referral& referral) {
  switch (call) {
    case WriteCall::kUpdateNeeds:
      return Update(referral);
    case WriteCall::kSubmitReferral:
      return Submit(referral);
    case WriteCall::kChooseTherapist:
      return Choose(referral);
    case WriteCall::kRespondToOffer:
      return Respond(referral);
    case WriteCall::kStartTherapy:
      return Start(referral);
    case WriteCall::kTryAnother:
      return TryAnother(referral);
    case WriteCall::kCloseReferral:
      return Close(referral);
  }
  return absl::InternalError("no such call");
}

v1::Referral Client::At(v1::ReferralState state, ScriptedMatcher& matcher) {
  switch (state) {
    case v1::REFERRAL_STATE_DRAFT:
      return Must(Create());
    case v1::REFERRAL_STATE_SUBMITTED: {
      matcher.FailWith(absl::ResourceExhaustedError("busy"));
      v1::Referral referral = Must(Submit(Must(Create())));
      matcher.FailWith(absl::OkStatus());
      return referral;
    }
    case v1::REFERRAL_STATE_NEEDS_TRIAGE:
      return Must(Submit(Must(Create(AcuteNeeds()))));
    case v1::REFERRAL_STATE_NO_MATCH:
      return Must(Submit(Must(Create(ImpossibleNeeds()))));
    case v1::REFERRAL_STATE_SHORTLISTED:
      return Must(Submit(Must(Create())));
    case v1::REFERRAL_STATE_OFFERED:
      return Must(Choose(At(v1::REFERRAL_STATE_SHORTLISTED, matcher)));
    case v1::REFERRAL_STATE_ACCEPTED:
      return Must(Respond(At(v1::REFERRAL_STATE_OFFERED, matcher)));
    case v1::REFERRAL_STATE_IN_THERAPY:
      return Must(Start(At(v1::REFERRAL_STATE_ACCEPTED, matcher)));
    case v1::REFERRAL_STATE_CLOSED:
      return Must(Close(Must(Create())));
    default:
      ADD_FAILURE() << "no such state";
      return {};
  }
}

void Client::Prepare(grpc::ClientContext* context) const {
  context->set_deadline(absl::ToChronoTime(absl::Now() + patience_));
  context->AddMetadata(kNetworkHeader, network_);
}

std::string Client::FreshRequestId() {
  return absl::StrCat(network_, "-", ++requests_);
}

std::vector<v1::ReferralState> AllStates() {
  return {v1::REFERRAL_STATE_DRAFT,    v1::REFERRAL_STATE_SUBMITTED,   v1::REFERRAL_STATE_NEEDS_TRIAGE,
          v1::REFERRAL_STATE_NO_MATCH, v1::REFERRAL_STATE_SHORTLISTED, v1::REFERRAL_STATE_OFFERED,
          v1::REFERRAL_STATE_ACCEPTED, v1::REFERRAL_STATE_IN_THERAPY,  v1::REFERRAL_STATE_CLOSED};
}

void IntakeTest::Restart(IntakeProcess::Run run) {
  process_.reset();
  run.seed = ++runs_;
  process_ = std::make_unique<IntakeProcess>(scratch_.folder(), matcher_.Channel(), clock_, run);
  client_.Attach(*process_);
}

}  // namespace rapport::intake
