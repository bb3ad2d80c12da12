// The feedback service, put together: database, catalog, matcher client, delivery loop and gRPC binding. Used
// by rapport-feedback and by whoever runs all services in one process.
#ifndef RAPPORT_SERVICES_FEEDBACK_FEEDBACK_H_
#define RAPPORT_SERVICES_FEEDBACK_FEEDBACK_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "services/feedback/commands.h"
#include "services/feedback/delivery.h"
#include "services/feedback/matcher_client.h"
#include "services/feedback/risk_notes.h"
#include "services/feedback/service.h"
#include "services/runtime/periodic.h"
#include "services/runtime/server.h"
#include "services/runtime/server_core.h"
#include "services/storage/database.h"

namespace rapport::feedback {

struct FeedbackOptions {
  std::string database_url = "sqlite:feedback.db";  // as DatabaseOptions::url; this service's own
  std::string catalog_path;                         // empty: the built-in catalog
  // How often the outbox is looked at. New feedback and a start look at once.
  absl::Duration delivery_interval = absl::Seconds(1);
  MatcherPatience matcher_patience;
};

class Feedback {
 public:
  // Reads the catalog, opens the database and brings its schema up to date, starts the delivery loop, and
  // adds readiness checks: database and schema, not the matcher, without which feedback is kept all the same.
  // Errors: those of LoadCatalog, Database::Open and Migrate. `core` must outlive the result, the result the
  // server. The executor of `core` must not be the one that serves `matcher`: handlers wait for it.
  static absl::StatusOr<std::unique_ptr<Feedback>> Create(const FeedbackOptions& options,
                                                          runtime::ServerCore& core,
                                                          const std::shared_ptr<grpc::Channel>& matcher);

  ~Feedback();

  // What to give to Server::Start. Valid as long as this.
  std::vector<runtime::ServiceBinding> services();

  // Ends the loops; what is under way is finished first. Call when the server has stopped. What was
  // not delivered stays in the outbox for the next start.
  void Stop();

 private:
  Feedback(std::unique_ptr<storage::Database> database, std::shared_ptr<const matcher::Catalog> catalog,
           std::string page_token_key, runtime::ServerCore& core,
           const std::shared_ptr<grpc::Channel>& matcher, const MatcherPatience& patience);

  const std::unique_ptr<storage::Database> database_;
  const MatcherClient matcher_;
  Delivery delivery_;
  RiskNotes risk_notes_;
  Commands commands_;
  Service service_;
  std::unique_ptr<runtime::Periodic> loop_;  // set once before anything is served, gone after Stop
  std::unique_ptr<runtime::Periodic> housekeeping_;
};

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_FEEDBACK_H_
