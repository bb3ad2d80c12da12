// SIGTERM, SIGINT and, but under nohup, SIGHUP as something to wait for.
#ifndef RAPPORT_SERVICES_RUNTIME_SIGNALS_H_
#define RAPPORT_SERVICES_RUNTIME_SIGNALS_H_

#include <array>
#include <csignal>

namespace rapport::runtime {

// At most one at a time in a process. By a handler that writes to a pipe, not by blocked signals: libraries
// start threads before main (OpenBLAS does), and a signal that one of those does not block would end the
// process. Not thread-safe.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();  // restores the former handlers

  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Blocks until one of them is sent to the process (or was, since construction); returns which.
  int Wait();

 private:
  std::array<int, 2> pipe_{};
  struct sigaction former_terminate_ = {};
  struct sigaction former_interrupt_ = {};
  struct sigaction former_hangup_ = {};
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_SIGNALS_H_
