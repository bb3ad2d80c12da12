// See http_endpoint.h.
#include "services/runtime/http_endpoint.h"

#include <httplib.h>

#include <nlohmann/json.hpp>

#include "services/runtime/errors.h"
#include "services/runtime/limits.h"

namespace rapport::runtime {
namespace {

std::string WhyNot(const absl::Status& status) {
  if (status.ok()) return "";
  const std::string reason = ReasonOf(status);
  return reason.empty() ? absl::StatusCodeToString(status.code()) : reason;
}

std::string HealthJson(const Readiness& readiness, bool ready) {
  nlohmann::ordered_json body = {{"ready", ready}, {"checks", nlohmann::json::array()}};
  for (const Readiness::Result& result : readiness.Results()) {
    body["checks"].push_back({{"service", result.service},
                              {"check", result.check},
                              {"ready", result.status.ok()},
                              // The reason or the code: a driver's text may name hosts and users.
                              {"reason", WhyNot(result.status)}});
  }
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

HttpEndpoint::HttpEndpoint() : server_(std::make_unique<httplib::Server>()) {}

absl::StatusOr<std::unique_ptr<HttpEndpoint>> HttpEndpoint::Start(const Address& address,
                                                                  bool insecure_loopback,
                                                                  const Metrics& metrics,
                                                                  const Readiness& readiness) {
  if (absl::Status allowed = PlaintextAllowed(address, insecure_loopback); !allowed.ok()) return allowed;
  auto endpoint = std::unique_ptr<HttpEndpoint>(new HttpEndpoint);
  httplib::Server& server = *endpoint->server_;
  server.new_task_queue = [] { return new httplib::ThreadPool(kHttpThreads); };
  server.set_payload_max_length(kMaxHttpRequestBytes);
  // A connection holds a thread while it is open: idle ones must not keep a probe waiting, nor a shutdown.
  server.set_keep_alive_max_count(1);
  server.set_keep_alive_timeout(kHttpTimeoutSeconds);
  server.set_read_timeout(kHttpTimeoutSeconds);
  server.set_write_timeout(kHttpTimeoutSeconds);
  // Not the default, which lets a second process share the port unnoticed.
  server.set_socket_options([](socket_t socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  });
  server.Get("/metrics", [&metrics](const httplib::Request&, httplib::Response& response) {
    response.set_content(metrics.Text(), "text/plain; version=0.0.4; charset=utf-8");
  });
  server.Get("/healthz", [&readiness](const httplib::Request&, httplib::Response& response) {
    const bool ready = readiness.Ready("");
    response.status = ready ? 200 : 503;
    response.set_content(HealthJson(readiness, ready), "application/json");
  });
  if (address.port == 0) {
    endpoint->port_ = server.bind_to_any_port(address.host);
  } else if (server.bind_to_port(address.host, address.port)) {
    endpoint->port_ = address.port;
  }
  if (endpoint->port_ <= 0) return WhyNotListening(address);
  endpoint->thread_ = std::thread([&server] { server.listen_after_bind(); });
  // stop() is ignored by a server that does not run yet.
  while (!server.is_running()) std::this_thread::yield();
  return endpoint;
}

HttpEndpoint::~HttpEndpoint() {
  server_->stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace rapport::runtime
