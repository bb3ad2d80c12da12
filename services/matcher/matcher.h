// The matcher service, put together: database, catalog, log, state and gRPC binding. Used by rapport-matcher
// and by whoever runs all services in one process.
#ifndef RAPPORT_SERVICES_MATCHER_MATCHER_H_
#define RAPPORT_SERVICES_MATCHER_MATCHER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/contract/catalog_file.h"
#include "services/matcher/advising.h"
#include "services/matcher/directory.h"
#include "services/matcher/learning.h"
#include "services/matcher/log_writer.h"
#include "services/matcher/networks.h"
#include "services/matcher/ranking.h"
#include "services/matcher/refitting.h"
#include "services/matcher/service.h"
#include "services/matcher/snapshots.h"
#include "services/runtime/page_token.h"
#include "services/runtime/periodic.h"
#include "services/runtime/server.h"
#include "services/runtime/server_core.h"
#include "services/storage/database.h"

namespace rapport::matcher_service {

struct MatcherOptions {
  std::string database_url = "sqlite:matcher.db";  // as DatabaseOptions::url; this service's own
  std::string catalog_path = {};                   // empty: the built-in catalog
  std::int64_t snapshot_every = 50'000;            // events, at least, between two snapshots of a network
  std::string vfs = {};                            // as DatabaseOptions::vfs: for fault injection in tests
};

class Matcher {
 public:
  // Reads the catalog, opens the database, brings its schema up to date and folds the log. Errors: those of
  // LoadCatalog, Database::Open, Migrate and Networks::Restore. `core` must outlive the result, the result
  // the server.
  static absl::StatusOr<std::unique_ptr<Matcher>> Create(const MatcherOptions& options,
                                                         runtime::ServerCore& core);

  ~Matcher();

  // What to give to Server::Start. Valid as long as this.
  std::vector<runtime::ServiceBinding> services();

  // Tells in the log what was found: an empty database is a warning, for a mistyped path makes a new file.
  // Call when the server has started.
  void LogWhatIsHeld() const;

  // Ends the housekeeping and a refit that is under way, and keeps a last snapshot where one is due. Call
  // when the server has stopped.
  void Stop();

 private:
  Matcher(const MatcherOptions& options, contract::LoadedCatalog catalog,
          std::unique_ptr<storage::Database> database, std::string page_token_key, runtime::ServerCore& core);

  // Keeps a snapshot of each network that has enough new events.
  void KeepSnapshots();

  const std::int64_t snapshot_every_;
  const std::string database_url_;
  runtime::ServerCore& core_;
  const contract::LoadedCatalog catalog_;
  const std::unique_ptr<storage::Database> database_;
  const runtime::PageTokens page_tokens_;
  Networks networks_;
  Snapshots snapshots_;
  LogWriter writer_;
  Directory directory_;
  Ranking ranking_;
  Advising advising_;
  Learning learning_;
  Refitting refitting_;
  DirectoryGrpc directory_grpc_;
  MatcherGrpc matcher_grpc_;
  std::unique_ptr<runtime::Periodic> housekeeping_;
  std::unique_ptr<runtime::Periodic> snapshot_loop_;
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_MATCHER_H_
