// See signals.h.
#include "services/runtime/signals.h"

namespace rapport::runtime {

StopSignal::StopSignal() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGTERM);
  sigaddset(&signals_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals_, &former_);
}

StopSignal::~StopSignal() {
  pthread_sigmask(SIG_SETMASK, &former_, nullptr);
}

int StopSignal::Wait() {
  int signal = 0;
  while (sigwait(&signals_, &signal) != 0) {
  }
  return signal;
}

}  // namespace rapport::runtime
