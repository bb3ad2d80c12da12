#include "tests/bench/service/load.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"

namespace rapport::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct OpenCall {
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  grpc::ByteBuffer response;
  grpc::Status status;
  Clock::time_point sent;
};

}  // namespace

Throughput RunClosedLoop(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                         const std::vector<grpc::ByteBuffer>& requests, int open_calls,
                         std::chrono::milliseconds duration) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  std::vector<OpenCall> calls(static_cast<std::size_t>(open_calls));
  std::vector<double> times_us;
  std::size_t next = 0;
  const auto send = [&](OpenCall& call) {
    call.context = std::make_unique<grpc::ClientContext>();
    call.response.Clear();
    call.sent = Clock::now();
    call.reader =
        stub.PrepareUnaryCall(call.context.get(), method, requests[next++ % requests.size()], &queue);
    call.reader->StartCall();
    call.reader->Finish(&call.response, &call.status, &call);
  };
  const Clock::time_point start = Clock::now();
  const Clock::time_point end = start + duration;
  for (OpenCall& call : calls) send(call);
  std::size_t open = calls.size();
  void* tag = nullptr;
  bool ok = false;
  while (open > 0 && queue.Next(&tag, &ok)) {
    OpenCall& call = *static_cast<OpenCall*>(tag);
    const Clock::time_point now = Clock::now();
    if (!ok || !call.status.ok()) {
      std::fprintf(stderr, "a call failed: %s\n", call.status.error_message().c_str());
      std::exit(1);
    }
    if (now < end) {
      times_us.push_back(std::chrono::duration<double, std::micro>(now - call.sent).count());
      send(call);
    } else {
      --open;
    }
  }
  queue.Shutdown();
  while (queue.Next(&tag, &ok)) {
  }
  const auto middle = times_us.begin() + static_cast<std::ptrdiff_t>(times_us.size() / 2);
  std::nth_element(times_us.begin(), middle, times_us.end());
  return {static_cast<double>(times_us.size()) / std::chrono::duration<double>(duration).count(), *middle};
}

}  // namespace rapport::bench
