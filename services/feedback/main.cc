// rapport-feedback: the feedback service as a process of its own.
#include <CLI/CLI.hpp>
#include <iostream>

#include "services/feedback/feedback.h"
#include "services/runtime/channel.h"
#include "services/runtime/server.h"
#include "services/runtime/signals.h"

namespace {

namespace runtime = rapport::runtime;
using rapport::feedback::Feedback;

struct Options {
  // Ports beside those of a matcher and an intake on the same machine.
  Options() {
    server.address = "127.0.0.1:50053";
    server.http_address = "127.0.0.1:8083";
  }
  runtime::ServerOptions server;
  rapport::feedback::FeedbackOptions feedback;
  std::string matcher = "127.0.0.1:50051";
};

constexpr char kDescription[] =
    "Keeps what clients say after a session, and hands to the matcher what the bond can be learned from.\n"
    "Feedback is kept while the matcher is away, and delivered when it is back.\n\n"
    "On a laptop, beside a matcher: rapport-feedback --insecure-loopback";

void BindFlags(CLI::App& app, Options& options) {
  runtime::BindFlags(app, options.server);
  app.add_option("--matcher-address", options.matcher,
                 "Where the matcher listens, host:port; it may be away at start")
      ->envname("RAPPORT_MATCHER_ADDRESS")
      ->capture_default_str();
  app.add_option("--database", options.feedback.database_url,
                 "This service's own database, created when missing: sqlite:FILE")
      ->envname("RAPPORT_DATABASE")
      ->capture_default_str();
  app.add_option("--catalog", options.feedback.catalog_path,
                 "Catalog file, the same as the matcher's; empty for the built-in one")
      ->envname("RAPPORT_CATALOG");
}

absl::Status Serve(const Options& options, runtime::StopSignal& stop) {
  if (absl::Status valid = options.server.Validate(); !valid.ok()) return valid;
  const auto matcher = runtime::Connect(options.matcher, options.server.insecure_loopback);
  if (!matcher.ok()) return matcher.status();
  const runtime::RealClock clock;
  runtime::RandomIds ids(clock);
  const runtime::LoopbackAuthenticator authenticator;
  runtime::Metrics metrics;
  runtime::Log log(std::cerr, clock, options.server.log_level);
  runtime::ServerCore core(options.server, {clock, ids, authenticator, metrics, log});
  const auto feedback = Feedback::Create(options.feedback, core, *matcher);
  if (!feedback.ok()) return feedback.status();
  const auto server = runtime::Server::Start(options.server, core, (*feedback)->services());
  if (!server.ok()) return server.status();
  stop.Wait();
  (*server)->Shutdown();
  (*feedback)->Stop();
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  runtime::StopSignal stop;
  Options options;
  CLI::App app(kDescription, "rapport-feedback");
  BindFlags(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;  // help, or wrong flags
  }
  const absl::Status served = Serve(options, stop);
  if (!served.ok()) std::cerr << "rapport-feedback: " << served.message() << "\n";
  if (absl::IsInvalidArgument(served)) return 2;  // wrong flags, or a catalog that is none
  return served.ok() ? 0 : 1;
}
