// See server_core.h.
#include "services/runtime/server_core.h"

#include "services/runtime/metric_names.h"

namespace rapport::runtime {

ServerCore::ServerCore(const ServerOptions& options, const Parts& parts)
    : parts_(parts),
      default_deadline_(options.default_deadline),
      series_(parts.metrics),
      open_streams_(parts.metrics.GaugeOf(kOpenStreams)),
      readiness_(parts.metrics),
      executor_({.workers = options.workers, .queue_length = options.queue_length},
                parts.metrics.GaugeOf(kQueueDepth), parts.metrics.CounterOf(kQueueRejected)) {}

}  // namespace rapport::runtime
