// See time_needed.h.
#include "services/runtime/time_needed.h"

#include <algorithm>
#include <cmath>

namespace rapport::runtime {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
// Calls that the mean goes back.
constexpr std::int64_t kSpan = 16;
// What one that came too late adds: about what it costs to say so, which is what the next ones wait for.
constexpr absl::Duration kEach = absl::Microseconds(25);
constexpr absl::Duration kMostUnseen = absl::Milliseconds(50);
// No call counts for more: a clock that is set forward must not make everybody come too late.
constexpr absl::Duration kMostTaken = absl::Milliseconds(100);
constexpr absl::Duration kFades = absl::Milliseconds(50);  // to 1/e

}  // namespace

absl::Duration TimeNeeded::At(absl::Time now) const {
  return absl::Nanoseconds(took_ns_.load(kRelaxed)) + UnseenAt(now);
}

void TimeNeeded::Took(absl::Duration time) {
  const std::int64_t mean = took_ns_.load(kRelaxed);
  const std::int64_t counted = absl::ToInt64Nanoseconds(std::clamp(time, absl::ZeroDuration(), kMostTaken));
  took_ns_.store(mean + (counted - mean) / kSpan, kRelaxed);
}

void TimeNeeded::CameTooLate(absl::Time now) {
  const std::int64_t mean = took_ns_.load(kRelaxed);
  took_ns_.store(mean - mean / (4 * kSpan), kRelaxed);
  unseen_ns_.store(absl::ToInt64Nanoseconds(std::min(UnseenAt(now) + kEach, kMostUnseen)), kRelaxed);
  unseen_at_ns_.store(absl::ToUnixNanos(now), kRelaxed);
}

absl::Duration TimeNeeded::UnseenAt(absl::Time now) const {
  const std::int64_t then = unseen_ns_.load(kRelaxed);
  if (then == 0) return absl::ZeroDuration();
  const absl::Duration since =
      std::max(now - absl::FromUnixNanos(unseen_at_ns_.load(kRelaxed)), absl::ZeroDuration());
  return absl::Nanoseconds(then) * std::exp(-absl::FDivDuration(since, kFades));
}

}  // namespace rapport::runtime
