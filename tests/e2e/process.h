// One child process of a test: started, watched through what it writes, signalled, and never left behind.
#ifndef RAPPORT_TESTS_E2E_PROCESS_H_
#define RAPPORT_TESTS_E2E_PROCESS_H_

#include <sys/types.h>

#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace rapport::e2e {

// How long a test waits for what must come. Only a failing test waits so long.
inline constexpr absl::Duration kPatience = absl::Seconds(60);

// Not thread-safe, but for the thread of its own that reads the pipe.
class Process {
 public:
  using Environment = std::vector<std::string>;  // "NAME=value"

  // Runs `command` (the first word is a path) with its standard output closed and its standard error read
  // from here. Of this process's environment, what configures Rapport is left out; `more` is added. Aborts
  // when it cannot fork.
  explicit Process(const std::vector<std::string>& command, const Environment& more = {});

  // Kills it where it still runs.
  ~Process();

  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // The first log line of this event, waited for; nothing when the process ends without it.
  std::optional<nlohmann::json> WaitForEvent(absl::string_view event);

  void Signal(int signal);

  // Waits for the end: the exit code, or the signal that ended it as a negative number. Kills it after
  // kPatience.
  int Wait();

  // SIGKILL, and waits.
  int Kill();

  // Everything it wrote to standard error so far.
  std::string Errors() const;

 private:
  void ReadUntilClosed();

  pid_t pid_ = -1;
  int pipe_ = -1;
  std::optional<int> ended_;
  std::thread reader_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string text_;     // guarded by mutex_
  bool closed_ = false;  // guarded by mutex_
};

}  // namespace rapport::e2e

#endif  // RAPPORT_TESTS_E2E_PROCESS_H_
