// Runs the command on strings: what a shell would pass in, what a terminal would show.
#ifndef RAPPORT_TESTS_SERVICES_CLI_TERMINAL_H_
#define RAPPORT_TESTS_SERVICES_CLI_TERMINAL_H_

#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "services/cli/app.h"

namespace rapport::cli {

class Terminal {
 public:
  explicit Terminal(const std::string& input = "") : in_(input) {}

  // What is shown is that of the last run.
  ExitCode Run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    std::vector<const char*> argv = {"rapport"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    Session session{in_, out_, err_, clock_, ids_};
    return cli::Run(static_cast<int>(argv.size()), argv.data(), session);
  }

  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }

 private:
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  runtime::RealClock clock_;
  runtime::RandomIds ids_{clock_};
};

}  // namespace rapport::cli

#endif  // RAPPORT_TESTS_SERVICES_CLI_TERMINAL_H_
