// See process.h.
#include "tests/e2e/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace rapport::e2e {
namespace {

std::vector<std::string> EnvironmentWith(const Process::Environment& more) {
  std::vector<std::string> result = more;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!absl::StartsWith(*entry, "RAPPORT_")) result.emplace_back(*entry);
  }
  return result;
}

std::vector<char*> Pointers(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

Process::Process(const std::vector<std::string>& command, const Environment& more) {
  std::vector<std::string> words = command;
  std::vector<std::string> environment = EnvironmentWith(more);
  // Between fork and exec nothing may be allocated: other threads may have held the lock.
  const std::vector<char*> arguments = Pointers(words);
  const std::vector<char*> variables = Pointers(environment);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  pid_ = fork();
  if (pid_ < 0 || nowhere < 0) std::abort();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is killed takes its servers along
    dup2(nowhere, STDIN_FILENO);
    dup2(nowhere, STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    execve(arguments[0], arguments.data(), variables.data());
    _exit(127);
  }
  close(nowhere);
  close(ends[1]);
  pipe_ = ends[0];
  reader_ = std::thread([this] { ReadUntilClosed(); });
}

Process::~Process() {
  Kill();
  reader_.join();
  close(pipe_);
}

void Process::ReadUntilClosed() {
  char buffer[4096];
  ssize_t size = 0;
  while ((size = read(pipe_, buffer, sizeof buffer)) > 0 || (size < 0 && errno == EINTR)) {
    if (size < 0) continue;
    std::lock_guard lock(mutex_);
    text_.append(buffer, static_cast<size_t>(size));
    changed_.notify_all();
  }
  std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

std::optional<nlohmann::json> Process::WaitForEvent(absl::string_view event) {
  std::optional<nlohmann::json> found;
  const auto look = [&] {
    for (absl::string_view line : absl::StrSplit(text_, '\n')) {
      auto parsed = nlohmann::json::parse(line.begin(), line.end(), nullptr, /*allow_exceptions=*/false);
      if (parsed.is_object() && parsed.value("event", "") == event) found = std::move(parsed);
      if (found) break;
    }
    return found || closed_;
  };
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, absl::ToChronoSeconds(kPatience), look);
  return found;
}

void Process::Signal(int signal) {
  if (!ended_) kill(pid_, signal);
}

int Process::Wait() {
  if (ended_) return *ended_;
  {
    // Its end of the pipe closes when it ends, whatever ends it.
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, absl::ToChronoSeconds(kPatience), [&] { return closed_; })) {
      kill(pid_, SIGKILL);
    }
  }
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  ended_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  return *ended_;
}

int Process::Kill() {
  Signal(SIGKILL);
  return Wait();
}

std::string Process::Errors() const {
  std::lock_guard lock(mutex_);
  return text_;
}

}  // namespace rapport::e2e
