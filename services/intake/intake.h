// The intake service as a whole: its database, its business functions, its loops, and the gRPC service over
// them. Built by rapport-intake's main and by the all-in-one process.
//
//   auto intake = Intake::Create({.database_url = "sqlite:/var/lib/rapport/intake.db"}, core, channel);
//   auto server = runtime::Server::Start(options, core, (*intake)->services());
//   ... stop signal ...
//   (*server)->Shutdown();
//   (*intake)->Stop();
#ifndef RAPPORT_SERVICES_INTAKE_INTAKE_H_
#define RAPPORT_SERVICES_INTAKE_INTAKE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "matcher/domain/catalog.h"
#include "services/intake/commands.h"
#include "services/intake/hub.h"
#include "services/intake/limits.h"
#include "services/intake/matcher_client.h"
#include "services/intake/notices.h"
#include "services/intake/queries.h"
#include "services/intake/ranker.h"
#include "services/intake/ranking.h"
#include "services/intake/service.h"
#include "services/intake/transitions.h"
#include "services/runtime/page_token.h"
#include "services/runtime/periodic.h"
#include "services/runtime/server.h"
#include "services/runtime/server_core.h"
#include "services/storage/database.h"

namespace rapport::intake {

struct IntakeOptions {
  std::string database_url;    // "sqlite:/path/intake.db"; of intake alone
  std::string catalog_path;    // empty: the built-in catalog
  bool create_folder = false;  // also create the database's folder
  bool background = true;      // false: no loops; the steps below are called by hand
  size_t max_watchers = kMaxWatchers;
};

// Thread-safe. Must outlive the server that serves it.
class Intake {
 public:
  // Opens the database, brings its schema up to date, adds readiness checks to `core`, and starts the loops.
  // `core` must outlive this; the matcher behind `matcher` need not be there. A handler waits for the matcher
  // on an executor thread of `core`, so a matcher in the same process must have a ServerCore (an executor) of
  // its own. Errors: those of LoadCatalog, Database::Open and Migrate.
  static absl::StatusOr<std::unique_ptr<Intake>> Create(const IntakeOptions& options,
                                                        runtime::ServerCore& core,
                                                        std::shared_ptr<grpc::Channel> matcher);

  // Stop, if it was not called.
  ~Intake();

  std::vector<runtime::ServiceBinding> services();

  // One step of each loop, for tests: referrals ranked, notices settled.
  int RankWaiting() { return ranker_.Step(); }
  int DeliverNotices() { return notices_.Step(); }

  // The business functions, without gRPC.
  Commands& commands() { return commands_; }
  Queries& queries() { return queries_; }

  // Ends the loops, each after the matcher call it is in (seconds at most). What waits is kept.
  void Stop();

 private:
  Intake(runtime::ServerCore& core, std::unique_ptr<storage::Database> db,
         std::shared_ptr<const rapport::matcher::Catalog> catalog, const std::string& secret,
         size_t max_watchers, std::shared_ptr<grpc::Channel> matcher);

  void AddReadinessChecks();
  void StartLoops();

  runtime::ServerCore& core_;
  const std::unique_ptr<storage::Database> db_;
  const std::shared_ptr<const rapport::matcher::Catalog> catalog_;
  const runtime::PageTokens page_tokens_;
  MatcherClient matcher_;
  Hub hub_;
  Transitions transitions_;
  Ranking ranking_;
  Notices notices_;
  Ranker ranker_;
  Commands commands_;
  Queries queries_;
  Service service_;
  std::vector<std::unique_ptr<runtime::Periodic>> loops_;
};

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_INTAKE_H_
