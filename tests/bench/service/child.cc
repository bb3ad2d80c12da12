#include "tests/bench/service/child.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/runtime/channel.h"

namespace rapport::bench {

Child::Child(const std::vector<std::string>& arguments) {
  int to[2];
  int from[2];
  if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) std::abort();
  std::vector<std::string> words = {"server"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::dup2(to[0], 0);
    ::dup2(from[1], 1);
    ::execv("/proc/self/exe", argv.data());
    std::abort();
  }
  ::close(to[0]);
  ::close(from[1]);
  stdin_ = to[1];
  FILE* answer = ::fdopen(from[0], "r");
  if (std::fscanf(answer, "%d", &port_) != 1) {
    std::fprintf(stderr, "a server did not start: %s\n", absl::StrJoin(arguments, " ").c_str());
    std::exit(1);
  }
  std::fclose(answer);
}

Child::~Child() {
  ::close(stdin_);
  ::waitpid(pid_, nullptr, 0);
}

std::shared_ptr<grpc::Channel> Child::Connect() const {
  return *runtime::Connect(absl::StrCat("127.0.0.1:", port_), true);
}

double Child::CpuSeconds() const {
  std::ifstream file(absl::StrCat("/proc/", pid_, "/stat"));
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace rapport::bench
