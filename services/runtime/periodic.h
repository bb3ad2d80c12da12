// A background loop around a step that does the work: the step is an ordinary function that a test calls by
// itself, the loop only decides when.
#ifndef RAPPORT_SERVICES_RUNTIME_PERIODIC_H_
#define RAPPORT_SERVICES_RUNTIME_PERIODIC_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/time/time.h"

namespace rapport::runtime {

// Calls `step` on its own thread `interval` after the former call ended, or as soon as woken. Thread-safe.
class Periodic {
 public:
  // `step` must not throw, and must not destroy this.
  Periodic(absl::Duration interval, std::function<void()> step);

  // Returns once a step under way has ended; no further one begins.
  ~Periodic();

  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

  // Makes the next step begin now; during a step, right after it. Many calls make one step.
  void Wake();

 private:
  void Run();

  const absl::Duration interval_;
  const std::function<void()> step_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: starts when all else is there
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_PERIODIC_H_
