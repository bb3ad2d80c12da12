// The executor and the periodic loop: bounded, nothing accepted is lost, prompt to stop.
#include "services/runtime/executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "services/runtime/errors.h"
#include "services/runtime/metric_names.h"
#include "services/runtime/periodic.h"

namespace rapport::runtime {
namespace {

TEST(Executor, RefusesAtOnceWhenFull) {
  Metrics metrics;
  Executor executor({.workers = 1, .queue_length = 2}, metrics.GaugeOf(kQueueDepth),
                    metrics.CounterOf(kQueueRejected));
  std::promise<void> begun, release;
  const std::shared_future<void> released = release.get_future().share();
  std::atomic<int> done = 0;
  ASSERT_TRUE(executor
                  .TrySubmit([&] {
                    begun.set_value();
                    released.wait();
                    ++done;
                  })
                  .ok());
  begun.get_future().wait();
  ASSERT_TRUE(executor.TrySubmit([&] { ++done; }).ok());
  ASSERT_TRUE(executor.TrySubmit([&] { ++done; }).ok());
  EXPECT_NE(metrics.Text().find("rapport_executor_queue_depth 2"), std::string::npos);

  const absl::Status refused = executor.TrySubmit([&] { ++done; });
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_EQ(ReasonOf(refused), kOverloaded);
  EXPECT_GT(RetryAfterOf(refused).value_or(absl::ZeroDuration()), absl::ZeroDuration());
  EXPECT_NE(metrics.Text().find("rapport_executor_rejected_total 1"), std::string::npos);

  EXPECT_FALSE(executor.Drain(absl::ZeroDuration()));
  release.set_value();
  EXPECT_TRUE(executor.Drain(absl::Minutes(1)));
  EXPECT_EQ(done, 3);
  EXPECT_EQ(ReasonOf(executor.TrySubmit([] {})), kShuttingDown);
}

TEST(Executor, RunsWhatItAcceptedBeforeItGoes) {
  std::atomic<int> done = 0;
  {
    Executor executor({.workers = 2, .queue_length = 100});
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(executor.TrySubmit([&] { ++done; }).ok());
  }
  EXPECT_EQ(done, 100);
}

TEST(Executor, AGuestDoesItsOwnWorkAndIsWaitedFor) {
  Executor executor({.workers = 1, .queue_length = 1, .guests = 1});
  std::promise<void> begun, release;
  const std::shared_future<void> released = release.get_future().share();
  std::thread::id guest_ran_on;
  std::thread guest([&] {
    ASSERT_TRUE(executor
                    .TryRun([&] {
                      guest_ran_on = std::this_thread::get_id();
                      begun.set_value();
                      released.wait();
                    })
                    .ok());
  });
  begun.get_future().wait();
  // There may be no second guest: its work is queued, and the queue is as long as for all others.
  std::promise<std::thread::id> second;
  ASSERT_TRUE(executor
                  .TryRun([&] {
                    second.set_value(std::this_thread::get_id());
                    released.wait();
                  })
                  .ok());
  EXPECT_NE(second.get_future().get(), std::this_thread::get_id());
  std::atomic<int> done = 0;
  ASSERT_TRUE(executor.TryRun([&] { ++done; }).ok());
  EXPECT_EQ(ReasonOf(executor.TryRun([&] { ++done; })), kOverloaded);
  EXPECT_FALSE(executor.Drain(absl::ZeroDuration()));
  release.set_value();
  EXPECT_TRUE(executor.Drain(absl::Minutes(1)));
  const std::thread::id guest_id = guest.get_id();
  guest.join();
  EXPECT_EQ(guest_ran_on, guest_id);
  EXPECT_EQ(done, 1);
  EXPECT_EQ(ReasonOf(executor.TryRun([] {})), kShuttingDown);
}

TEST(Periodic, StepsWhenWokenAndStopsPromptly) {
  std::promise<void> stepped;
  Periodic loop(absl::Hours(1), [&] { stepped.set_value(); });
  loop.Wake();
  stepped.get_future().wait();
}  // the destructor does not wait for the hour

TEST(Periodic, StepsOnItsInterval) {
  std::promise<void> third;
  int steps = 0;
  Periodic loop(absl::Milliseconds(1), [&] {
    if (++steps == 3) third.set_value();
  });
  third.get_future().wait();
}

}  // namespace
}  // namespace rapport::runtime
