// Builds the parser from the table of commands, then runs what was asked for.
#include "services/cli/app.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "services/cli/command.h"
#include "services/cli/failure.h"
#include "services/cli/flags.h"

namespace rapport::cli {
namespace {

struct CommonFlags {
  Addresses addresses;
  double timeout_seconds = 30;
};

void BindCommonFlags(CLI::App& app, CommonFlags& flags, Session& session) {
  app.add_option("--address", flags.addresses.address, "Where the services are, host:port")
      ->envname("RAPPORT_ADDRESS")
      ->capture_default_str();
  app.add_option("--matcher-address", flags.addresses.matcher, "The matcher, where it is elsewhere")
      ->envname("RAPPORT_MATCHER_ADDRESS");
  app.add_option("--intake-address", flags.addresses.intake, "Intake, where it is elsewhere")
      ->envname("RAPPORT_INTAKE_ADDRESS");
  app.add_option("--feedback-address", flags.addresses.feedback, "Feedback, where it is elsewhere")
      ->envname("RAPPORT_FEEDBACK_ADDRESS");
  app.add_option("--timeout", flags.timeout_seconds, "Seconds that a call, or a stream of rows, may take")
      ->check(NumberWithin(0.001, 300))
      ->capture_default_str();
  app.add_flag("--json", session.json, "Results as protobuf JSON");
}

// The subcommand that holds a group's commands, made when its first one comes: help lists them in the table's
// order.
CLI::App* GroupOf(const std::string& name, CLI::App& app, std::map<std::string, CLI::App*>& groups) {
  CLI::App*& parsed = groups[name];
  for (const Group& group : Groups()) {
    if (parsed == nullptr && name == group.name) {
      parsed = app.add_subcommand(group.name, group.summary)->require_subcommand(1);
      parsed->footer(absl::StrCat("\nEach command teaches its own: rapport ", name,
                                  " COMMAND --help\nOptions that go with most commands: rapport --help"));
    }
  }
  return parsed;
}

// What the words name so far: the command itself, a group of commands, or (nothing known yet) `app`.
const CLI::App* Reached(const CLI::App& app) {
  const CLI::App* reached = &app;
  while (!reached->get_subcommands().empty()) reached = reached->get_subcommands().front();
  return reached;
}

// Every command of `parent`, in the table's order; empty for a command.
std::vector<std::string> CommandsOf(const CLI::App& parent) {
  std::vector<std::string> names;
  for (const CLI::App* command : parent.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

// Tells that a command is missing below `parent`, and which word is none.
void PrintNoCommand(const CLI::App& app, const CLI::App& parent, std::ostream& err) {
  const std::string path = &parent == &app ? "rapport" : absl::StrCat("rapport ", parent.get_name());
  const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
  err << "rapport: ";
  if (unknown.empty()) {
    err << "\"" << path << "\" needs a command";
  } else {
    err << "\"" << unknown.front() << "\" is not a"
        << (absl::StartsWith(unknown.front(), "-") ? "n option" : " command") << " of \"" << path << "\"";
  }
  err << "\n  Commands: " << absl::StrJoin(CommandsOf(parent), ", ") << "\n  What they do: " << path
      << " --help\n";
}

absl::StatusOr<ExitCode> Perform(const Action& action, const CommonFlags& flags, Session& session) {
  if (const auto* offline = std::get_if<Offline>(&action)) return (*offline)(session);
  absl::StatusOr<Services> services =
      Services::Connect(flags.addresses, absl::Seconds(flags.timeout_seconds));
  if (!services.ok()) return services.status();
  return std::get<Online>(action)(session, *services);
}

ExitCode ParseAndPerform(int argc, const char* const* argv, Session& session) {
  CLI::App app(
      "Rapport finds a person the therapist with whom a bond is likely, and the next one when it is not.",
      "rapport");
  app.require_subcommand(1);
  app.fallthrough();  // common flags may stand after the command
  app.footer(absl::StrCat(
      "\nThe options above go with every command that asks a server; serve has an --address of its own.\n"
      "Each command teaches its own: rapport rank --help\n"
      "To begin: rapport serve --help\n\n",
      kExitCodeHelp));
  CommonFlags flags;
  BindCommonFlags(app, flags, session);

  std::map<std::string, CLI::App*> groups;
  std::vector<std::pair<const CLI::App*, Action>> actions;
  for (const Command& command : Commands()) {
    const std::pair<std::string, std::string> path = absl::StrSplit(command.path, absl::MaxSplits(' ', 1));
    CLI::App* parent = path.second.empty() ? &app : GroupOf(path.first, app, groups);
    CLI::App* parsed =
        parent->add_subcommand(path.second.empty() ? path.first : path.second, command.summary);
    parsed->footer(absl::StrCat("\nExample:\n  ", command.example, "\n"));
    actions.emplace_back(parsed, command.bind(*parsed));
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    const CLI::App* reached = Reached(app);
    if (CommandsOf(*reached).empty()) {
      app.exit(error, session.out, session.err);
    } else {
      PrintNoCommand(app, *reached, session.err);
    }
    return ExitCode::kUsage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error, session.out, session.err) == 0 ? ExitCode::kOk : ExitCode::kUsage;
  }
  for (const auto& [parsed, action] : actions) {
    if (!parsed->parsed()) continue;
    const absl::StatusOr<ExitCode> result = Perform(action, flags, session);
    session.out.flush();  // what is told of an error comes after it
    if (result.ok()) return *result;
    PrintFailure(result.status(), session.err);
    return ExitCodeOf(result.status());
  }
  return ExitCode::kUsage;
}

}  // namespace

ExitCode Run(int argc, const char* const* argv, Session& session) {
  const ExitCode code = ParseAndPerform(argc, argv, session);
  session.out.flush();
  if (session.out) return code;
  // A script that keeps what was written must not take a part for all of it.
  session.err << "rapport: the output could not be written in full\n";
  return code == ExitCode::kOk ? ExitCode::kUnexpected : code;
}

}  // namespace rapport::cli
