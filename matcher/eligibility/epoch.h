// Which parts of a shared value its owner may change in place: those made since it was last copied. It
// numbers the time between two copies; a part remembers the number under which it was made. Unlike a
// reference count, this says nothing about what readers on other threads are doing just now, so it cannot go
// wrong by them.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_EPOCH_H_
#define RAPPORT_MATCHER_ELIGIBILITY_EPOCH_H_

#include <atomic>
#include <cstdint>

namespace rapport::matcher {

// Copying ends the epoch of both sides, so parts that a copy shares are never of either's present epoch.
// Thread-safety: copying from a const Epoch may happen on several threads at once.
class Epoch {
 public:
  Epoch() = default;
  Epoch(const Epoch& other) { *this = other; }
  Epoch& operator=(const Epoch& other) {
    if (this == &other) return *this;
    other.copied_.store(true, std::memory_order_relaxed);
    number_ = other.number_ + 1;
    copied_.store(false, std::memory_order_relaxed);
    return *this;
  }

  // The present epoch. Parts made under this number are the owner's alone.
  std::uint64_t Current() {
    if (copied_.exchange(false, std::memory_order_relaxed)) ++number_;
    return number_;
  }

 private:
  std::uint64_t number_ = 0;
  mutable std::atomic<bool> copied_{false};
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_EPOCH_H_
