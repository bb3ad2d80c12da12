// See server_stream.h. Every event (a message, a finished write, an end) changes the state under the mutex
// and then calls Pump, which alone decides what gRPC is told next; gRPC is never called with the mutex held.
#include "services/runtime/server_stream.h"

#include <deque>
#include <mutex>
#include <optional>

#include "absl/strings/str_cat.h"
#include "services/runtime/errors.h"
#include "services/runtime/limits.h"

namespace rapport::runtime::internal {

// Lives as long as gRPC (until OnDone), the executor's task or a writer needs it, whichever is last.
class ByteStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  using Open = std::function<absl::Status(const Call&, std::shared_ptr<ByteStream>)>;

  static ByteStream* Start(ServerCore& core, const Method& method, grpc::CallbackServerContext* context,
                           Open open) {
    auto stream = std::make_shared<ByteStream>(core, method, context);
    {
      std::lock_guard lock(stream->mutex_);
      stream->self_ = stream;
    }
    if (!stream->rpc_.admitted().ok()) {
      stream->End(stream->rpc_.admitted());
      return stream.get();
    }
    const uint64_t ticket = core.open_streams().Add([stream] { stream->EndNow(ShuttingDown()); });
    {
      std::lock_guard lock(stream->mutex_);
      stream->ticket_ = ticket;
    }
    absl::Status begun =
        ticket == 0 ? ShuttingDown() : core.executor().TrySubmit([stream, open = std::move(open)] {
          const absl::Status opened =
              stream->rpc_.RunGuarded([&] { return open(stream->rpc_.call(), stream); });
          if (!opened.ok()) stream->End(opened);
        });
    if (!begun.ok()) stream->End(begun);
    return stream.get();
  }

  ByteStream(ServerCore& core, const Method& method, grpc::CallbackServerContext* context)
      : rpc_(core, method, RpcType::kServerStream, context) {}

  bool Write(const google::protobuf::Message& message) {
    grpc::ByteBuffer bytes;
    if (absl::Status encoded = Encode(message, &bytes); !encoded.ok()) {
      EndNow(encoded);
      return false;
    }
    {
      std::lock_guard lock(mutex_);
      if (end_) return false;
      if (queue_.size() < kServerStreamQueue) {
        queue_.push_back(std::move(bytes));
      } else {
        queue_.clear();
        end_ = Error(
            absl::StatusCode::kResourceExhausted, kConsumerTooSlow,
            absl::StrCat(kServerStreamQueue, " messages are waiting to be read: read faster, or call again"),
            {{"limit", absl::StrCat(kServerStreamQueue)}});
      }
    }
    Pump();
    return !Ended();
  }

  // After what is queued.
  void End(const absl::Status& status) {
    {
      std::lock_guard lock(mutex_);
      if (!end_) end_ = status;
    }
    Pump();
  }

  // Without what is queued.
  void EndNow(const absl::Status& status) {
    {
      std::lock_guard lock(mutex_);
      if (!end_) end_ = status;
      queue_.clear();
    }
    Pump();
  }

  void SetOnDone(std::function<void()> callback) {
    {
      std::lock_guard lock(mutex_);
      if (!done_) {
        on_done_ = std::move(callback);
        return;
      }
    }
    callback();
  }

 private:
  static absl::Status ShuttingDown() {
    return Error(absl::StatusCode::kUnavailable, kShuttingDown, "this server is shutting down: ask another");
  }

  bool Ended() {
    std::lock_guard lock(mutex_);
    return end_.has_value();
  }

  // Starts the next write, or finishes, unless a write is under way (OnWriteDone comes back here) or all is
  // said.
  void Pump() {
    bool write = false;
    grpc::Status end;
    {
      std::lock_guard lock(mutex_);
      if (writing_ || finished_ || (queue_.empty() && !end_)) return;
      if (!queue_.empty()) {
        writing_ = write = true;
        current_ = std::move(queue_.front());
        queue_.pop_front();
      } else {
        finished_ = true;
        end = rpc_.End(*end_);
      }
    }
    if (write) {
      StartWrite(&current_);
    } else {
      Finish(end);
    }
  }

  void OnWriteDone(bool ok) override {
    {
      std::lock_guard lock(mutex_);
      writing_ = false;
      if (!ok) CutLocked();
    }
    Pump();
  }

  void OnCancel() override {
    rpc_.Cancel();
    {
      std::lock_guard lock(mutex_);
      CutLocked();
    }
    Pump();
  }

  // Nobody listens any more.
  void CutLocked() {
    if (!end_) end_ = Error(absl::StatusCode::kCancelled, kCallCancelled, "the caller is gone");
    queue_.clear();
  }

  void OnDone() override {
    std::shared_ptr<ByteStream> last;
    std::function<void()> on_done;
    uint64_t ticket = 0;
    {
      std::lock_guard lock(mutex_);
      done_ = true;
      last.swap(self_);
      on_done.swap(on_done_);
      ticket = ticket_;
    }
    rpc_.core().open_streams().Remove(ticket);
    if (on_done) on_done();
  }

  Rpc rpc_;
  grpc::ByteBuffer current_;  // belongs to gRPC between StartWrite and OnWriteDone
  std::mutex mutex_;          // guards what follows
  std::deque<grpc::ByteBuffer> queue_;
  bool writing_ = false;
  std::optional<absl::Status> end_;  // what the stream ends with once the queue is empty
  bool finished_ = false;            // gRPC was told the end
  bool done_ = false;                // gRPC is done with us
  uint64_t ticket_ = 0;
  std::function<void()> on_done_;
  std::shared_ptr<ByteStream> self_;
};

bool WriteTo(ByteStream& stream, const google::protobuf::Message& message) {
  return stream.Write(message);
}

void End(ByteStream& stream, absl::Status status) {
  stream.End(status);
}

void OnDone(ByteStream& stream, std::function<void()> callback) {
  stream.SetOnDone(std::move(callback));
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartServerStream(ServerCore& core, const Method& method,
                                                              grpc::CallbackServerContext* context,
                                                              ByteStream::Open open) {
  return ByteStream::Start(core, method, context, std::move(open));
}

}  // namespace rapport::runtime::internal
