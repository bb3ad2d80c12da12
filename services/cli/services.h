// The three services as the command reaches them: by gRPC only, with one deadline a call.
#ifndef RAPPORT_SERVICES_CLI_SERVICES_H_
#define RAPPORT_SERVICES_CLI_SERVICES_H_

#include <chrono>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "rapport/directory/v1/directory.grpc.pb.h"
#include "rapport/feedback/v1/feedback.grpc.pb.h"
#include "rapport/intake/v1/intake.grpc.pb.h"
#include "rapport/matcher/v1/matcher.grpc.pb.h"
#include "services/cli/failure.h"

namespace rapport::cli {

using DirectoryStub = directory::v1::DirectoryService::Stub;
using MatcherStub = matcher::v1::MatcherService::Stub;
using IntakeStub = intake::v1::IntakeService::Stub;
using FeedbackStub = feedback::v1::FeedbackService::Stub;

// Where the services are. An empty address of a service means `address`.
struct Addresses {
  std::string address = "127.0.0.1:7431";
  std::string matcher;
  std::string intake;
  std::string feedback;
};

// Thread-safe.
class Services {
 public:
  Services(const std::shared_ptr<grpc::Channel>& matcher, const std::shared_ptr<grpc::Channel>& intake,
           const std::shared_ptr<grpc::Channel>& feedback, absl::Duration timeout);

  // Plaintext, so loopback only. Nothing is sent yet: a server that is away shows with the first call.
  // Errors: as runtime::Connect.
  static absl::StatusOr<Services> Connect(const Addresses& addresses, absl::Duration timeout);

  // One unary call: Call(&MatcherStub::RankTherapists, request). Errors: the server's, with their details.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*rpc)(grpc::ClientContext*, const Request&, Response*),
                                const std::type_identity_t<Request>& request) const {
    grpc::ClientContext context;
    SetDeadline(context);
    Response response;
    grpc::Status status = (Get<Stub>().*rpc)(&context, request, &response);
    if (!status.ok()) return FromCall(status);
    return response;
  }

  // For streams: the stub itself, and the deadline that calls have.
  template <typename Stub>
  Stub& Get() const {
    return *std::get<std::unique_ptr<Stub>>(stubs_);
  }
  void SetDeadline(grpc::ClientContext& context) const {
    context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoMilliseconds(timeout_));
  }

 private:
  std::tuple<std::unique_ptr<DirectoryStub>, std::unique_ptr<MatcherStub>, std::unique_ptr<IntakeStub>,
             std::unique_ptr<FeedbackStub>>
      stubs_;
  absl::Duration timeout_;
};

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_SERVICES_H_
