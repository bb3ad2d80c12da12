// rapport-matcher: the matcher service as a process of its own.
#include <CLI/CLI.hpp>
#include <iostream>

#include "services/matcher/matcher.h"
#include "services/runtime/server.h"
#include "services/runtime/signals.h"

namespace {

namespace runtime = rapport::runtime;
using rapport::matcher_service::Matcher;

struct Options {
  runtime::ServerOptions server;
  rapport::matcher_service::MatcherOptions matcher;
};

constexpr char kDescription[] =
    "Keeps a network's directory of therapists, ranks them for a client, and learns from what came of it.\n\n"
    "On a laptop:\n"
    "  rapport-matcher --insecure-loopback --address 127.0.0.1:50051 --http-address 127.0.0.1:8081 \\\n"
    "      --database sqlite:matcher.db";

void BindFlags(CLI::App& app, Options& options) {
  runtime::BindFlags(app, options.server);
  app.add_option("--database", options.matcher.database_url,
                 "This service's own database, created when missing: sqlite:FILE")
      ->envname("RAPPORT_DATABASE")
      ->capture_default_str();
  app.add_option("--snapshot-every", options.matcher.snapshot_every,
                 "Events, at least, between two snapshots from which a start is quick")
      ->envname("RAPPORT_SNAPSHOT_EVERY")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 53))
      ->capture_default_str();
  app.add_option("--catalog", options.matcher.catalog_path, "Catalog file; empty for the built-in one")
      ->envname("RAPPORT_CATALOG");
}

absl::Status Serve(const Options& options, runtime::StopSignal& stop) {
  if (absl::Status valid = options.server.Validate(); !valid.ok()) return valid;
  const runtime::RealClock clock;
  runtime::RandomIds ids(clock);
  const runtime::LoopbackAuthenticator authenticator;
  runtime::Metrics metrics;
  runtime::Log log(std::cerr, clock, options.server.log_level);
  runtime::ServerCore core(options.server, {clock, ids, authenticator, metrics, log});
  const auto matcher = Matcher::Create(options.matcher, core);
  if (!matcher.ok()) return matcher.status();
  const auto server = runtime::Server::Start(options.server, core, (*matcher)->services());
  if (!server.ok()) return server.status();
  (*matcher)->LogWhatIsHeld();
  stop.Wait();
  (*server)->Shutdown();
  (*matcher)->Stop();
  return absl::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  runtime::StopSignal stop;
  Options options;
  CLI::App app(kDescription, "rapport-matcher");
  BindFlags(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;  // help, or wrong flags
  }
  const absl::Status served = Serve(options, stop);
  if (!served.ok()) std::cerr << "rapport-matcher: " << served.message() << "\n";
  if (absl::IsInvalidArgument(served)) return 2;  // wrong flags, or a catalog that is none
  return served.ok() ? 0 : 1;
}
