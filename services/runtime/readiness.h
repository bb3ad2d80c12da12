// Whether each service can do its work now: named checks, asked again and again, so that health turns red
// when a database goes away and green when it is back.
#ifndef RAPPORT_SERVICES_RUNTIME_READINESS_H_
#define RAPPORT_SERVICES_RUNTIME_READINESS_H_

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/runtime/metrics.h"

namespace rapport::runtime {

// Thread-safe. A service is ready when each of its checks passed at the last Step and nobody began to drain.
class Readiness {
 public:
  // OK: ready. Should answer within the readiness interval; not called concurrently with itself.
  using Check = std::function<absl::Status()>;
  // Told the state of `service` after each step.
  using Listener = std::function<void(const std::string& service, bool ready)>;

  struct Result {
    std::string service;
    std::string check;
    absl::Status status;  // of the last step; UNAVAILABLE before the first
  };

  explicit Readiness(Metrics& metrics) : metrics_(metrics) {}

  // `service`: full name, "rapport.intake.v1.IntakeService". `check`: what is asked, "database". Add before
  // the server starts.
  void Add(absl::string_view service, absl::string_view check, Check ask);

  // Asks every check once, then tells the listener. The server calls it on an interval; a test calls it
  // itself.
  void Step();

  // From now on nothing is ready; the listener is told at once. For shutdown.
  void BeginDrain();

  // Whether `service` is ready; one without checks is, unless draining. "" stands for all services together.
  bool Ready(absl::string_view service) const;

  std::vector<Result> Results() const;

  // Names the services that the listener hears of (those without checks too; "" is added). Replaces the
  // former one.
  void SetListener(std::vector<std::string> services, Listener listener);

 private:
  struct Entry {
    Result result;
    Check ask;
    Gauge gauge;
  };

  bool ReadyLocked(absl::string_view service) const;
  void Tell();

  Metrics& metrics_;
  std::mutex step_mutex_;     // one step, one telling at a time: the listener hears states in their order
  mutable std::mutex mutex_;  // guards what follows; not held while a check or the listener runs
  std::vector<Entry> entries_;
  std::vector<std::string> services_;
  Listener listener_;
  bool draining_ = false;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_READINESS_H_
