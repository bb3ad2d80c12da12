// What every RPC of a process shares: executor, authenticator, clock, ids, metrics, log. Built once in main,
// passed to each handler; holds no gRPC server, so a test can build one alone.
#ifndef RAPPORT_SERVICES_RUNTIME_SERVER_CORE_H_
#define RAPPORT_SERVICES_RUNTIME_SERVER_CORE_H_

#include "services/runtime/authenticator.h"
#include "services/runtime/clock.h"
#include "services/runtime/executor.h"
#include "services/runtime/ids.h"
#include "services/runtime/log.h"
#include "services/runtime/metrics.h"
#include "services/runtime/open_streams.h"
#include "services/runtime/options.h"
#include "services/runtime/readiness.h"
#include "services/runtime/rpc_series.h"

namespace rapport::runtime {

// Thread-safe. Must outlive the Server that serves with it, and every channel into that server.
class ServerCore {
 public:
  // Borrowed; each must outlive the core.
  struct Parts {
    const Clock& clock;
    IdSource& ids;
    const Authenticator& authenticator;
    Metrics& metrics;
    Log& log;
  };

  ServerCore(const ServerOptions& options, const Parts& parts);

  const Clock& clock() const { return parts_.clock; }
  IdSource& ids() const { return parts_.ids; }
  const Authenticator& authenticator() const { return parts_.authenticator; }
  Metrics& metrics() const { return parts_.metrics; }
  Log& log() const { return parts_.log; }
  absl::Duration default_deadline() const { return default_deadline_; }
  RpcSeriesTable& series() { return series_; }
  Executor& executor() { return executor_; }
  OpenStreams& open_streams() { return open_streams_; }
  Readiness& readiness() { return readiness_; }

 private:
  const Parts parts_;
  const absl::Duration default_deadline_;
  RpcSeriesTable series_;
  OpenStreams open_streams_;
  Readiness readiness_;
  Executor executor_;  // last: its threads end before what they use goes
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_SERVER_CORE_H_
