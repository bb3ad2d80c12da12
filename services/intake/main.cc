// rapport-intake: the intake service as a process of its own. Reads flags, puts the parts together, serves
// until it is told to stop.
#include <CLI/CLI.hpp>
#include <iostream>

#include "services/intake/intake.h"
#include "services/runtime/channel.h"
#include "services/runtime/signals.h"

namespace {

using namespace rapport;

int Fail(const absl::Status& status) {
  std::cerr << "rapport-intake: " << status.message() << "\n";
  return absl::IsInvalidArgument(status) ? 2 : 1;  // 2: wrong flags, or a catalog that is none
}

int Serve(const runtime::ServerOptions& options, const intake::IntakeOptions& intake_options,
          const std::string& matcher_address) {
  runtime::StopSignal stop;  // before any thread
  if (absl::Status valid = options.Validate(); !valid.ok()) return Fail(valid);
  runtime::RealClock clock;
  runtime::RandomIds ids(clock);
  runtime::Log log(std::cerr, clock, options.log_level);
  runtime::Metrics metrics;
  runtime::LoopbackAuthenticator authenticator;
  runtime::ServerCore core(options, {clock, ids, authenticator, metrics, log});
  auto matcher = runtime::Connect(matcher_address, options.insecure_loopback);
  if (!matcher.ok()) return Fail(matcher.status());
  auto intake = intake::Intake::Create(intake_options, core, *matcher);
  if (!intake.ok()) return Fail(intake.status());
  auto server = runtime::Server::Start(options, core, (*intake)->services());
  if (!server.ok()) return Fail(server.status());
  stop.Wait();
  (*server)->Shutdown();
  (*intake)->Stop();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  runtime::ServerOptions options;
  options.address = "127.0.0.1:50052";
  options.http_address = "127.0.0.1:8082";
  options.open_calls = intake::kOpenCalls;
  intake::IntakeOptions intake_options;
  intake_options.database_url = "sqlite:intake.db";
  std::string matcher_address = "127.0.0.1:50051";
  CLI::App app(
      "rapport-intake keeps referrals and leads each from the first question to therapy. It asks the matcher "
      "for\n"
      "rankings and seats; while the matcher is away, referrals are kept and wait.\n"
      "On a laptop: rapport-intake --insecure-loopback");
  app.add_option("--database", intake_options.database_url,
                 "Database of intake alone, created if missing: sqlite:/path/intake.db")
      ->envname("RAPPORT_DATABASE")
      ->capture_default_str();
  app.add_option("--matcher-address", matcher_address,
                 "Where the matcher answers, host:port; it may start later")
      ->envname("RAPPORT_MATCHER_ADDRESS")
      ->capture_default_str();
  app.add_option("--catalog", intake_options.catalog_path,
                 "File with the network's words, the same as the matcher's; empty for the built-in catalog")
      ->envname("RAPPORT_CATALOG");
  runtime::BindFlags(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;  // help, or wrong flags
  }
  return Serve(options, intake_options, matcher_address);
}
