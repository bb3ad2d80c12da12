// All three services in one process and on one port, each with its own SQLite file. Intake and feedback reach
// the matcher as they would anywhere: by gRPC, here over a channel that needs no socket.
#ifndef RAPPORT_SERVICES_CLI_ALL_IN_ONE_H_
#define RAPPORT_SERVICES_CLI_ALL_IN_ONE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/server.h"
#include "services/feedback/feedback.h"
#include "services/intake/intake.h"
#include "services/matcher/matcher.h"
#include "services/runtime/server.h"

namespace rapport::cli {

struct AllInOneOptions {
  runtime::ServerOptions server;
  std::string data_dir;      // made if missing
  std::string catalog_path;  // empty: the built-in catalog
};

class AllInOne {
 public:
  // Opens the databases and listens. Errors: those of the services, of Server::Start, and PERMISSION_DENIED
  // where the folder cannot be made. What `parts` names must outlive the result.
  static absl::StatusOr<std::unique_ptr<AllInOne>> Start(const AllInOneOptions& options,
                                                         const runtime::ServerCore::Parts& parts);
  // Shuts down without delay unless Shutdown was called.
  ~AllInOne();

  int port() const { return server_->port(); }
  int http_port() const { return server_->http_port(); }
  std::shared_ptr<grpc::Channel> InProcessChannel() { return server_->InProcessChannel(); }

  // Drains as Server::Shutdown says, then ends the loops and closes the databases' writers. Once is enough.
  void Shutdown();

 private:
  AllInOne(const runtime::ServerOptions& options, const runtime::ServerCore::Parts& parts);

  void Stop();

  // A handler of intake or feedback waits for the matcher: the matcher needs an executor that they cannot
  // fill.
  runtime::ServerCore matcher_core_;
  runtime::ServerCore core_;
  std::unique_ptr<matcher_service::Matcher> matcher_;
  std::unique_ptr<grpc::Server> matcher_server_;  // without a port: what the other two call
  std::unique_ptr<intake::Intake> intake_;
  std::unique_ptr<feedback::Feedback> feedback_;
  std::unique_ptr<runtime::Server> server_;
};

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_ALL_IN_ONE_H_
