// rapport serve: the all-in-one process, until it is told to stop.
#include <memory>

#include "services/cli/all_in_one.h"
#include "services/cli/commands/bindings.h"
#include "services/cli/failure.h"
#include "services/contract/catalog_file.h"
#include "services/intake/limits.h"
#include "services/runtime/address.h"
#include "services/runtime/signals.h"

namespace rapport::cli {
namespace {

std::string WithPort(const std::string& address, int port) {
  runtime::Address actual = *runtime::ParseAddress(address);
  actual.port = port;
  return runtime::ToString(actual);
}

// What keeps a server from starting is said in its own words: advice for callers of a server does not fit.
absl::Status NotServing(const absl::Status& cause) {
  return absl::Status(absl::IsInvalidArgument(cause) ? cause.code() : absl::StatusCode::kFailedPrecondition,
                      cause.message());
}

absl::StatusOr<ExitCode> Serve(const AllInOneOptions& options, Session& session) {
  // A wrong file is told as such before anything is opened; each service reads it again for itself.
  if (const auto catalog = contract::LoadCatalog(options.catalog_path); !catalog.ok()) {
    return FromFile(catalog.status());
  }
  runtime::StopSignal stop;
  runtime::LoopbackAuthenticator authenticator;
  runtime::Metrics metrics;
  runtime::Log log(session.err, session.clock, options.server.log_level);
  auto all = AllInOne::Start(options, {session.clock, session.ids, authenticator, metrics, log});
  if (!all.ok()) return NotServing(all.status());
  session.out << "Rapport is ready at " << WithPort(options.server.address, (*all)->port());
  if (!options.server.http_address.empty()) {
    session.out << ", metrics and health at http://"
                << WithPort(options.server.http_address, (*all)->http_port());
  }
  session.out << ", data in " << options.data_dir << ". Ctrl-C ends it." << std::endl;
  stop.Wait();
  (*all)->Shutdown();
  return ExitCode::kOk;
}

}  // namespace

Action BindServe(CLI::App& app) {
  auto options = std::make_shared<AllInOneOptions>();
  options->server.address = "127.0.0.1:7431";
  options->server.http_address = "127.0.0.1:7432";
  options->server.open_calls = intake::kOpenCalls;
  options->server.drain_delay = absl::ZeroDuration();  // one process: there is nobody else to send callers to
  app.add_option("--data-dir", options->data_dir, "Folder of the three databases, made if missing")
      ->envname("RAPPORT_DATA_DIR")
      ->required();
  app.add_option("--catalog", options->catalog_path, "Catalog file; default: the built-in one")
      ->envname("RAPPORT_CATALOG");
  runtime::BindFlags(app, options->server);
  return Offline([options](Session& session) { return Serve(*options, session); });
}

}  // namespace rapport::cli
