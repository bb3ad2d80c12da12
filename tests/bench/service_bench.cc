// RankTherapists over loopback TCP, server and callers on the same cores: requests a second with the callers
// given, each waiting for its answer (a closed loop: no percentiles under load are to be read from it).
#include <benchmark/benchmark.h>

#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"
#include "services/matcher/matcher.h"
#include "services/runtime/channel.h"
#include "tests/support/valid_messages.h"

namespace rapport {
namespace {

// A matcher with a directory of random therapists, on a free port.
class BenchServer {
 public:
  explicit BenchServer(int therapists)
      : folder_(std::filesystem::temp_directory_path() /
                absl::StrCat("rapport_bench_", ::getpid(), "_", therapists)) {
    std::filesystem::create_directories(folder_);
    options_.address = "127.0.0.1:0";
    options_.http_address.clear();
    options_.insecure_loopback = true;
    options_.drain_delay = absl::ZeroDuration();
    core_ = std::make_unique<runtime::ServerCore>(
        options_, runtime::ServerCore::Parts{clock_, ids_, authenticator_, metrics_, log_});
    matcher_service::MatcherOptions matcher;
    matcher.database_url = absl::StrCat("sqlite:", (folder_ / "matcher.db").string());
    matcher_ = *matcher_service::Matcher::Create(matcher, *core_);
    server_ = *runtime::Server::Start(options_, *core_, matcher_->services());
    Fill(therapists);
  }

  ~BenchServer() {
    server_->Shutdown();
    matcher_->Stop();
    std::filesystem::remove_all(folder_);
  }

  std::shared_ptr<grpc::Channel> Connect() const {
    return *runtime::Connect(absl::StrCat("127.0.0.1:", server_->port()), true);
  }

 private:
  void Fill(int therapists) {
    const auto stub = directory::v1::DirectoryService::NewStub(Connect());
    std::mt19937_64 random(1);
    for (int next = 0; next < therapists;) {
      grpc::ClientContext context;
      directory::v1::UpsertTherapistsResponse response;
      const auto stream = stub->UpsertTherapists(&context, &response);
      for (const int end = std::min(therapists, next + 10'000); next < end; ++next) {
        directory::v1::UpsertTherapistsRequest row;
        *row.mutable_therapist() = testing::RandomTherapist(absl::StrCat("t", next), random);
        row.mutable_therapist()->mutable_last_confirmed()->set_seconds(absl::ToUnixSeconds(absl::Now()) -
                                                                       3600);
        stream->Write(row);
      }
      stream->WritesDone();
      if (!stream->Finish().ok() || response.refused() != 0) std::abort();
    }
  }

  const std::filesystem::path folder_;
  runtime::ServerOptions options_;
  const runtime::RealClock clock_;
  runtime::RandomIds ids_{clock_};
  const runtime::LoopbackAuthenticator authenticator_;
  runtime::Metrics metrics_;
  std::ostringstream discarded_;
  runtime::Log log_{discarded_, clock_, runtime::Severity::kError};
  std::unique_ptr<runtime::ServerCore> core_;
  std::unique_ptr<matcher_service::Matcher> matcher_;
  std::unique_ptr<runtime::Server> server_;
};

std::map<int, std::unique_ptr<BenchServer>>& Servers() {
  static std::map<int, std::unique_ptr<BenchServer>> servers;
  return servers;
}

void StartServer(const benchmark::State& run) {
  auto& server = Servers()[static_cast<int>(run.range(0))];
  if (server == nullptr) server = std::make_unique<BenchServer>(static_cast<int>(run.range(0)));
}

void RankTherapistsOverTheWire(benchmark::State& run) {
  const auto stub =
      matcher::v1::MatcherService::NewStub(Servers().at(static_cast<int>(run.range(0)))->Connect());
  std::mt19937_64 random(static_cast<std::uint64_t>(run.thread_index()) + 7);
  std::vector<matcher::v1::RankTherapistsRequest> requests(32);
  for (auto& request : requests) {
    request.set_client_id(absl::StrCat("c", random() % 1000));
    *request.mutable_needs() = testing::RandomNeeds(random);
  }
  std::size_t next = 0;
  for (auto _ : run) {
    grpc::ClientContext context;
    matcher::v1::RankTherapistsResponse response;
    const grpc::Status status = stub->RankTherapists(&context, requests[next++ % requests.size()], &response);
    if (!status.ok()) run.SkipWithError(status.error_message().c_str());
  }
  run.SetItemsProcessed(run.iterations());
}
BENCHMARK(RankTherapistsOverTheWire)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Threads(1)
    ->Threads(16)
    ->Setup(StartServer)
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace rapport
