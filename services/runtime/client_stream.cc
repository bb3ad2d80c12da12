// See client_stream.h. The stream is a chain: read until a batch is full or the sender is done, hand it to
// the executor, read on. At any moment either a read or a task is under way, never both.
#include "services/runtime/client_stream.h"

#include <mutex>

#include "absl/strings/str_cat.h"
#include "services/runtime/errors.h"
#include "services/runtime/limits.h"

namespace rapport::runtime::internal {
namespace {

// Lives as long as gRPC (until OnDone) or the executor's task needs it, whichever is later.
class ReadReactor final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  static ReadReactor* Start(ServerCore& core, const Method& method, grpc::CallbackServerContext* context,
                            ByteStreamHandler handler) {
    auto reactor = std::make_shared<ReadReactor>(core, method, context, std::move(handler));
    reactor->self_ = reactor;
    if (reactor->rpc_.admitted().ok()) {
      reactor->StartRead(&reactor->incoming_);
    } else {
      reactor->End(reactor->rpc_.admitted());
    }
    return reactor.get();
  }

  ReadReactor(ServerCore& core, const Method& method, grpc::CallbackServerContext* context,
              ByteStreamHandler handler)
      : rpc_(core, method, RpcType::kClientStream, context),
        context_(context),
        handler_(std::move(handler)) {}

 private:
  void OnReadDone(bool ok) override {
    // A read fails when the sender is done and when it is gone; OnCancel may come a moment later.
    if (!ok && context_->IsCancelled()) rpc_.Cancel();
    std::shared_ptr<ReadReactor> self;
    bool full = false;
    {
      std::lock_guard lock(mutex_);
      self = self_;
      if (ok) {
        ++received_;
        batch_bytes_ += incoming_.Length();
        batch_.push_back(std::move(incoming_));
        incoming_ = grpc::ByteBuffer();
      }
      full = batch_.size() >= kClientStreamBatch || batch_bytes_ >= kClientStreamBatchBytes;
      if (received_ > kMaxMessagesPerClientStream) ok = false;
    }
    if (ok && !full) {
      StartRead(&incoming_);
      return;
    }
    const absl::Status accepted =
        rpc_.core().executor().TrySubmit([self, at_end = !ok] { self->Handle(at_end); });
    if (!accepted.ok()) End(accepted);
  }

  void Handle(bool at_end) {
    std::vector<grpc::ByteBuffer> batch;
    bool too_long = false;
    {
      std::lock_guard lock(mutex_);
      batch.swap(batch_);
      batch_bytes_ = 0;
      too_long = received_ > kMaxMessagesPerClientStream;
    }
    const absl::Status status = rpc_.RunGuarded([&]() -> absl::Status {
      if (too_long) {
        return Error(absl::StatusCode::kResourceExhausted, kStreamTooLong,
                     absl::StrCat("a stream may have ", kMaxMessagesPerClientStream,
                                  " messages: send the rest in another"),
                     {{"limit", absl::StrCat(kMaxMessagesPerClientStream)}});
      }
      if (!batch.empty()) {
        if (absl::Status handled = handler_.on_batch(rpc_.call(), batch); !handled.ok()) return handled;
      }
      return at_end ? handler_.on_end(rpc_.call()) : absl::OkStatus();
    });
    if (at_end || !status.ok()) {
      End(status);
      return;
    }
    // What the handler did happens before the next batch, on whichever thread: OnReadDone takes the same
    // mutex.
    { std::lock_guard lock(mutex_); }
    StartRead(&incoming_);
  }

  void End(const absl::Status& status) { Finish(rpc_.End(status)); }

  void OnCancel() override { rpc_.Cancel(); }

  void OnDone() override {
    std::shared_ptr<ReadReactor> last;
    std::lock_guard lock(mutex_);
    last.swap(self_);
  }

  Rpc rpc_;
  grpc::CallbackServerContext* const context_;
  const ByteStreamHandler handler_;
  grpc::ByteBuffer incoming_;  // belongs to gRPC between StartRead and OnReadDone
  std::mutex mutex_;
  std::vector<grpc::ByteBuffer> batch_;
  size_t batch_bytes_ = 0;
  size_t received_ = 0;
  std::shared_ptr<ReadReactor> self_;
};

}  // namespace

grpc::ServerReadReactor<grpc::ByteBuffer>* StartClientStream(ServerCore& core, const Method& method,
                                                             grpc::CallbackServerContext* context,
                                                             ByteStreamHandler handler) {
  return ReadReactor::Start(core, method, context, std::move(handler));
}

}  // namespace rapport::runtime::internal
