// The server as an operator meets it: start, health, the second port, and an end that loses no call.
#include "services/runtime/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/runtime/address.h"
#include "services/runtime/errors.h"
#include "tests/services/runtime/echo_server.h"

namespace rapport::runtime {
namespace {

TEST(Server, APortThatIsTakenIsNamed) {
  EchoServer first{{}};
  const std::string taken = absl::StrCat("127.0.0.1:", first.server().port());
  const std::string taken_http = absl::StrCat("127.0.0.1:", first.server().http_port());
  for (const bool http : {false, true}) {
    ServerOptions options = TestOptions();
    (http ? options.http_address : options.address) = http ? taken_http : taken;
    const auto second = Server::Start(options, first.core(), {});
    EXPECT_TRUE(absl::IsUnavailable(second.status())) << second.status();
    EXPECT_TRUE(absl::StrContains(second.status().message(), http ? taken_http : taken)) << second.status();
    EXPECT_TRUE(absl::StrContains(second.status().message(), "Address already in use")) << second.status();
  }
}

TEST(Server, PlaintextBeyondLoopbackIsRefused) {
  EchoServer running{{}};
  ServerOptions options = TestOptions();
  options.address = "0.0.0.0:0";
  EXPECT_FALSE(Server::Start(options, running.core(), {}).ok());
  options = TestOptions();
  options.insecure_loopback = false;
  EXPECT_FALSE(Server::Start(options, running.core(), {}).ok());
}

TEST(Server, HealthFollowsReadiness) {
  EchoServer server{{}};
  EXPECT_TRUE(server.Healthy(kEchoServiceName));
  EXPECT_TRUE(server.Healthy(""));
  absl::Status database =
      Error(absl::StatusCode::kUnavailable, "DATABASE_AWAY", "host=db user=rapport refused");
  server.core().readiness().Add(kEchoServiceName, "database", [&] { return database; });
  server.core().readiness().Step();
  EXPECT_FALSE(server.Healthy(kEchoServiceName));
  EXPECT_FALSE(server.Healthy(""));

  httplib::Client http("127.0.0.1", server.server().http_port());
  auto red = http.Get("/healthz");
  ASSERT_TRUE(red);
  EXPECT_EQ(red->status, 503);
  const auto check = [](const char* name, bool ready, const char* reason) {
    return nlohmann::json(
        {{"service", kEchoServiceName}, {"check", name}, {"ready", ready}, {"reason", reason}});
  };
  EXPECT_EQ(
      nlohmann::json::parse(red->body),
      nlohmann::json({{"ready", false},
                      {"checks", {check("listener", true, ""), check("database", false, "DATABASE_AWAY")}}}));
  database = absl::OkStatus();
  server.core().readiness().Step();
  EXPECT_TRUE(server.Healthy(kEchoServiceName));
  auto green = http.Get("/healthz");
  ASSERT_TRUE(green);
  EXPECT_EQ(green->status, 200);
  EXPECT_EQ(green->get_header_value("Connection"), "close") << "an idle connection would hold a thread";
}

// What is deaf looks well from within: a new connection tells.
TEST(Server, AListenerThatTakesNoConnectionIsFoundOut) {
  EchoServer server{{}};
  const auto results = server.core().readiness().Results();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].check, "listener");
  EXPECT_TRUE(results[0].status.ok()) << results[0].status;
  EXPECT_TRUE(TryConnecting({"127.0.0.1", server.server().port()}, absl::Seconds(10)).ok());

  const int deaf = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(deaf, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(deaf, 8), 0);
  ASSERT_EQ(::getsockname(deaf, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const Address port{"127.0.0.1", ntohs(address.sin_port)};
  absl::Status tried = TryConnecting(port, absl::Milliseconds(50));
  EXPECT_TRUE(absl::IsUnavailable(tried)) << tried;
  EXPECT_TRUE(absl::StrContains(tried.message(), "nobody took the connection")) << tried;
  ::close(deaf);
  // Bound, so that nobody else has the port, and not listening.
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sin_port = 0;
  ASSERT_EQ(::bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  tried = TryConnecting({"127.0.0.1", ntohs(address.sin_port)}, absl::Seconds(10));
  EXPECT_TRUE(absl::StrContains(tried.message(), "refused")) << tried;
  ::close(silent);
}

TEST(Server, OpensAsManyFilesAsItMay) {
  rlimit limit = {};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit before = limit;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max - 1, 256);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EchoServer server{{}};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST(Server, MetricsAreScraped) {
  EchoServer server{{}};
  ASSERT_TRUE(server.Echo("x").ok());
  httplib::Client http("127.0.0.1", server.server().http_port());
  auto metrics = http.Get("/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->status, 200);
  EXPECT_TRUE(absl::StrContains(metrics->body, "grpc_server_handled_total{")) << metrics->body;
  EXPECT_TRUE(absl::StrContains(metrics->body, "rapport_executor_queue_depth")) << metrics->body;
  auto elsewhere = http.Get("/etc/passwd");
  ASSERT_TRUE(elsewhere);
  EXPECT_EQ(elsewhere->status, 404);
}

TEST(Server, ReflectionIsThere) {
  EchoServer server{{}};
  // ServerReflectionRequest{string list_services = 7}; a stream of one message looks like a unary call.
  const auto answer =
      server.Raw("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", std::string("\x3a\x01*"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(absl::StrContains(*answer, kEchoServiceName));
}

TEST(Server, SaysWhereItListens) {
  EchoServer server{{}};
  const int port = server.server().port();
  const std::string log = server.StopAndReadLog();
  EXPECT_TRUE(absl::StrContains(log, "\"event\":\"listening\"")) << log;
  EXPECT_TRUE(absl::StrContains(log, absl::StrCat("\"port\":", port))) << log;
  EXPECT_TRUE(absl::StrContains(log, "\"event\":\"stopped\"")) << log;
}

TEST(Server, DrainLosesNoCall) {
  std::promise<void> entered, release;
  const std::shared_future<void> released = release.get_future().share();
  EchoBehaviour behaviour;
  behaviour.echo = [&](const Call&, const EchoRequest& request) -> absl::StatusOr<EchoResponse> {
    if (request.text() == "long") {
      entered.set_value();
      released.wait();
    }
    return EchoResponse();
  };
  EchoServer server(behaviour);
  std::future<absl::Status> in_flight = std::async(std::launch::async, [&] { return server.Echo("long"); });
  entered.get_future().wait();

  server.server().BeginDrain();
  EXPECT_FALSE(server.Healthy(kEchoServiceName));
  EXPECT_FALSE(server.Healthy(""));
  EXPECT_TRUE(server.Echo("still served").ok());

  std::thread shutdown([&] { server.server().Shutdown(); });
  absl::Status refused;
  while (refused.ok()) refused = server.Echo("new");
  // CANCELLED is gRPC's own answer to a call that crosses the GOAWAY; either way nothing was begun.
  EXPECT_TRUE(absl::IsUnavailable(refused) || absl::IsCancelled(refused)) << refused;
  EXPECT_EQ(ReasonOf(refused), "");
  release.set_value();
  EXPECT_TRUE(in_flight.get().ok());
  shutdown.join();
}

TEST(Server, AfterTheGraceCallsAreCancelled) {
  std::promise<void> entered;
  EchoBehaviour behaviour;
  behaviour.echo = [&](const Call& call, const EchoRequest&) -> absl::StatusOr<EchoResponse> {
    entered.set_value();
    while (!call.cancelled()) std::this_thread::yield();
    return EchoResponse();
  };
  ServerOptions options = TestOptions();
  options.grace = absl::ZeroDuration();
  EchoServer server(behaviour, options);
  std::future<absl::Status> in_flight =
      std::async(std::launch::async, [&] { return server.Echo("for ever"); });
  entered.get_future().wait();
  server.server().Shutdown();
  EXPECT_FALSE(in_flight.get().ok());
}

}  // namespace
}  // namespace rapport::runtime
