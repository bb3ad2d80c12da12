// See periodic.h.
#include "services/runtime/periodic.h"

#include <utility>

namespace rapport::runtime {

Periodic::Periodic(absl::Duration interval, std::function<void()> step)
    : interval_(interval), step_(std::move(step)), thread_([this] { Run(); }) {}

Periodic::~Periodic() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Periodic::Wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Periodic::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, absl::ToChronoNanoseconds(interval_), [this] { return woken_ || stopping_; });
    if (stopping_) return;
    woken_ = false;
    lock.unlock();
    step_();
    lock.lock();
  }
}

}  // namespace rapport::runtime
