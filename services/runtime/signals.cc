// See signals.h.
#include "services/runtime/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace rapport::runtime {
namespace {

// Where the handler writes; a handler has no other way to know.
std::atomic<int> write_end = -1;

void Tell(int signal) {
  const int before = errno;
  const auto number = static_cast<unsigned char>(signal);
  // A full pipe has told it already.
  [[maybe_unused]] const ssize_t written = ::write(write_end.load(), &number, 1);
  errno = before;
}

}  // namespace

StopSignal::StopSignal() {
  if (::pipe2(pipe_.data(), O_CLOEXEC) != 0)
    std::abort();  // no descriptors at the start of main: nothing would work
  for (const int end : pipe_) ::fcntl(end, F_SETFL, O_NONBLOCK);
  write_end = pipe_[1];
  struct sigaction action = {};
  action.sa_handler = &Tell;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  // A write beyond the process's limit of file sizes, or to a reader that is gone, is an error of that write.
  ::signal(SIGXFSZ, SIG_IGN);
  ::signal(SIGPIPE, SIG_IGN);
  ::sigaction(SIGTERM, &action, &former_terminate_);
  ::sigaction(SIGINT, &action, &former_interrupt_);
  // A terminal that was closed; but whoever started this under nohup wants it to go on.
  ::sigaction(SIGHUP, nullptr, &former_hangup_);
  if (former_hangup_.sa_handler != SIG_IGN) ::sigaction(SIGHUP, &action, nullptr);
}

StopSignal::~StopSignal() {
  ::sigaction(SIGTERM, &former_terminate_, nullptr);
  ::sigaction(SIGINT, &former_interrupt_, nullptr);
  ::sigaction(SIGHUP, &former_hangup_, nullptr);
  write_end = -1;
  ::close(pipe_[0]);
  ::close(pipe_[1]);
}

int StopSignal::Wait() {
  // Waits in poll, not in read: ThreadSanitizer delivers signals only within calls that it knows to block.
  pollfd told = {pipe_[0], POLLIN, 0};
  unsigned char number = 0;
  do {
    ::poll(&told, 1, -1);
  } while (::read(pipe_[0], &number, 1) != 1);
  return number;
}

}  // namespace rapport::runtime
