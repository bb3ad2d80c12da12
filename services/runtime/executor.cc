// See executor.h.
#include "services/runtime/executor.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/runtime/errors.h"
#include "services/runtime/limits.h"

namespace rapport::runtime {

Executor::Executor(const Options& options, Gauge depth, Counter rejected)
    : options_(options),
      overloaded_(WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, kOverloaded,
                                       absl::StrCat("overloaded: ", options_.queue_length,
                                                    " calls are waiting already, try again later"),
                                       {{"queue_length", absl::StrCat(options_.queue_length)}}),
                                 kOverloadRetryAfter)),
      depth_(depth),
      rejected_(rejected) {
  threads_.reserve(static_cast<size_t>(options_.workers));
  for (int i = 0; i < options_.workers; ++i) threads_.emplace_back([this] { Run(); });
}

Executor::~Executor() {
  {
    std::lock_guard lock(mutex_);
    accepting_ = false;
    stopping_ = true;
  }
  work_or_stop_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

absl::Status Executor::TrySubmit(std::function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    if (!accepting_) {
      return Error(absl::StatusCode::kUnavailable, kShuttingDown,
                   "this server is shutting down: call another");
    }
    if (queue_.size() >= static_cast<size_t>(options_.queue_length)) {
      rejected_.Add();
      return overloaded_.status();
    }
    queue_.push_back(std::move(work));
    depth_.Add(1);
  }
  work_or_stop_.notify_one();
  return absl::OkStatus();
}

absl::Status Executor::TryRun(std::function<void()> work) {
  {
    std::unique_lock lock(mutex_);
    if (accepting_ && guests_ < options_.guests) {
      ++guests_;
      Do(std::move(work), lock);
      --guests_;
      return absl::OkStatus();
    }
  }
  return TrySubmit(std::move(work));
}

bool Executor::Drain(absl::Duration patience) {
  std::unique_lock lock(mutex_);
  accepting_ = false;
  return idle_.wait_for(lock, absl::ToChronoNanoseconds(patience),
                        [this] { return queue_.empty() && running_ == 0; });
}

void Executor::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    work_or_stop_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    std::function<void()> work = std::move(queue_.front());
    queue_.pop_front();
    depth_.Add(-1);
    Do(std::move(work), lock);
  }
}

void Executor::Do(std::function<void()> work, std::unique_lock<std::mutex>& lock) {
  ++running_;
  lock.unlock();
  work();
  work = nullptr;  // what the work held is gone before it counts as done
  lock.lock();
  --running_;
  if (queue_.empty() && running_ == 0) idle_.notify_all();
}

}  // namespace rapport::runtime
