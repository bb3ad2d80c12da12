// The composition root of the one-process form.
#include "services/cli/all_in_one.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/server_builder.h"

namespace rapport::cli {
namespace {

absl::Status MakeFolder(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!error) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrCat("cannot make the folder ", path, ": ", error.message()));
}

}  // namespace

AllInOne::AllInOne(const runtime::ServerOptions& options, const runtime::ServerCore::Parts& parts)
    : matcher_core_(options, parts), core_(options, parts) {
  core_.open_streams().EndToo(matcher_core_.open_streams());  // the server knows of its own core only
}

absl::StatusOr<std::unique_ptr<AllInOne>> AllInOne::Start(const AllInOneOptions& options,
                                                          const runtime::ServerCore::Parts& parts) {
  if (absl::Status valid = options.server.Validate(); !valid.ok()) return valid;
  if (absl::Status made = MakeFolder(options.data_dir); !made.ok()) return made;
  auto database = [&](absl::string_view name) {
    return absl::StrCat("sqlite:", options.data_dir, "/", name, ".db");
  };
  auto all = std::unique_ptr<AllInOne>(new AllInOne(options.server, parts));

  matcher_service::MatcherOptions matcher_options;
  matcher_options.database_url = database("matcher");
  matcher_options.catalog_path = options.catalog_path;
  auto matcher = matcher_service::Matcher::Create(matcher_options, all->matcher_core_);
  if (!matcher.ok()) return matcher.status();
  all->matcher_ = *std::move(matcher);
  grpc::ServerBuilder builder;
  for (const auto& binding : all->matcher_->services()) builder.RegisterService(binding.service);
  all->matcher_server_ = builder.BuildAndStart();
  if (all->matcher_server_ == nullptr)
    return absl::InternalError("gRPC could not start the matcher in process");
  const std::shared_ptr<grpc::Channel> channel =
      all->matcher_server_->InProcessChannel(grpc::ChannelArguments());

  intake::IntakeOptions intake_options;
  intake_options.database_url = database("intake");
  intake_options.catalog_path = options.catalog_path;
  auto intake = intake::Intake::Create(intake_options, all->core_, channel);
  if (!intake.ok()) return intake.status();
  all->intake_ = *std::move(intake);
  feedback::FeedbackOptions feedback_options;
  feedback_options.database_url = database("feedback");
  feedback_options.catalog_path = options.catalog_path;
  auto feedback = feedback::Feedback::Create(feedback_options, all->core_, channel);
  if (!feedback.ok()) return feedback.status();
  all->feedback_ = *std::move(feedback);

  // The server asks its own core for readiness, so that core asks the matcher's.
  std::vector<runtime::ServiceBinding> services = all->matcher_->services();
  for (const auto& binding : services) {
    all->core_.readiness().Add(binding.name, "matcher",
                               [&readiness = all->matcher_core_.readiness(), name = binding.name] {
                                 readiness.Step();
                                 for (const auto& result : readiness.Results()) {
                                   if (result.service == name && !result.status.ok()) return result.status;
                                 }
                                 return absl::OkStatus();
                               });
  }
  for (auto& binding : all->intake_->services()) services.push_back(std::move(binding));
  for (auto& binding : all->feedback_->services()) services.push_back(std::move(binding));
  auto server = runtime::Server::Start(options.server, all->core_, services);
  if (!server.ok()) return server.status();
  all->server_ = *std::move(server);
  all->matcher_->LogWhatIsHeld();
  return all;
}

AllInOne::~AllInOne() {
  Stop();
}

void AllInOne::Shutdown() {
  if (server_ != nullptr) server_->Shutdown();
  Stop();
}

// Callers first, then whom they call.
void AllInOne::Stop() {
  server_.reset();
  if (intake_ != nullptr) intake_->Stop();
  if (feedback_ != nullptr) feedback_->Stop();
  if (matcher_server_ != nullptr) {
    matcher_server_->Shutdown();
    matcher_server_->Wait();
    matcher_server_.reset();
  }
  if (matcher_ != nullptr) matcher_->Stop();
}

}  // namespace rapport::cli
