// See deployment.h.
#include "tests/e2e/deployment.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "grpcpp/create_channel.h"
#include "health.grpc.pb.h"

namespace rapport::e2e {
namespace {

struct Known {
  const char* name;
  const char* binary;
  const char* database_file;
  const char* grpc_name;
};

constexpr Known kKnown[] = {
    {"rapport-matcher", RAPPORT_MATCHER_BINARY, "matcher.db", "rapport.matcher.v1.MatcherService"},
    {"rapport-intake", RAPPORT_INTAKE_BINARY, "intake.db", "rapport.intake.v1.IntakeService"},
    {"rapport-feedback", RAPPORT_FEEDBACK_BINARY, "feedback.db", "rapport.feedback.v1.FeedbackService"},
};

const Known& Of(Service service) {
  return kKnown[static_cast<size_t>(service)];
}

}  // namespace

std::string NameOf(Service service) {
  return Of(service).name;
}

std::string BinaryOf(Service service) {
  return Of(service).binary;
}

Scratch::Scratch() : folder_(std::filesystem::temp_directory_path() / "rapport_e2e_XXXXXX") {
  if (mkdtemp(folder_.data()) == nullptr) std::abort();
}

Scratch::~Scratch() {
  std::filesystem::remove_all(folder_);
}

HeldPort::HeldPort() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const int yes = 1;
  setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0) std::abort();
  if (getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) std::abort();
  number_ = ntohs(address.sin_port);
}

HeldPort::~HeldPort() {
  close(socket_);
}

Deployment::Deployment() {
  for (Service service : kServices) Start(service);
}

void Deployment::Start(Service service, const std::string& drain_delay) {
  const int port = service == Service::kMatcher ? matcher_port_.number() : 0;
  std::vector<std::string> command = {BinaryOf(service), "--insecure-loopback",
                                      "--address",       absl::StrCat("127.0.0.1:", port),
                                      "--http-address",  "127.0.0.1:0",
                                      "--drain-delay",   drain_delay,
                                      "--database",      absl::StrCat("sqlite:", database(service))};
  const std::string matcher = absl::StrCat("127.0.0.1:", matcher_port_.number());
  if (service != Service::kMatcher) command.insert(command.end(), {"--matcher-address", matcher});
  std::unique_ptr<Process>& process = processes_[static_cast<size_t>(service)];
  process = std::make_unique<Process>(command);
  ports_[static_cast<size_t>(service)] = WaitForPort(*process);
  EXPECT_TRUE(Healthy(address(service), Of(service).grpc_name)) << NameOf(service);
}

void Deployment::Kill(Service service) {
  EXPECT_EQ(process(service).Kill(), -SIGKILL) << NameOf(service) << "\n" << process(service).Errors();
}

std::string Deployment::address(Service service) const {
  return absl::StrCat("127.0.0.1:", ports_[static_cast<size_t>(service)]);
}

std::string Deployment::database(Service service) const {
  return absl::StrCat(scratch_.folder(), "/", Of(service).database_file);
}

cli::Services Deployment::Connect(absl::Duration timeout) const {
  auto services = cli::Services::Connect({.address = "",
                                          .matcher = address(Service::kMatcher),
                                          .intake = address(Service::kIntake),
                                          .feedback = address(Service::kFeedback)},
                                         timeout);
  if (!services.ok()) std::abort();
  return *std::move(services);
}

int WaitForPort(Process& process) {
  const auto line = process.WaitForEvent("listening");
  if (!line) ADD_FAILURE() << "it does not listen:\n" << process.Errors();
  return line ? line->value("port", 0) : 0;
}

bool Healthy(const std::string& address, const std::string& service) {
  const auto health =
      grpc::health::v1::Health::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  context.set_wait_for_ready(true);
  context.set_deadline(std::chrono::system_clock::now() + absl::ToChronoSeconds(kPatience));
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse response;
  const grpc::Status status = health->Check(&context, request, &response);
  return status.ok() && response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

}  // namespace rapport::e2e
