// The streaming wrappers over a real connection: order, bounds, and an end in every case.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "services/runtime/errors.h"
#include "tests/services/runtime/echo_server.h"

namespace rapport::runtime {
namespace {

// Keeps what it is given.
struct Collected {
  std::mutex mutex;
  std::vector<std::string> texts;
  std::vector<size_t> batches;
  std::promise<void> gone;
};

class Collector : public ClientStreamHandler<EchoRequest, EchoResponse> {
 public:
  explicit Collector(Collected& collected) : collected_(collected) {}
  ~Collector() override { collected_.gone.set_value(); }

  absl::Status OnBatch(const Call&, const std::vector<EchoRequest>& batch) override {
    std::lock_guard lock(collected_.mutex);
    collected_.batches.push_back(batch.size());
    for (const EchoRequest& request : batch) {
      if (request.text() == "bad row")
        return Error(absl::StatusCode::kFailedPrecondition, "BAD_ROW", "no more of this");
      collected_.texts.push_back(request.text());
    }
    return absl::OkStatus();
  }

  absl::StatusOr<EchoResponse> OnEnd(const Call&) override {
    std::lock_guard lock(collected_.mutex);
    EchoResponse response;
    response.set_text(absl::StrCat(collected_.texts.size()));
    return response;
  }

 private:
  Collected& collected_;
};

EchoBehaviour Collecting(Collected& collected) {
  EchoBehaviour behaviour;
  behaviour.collect = [&collected] { return std::make_shared<Collector>(collected); };
  return behaviour;
}

TEST(ClientStream, MessagesArriveInOrderAndInBatches) {
  Collected collected;
  EchoServer server(Collecting(collected));
  grpc::ClientContext context;
  SetFarDeadline(context);
  EchoResponse response;
  auto writer = server.stub().Collect(&context, &response);
  EchoRequest request;
  std::vector<std::string> sent;
  for (int i = 0; i < 200; ++i) {
    sent.push_back(absl::StrCat("row ", i));
    request.set_text(sent.back());
    ASSERT_TRUE(writer->Write(request));
  }
  writer->WritesDone();
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_EQ(response.text(), "200");
  std::lock_guard lock(collected.mutex);
  EXPECT_EQ(collected.texts, sent);
  EXPECT_EQ(collected.batches, (std::vector<size_t>{64, 64, 64, 8}));
}

TEST(ClientStream, LargeMessagesMakeSmallBatches) {
  Collected collected;
  EchoServer server(Collecting(collected));
  grpc::ClientContext context;
  SetFarDeadline(context);
  EchoResponse response;
  auto writer = server.stub().Collect(&context, &response);
  EchoRequest request;
  request.set_text(std::string(3 << 20, 'x'));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(writer->Write(request));
  writer->WritesDone();
  ASSERT_TRUE(writer->Finish().ok());
  std::lock_guard lock(collected.mutex);
  EXPECT_EQ(collected.batches, (std::vector<size_t>{2, 2, 1}));
}

TEST(OpenStreams, EndsThoseOfAnotherCoreToo) {
  Metrics metrics;
  const Gauge open = metrics.GaugeOf({"open_streams", "help"});
  OpenStreams own(open), others(open);
  own.EndToo(others);
  std::vector<std::string> ended;
  own.Add([&] { ended.push_back("own"); });
  others.Add([&] { ended.push_back("another's"); });
  EXPECT_NE(metrics.Text().find("open_streams 2"), std::string::npos) << metrics.Text();
  own.EndAll();
  EXPECT_EQ(ended, (std::vector<std::string>{"own", "another's"}));
  EXPECT_NE(metrics.Text().find("open_streams 0"), std::string::npos) << metrics.Text();
  EXPECT_EQ(others.Add([] {}), 0u);
}

TEST(ClientStream, AnEmptyOneHasAnAnswerToo) {
  Collected collected;
  EchoServer server(Collecting(collected));
  grpc::ClientContext context;
  EchoResponse response;
  auto writer = server.stub().Collect(&context, &response);
  writer->WritesDone();
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_EQ(response.text(), "0");
  std::lock_guard lock(collected.mutex);
  EXPECT_TRUE(collected.batches.empty());
}

TEST(ClientStream, AnErrorEndsIt) {
  Collected collected;
  EchoServer server(Collecting(collected));
  grpc::ClientContext context;
  SetFarDeadline(context);
  EchoResponse response;
  auto writer = server.stub().Collect(&context, &response);
  EchoRequest request;
  request.set_text("bad row");
  while (writer->Write(request)) {
  }
  EXPECT_EQ(ReasonOf(FromGrpc(writer->Finish())), "BAD_ROW");
}

TEST(ClientStream, AMalformedMessageEndsIt) {
  Collected collected;
  EchoServer server(Collecting(collected));
  // A unary call looks like a stream of one message.
  const absl::Status status = server.Raw("/rapport.testing.v1.EchoService/Collect", "\x0a\x01\xff").status();
  EXPECT_EQ(ReasonOf(status), kMalformedMessage);
  std::lock_guard lock(collected.mutex);
  EXPECT_TRUE(collected.batches.empty());
}

TEST(ClientStream, ACancelEndsIt) {
  Collected collected;
  EchoServer server(Collecting(collected));
  grpc::ClientContext context;
  EchoResponse response;
  auto writer = server.stub().Collect(&context, &response);
  EchoRequest request;
  ASSERT_TRUE(writer->Write(request));
  context.TryCancel();
  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
  collected.gone.get_future().wait();  // nothing is left behind
}

TEST(ClientStream, ItsLengthIsLimited) {
  Collected collected;
  EchoServer server(Collecting(collected));
  grpc::ClientContext context;
  SetFarDeadline(context);
  EchoResponse response;
  auto writer = server.stub().Collect(&context, &response);
  const EchoRequest request;
  size_t written = 0;
  while (written <= kMaxMessagesPerClientStream + 1000 &&
         writer->Write(request, grpc::WriteOptions().set_buffer_hint())) {
    ++written;
  }
  writer->WritesDone();
  EXPECT_EQ(ReasonOf(FromGrpc(writer->Finish())), kStreamTooLong);
  std::lock_guard lock(collected.mutex);
  EXPECT_LE(collected.texts.size(), kMaxMessagesPerClientStream);
}

// Hands the writer of the next stream to the test.
struct Watched {
  std::promise<StreamWriter<EchoResponse>> opened;
  std::promise<void> done;
};

EchoBehaviour Watching(Watched& watched) {
  EchoBehaviour behaviour;
  behaviour.watch = [&watched](const Call&, const EchoRequest& request,
                               StreamWriter<EchoResponse> writer) -> absl::Status {
    if (request.text() == "nothing")
      return Error(absl::StatusCode::kNotFound, "NO_SUCH_THING", "nothing to watch");
    writer.SetOnDone([&watched] { watched.done.set_value(); });
    watched.opened.set_value(writer);
    return absl::OkStatus();
  };
  return behaviour;
}

EchoResponse Text(const std::string& text) {
  EchoResponse response;
  response.set_text(text);
  return response;
}

TEST(ServerStream, WhatIsWrittenArrivesAndThenTheEnd) {
  Watched watched;
  EchoServer server(Watching(watched));
  grpc::ClientContext context;
  SetFarDeadline(context);
  auto reader = server.stub().Watch(&context, EchoRequest());
  const StreamWriter<EchoResponse> writer = watched.opened.get_future().get();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(writer.Write(Text(absl::StrCat(i))));
  writer.Finish(Error(absl::StatusCode::kNotFound, "GONE", "it was erased"));
  EXPECT_FALSE(writer.Write(Text("too late")));
  EchoResponse response;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(reader->Read(&response));
    EXPECT_EQ(response.text(), absl::StrCat(i));
  }
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(ReasonOf(FromGrpc(reader->Finish())), "GONE");
  watched.done.get_future().wait();
  bool called = false;
  writer.SetOnDone([&called] { called = true; });
  EXPECT_TRUE(called);
}

TEST(ServerStream, ManyThreadsMayWrite) {
  Watched watched;
  EchoServer server(Watching(watched));
  grpc::ClientContext context;
  SetFarDeadline(context);
  auto reader = server.stub().Watch(&context, EchoRequest());
  const StreamWriter<EchoResponse> writer = watched.opened.get_future().get();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&writer] {
      for (int i = 0; i < 50; ++i) EXPECT_TRUE(writer.Write(Text("x")));
    });
  }
  for (std::thread& thread : threads) thread.join();
  writer.Finish(absl::OkStatus());
  EchoResponse response;
  int read = 0;
  while (reader->Read(&response)) ++read;
  EXPECT_EQ(read, 200);
  EXPECT_TRUE(reader->Finish().ok());
}

TEST(ServerStream, AnErrorAtTheOpeningEndsIt) {
  Watched watched;
  EchoServer server(Watching(watched));
  grpc::ClientContext context;
  EchoRequest request;
  request.set_text("nothing");
  auto reader = server.stub().Watch(&context, request);
  EchoResponse response;
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(ReasonOf(FromGrpc(reader->Finish())), "NO_SUCH_THING");
  EXPECT_EQ(ReasonOf(server.Raw("/rapport.testing.v1.EchoService/Watch", "\x0a\x01\xff").status()),
            kMalformedMessage);
}

TEST(ServerStream, ACancelEndsIt) {
  Watched watched;
  EchoServer server(Watching(watched));
  grpc::ClientContext context;
  auto reader = server.stub().Watch(&context, EchoRequest());
  const StreamWriter<EchoResponse> writer = watched.opened.get_future().get();
  ASSERT_TRUE(writer.Write(Text("hello")));
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));
  context.TryCancel();
  watched.done.get_future().wait();
  EXPECT_FALSE(writer.Write(Text("anybody there?")));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
  const std::string log = server.StopAndReadLog();
  EXPECT_NE(log.find("\"reason\":\"CALL_CANCELLED\""), std::string::npos) << log;
  EXPECT_EQ(log.find("rpc_not_begun"), std::string::npos) << "it was: " << log;
}

TEST(ServerStream, ASlowConsumerIsEnded) {
  Watched watched;
  EchoServer server(Watching(watched));
  grpc::ClientContext context;
  SetFarDeadline(context);
  auto reader = server.stub().Watch(&context, EchoRequest());
  const StreamWriter<EchoResponse> writer = watched.opened.get_future().get();
  const EchoResponse large = Text(std::string(1 << 10, 'x'));
  while (writer.Write(large)) {
  }
  EchoResponse response;
  size_t read = 0;
  while (reader->Read(&response)) ++read;
  EXPECT_EQ(ReasonOf(FromGrpc(reader->Finish())), kConsumerTooSlow);
  watched.done.get_future().wait();
}

TEST(ServerStream, ShutdownEndsItPolitely) {
  Watched watched;
  EchoServer server(Watching(watched));
  grpc::ClientContext context;
  SetFarDeadline(context);
  auto reader = server.stub().Watch(&context, EchoRequest());
  const StreamWriter<EchoResponse> writer = watched.opened.get_future().get();
  ASSERT_TRUE(writer.Write(Text("hello")));
  EchoResponse response;
  ASSERT_TRUE(reader->Read(&response));
  std::thread shutdown([&] { server.server().Shutdown(); });
  EXPECT_FALSE(reader->Read(&response));
  const absl::Status status = FromGrpc(reader->Finish());
  shutdown.join();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_EQ(ReasonOf(status), kShuttingDown);
  EXPECT_FALSE(writer.Write(Text("too late")));
}

}  // namespace
}  // namespace rapport::runtime
