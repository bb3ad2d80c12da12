// The journey, however the services run: in this process, as three processes, all in one, or from Python.
// Where RAPPORT_E2E_ADDRESS is set, the one process is not started here, but found there: "host:port" of all,
// or "matcher,intake,feedback", each host:port.
#include "tests/e2e/journey.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <sstream>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/cli/all_in_one.h"
#include "tests/e2e/deployment.h"

namespace rapport::e2e {
namespace {

// At the address of all, or of each.
void TakeJourneyAt(const std::vector<std::string>& parts) {
  ASSERT_TRUE(parts.size() == 1 || parts.size() == 3) << parts.size();
  cli::Addresses addresses;
  addresses.address = parts[0];
  if (parts.size() == 3) {
    addresses.matcher = parts[0];
    addresses.intake = parts[1];
    addresses.feedback = parts[2];
  }
  const auto services = cli::Services::Connect(addresses, kPatience);
  ASSERT_TRUE(services.ok()) << services.status();
  TakeJourney(*services);
}

TEST(JourneyTest, InThisProcess) {
  const Scratch scratch;
  const runtime::RealClock clock;
  runtime::RandomIds ids(clock);
  const runtime::LoopbackAuthenticator authenticator;
  runtime::Metrics metrics;
  std::ostringstream log_text;
  runtime::Log log(log_text, clock);
  cli::AllInOneOptions options;
  options.server.address = "127.0.0.1:0";
  options.server.http_address = "";
  options.server.insecure_loopback = true;
  options.server.drain_delay = absl::ZeroDuration();
  options.data_dir = scratch.folder();
  const auto all = cli::AllInOne::Start(options, {clock, ids, authenticator, metrics, log});
  ASSERT_TRUE(all.ok()) << all.status();
  {
    const std::shared_ptr<grpc::Channel> channel = (*all)->InProcessChannel();
    TakeJourney(cli::Services(channel, channel, channel, kPatience));
  }
  (*all)->Shutdown();
}

TEST(JourneyTest, AsThreeProcesses) {
  Deployment deployment;
  TakeJourney(deployment.Connect());
  for (Service service : kServices) {
    deployment.process(service).Signal(SIGTERM);
    EXPECT_EQ(deployment.process(service).Wait(), 0) << deployment.process(service).Errors();
  }
}

TEST(JourneyTest, AllInOneProcess) {
  if (const char* given = std::getenv("RAPPORT_E2E_ADDRESS"))
    return TakeJourneyAt(absl::StrSplit(given, ','));
  const Scratch scratch;
  Process process({RAPPORT_BINARY, "serve", "--insecure-loopback", "--address", "127.0.0.1:0",
                   "--http-address", "127.0.0.1:0", "--data-dir", scratch.folder() + "/data"});
  TakeJourneyAt({absl::StrCat("127.0.0.1:", WaitForPort(process))});
  process.Signal(SIGTERM);
  EXPECT_EQ(process.Wait(), 0) << process.Errors();
}

TEST(JourneyTest, FromPython) {
  const Deployment deployment;
  Process client({RAPPORT_PYTHON, RAPPORT_JOURNEY_PY, deployment.address(Service::kMatcher),
                  deployment.address(Service::kIntake), deployment.address(Service::kFeedback)},
                 {"PYTHONPATH=" RAPPORT_PYTHON_PROTOS, "PYTHONDONTWRITEBYTECODE=1"});
  EXPECT_EQ(client.Wait(), 0) << client.Errors();
}

}  // namespace
}  // namespace rapport::e2e
