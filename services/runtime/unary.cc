// See unary.h.
#include "services/runtime/unary.h"

#include <cstddef>
#include <memory>

namespace rapport::runtime::internal {
namespace {

// Lives as long as gRPC (until OnDone) or the executor's task needs it, whichever is later.
class UnaryReactor final : public grpc::ServerUnaryReactor {
 public:
  static UnaryReactor* Start(ServerCore& core, const Method& method, grpc::CallbackServerContext* context,
                             Nature nature, std::function<absl::Status(const Call&)> work) {
    auto reactor = std::make_shared<UnaryReactor>(core, method, context, nature, std::move(work));
    reactor->self_ = reactor;
    const bool computes = nature == Nature::kComputes;
    absl::Status begun = reactor->rpc_.admitted();
    if (begun.ok() && computes) begun = reactor->rpc_.WorthComputing();
    if (begun.ok()) {
      Executor& executor = core.executor();
      const auto run = [reactor] { reactor->Run(); };
      begun = computes ? executor.TryRun(run) : executor.TrySubmit(run);
    }
    if (!begun.ok()) reactor->Finish(reactor->rpc_.End(begun));
    return reactor.get();
  }

  UnaryReactor(ServerCore& core, const Method& method, grpc::CallbackServerContext* context, Nature nature,
               std::function<absl::Status(const Call&)> work)
      : rpc_(core, method, RpcType::kUnary, context),
        computes_(nature == Nature::kComputes),
        work_(std::move(work)) {}

 private:
  void Run() {
    const absl::Status status = rpc_.RunGuarded([this] { return work_(rpc_.call()); });
    computed_ = computes_ && status.ok();
    Finish(rpc_.End(status));
  }

  // Both reactions only write down what happened: gRPC need not wake a thread of its executor for them.
  bool InternalInlineable() override { return true; }
  void OnCancel() override { rpc_.Cancel(); }
  void OnDone() override {
    if (computed_) rpc_.Written();
    const std::shared_ptr<UnaryReactor> last = std::move(self_);
  }

  Rpc rpc_;
  const bool computes_;
  bool computed_ = false;  // answered with what was computed
  const std::function<absl::Status(const Call&)> work_;
  std::shared_ptr<UnaryReactor> self_;
};

}  // namespace

grpc::ServerUnaryReactor* StartUnary(ServerCore& core, const Method& method,
                                     grpc::CallbackServerContext* context, Nature nature,
                                     std::function<absl::Status(const Call&)> work) {
  return UnaryReactor::Start(core, method, context, nature, std::move(work));
}

google::protobuf::ArenaOptions ThreadArena() {
  constexpr std::size_t kFirstBlock = 8 << 10;  // holds the needs of most searches
  thread_local const auto block = std::make_unique<char[]>(kFirstBlock);
  google::protobuf::ArenaOptions options;
  options.initial_block = block.get();
  options.initial_block_size = kFirstBlock;
  return options;
}

MessageWriter& ThreadWriter() {
  thread_local MessageWriter writer;
  writer.Clear();
  return writer;
}

}  // namespace rapport::runtime::internal
