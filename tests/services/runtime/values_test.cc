// The small values: clock, ids, log lines, metrics, series of calls, identities, onward calls, signals.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "absl/strings/match.h"
#include "services/runtime/authenticator.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"
#include "services/runtime/errors.h"
#include "services/runtime/ids.h"
#include "services/runtime/log.h"
#include "services/runtime/metric_names.h"
#include "services/runtime/rpc_series.h"
#include "services/runtime/signals.h"

namespace rapport::runtime {
namespace {

TEST(ManualClock, MovesWhenTold) {
  ManualClock clock(absl::FromUnixSeconds(100));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(100));
  clock.Advance(absl::Seconds(5));
  EXPECT_EQ(clock.Now(), absl::FromUnixSeconds(105));
}

TEST(Ids, SortByTimeAndDiffer) {
  ManualClock clock(absl::FromUnixMillis(1'900'000'000'000));
  RandomIds ids(clock);
  const std::string first = ids.NewId("ref");
  EXPECT_EQ(first.size(), 4u + 26u);
  EXPECT_TRUE(absl::StartsWith(first, "ref_"));
  EXPECT_EQ(first.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz", 4), std::string::npos) << first;
  EXPECT_NE(ids.NewId("ref"), first);
  clock.Advance(absl::Milliseconds(1));
  EXPECT_LT(first, ids.NewId("ref"));
}

TEST(Ids, SeededOnesRepeat) {
  SeededIds one(7), two(7), three(8);
  const std::string id = one.NewId("x");
  EXPECT_EQ(two.NewId("x"), id);
  EXPECT_NE(three.NewId("x"), id);
  EXPECT_LT(id, one.NewId("x"));
}

// A disk that was full, and has room again.
TEST(Log, GoesOnAfterALineThatCouldNotBeWritten) {
  std::ostringstream out;
  const ManualClock clock(absl::FromUnixMillis(1'900'000'000'123));
  Log log(out, clock);
  out.setstate(std::ios::badbit);
  log.Info("after_the_trouble");
  EXPECT_NE(out.str().find("after_the_trouble"), std::string::npos);
}

TEST(Log, IsOneJsonObjectALine) {
  std::ostringstream out;
  const ManualClock clock(absl::FromUnixMillis(1'900'000'000'123));
  Log log(out, clock);
  log.Debug("unheard");
  log.Info("listening", {{"address", "a \"quoted\"\nname"}, {"port", 80}, {"share", .5}, {"on", true}});
  log.Error("bytes", {{"text", std::string("\xff")}});
  std::istringstream lines(out.str());
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(nlohmann::json::parse(line), nlohmann::json({{"time", "2030-03-17T17:46:40.123Z"},
                                                         {"severity", "info"},
                                                         {"event", "listening"},
                                                         {"address", "a \"quoted\"\nname"},
                                                         {"port", 80},
                                                         {"share", .5},
                                                         {"on", true}}));
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(nlohmann::json::parse(line)["text"], "\xEF\xBF\xBD");
  EXPECT_FALSE(std::getline(lines, line));
}

// Every text, number and moment comes back as it went in: what the fast way does not write, the library does.
TEST(Log, ReadsBackAsItWasWritten) {
  ManualClock clock(absl::FromUnixMillis(1'900'000'000'123));
  for (const char* text : {"", "plain", "x\\y", "\"", "\t", "\x7f", "grüß dich", "\u2028", "</script>"}) {
    for (const double number : {0.0, 1.0, -.1, 1e300, 1.0 / 3}) {
      std::ostringstream out;
      Log log(out, clock);
      log.Warning("odd", {{"text", text}, {"number", number}, {"whole", INT64_MIN}, {"off", false}});
      const auto line = nlohmann::json::parse(out.str());
      EXPECT_EQ(line["text"], text);
      EXPECT_EQ(line["number"].get<double>(), number);
      EXPECT_EQ(line["whole"], INT64_MIN);
      EXPECT_EQ(line["off"], false);
    }
  }
  std::ostringstream out;
  Log log(out, clock);
  log.Info("none", {{"number", std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_TRUE(nlohmann::json::parse(out.str())["number"].is_null());
}

TEST(Log, TellsTheMomentInEverySecond) {
  ManualClock clock(absl::FromUnixMillis(1'900'000'000'999));
  for (const char* moment :
       {"2030-03-17T17:46:40.999Z", "2030-03-17T17:46:41.000Z", "2030-03-17T17:46:41.001Z"}) {
    std::ostringstream out;
    Log(out, clock).Info("now");
    EXPECT_EQ(nlohmann::json::parse(out.str())["time"], moment);
    clock.Advance(absl::Milliseconds(1));
  }
}

TEST(RpcSeries, RefusedCallsAreToldOfOnceASecond) {
  Metrics metrics;
  RpcSeries series(metrics, Method{"rapport.test.v1.TestService/Test"}, RpcType::kUnary);
  const absl::Time now = absl::FromUnixSeconds(1'900'000'000);
  EXPECT_EQ(series.Refused(now), 1);
  EXPECT_EQ(series.Refused(now + absl::Milliseconds(1)), 0);
  EXPECT_EQ(series.Refused(now + absl::Milliseconds(999)), 0);
  EXPECT_EQ(series.Refused(now + absl::Seconds(1)), 3);
  EXPECT_EQ(series.Refused(now + absl::Seconds(5)), 1);
}

TEST(RpcSeries, CountsEachCode) {
  Metrics metrics;
  RpcSeries series(metrics, Method{"rapport.test.v1.TestService/Test"}, RpcType::kUnary);
  for (const auto code : {absl::StatusCode::kOk, absl::StatusCode::kNotFound, absl::StatusCode::kNotFound,
                          static_cast<absl::StatusCode>(99)}) {
    series.Ended(code, .5);
  }
  const std::string text = metrics.Text();
  for (const char* count : {"grpc_code=\"OK\"", "grpc_code=\"NotFound\"", "grpc_code=\"Unknown\""})
    EXPECT_TRUE(absl::StrContains(text, count)) << text;
  EXPECT_TRUE(absl::StrContains(text, "grpc_type=\"unary\"} 2")) << text;
  EXPECT_FALSE(absl::StrContains(text, "grpc_code=\"Aborted\"")) << text;
}

TEST(Metrics, ShowInPrometheusText) {
  Metrics metrics;
  constexpr MetricName kShortlists = {"rapport_shortlists_total", "Shortlists made."};
  metrics.CounterOf(kShortlists, {{"network", "a"}}).Add(2);
  metrics.CounterOf(kShortlists, {{"network", "a"}}).Add();
  metrics.HistogramOf(kRpcSeconds, {.1, 1}).Observe(.5);
  const std::string text = metrics.Text();
  EXPECT_TRUE(absl::StrContains(text, "# TYPE rapport_shortlists_total counter")) << text;
  EXPECT_TRUE(absl::StrContains(text, "rapport_shortlists_total{network=\"a\"} 3")) << text;
  EXPECT_TRUE(absl::StrContains(text, "grpc_server_handling_seconds_bucket{le=\"0.1\"} 0")) << text;
  Counter().Add();  // a handle without metrics does nothing
}

TEST(LoopbackAuthenticator, KnowsThisMachineOnly) {
  const LoopbackAuthenticator authenticator;
  for (const char* local :
       {"ipv4:127.0.0.1:5", "ipv6:[::1]:5", "ipv6:%5B::1%5D:5", "unix:/tmp/x", "unknown"}) {
    const absl::StatusOr<Identity> identity = authenticator.Authenticate({.address = local, .metadata = {}});
    ASSERT_TRUE(identity.ok()) << local;
    EXPECT_EQ(identity->network, "default");
    EXPECT_EQ(identity->subject, "loopback");
  }
  for (const char* remote : {"ipv4:10.0.0.1:5", "ipv6:[2001:db8::1]:5", "unknown.example", ""}) {
    EXPECT_EQ(ReasonOf(authenticator.Authenticate({.address = remote, .metadata = {}}).status()),
              kUnauthenticated);
  }
}

TEST(PrepareOnward, TakesTheEarlierDeadline) {
  const absl::Time now = absl::FromUnixSeconds(1000);
  Call call;
  call.deadline = now + absl::Seconds(100);
  const auto left = [&](absl::Duration margin, absl::Duration cap) {
    grpc::ClientContext context;
    const absl::Time before = absl::Now();
    PrepareOnward(call, now, margin, cap, &context);
    return absl::FromChrono(context.deadline()) - before;
  };
  EXPECT_GE(left(absl::Seconds(10), absl::Seconds(200)), absl::Seconds(90));
  EXPECT_LT(left(absl::Seconds(10), absl::Seconds(200)), absl::Seconds(99));
  EXPECT_GE(left(absl::Seconds(10), absl::Seconds(20)), absl::Seconds(20));
  EXPECT_LT(left(absl::Seconds(10), absl::Seconds(20)), absl::Seconds(60));
}

TEST(StopSignal, GivesTheSignalThatCame) {
  StopSignal stop;
  raise(SIGTERM);
  EXPECT_EQ(stop.Wait(), SIGTERM);
  raise(SIGINT);
  EXPECT_EQ(stop.Wait(), SIGINT);
}

TEST(StopSignal, AClosedTerminalIsOneUnlessItWasToBeOutlived) {
  {
    StopSignal stop;
    ::raise(SIGHUP);
    EXPECT_EQ(stop.Wait(), SIGHUP);
  }
  struct sigaction ignore = {}, former = {}, now = {};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGHUP, &ignore, &former);
  {
    StopSignal stop;
    ::sigaction(SIGHUP, nullptr, &now);
    EXPECT_EQ(now.sa_handler, SIG_IGN);
  }
  ::sigaction(SIGHUP, &former, nullptr);
}

TEST(StopSignal, ComesAlsoFromAThreadThatWasThereBefore) {
  std::array<int, 2> end{};
  ASSERT_EQ(pipe2(end.data(), O_CLOEXEC), 0);
  // Waits in poll, where ThreadSanitizer delivers signals too, until the other end is closed.
  std::thread before([ended = end[0]] {
    pollfd closed = {ended, POLLIN, 0};
    while (poll(&closed, 1, -1) != 1) {
    }
  });
  {
    StopSignal stop;
    EXPECT_EQ(pthread_kill(before.native_handle(), SIGTERM), 0);
    EXPECT_EQ(stop.Wait(), SIGTERM);
  }
  close(end[1]);
  before.join();
  close(end[0]);
}

}  // namespace
}  // namespace rapport::runtime
