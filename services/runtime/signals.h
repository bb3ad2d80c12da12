// SIGTERM and SIGINT as something to wait for: no handler, no global flag.
#ifndef RAPPORT_SERVICES_RUNTIME_SIGNALS_H_
#define RAPPORT_SERVICES_RUNTIME_SIGNALS_H_

#include <csignal>

namespace rapport::runtime {

// Make it first in main, before any thread starts: threads inherit the blocked signals. Not thread-safe.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();  // restores the former mask of this thread

  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Blocks until SIGTERM or SIGINT is sent to the process (or was, since construction); returns which.
  int Wait();

 private:
  sigset_t signals_;
  sigset_t former_;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_SIGNALS_H_
