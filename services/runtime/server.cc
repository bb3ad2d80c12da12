// See server.h.
#include "services/runtime/server.h"

#include <sys/resource.h>

#include <cstdint>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "services/runtime/address.h"
#include "services/runtime/limits.h"

namespace rapport::runtime {
namespace {

// How long a new connection may take to be answered: well within the time between two readiness steps.
constexpr absl::Duration kListenerPatience = absl::Seconds(1);

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

void AddLimits(const ServerOptions& options, grpc::ServerBuilder& builder) {
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.open_calls);
  builder.SetMaxReceiveMessageSize(kMaxReceiveMessageBytes);
  builder.SetMaxSendMessageSize(kMaxSendMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT,
                             0);  // else a second server would share the port unnoticed
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, Milliseconds(kMaxConnectionAge));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(kKeepaliveTime));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(kKeepaliveTimeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(kMinPingInterval));
}

// As many files, and so connections, as the process may have open: gRPC 1.51 gives its listener up for good
// when it meets the limit. Result: the limit now.
std::int64_t RaiseLimitOfOpenFiles() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return static_cast<std::int64_t>(limit.rlim_cur);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, ServerCore& core,
                                                      const std::vector<ServiceBinding>& services) {
  if (absl::Status valid = options.Validate(); !valid.ok()) return valid;
  const Address address = *ParseAddress(options.address);

  const std::int64_t open_files = RaiseLimitOfOpenFiles();
  auto server = std::unique_ptr<Server>(new Server(options, core));
  if (!options.http_address.empty()) {
    auto http = HttpEndpoint::Start(*ParseAddress(options.http_address), options.insecure_loopback,
                                    core.metrics(), core.readiness());
    if (!http.ok()) return http.status();
    server->http_ = *std::move(http);
  }

  // Process-wide switches, gRPC's own and one of Abseil: setting them again changes nothing. Packages of
  // Abseil that are built to be debugged look for deadlocks at each lock that gRPC takes.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  AddLimits(options, builder);
  builder.AddListeningPort(options.address, grpc::InsecureServerCredentials(), &server->port_);
  std::vector<std::string> names;
  for (const ServiceBinding& binding : services) {
    builder.RegisterService(binding.service);
    names.push_back(binding.name);
  }
  // Asked first: where gRPC fails, it writes an account of its own to standard error.
  if (absl::Status possible = TryListening(address); !possible.ok()) return possible;
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) return WhyNotListening(address);

  grpc::HealthCheckServiceInterface* health = server->server_->GetHealthCheckService();
  core.readiness().SetListener(
      names, [health](const std::string& name, bool ready) { health->SetServingStatus(name, ready); });
  *server->port_to_try_ = server->port();
  // A server that takes no connection any more looks well from within.
  if (!names.empty()) {
    core.readiness().Add(names.front(), "listener", [host = address.host, port = server->port_to_try_] {
      const int now = *port;
      return now == 0 ? absl::OkStatus() : TryConnecting({host, now}, kListenerPatience);
    });
  }
  core.readiness().Step();
  server->readiness_loop_ =
      std::make_unique<Periodic>(options.readiness_interval, [&core] { core.readiness().Step(); });
  core.log().Info("listening", {{"address", address.host},
                                {"port", server->port()},
                                {"http_port", server->http_port()},
                                {"open_files", open_files}});
  return server;
}

Server::~Server() {
  Stop(absl::ZeroDuration());
}

std::shared_ptr<grpc::Channel> Server::InProcessChannel() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

void Server::BeginDrain() {
  core_.readiness().BeginDrain();
  core_.log().Info("draining", {{"delay_seconds", absl::ToDoubleSeconds(options_.drain_delay)}});
}

void Server::Shutdown() {
  BeginDrain();
  std::this_thread::sleep_for(absl::ToChronoNanoseconds(options_.drain_delay));
  Stop(options_.grace);
}

void Server::Stop(absl::Duration grace) {
  if (stopped_ || server_ == nullptr) return;
  stopped_ = true;
  readiness_loop_.reset();
  *port_to_try_ = 0;
  core_.readiness().SetListener({}, nullptr);
  core_.open_streams().EndAll();
  server_->Shutdown(absl::ToChronoTime(absl::Now() + grace));
  server_->Wait();
  http_.reset();
  core_.log().Info("stopped");
}

}  // namespace rapport::runtime
