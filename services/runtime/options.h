// Configuration of a server: one validated struct, filled from flags, each of which has an environment
// variable.
#ifndef RAPPORT_SERVICES_RUNTIME_OPTIONS_H_
#define RAPPORT_SERVICES_RUNTIME_OPTIONS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/runtime/limits.h"
#include "services/runtime/log.h"

namespace CLI {
class App;
}

namespace rapport::runtime {

struct ServerOptions {
  std::string address = "127.0.0.1:50051";      // gRPC; port 0: any free one
  std::string http_address = "127.0.0.1:8081";  // /metrics and /healthz; empty: no such port
  bool insecure_loopback = false;               // plaintext is allowed, on loopback only
  int workers = kDefaultWorkers;                // threads that run business functions
  int queue_length = kDefaultQueueLength;       // calls accepted and not begun
  int open_calls = kDefaultOpenCalls;           // of one connection, streams included
  absl::Duration default_deadline = kDefaultDeadline;
  absl::Duration drain_delay = kDefaultDrainDelay;  // health is red, calls are still served
  absl::Duration grace = kDefaultGrace;             // then calls in flight may end
  absl::Duration readiness_interval = kReadinessInterval;
  Severity log_level = Severity::kInfo;

  // OK, or INVALID_ARGUMENT (reason INVALID_REQUEST) with one violation per wrong value, named as its flag.
  absl::Status Validate() const;
};

// Adds a flag (and its environment variable RAPPORT_...) per field to `app`; the fields' present values are
// the defaults. Parsing writes into `options`, which must outlive `app`. Call Validate() after parsing.
void BindFlags(CLI::App& app, ServerOptions& options);

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_OPTIONS_H_
