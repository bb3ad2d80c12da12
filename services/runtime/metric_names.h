// The runtime's metrics, in one table. The gRPC ones have the names that go-grpc-middleware made common, so
// that existing dashboards and alerts work.
#ifndef RAPPORT_SERVICES_RUNTIME_METRIC_NAMES_H_
#define RAPPORT_SERVICES_RUNTIME_METRIC_NAMES_H_

#include <vector>

#include "services/runtime/metrics.h"

namespace rapport::runtime {

// Labels grpc_type (unary, client_stream, server_stream), grpc_service, grpc_method.
inline constexpr MetricName kRpcStarted = {"grpc_server_started_total", "RPCs begun."};
// The same labels and grpc_code (OK, InvalidArgument, ...).
inline constexpr MetricName kRpcHandled = {"grpc_server_handled_total",
                                           "RPCs ended, by code, rejected ones included."};
inline constexpr MetricName kRpcSeconds = {"grpc_server_handling_seconds",
                                           "Time from arrival to the answer, in seconds."};
inline constexpr MetricName kQueueDepth = {"rapport_executor_queue_depth", "Work accepted but not begun."};
inline constexpr MetricName kQueueRejected = {"rapport_executor_rejected_total",
                                              "Work refused because the queue was full."};
inline constexpr MetricName kOpenStreams = {"rapport_open_streams", "Server streams open now."};
// Labels service and check.
inline constexpr MetricName kReady = {"rapport_ready", "1 when the check passed at its last step, else 0."};

// From a cache hit to the default deadline.
inline const std::vector<double> kSecondsBounds = {.0005, .001, .0025, .005, .01, .025, .05,
                                                   .1,    .25,  .5,    1,    2.5, 5,    10};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_METRIC_NAMES_H_
