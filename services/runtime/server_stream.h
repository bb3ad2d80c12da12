// A server-streaming handler: a handle that any thread may write to for as long as it likes, a bounded queue
// behind it, and a clean end at cancel and at shutdown.
#ifndef RAPPORT_SERVICES_RUNTIME_SERVER_STREAM_H_
#define RAPPORT_SERVICES_RUNTIME_SERVER_STREAM_H_

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "services/runtime/codec.h"
#include "services/runtime/rpc.h"

namespace rapport::runtime {

namespace internal {
class ByteStream;
bool WriteTo(ByteStream& stream, const google::protobuf::Message& message);
void End(ByteStream& stream, absl::Status status);
void OnDone(ByteStream& stream, std::function<void()> callback);
// Admits the RPC and runs `open` on the executor. gRPC owns the reactor.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartServerStream(
    ServerCore& core, const Method& method, grpc::CallbackServerContext* context,
    std::function<absl::Status(const Call&, std::shared_ptr<ByteStream>)> open);
}  // namespace internal

// The sending end of one stream. Copies share the stream. Thread-safe; usable after the stream has ended.
template <typename Response>
class StreamWriter {
 public:
  explicit StreamWriter(std::shared_ptr<internal::ByteStream> stream) : stream_(std::move(stream)) {}

  // Queues a message; never blocks. False when the stream is over: stop writing. A queue longer than
  // limits.h:kServerStreamQueue ends the stream with RESOURCE_EXHAUSTED, reason CONSUMER_TOO_SLOW.
  bool Write(const Response& response) const { return internal::WriteTo(*stream_, response); }

  // Ends the stream with `status` after what was written. Only the first end counts.
  void Finish(absl::Status status) const { internal::End(*stream_, std::move(status)); }

  // Calls `callback` once when the stream is over for whatever reason, at once if it is already. It runs on
  // one of gRPC's threads and must not block. Replaces the former callback.
  void SetOnDone(std::function<void()> callback) const { internal::OnDone(*stream_, std::move(callback)); }

 private:
  std::shared_ptr<internal::ByteStream> stream_;
};

// Runs `open` on an executor thread. When it returns OK the stream stays open until Finish, cancel, the
// caller's deadline or shutdown (UNAVAILABLE, SHUTTING_DOWN); an error ends it. `open` keeps a copy of the
// writer wherever its messages come from. `core` must outlive the server.
template <typename Request, typename Response>
grpc::ServerWriteReactor<grpc::ByteBuffer>* ServerStream(
    ServerCore& core, const Method& method, grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
    std::function<absl::Status(const Call&, const Request&, StreamWriter<Response>)> open) {
  return internal::StartServerStream(
      core, method, context,
      [in, open = std::move(open)](const Call& call,
                                   std::shared_ptr<internal::ByteStream> stream) -> absl::Status {
        Request request;
        if (absl::Status parsed = Decode(*in, &request); !parsed.ok()) return parsed;
        return open(call, request, StreamWriter<Response>(std::move(stream)));
      });
}

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_SERVER_STREAM_H_
