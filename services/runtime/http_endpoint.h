// The second port, for machines that speak plain HTTP: /metrics for Prometheus and /healthz for probes.
#ifndef RAPPORT_SERVICES_RUNTIME_HTTP_ENDPOINT_H_
#define RAPPORT_SERVICES_RUNTIME_HTTP_ENDPOINT_H_

#include <memory>
#include <thread>

#include "absl/status/statusor.h"
#include "services/runtime/address.h"
#include "services/runtime/metrics.h"
#include "services/runtime/readiness.h"

namespace httplib {
class Server;
}

namespace rapport::runtime {

class HttpEndpoint {
 public:
  // Serves GET /metrics (Prometheus text) and GET /healthz: 200 when all services are ready, else 503, with a
  // JSON object {"ready":bool,"checks":[{"service","check","ready","reason"}]}. Anything else is 404.
  // `metrics` and `readiness` must outlive the endpoint. Errors: as PlaintextAllowed and WhyNotListening give
  // them.
  static absl::StatusOr<std::unique_ptr<HttpEndpoint>> Start(const Address& address, bool insecure_loopback,
                                                             const Metrics& metrics,
                                                             const Readiness& readiness);

  // Stops listening and waits for answers under way.
  ~HttpEndpoint();

  int port() const { return port_; }

 private:
  HttpEndpoint();

  std::unique_ptr<httplib::Server> server_;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_HTTP_ENDPOINT_H_
