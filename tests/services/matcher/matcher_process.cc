// See matcher_process.h.
#include "tests/services/matcher/matcher_process.h"

#include <future>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "services/contract/calendar.h"
#include "services/runtime/errors.h"

namespace rapport::matcher_service {
namespace {

using DirectoryStub = directory::v1::DirectoryService::Stub;
using MatcherStub = matcher::v1::MatcherService::Stub;

constexpr char kNetworkHeader[] = "x-network";

// Believes what the caller says of its network: two networks on one machine.
class TrustingAuthenticator final : public runtime::Authenticator {
 public:
  absl::StatusOr<runtime::Identity> Authenticate(const runtime::Peer& peer) const override {
    const std::string network(peer.Header(kNetworkHeader));
    return runtime::Identity{network.empty() ? "default" : network, "test"};
  }
};

// What a test cannot go on without.
template <typename T>
T ValueOrDie(absl::StatusOr<T> value) {
  if (!value.ok()) {
    ADD_FAILURE() << value.status();
    std::abort();
  }
  return *std::move(value);
}

}  // namespace

Surroundings::Surroundings(const runtime::Clock& clock, std::uint64_t seed)
    : ids_(seed),
      authenticator_(std::make_unique<TrustingAuthenticator>()),
      log_(log_text_, clock),
      core_(Options(), {clock, ids_, *authenticator_, metrics_, log_}) {}

const runtime::ServerOptions& Surroundings::Options() {
  static const runtime::ServerOptions* const kOptions = [] {
    auto* options = new runtime::ServerOptions();
    options->address = "127.0.0.1:0";
    options->http_address = "";
    options->insecure_loopback = true;
    options->workers = 16;  // so that as many writes meet in one commit
    options->drain_delay = absl::ZeroDuration();
    options->readiness_interval = absl::Minutes(1);
    return options;
  }();
  return *kOptions;
}

MatcherProcess::MatcherProcess(const MatcherOptions& options, const runtime::Clock& clock, std::uint64_t seed)
    : surroundings_(clock, seed),
      matcher_(ValueOrDie(Matcher::Create(options, surroundings_.core()))),
      server_(ValueOrDie(
          runtime::Server::Start(Surroundings::Options(), surroundings_.core(), matcher_->services()))),
      channel_(server_->InProcessChannel()),
      directory_(directory::v1::DirectoryService::NewStub(channel_)),
      matcher_stub_(matcher::v1::MatcherService::NewStub(channel_)) {}

MatcherProcess::~MatcherProcess() {
  matcher_stub_.reset();
  directory_.reset();
  channel_.reset();
  server_->Shutdown();
  matcher_->Stop();
}

std::string MatcherProcess::StopAndReadLog() {
  server_->Shutdown();
  return surroundings_.LogText();
}

void Client::Prepare(grpc::ClientContext& context) const {
  context.AddMetadata(kNetworkHeader, network_);
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(2)));
}

template <typename Response, typename Stub, typename Rpc, typename Request>
absl::StatusOr<Response> Client::Ask(Stub& stub, Rpc rpc, const Request& request) {
  grpc::ClientContext context;
  Prepare(context);
  Response response;
  const grpc::Status status = (stub.*rpc)(&context, request, &response);
  if (!status.ok()) return runtime::FromGrpc(status);
  return response;
}

absl::StatusOr<directory::v1::GetTherapistResponse> Client::Send(
    const directory::v1::GetTherapistRequest& request) {
  return Ask<directory::v1::GetTherapistResponse>(process_->directory(), &DirectoryStub::GetTherapist,
                                                  request);
}
absl::StatusOr<directory::v1::ListTherapistsResponse> Client::Send(
    const directory::v1::ListTherapistsRequest& request) {
  return Ask<directory::v1::ListTherapistsResponse>(process_->directory(), &DirectoryStub::ListTherapists,
                                                    request);
}
absl::StatusOr<directory::v1::DeleteTherapistResponse> Client::Send(
    const directory::v1::DeleteTherapistRequest& request) {
  return Ask<directory::v1::DeleteTherapistResponse>(process_->directory(), &DirectoryStub::DeleteTherapist,
                                                     request);
}
absl::StatusOr<directory::v1::ConfirmAvailabilityResponse> Client::Send(
    const directory::v1::ConfirmAvailabilityRequest& request) {
  return Ask<directory::v1::ConfirmAvailabilityResponse>(process_->directory(),
                                                         &DirectoryStub::ConfirmAvailability, request);
}
absl::StatusOr<directory::v1::ReserveSlotResponse> Client::Send(
    const directory::v1::ReserveSlotRequest& request) {
  return Ask<directory::v1::ReserveSlotResponse>(process_->directory(), &DirectoryStub::ReserveSlot, request);
}
absl::StatusOr<directory::v1::ReleaseSlotResponse> Client::Send(
    const directory::v1::ReleaseSlotRequest& request) {
  return Ask<directory::v1::ReleaseSlotResponse>(process_->directory(), &DirectoryStub::ReleaseSlot, request);
}
absl::StatusOr<directory::v1::GetCatalogResponse> Client::Send(
    const directory::v1::GetCatalogRequest& request) {
  return Ask<directory::v1::GetCatalogResponse>(process_->directory(), &DirectoryStub::GetCatalog, request);
}
absl::StatusOr<matcher::v1::RankTherapistsResponse> Client::Send(
    const matcher::v1::RankTherapistsRequest& request) {
  return Ask<matcher::v1::RankTherapistsResponse>(process_->matcher(), &MatcherStub::RankTherapists, request);
}
absl::StatusOr<matcher::v1::ExplainMatchResponse> Client::Send(
    const matcher::v1::ExplainMatchRequest& request) {
  return Ask<matcher::v1::ExplainMatchResponse>(process_->matcher(), &MatcherStub::ExplainMatch, request);
}
absl::StatusOr<matcher::v1::PredictFitResponse> Client::Send(const matcher::v1::PredictFitRequest& request) {
  return Ask<matcher::v1::PredictFitResponse>(process_->matcher(), &MatcherStub::PredictFit, request);
}
absl::StatusOr<matcher::v1::AdviseNextStepResponse> Client::Send(
    const matcher::v1::AdviseNextStepRequest& request) {
  return Ask<matcher::v1::AdviseNextStepResponse>(process_->matcher(), &MatcherStub::AdviseNextStep, request);
}
absl::StatusOr<matcher::v1::GetModelResponse> Client::Send(const matcher::v1::GetModelRequest& request) {
  return Ask<matcher::v1::GetModelResponse>(process_->matcher(), &MatcherStub::GetModel, request);
}
absl::StatusOr<matcher::v1::RecordFitResponse> Client::Send(const matcher::v1::RecordFitRequest& request) {
  return Ask<matcher::v1::RecordFitResponse>(process_->matcher(), &MatcherStub::RecordFit, request);
}
absl::StatusOr<matcher::v1::RecordReachResponse> Client::Send(
    const matcher::v1::RecordReachRequest& request) {
  return Ask<matcher::v1::RecordReachResponse>(process_->matcher(), &MatcherStub::RecordReach, request);
}
absl::StatusOr<matcher::v1::RecordRiskResponse> Client::Send(const matcher::v1::RecordRiskRequest& request) {
  return Ask<matcher::v1::RecordRiskResponse>(process_->matcher(), &MatcherStub::RecordRisk, request);
}

absl::StatusOr<directory::v1::UpsertTherapistsResponse> Client::Send(
    const std::vector<directory::v1::UpsertTherapistsRequest>& rows) {
  grpc::ClientContext context;
  Prepare(context);
  directory::v1::UpsertTherapistsResponse response;
  const auto writer = process_->directory().UpsertTherapists(&context, &response);
  for (const directory::v1::UpsertTherapistsRequest& row : rows) {
    if (!writer->Write(row)) break;  // the server has ended the stream; Finish says why
  }
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return runtime::FromGrpc(status);
  return response;
}

absl::Status Client::SendBytes(const std::string& method, const std::string& bytes) {
  grpc::GenericStub stub(process_->channel());
  grpc::ClientContext context;
  Prepare(context);
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> answered;
  stub.UnaryCall(&context, absl::StrCat("/", method), grpc::StubOptions(), &request, &response,
                 [&answered](grpc::Status status) { answered.set_value(std::move(status)); });
  return runtime::FromGrpc(answered.get_future().get());
}

std::int64_t Client::Upsert(const std::vector<therapist::v1::Therapist>& therapists) {
  std::vector<directory::v1::UpsertTherapistsRequest> rows;
  for (const therapist::v1::Therapist& therapist : therapists) rows.push_back(Row(therapist));
  const auto response = testing::Must(Send(rows));
  EXPECT_EQ(response.refused(), 0) << response.ShortDebugString();
  return response.position();
}

therapist::v1::Therapist Client::Get(const std::string& therapist_id) {
  directory::v1::GetTherapistRequest request;
  request.set_therapist_id(therapist_id);
  return testing::Must(Send(request)).therapist();
}

std::int64_t Client::Position() {
  return testing::Must(Send(RankRequest())).state().as_of();
}

std::string Client::FreshId() {
  return absl::StrCat("id-", ++ids_);
}

directory::v1::UpsertTherapistsRequest Row(const therapist::v1::Therapist& therapist, std::int64_t line) {
  directory::v1::UpsertTherapistsRequest row;
  *row.mutable_therapist() = therapist;
  row.set_line(line);
  return row;
}

directory::v1::ReserveSlotRequest Reservation(const std::string& request_id, const std::string& client_id) {
  directory::v1::ReserveSlotRequest request;
  request.set_request_id(request_id);
  request.set_therapist_id("t1");
  request.set_client_id(client_id);
  *request.mutable_concerns() = testing::ValidNeeds().concerns();
  *request.mutable_wishes() = testing::ValidNeeds().wishes();
  return request;
}

matcher::v1::RecordReachRequest Reach(const std::string& request_id, const std::string& reservation_id,
                                      matcher::v1::ReachOutcome outcome) {
  matcher::v1::RecordReachRequest request;
  request.set_request_id(request_id);
  request.set_therapist_id("t1");
  request.set_reservation_id(reservation_id);
  request.set_outcome(outcome);
  *request.mutable_occurred_at() = contract::ToTimestamp(testing::MessagesNow());
  return request;
}

matcher::v1::RankTherapistsRequest RankRequest(const std::string& client_id) {
  matcher::v1::RankTherapistsRequest request;
  request.set_client_id(client_id);
  *request.mutable_needs() = testing::ValidNeeds();
  return request;
}

matcher::v1::ExplainMatchRequest ExplainRequest(const std::string& therapist_id,
                                                const std::string& client_id) {
  matcher::v1::ExplainMatchRequest request;
  request.set_client_id(client_id);
  *request.mutable_needs() = testing::ValidNeeds();
  request.set_therapist_id(therapist_id);
  return request;
}

matcher::v1::RecordFitRequest FitCheck(const std::string& fit_check_id, const std::string& client_id) {
  auto request = testing::FromText<matcher::v1::RecordFitRequest>(R"pb(
    therapist_id: "t1"
    session_number: 1
    verdict: VERDICT_WOULD_NOT_CONTINUE
    answers { id: "heard" value: 3 }
    answers { id: "wai_sr.bond" value: 6 }
    frictions: "too_directive"
  )pb");
  request.set_fit_check_id(fit_check_id);
  request.set_client_id(client_id);
  *request.mutable_occurred_at() = contract::ToTimestamp(testing::MessagesNow() - absl::Hours(2));
  *request.mutable_context()->mutable_concerns() = testing::ValidNeeds().concerns();
  *request.mutable_context()->mutable_wishes() = testing::ValidNeeds().wishes();
  return request;
}

void MatcherTest::Restart(const std::string& catalog_path) {
  process_.reset();
  MatcherOptions options;
  options.catalog_path = catalog_path;
  options.database_url = scratch_.url();
  options.snapshot_every = snapshot_every_;
  process_ = std::make_unique<MatcherProcess>(options, clock_, ++runs_);
  client_.Attach(*process_);
}

}  // namespace rapport::matcher_service
