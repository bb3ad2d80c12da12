// See echo_server.h.
#include "tests/services/runtime/echo_server.h"

#include <future>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "services/runtime/channel.h"
#include "services/runtime/errors.h"

namespace rapport::runtime {
namespace {

constexpr Method kEcho{"rapport.testing.v1.EchoService/Echo"};
constexpr Method kCollect{"rapport.testing.v1.EchoService/Collect"};
constexpr Method kWatch{"rapport.testing.v1.EchoService/Watch"};

}  // namespace

grpc::ServerUnaryReactor* EchoService::Echo(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                            grpc::ByteBuffer* out) {
  if (!behaviour_.computes) {
    return Unary<EchoRequest, EchoResponse>(core_, kEcho, context, in, out, behaviour_.echo);
  }
  return UnaryInto<EchoRequest>(core_, kEcho, context, in, out,
                                [this](const Call& call, const EchoRequest& request, MessageWriter& answer) {
                                  const absl::StatusOr<EchoResponse> response =
                                      behaviour_.echo(call, request);
                                  if (response.ok())
                                    answer.PutText(EchoResponse::kTextFieldNumber, response->text());
                                  return response.status();
                                });
}

grpc::ServerReadReactor<grpc::ByteBuffer>* EchoService::Collect(grpc::CallbackServerContext* context,
                                                                grpc::ByteBuffer* out) {
  return ClientStream<EchoRequest, EchoResponse>(core_, kCollect, context, out, behaviour_.collect());
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* EchoService::Watch(grpc::CallbackServerContext* context,
                                                               const grpc::ByteBuffer* in) {
  return ServerStream<EchoRequest, EchoResponse>(core_, kWatch, context, in, behaviour_.watch);
}

ServerOptions TestOptions() {
  ServerOptions options;
  options.address = "127.0.0.1:0";
  options.http_address = "127.0.0.1:0";
  options.insecure_loopback = true;
  options.drain_delay = absl::ZeroDuration();
  options.readiness_interval = absl::Minutes(1);  // tests step by hand
  return options;
}

EchoServer::EchoServer(EchoBehaviour behaviour, const ServerOptions& options, const Clock* clock,
                       const Authenticator* authenticator)
    : log_(log_text_, real_clock_),
      core_(options, {.clock = clock != nullptr ? *clock : real_clock_,
                      .ids = ids_,
                      .authenticator = authenticator != nullptr ? *authenticator : loopback_,
                      .metrics = metrics_,
                      .log = log_}),
      service_(core_, std::move(behaviour)),
      server_(Server::Start(options, core_, {{&service_, kEchoServiceName}}).value()),
      channel_(Connect(absl::StrCat("127.0.0.1:", server_->port()), true).value()),
      stub_(testing::v1::EchoService::NewStub(channel_)) {}

EchoServer::~EchoServer() = default;

absl::Status EchoServer::Echo(const std::string& text, EchoResponse* response) {
  grpc::ClientContext context;
  SetFarDeadline(context);
  EchoRequest request;
  request.set_text(text);
  EchoResponse ignored;
  return FromGrpc(stub_->Echo(&context, request, response != nullptr ? response : &ignored));
}

absl::StatusOr<std::string> EchoServer::Raw(const std::string& method, const std::string& bytes) {
  grpc::GenericStub stub(channel_);
  grpc::ClientContext context;
  SetFarDeadline(context);
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  std::promise<grpc::Status> answered;
  stub.UnaryCall(&context, method, grpc::StubOptions(), &request, &response,
                 [&answered](grpc::Status status) { answered.set_value(std::move(status)); });
  if (const absl::Status status = FromGrpc(answered.get_future().get()); !status.ok()) return status;
  grpc::Slice answer;
  if (!response.DumpToSingleSlice(&answer).ok()) return absl::DataLossError("no bytes in the answer");
  return std::string(reinterpret_cast<const char*>(answer.begin()), answer.size());
}

bool EchoServer::Healthy(const std::string& service) {
  // HealthCheckRequest{string service = 1}, HealthCheckResponse{ServingStatus status = 1; SERVING = 1}.
  std::string request;
  if (!service.empty())
    request = absl::StrCat("\x0a", std::string(1, static_cast<char>(service.size())), service);
  const absl::StatusOr<std::string> answer = Raw("/grpc.health.v1.Health/Check", request);
  return answer.ok() && *answer == std::string("\x08\x01");
}

std::string EchoServer::StopAndReadLog() {
  server_->Shutdown();
  return log_text_.str();
}

void SetFarDeadline(grpc::ClientContext& context) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(4)));
}

}  // namespace rapport::runtime
