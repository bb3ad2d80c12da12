// Time as a dependency, so that tests turn it by hand.
#ifndef RAPPORT_SERVICES_RUNTIME_CLOCK_H_
#define RAPPORT_SERVICES_RUNTIME_CLOCK_H_

#include <mutex>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace rapport::runtime {

class Clock {
 public:
  virtual ~Clock() = default;

  // Thread-safe.
  virtual absl::Time Now() const = 0;
};

class RealClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
};

// Stands still until told otherwise. Thread-safe.
class ManualClock : public Clock {
 public:
  explicit ManualClock(absl::Time now) : now_(now) {}

  absl::Time Now() const override {
    std::lock_guard lock(mutex_);
    return now_;
  }

  void Advance(absl::Duration by) {
    std::lock_guard lock(mutex_);
    now_ += by;
  }

 private:
  mutable std::mutex mutex_;
  absl::Time now_;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_CLOCK_H_
