// The gRPC server of a process: listening, reflection, health tied to readiness, and an end that loses no
// call.
#ifndef RAPPORT_SERVICES_RUNTIME_SERVER_H_
#define RAPPORT_SERVICES_RUNTIME_SERVER_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "grpcpp/server.h"
#include "services/runtime/http_endpoint.h"
#include "services/runtime/options.h"
#include "services/runtime/periodic.h"
#include "services/runtime/server_core.h"

namespace rapport::runtime {

struct ServiceBinding {
  grpc::Service* service;  // borrowed; must outlive the server
  std::string name;        // full name, for health and readiness: "rapport.intake.v1.IntakeService"
};

class Server {
 public:
  // Listens (gRPC, and HTTP when options.http_address is set), runs one readiness step, and logs "listening"
  // with both ports and the limit of open files, which it raises as far as it may. The first service has a
  // readiness check "listener": that a new connection to the gRPC port is taken. Add readiness checks to
  // core.readiness() before. Errors: as ServerOptions::Validate, PlaintextAllowed and WhyNotListening give
  // them. `core` must outlive the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options, ServerCore& core,
                                                       const std::vector<ServiceBinding>& services);

  // Shuts down without delay or grace unless Shutdown was called.
  ~Server();

  int port() const { return port_; }
  int http_port() const { return http_ ? http_->port() : 0; }  // 0: no such port

  // A channel that needs no socket. Close it before the server goes.
  std::shared_ptr<grpc::Channel> InProcessChannel();

  // Health turns red; calls are still served. The first half of Shutdown.
  void BeginDrain();

  // BeginDrain, waits options.drain_delay, ends open server streams (UNAVAILABLE, SHUTTING_DOWN), refuses new
  // calls, lets those in flight end within options.grace, cancels the rest, stops. Blocks until done. Once is
  // enough.
  void Shutdown();

 private:
  Server(const ServerOptions& options, ServerCore& core) : options_(options), core_(core) {}

  void Stop(absl::Duration grace);

  const ServerOptions options_;
  ServerCore& core_;
  int port_ = 0;
  bool stopped_ = false;
  // What the readiness check connects to, which outlives this: 0 once it has stopped.
  const std::shared_ptr<std::atomic<int>> port_to_try_ = std::make_shared<std::atomic<int>>(0);
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<HttpEndpoint> http_;
  std::unique_ptr<Periodic> readiness_loop_;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_SERVER_H_
