// See server_core.h.
#include "services/runtime/server_core.h"

#include <algorithm>

#include "grpc/support/cpu.h"
#include "services/runtime/metric_names.h"

namespace rapport::runtime {
namespace {

// gRPC 1.51 reads calls on a thread for every second core, at least 2 and at most 16: one of them must always
// be free to read, so that a full server can refuse at once.
int Guests() {
  return std::clamp(static_cast<int>(gpr_cpu_num_cores()) / 2, 2, 16) - 1;
}

}  // namespace

ServerCore::ServerCore(const ServerOptions& options, const Parts& parts)
    : parts_(parts),
      default_deadline_(options.default_deadline),
      series_(parts.metrics),
      open_streams_(parts.metrics.GaugeOf(kOpenStreams)),
      readiness_(parts.metrics),
      executor_({.workers = options.workers, .queue_length = options.queue_length, .guests = Guests()},
                parts.metrics.GaugeOf(kQueueDepth), parts.metrics.CounterOf(kQueueRejected)) {}

}  // namespace rapport::runtime
