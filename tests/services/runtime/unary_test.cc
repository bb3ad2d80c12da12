// The unary wrapper over a real connection: each step refuses what it should, with a reason, and the rest
// gets through.
#include "services/runtime/unary.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/runtime/errors.h"
#include "tests/services/runtime/echo_server.h"

namespace rapport::runtime {
namespace {

constexpr char kEchoPath[] = "/rapport.testing.v1.EchoService/Echo";

EchoBehaviour Echoing(std::function<absl::StatusOr<EchoResponse>(const Call&, const EchoRequest&)> echo) {
  EchoBehaviour behaviour;
  behaviour.echo = std::move(echo);
  return behaviour;
}

// A handler that stays in the call until released.
struct Gate {
  std::promise<void> entered, release;
  std::shared_future<void> released = release.get_future().share();
  void Pass() {
    entered.set_value();
    released.wait();
  }
};

TEST(Unary, AnswersAndRecords) {
  EchoServer server{{}};
  EchoResponse response;
  ASSERT_TRUE(server.Echo("grüß dich", &response).ok());
  EXPECT_EQ(response.text(), "grüß dich");
  const std::string text = server.metrics().Text();
  EXPECT_TRUE(
      absl::StrContains(text,
                        "grpc_server_started_total{grpc_method=\"Echo\",grpc_service=\"rapport.testing.v1."
                        "EchoService\",grpc_type=\"unary\"} 1"))
      << text;
  EXPECT_TRUE(absl::StrContains(text, "grpc_server_handled_total{grpc_code=\"OK\",grpc_method=\"Echo\""))
      << text;
  EXPECT_TRUE(absl::StrContains(text, "grpc_server_handling_seconds_count{grpc_method=\"Echo\"")) << text;
}

TEST(Unary, TheCallCarriesIdentityIdsAndDeadline) {
  std::mutex mutex;
  Call last;
  EchoServer server(Echoing([&](const Call& call, const EchoRequest&) {
    std::lock_guard lock(mutex);
    last = call;
    return EchoResponse();
  }));
  const auto last_seen = [&] {
    std::lock_guard lock(mutex);
    return last;
  };
  grpc::ClientContext context;
  context.AddMetadata("x-request-id", "clinic-42");
  context.AddMetadata("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EchoResponse response;
  ASSERT_TRUE(server.stub().Echo(&context, EchoRequest(), &response).ok());
  Call seen = last_seen();
  EXPECT_EQ(seen.identity.network, "default");
  EXPECT_EQ(seen.identity.subject, "loopback");
  EXPECT_EQ(seen.request_id, "clinic-42");
  EXPECT_EQ(seen.traceparent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(seen.deadline - seen.started, kDefaultDeadline);  // this caller set none
  EXPECT_EQ(context.GetServerTrailingMetadata().count("x-request-id"), 1u);

  grpc::ClientContext patient;
  patient.set_deadline(std::chrono::system_clock::now() + std::chrono::hours(1));
  patient.AddMetadata("x-request-id", "two words");
  ASSERT_TRUE(server.stub().Echo(&patient, EchoRequest(), &response).ok());
  seen = last_seen();
  EXPECT_EQ(seen.deadline - seen.started, kMaxDeadline);
  EXPECT_TRUE(absl::StartsWith(seen.request_id, "rpc_")) << seen.request_id;
}

TEST(Unary, WorksInProcess) {
  EchoServer server{{}};
  const auto stub = testing::v1::EchoService::NewStub(server.server().InProcessChannel());
  grpc::ClientContext context;
  EchoRequest request;
  request.set_text("near");
  EchoResponse response;
  const grpc::Status status = stub->Echo(&context, request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.text(), "near");
}

TEST(Unary, ErrorsArriveWhole) {
  EchoServer server(Echoing([](const Call&, const EchoRequest&) -> absl::StatusOr<EchoResponse> {
    return Error(absl::StatusCode::kAborted, "ETAG_MISMATCH", "changed meanwhile", {{"etag", "7"}});
  }));
  const absl::Status status = server.Echo("x");
  EXPECT_TRUE(absl::IsAborted(status));
  EXPECT_EQ(status.message(), "changed meanwhile");
  EXPECT_EQ(ReasonOf(status), "ETAG_MISMATCH");
}

TEST(Unary, BytesThatAreNotTheMessage) {
  std::atomic<int> runs = 0;
  EchoServer server(Echoing([&](const Call&, const EchoRequest&) {
    ++runs;
    return EchoResponse();
  }));
  ::testing::internal::CaptureStderr();
  const absl::Status not_utf8 = server.Raw(kEchoPath, "\x0a\x02\xff\xfe").status();
  const absl::Status truncated = server.Raw(kEchoPath, "\x0a\x7f").status();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");  // protobuf's complaint is not printed

  EXPECT_TRUE(absl::IsInvalidArgument(not_utf8));
  EXPECT_EQ(ReasonOf(not_utf8), kMalformedMessage);
  ASSERT_EQ(ViolationsOf(not_utf8).size(), 1u);
  EXPECT_EQ(ViolationsOf(not_utf8)[0].field_path, "text");
  EXPECT_EQ(ViolationsOf(not_utf8)[0].description, "rapport.testing.v1.EchoRequest.text is not valid UTF-8");

  EXPECT_TRUE(absl::IsInvalidArgument(truncated));
  EXPECT_EQ(ReasonOf(truncated), kMalformedMessage);
  ASSERT_EQ(ViolationsOf(truncated).size(), 1u);
  EXPECT_EQ(ViolationsOf(truncated)[0].field_path, "request");
  EXPECT_EQ(runs, 0);
}

TEST(Unary, AnAnswerThatCannotBeReadIsOurFault) {
  EchoServer server(Echoing([](const Call&, const EchoRequest& request) {
    EchoResponse response;
    response.set_text(request.text() == "big" ? std::string(kMaxSendMessageBytes + 1, 'x')
                                              : std::string("\xff"));
    return response;
  }));
  EXPECT_EQ(ReasonOf(server.Echo("big")), kInternal);
  EXPECT_EQ(ReasonOf(server.Echo("bad")), kInternal);
}

TEST(Unary, AnOversizeMessageIsRefused) {
  EchoServer server{{}};
  EXPECT_TRUE(absl::IsResourceExhausted(server.Echo(std::string(10 << 20, 'x'))));
  EXPECT_TRUE(server.Echo(std::string(64 << 10, 'x')).ok());
}

TEST(Unary, WhatIsThrownStaysInside) {
  EchoServer server(Echoing([](const Call&, const EchoRequest& request) -> absl::StatusOr<EchoResponse> {
    if (request.text() == "std") throw std::runtime_error("password=hunter2");
    throw 7;
  }));
  for (const char* kind : {"std", "other"}) {
    const absl::Status status = server.Echo(kind);
    EXPECT_TRUE(absl::IsInternal(status));
    EXPECT_EQ(ReasonOf(status), kInternal);
    EXPECT_TRUE(absl::StartsWith(status.message(), "internal error, request id rpc_")) << status;
  }
  const std::string log = server.StopAndReadLog();
  EXPECT_TRUE(absl::StrContains(log, "password=hunter2")) << log;  // whoever runs the server can see why
}

TEST(Unary, ALogLineNamesTheCallAndNotItsContent) {
  EchoServer server{{}};
  ASSERT_TRUE(server.Echo("Maria's trauma").ok());
  const std::string log = server.StopAndReadLog();
  EXPECT_FALSE(absl::StrContains(log, "Maria")) << log;
  std::istringstream lines(log);
  int rpcs = 0;
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json entry = nlohmann::json::parse(line);
    if (entry["event"] != "rpc") continue;
    ++rpcs;
    EXPECT_EQ(entry["method"], "rapport.testing.v1.EchoService/Echo");
    EXPECT_EQ(entry["code"], "OK");
    EXPECT_EQ(entry["network"], "default");
    EXPECT_FALSE(entry["request_id"].get<std::string>().empty());
  }
  EXPECT_EQ(rpcs, 1);
}

class NobodyIsKnown : public Authenticator {
 public:
  absl::StatusOr<Identity> Authenticate(const Peer&) const override {
    return Error(absl::StatusCode::kPermissionDenied, kPermissionDenied, "not here");
  }
};

TEST(Unary, NobodyGetsPastTheAuthenticator) {
  std::atomic<int> runs = 0;
  const NobodyIsKnown nobody;
  EchoServer server(Echoing([&](const Call&, const EchoRequest&) {
                      ++runs;
                      return EchoResponse();
                    }),
                    TestOptions(), nullptr, &nobody);
  EXPECT_EQ(ReasonOf(server.Echo("x")), kPermissionDenied);
  EXPECT_EQ(ReasonOf(server.Raw(kEchoPath, "\xff").status()),
            kPermissionDenied);  // before the bytes are looked at
  EXPECT_EQ(runs, 0);
}

// Tells when a call has arrived, and has its deadline.
class Doorbell : public LoopbackAuthenticator {
 public:
  absl::StatusOr<Identity> Authenticate(const Peer& peer) const override {
    if (++arrived_ == 2) second_.set_value();
    return LoopbackAuthenticator::Authenticate(peer);
  }
  void AwaitSecond() { second_.get_future().wait(); }

 private:
  mutable std::atomic<int> arrived_ = 0;
  mutable std::promise<void> second_;
};

TEST(Unary, WorkWhoseDeadlinePassedIsNotBegun) {
  ManualClock clock(absl::FromUnixSeconds(1'900'000'000));
  Doorbell doorbell;
  Gate gate;
  std::atomic<int> runs = 0;
  ServerOptions options = TestOptions();
  options.workers = 1;
  EchoServer server(Echoing([&](const Call&, const EchoRequest&) {
                      if (++runs == 1) gate.Pass();
                      return EchoResponse();
                    }),
                    options, &clock, &doorbell);
  std::thread first([&] { EXPECT_TRUE(server.Echo("first").ok()); });
  gate.entered.get_future().wait();
  absl::Status second_status;
  std::thread second([&] { second_status = server.Echo("second"); });
  doorbell.AwaitSecond();
  clock.Advance(absl::Hours(1));
  gate.release.set_value();
  first.join();
  second.join();
  EXPECT_TRUE(absl::IsDeadlineExceeded(second_status));
  EXPECT_EQ(ReasonOf(second_status), kDeadlinePassed);
  EXPECT_EQ(runs, 1);
}

TEST(Unary, AComputationThatWouldComeTooLateIsNotBegun) {
  ManualClock clock(absl::FromUnixSeconds(1'900'000'000));
  std::atomic<bool> slow = true;
  std::atomic<int> runs = 0;
  EchoBehaviour behaviour = Echoing([&](const Call&, const EchoRequest&) {
    ++runs;
    if (slow) clock.Advance(absl::Milliseconds(100));
    return EchoResponse();
  });
  behaviour.computes = true;
  EchoServer server(std::move(behaviour), TestOptions(), &clock);
  const auto call = [&](absl::Duration patience) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + patience));
    EchoResponse response;
    return FromGrpc(server.stub().Echo(&context, EchoRequest(), &response));
  };
  constexpr absl::Duration kHurried = absl::Milliseconds(60), kPatient = absl::Minutes(5);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(call(kPatient).ok());
  // Again where the machine was too slow to say so in time.
  absl::Status refused;
  int begun = 0;
  for (int tries = 0; tries < 100 && ReasonOf(refused) != kDeadlineTooNear; ++tries) {
    begun = runs;
    refused = call(kHurried);
  }
  EXPECT_TRUE(absl::IsDeadlineExceeded(refused));
  EXPECT_EQ(ReasonOf(refused), kDeadlineTooNear);
  EXPECT_EQ(runs, begun);
  EXPECT_TRUE(call(kPatient).ok()) << "who has the time is answered";
  // Where nobody has, what calls took is doubted until one is begun again.
  slow = false;
  begun = runs;
  for (int tries = 0; tries < 1'000 && runs == begun; ++tries) static_cast<void>(call(kHurried));
  EXPECT_GT(runs, begun);
}

TEST(Unary, AFullQueueAnswersAtOnce) {
  Gate gate;
  std::atomic<int> runs = 0;
  ServerOptions options = TestOptions();
  options.workers = 1;
  options.queue_length = 1;
  EchoServer server(Echoing([&](const Call&, const EchoRequest&) {
                      if (++runs == 1) gate.Pass();
                      return EchoResponse();
                    }),
                    options);
  std::thread running([&] { EXPECT_TRUE(server.Echo("running").ok()); });
  gate.entered.get_future().wait();
  // Of two more, one waits in the queue and the other is refused, while the first call still runs.
  std::promise<absl::Status> answered;
  std::atomic<int> answers = 0;
  const auto call = [&] {
    const absl::Status status = server.Echo("more");
    if (++answers == 1) answered.set_value(status);
    return status;
  };
  std::future<absl::Status> one = std::async(std::launch::async, call);
  std::future<absl::Status> two = std::async(std::launch::async, call);
  const absl::Status refused = answered.get_future().get();
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_EQ(ReasonOf(refused), kOverloaded);
  EXPECT_EQ(RetryAfterOf(refused), kOverloadRetryAfter);
  EXPECT_EQ(runs, 1);
  gate.release.set_value();
  running.join();
  EXPECT_EQ(one.get().ok() + two.get().ok(), 1);
  EXPECT_EQ(runs, 2);
  const std::string log = server.StopAndReadLog();
  EXPECT_TRUE(absl::StrContains(log, "\"event\":\"rpc_not_begun\"")) << log;
  EXPECT_FALSE(absl::StrContains(log, "ResourceExhausted")) << log;  // no line of its own for each
}

TEST(Unary, ACallBeyondTheOpenOnesOfItsConnectionWaitsWithItsCaller) {
  Gate gate;
  std::atomic<int> runs = 0;
  ServerOptions options = TestOptions();
  options.open_calls = 1;
  EchoServer server(Echoing([&](const Call&, const EchoRequest&) {
                      if (++runs == 1) gate.Pass();
                      return EchoResponse();
                    }),
                    options);
  std::thread first([&] { EXPECT_TRUE(server.Echo("first").ok()); });
  gate.entered.get_future().wait();
  // There are threads and a queue for it, and it could be answered at once; the server never hears of it.
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  EchoResponse response;
  EXPECT_EQ(server.stub().Echo(&context, EchoRequest(), &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  gate.release.set_value();
  first.join();
  EXPECT_TRUE(server.Echo("third").ok()) << "the room of a call that ended is free again";
  EXPECT_EQ(runs, 2);
}

TEST(Unary, ALongComputationKeepsNobodyFromBeingAnswered) {
  Gate gate;
  std::atomic<int> runs = 0;
  ServerOptions options = TestOptions();
  options.workers = 1;
  EchoBehaviour behaviour = Echoing([&](const Call&, const EchoRequest& request) {
    if (++runs == 1) gate.Pass();
    EchoResponse response;
    response.set_text(request.text());
    return response;
  });
  behaviour.computes = true;
  EchoServer server(std::move(behaviour), options);
  std::thread computing([&] { EXPECT_TRUE(server.Echo("long").ok()); });
  gate.entered.get_future().wait();
  for (int i = 0; i < 20; ++i) {
    EchoResponse response;
    ASSERT_TRUE(server.Echo("short", &response).ok());
    EXPECT_EQ(response.text(), "short");
  }
  gate.release.set_value();
  computing.join();
  EXPECT_EQ(runs, 21);
}

TEST(Unary, ACancelledCallIsSeenAsSuch) {
  std::promise<void> entered;
  std::promise<std::function<bool()>> cancelled;
  EchoServer server(Echoing([&](const Call& call, const EchoRequest&) {
    entered.set_value();
    while (!call.cancelled()) std::this_thread::yield();
    cancelled.set_value(call.cancelled);
    return EchoResponse();
  }));
  grpc::ClientContext context;
  std::thread caller([&] {
    EchoResponse response;
    EXPECT_EQ(server.stub().Echo(&context, EchoRequest(), &response).error_code(),
              grpc::StatusCode::CANCELLED);
  });
  entered.get_future().wait();
  context.TryCancel();
  const std::function<bool()> still_usable = cancelled.get_future().get();
  caller.join();
  EXPECT_TRUE(still_usable());
}

}  // namespace
}  // namespace rapport::runtime
