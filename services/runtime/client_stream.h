// A client-streaming handler: messages reach a handler object in order and in small batches, and the next are
// read only when a batch is done, so that a fast sender waits instead of filling our memory.
#ifndef RAPPORT_SERVICES_RUNTIME_CLIENT_STREAM_H_
#define RAPPORT_SERVICES_RUNTIME_CLIENT_STREAM_H_

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "services/runtime/codec.h"
#include "services/runtime/rpc.h"

namespace rapport::runtime {

// What one stream does with its messages. Called on executor threads, one call at a time; destroyed with the
// stream.
template <typename Request, typename Response>
class ClientStreamHandler {
 public:
  virtual ~ClientStreamHandler() = default;

  // The next 1 to limits.h:kClientStreamBatch messages. An error ends the stream with it.
  virtual absl::Status OnBatch(const Call& call, const std::vector<Request>& batch) = 0;

  // The sender is done, all batches were OK: the one answer. Not called when the stream ends otherwise.
  virtual absl::StatusOr<Response> OnEnd(const Call& call) = 0;
};

namespace internal {
struct ByteStreamHandler {
  std::function<absl::Status(const Call&, const std::vector<grpc::ByteBuffer>& batch)> on_batch;
  std::function<absl::Status(const Call&)> on_end;
};
// Admits the RPC and begins to read. gRPC owns the reactor.
grpc::ServerReadReactor<grpc::ByteBuffer>* StartClientStream(ServerCore& core, const Method& method,
                                                             grpc::CallbackServerContext* context,
                                                             ByteStreamHandler handler);
}  // namespace internal

// Feeds the stream to `handler`. Ends with MALFORMED_MESSAGE when a message does not parse, STREAM_TOO_LONG
// beyond limits.h:kMaxMessagesPerClientStream, OVERLOADED when the executor's queue is full. A stream has the
// deadline that its caller set, or none. `core` must outlive the server.
template <typename Request, typename Response>
grpc::ServerReadReactor<grpc::ByteBuffer>* ClientStream(
    ServerCore& core, const Method& method, grpc::CallbackServerContext* context, grpc::ByteBuffer* out,
    std::shared_ptr<ClientStreamHandler<Request, Response>> handler) {
  auto on_batch = [handler](const Call& call, const std::vector<grpc::ByteBuffer>& batch) -> absl::Status {
    std::vector<Request> messages(batch.size());
    for (size_t i = 0; i < batch.size(); ++i) {
      if (absl::Status parsed = Decode(batch[i], &messages[i]); !parsed.ok()) return parsed;
    }
    return handler->OnBatch(call, messages);
  };
  auto on_end = [handler, out](const Call& call) -> absl::Status {
    absl::StatusOr<Response> response = handler->OnEnd(call);
    if (!response.ok()) return response.status();
    return Encode(*response, out);
  };
  return internal::StartClientStream(core, method, context, {std::move(on_batch), std::move(on_end)});
}

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_CLIENT_STREAM_H_
