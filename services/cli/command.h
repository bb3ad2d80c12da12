// One command of `rapport`: its words, its flags, and what it does. The table of all of them is in
// commands.cc.
#ifndef RAPPORT_SERVICES_CLI_COMMAND_H_
#define RAPPORT_SERVICES_CLI_COMMAND_H_

#include <functional>
#include <variant>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/cli/exit_code.h"
#include "services/cli/services.h"
#include "services/cli/session.h"

namespace rapport::cli {

// What runs after the flags were parsed. An error is printed and turned into an exit code by failure.h.
using Offline = std::function<absl::StatusOr<ExitCode>(Session&)>;
using Online = std::function<absl::StatusOr<ExitCode>(Session&, const Services&)>;
using Action = std::variant<Offline, Online>;

struct Command {
  const char* path;     // "referral submit"
  const char* summary;  // one line
  const char* example;  // shown by --help
  // Adds the command's flags. The action owns what they are parsed into.
  Action (*bind)(CLI::App& app);
};

// Words that several commands share, with what they are about.
struct Group {
  const char* name;
  const char* summary;
};

absl::Span<const Command> Commands();
absl::Span<const Group> Groups();

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_COMMAND_H_
