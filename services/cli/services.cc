// Channels to the services, one for each address.
#include "services/cli/services.h"

#include "services/runtime/channel.h"

namespace rapport::cli {

Services::Services(const std::shared_ptr<grpc::Channel>& matcher,
                   const std::shared_ptr<grpc::Channel>& intake,
                   const std::shared_ptr<grpc::Channel>& feedback, absl::Duration timeout)
    : stubs_(directory::v1::DirectoryService::NewStub(matcher), matcher::v1::MatcherService::NewStub(matcher),
             intake::v1::IntakeService::NewStub(intake), feedback::v1::FeedbackService::NewStub(feedback)),
      timeout_(timeout) {}

absl::StatusOr<Services> Services::Connect(const Addresses& addresses, absl::Duration timeout) {
  auto connect = [&](const std::string& own) {
    return runtime::Connect(own.empty() ? addresses.address : own, /*insecure_loopback=*/true);
  };
  absl::StatusOr<std::shared_ptr<grpc::Channel>> matcher = connect(addresses.matcher);
  if (!matcher.ok()) return matcher.status();
  absl::StatusOr<std::shared_ptr<grpc::Channel>> intake = connect(addresses.intake);
  if (!intake.ok()) return intake.status();
  absl::StatusOr<std::shared_ptr<grpc::Channel>> feedback = connect(addresses.feedback);
  if (!feedback.ok()) return feedback.status();
  return Services(*matcher, *intake, *feedback, timeout);
}

}  // namespace rapport::cli
