// A fixed number of threads and a bounded queue: where business functions run. gRPC's own threads never wait
// for a database, and more work than fits is refused at once instead of making everybody late.
#ifndef RAPPORT_SERVICES_RUNTIME_EXECUTOR_H_
#define RAPPORT_SERVICES_RUNTIME_EXECUTOR_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/runtime/metrics.h"
#include "services/runtime/refusal.h"

namespace rapport::runtime {

// Thread-safe. Whatever was accepted runs, exactly once; what was queued begins in order of acceptance, and
// guests (TryRun) do not queue. An accepted call always gets its answer.
class Executor {
 public:
  struct Options {
    int workers;       // 1 to limits.h:kMaxWorkers
    int queue_length;  // 1 to limits.h:kMaxQueueLength: work accepted and not begun
    int guests = 0;    // callers that may do their own work at once, see TryRun
  };

  // `depth` may be the sum of several executors'.
  explicit Executor(const Options& options, Gauge depth = {}, Counter rejected = {});

  // Runs what is still queued, then joins the threads.
  ~Executor();

  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  // Queues `work`, which must not throw. Never blocks. Errors: RESOURCE_EXHAUSTED, reason OVERLOADED with
  // RetryInfo (queue full); UNAVAILABLE, reason SHUTTING_DOWN (after Drain).
  absl::Status TrySubmit(std::function<void()> work);

  // As TrySubmit, for work that computes and never waits: while there are fewer guests than allowed, the
  // caller's thread does it before this returns, and no thread has to be woken for it.
  absl::Status TryRun(std::function<void()> work);

  // What both say when the queue is full.
  const Refusal& overloaded() const { return overloaded_; }

  // Accepts nothing more, and waits until all accepted work is done, at most `patience`. Returns whether it
  // is.
  bool Drain(absl::Duration patience);

 private:
  void Run();
  // Does the work that `lock` was held to count, and counts it as done.
  void Do(std::function<void()> work, std::unique_lock<std::mutex>& lock);

  const Options options_;
  const Refusal overloaded_;
  Gauge depth_;
  Counter rejected_;
  std::mutex mutex_;
  std::condition_variable work_or_stop_;
  std::condition_variable idle_;
  std::deque<std::function<void()>> queue_;
  int running_ = 0;
  int guests_ = 0;
  bool accepting_ = true;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_EXECUTOR_H_
