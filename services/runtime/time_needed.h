// How much time a caller must have left for a call to be worth beginning. Once there are more calls than a
// server can answer, callers' queues fill until each call is sent with hardly any time left: a server that
// answers those answers everybody too late, for as long as it lasts.
#ifndef RAPPORT_SERVICES_RUNTIME_TIME_NEEDED_H_
#define RAPPORT_SERVICES_RUNTIME_TIME_NEEDED_H_

#include <atomic>
#include <cstdint>

#include "absl/time/time.h"

namespace rapport::runtime {

// Learns from the calls of one RPC. Thread-safe; threads that learn at once may lose a step, which a mean can
// bear.
class TimeNeeded {
 public:
  // What such calls lately took, and what calls may wait where nobody sees it; 0 at first, and never more
  // than 150 ms: whoever has more time is always begun.
  absl::Duration At(absl::Time now) const;

  // A call was answered: from its start until its answer was written it took so long.
  void Took(absl::Duration time);

  // A call was not begun at `now`, since it had less time left than it needed. A call waits in sockets and in
  // gRPC before anybody sees it, and only those who come too late tell of it: so each makes the others need a
  // little more, for a while. What calls took may be out of date by then, and is believed a little less: so
  // calls are begun again even where all have little time.
  void CameTooLate(absl::Time now);

 private:
  absl::Duration UnseenAt(absl::Time now) const;

  std::atomic<std::int64_t> took_ns_ = 0;       // a running mean
  std::atomic<std::int64_t> unseen_ns_ = 0;     // at unseen_at_ns_
  std::atomic<std::int64_t> unseen_at_ns_ = 0;  // Unix time
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_TIME_NEEDED_H_
