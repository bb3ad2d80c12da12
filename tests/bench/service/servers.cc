#include "tests/bench/service/servers.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/server_builder.h"
#include "matcher/state/state.h"
#include "rapport/matcher/v1/matcher.grpc.pb.h"
#include "services/contract/catalog_file.h"
#include "services/contract/convert.h"
#include "services/matcher/methods.h"
#include "services/matcher/migrations.h"
#include "services/matcher/service.h"
#include "services/runtime/codec.h"
#include "services/runtime/server.h"
#include "services/runtime/unary.h"
#include "services/storage/migrations.h"
#include "tests/bench/service/network.h"

namespace rapport::bench {
namespace {

using matcher::v1::RankTherapistsRequest;
using matcher::v1::RankTherapistsResponse;

void TellPortAndWait(int port) {
  std::cout << port << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
}

RankTherapistsResponse ReadPayload(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  RankTherapistsResponse response;
  if (!response.ParseFromString(bytes)) std::abort();
  return response;
}

// What every service here runs on.
class Process {
 public:
  explicit Process(int open_calls = runtime::kDefaultOpenCalls)
      : options_(Options(open_calls)), core_(options_, {clock_, ids_, authenticator_, metrics_, log_}) {}

  runtime::ServerCore& core() { return core_; }
  const runtime::Clock& clock() const { return clock_; }
  runtime::IdSource& ids() { return ids_; }
  runtime::Metrics& metrics() { return metrics_; }

  int Run(const std::vector<runtime::ServiceBinding>& services) {
    const auto server = runtime::Server::Start(options_, core_, services);
    if (!server.ok()) {
      std::cerr << server.status() << "\n";
      return 1;
    }
    TellPortAndWait((*server)->port());
    return 0;
  }

 private:
  static runtime::ServerOptions Options(int open_calls) {
    runtime::ServerOptions options;
    options.address = "127.0.0.1:0";
    options.http_address.clear();
    options.insecure_loopback = true;
    options.drain_delay = absl::ZeroDuration();
    options.open_calls = open_calls;
    return options;
  }

  const runtime::ServerOptions options_;
  const runtime::RealClock clock_;
  runtime::RandomIds ids_{clock_};
  const runtime::LoopbackAuthenticator authenticator_;
  runtime::Metrics metrics_;
  std::ofstream discarded_{"/dev/null"};
  runtime::Log log_{discarded_, clock_};  // a line a call, as servers write by default
  runtime::ServerCore core_;
};

// The matcher's own parts, over a state that did not come from a log.
class Matcher {
 public:
  Matcher(Process& process, int therapists) {
    const auto loaded = contract::LoadCatalog("");
    const std::shared_ptr<const matcher::Catalog> catalog = loaded->catalog;
    auto state = std::make_shared<matcher::State>(catalog);
    Network network(*catalog, process.clock().Now());
    for (int i = 0; i < therapists; ++i) {
      matcher::Apply({state->position + 1, process.clock().Now(),
                      matcher::TherapistUpserted{std::make_shared<matcher::Therapist>(
                          contract::ToDomain(*catalog, network.Therapist(i)))}},
                     *state);
    }
    // As a server has it after a start from a snapshot.
    std::vector<std::shared_ptr<const matcher::Listing>> listings;
    state->directory.ForEach([&](const auto& listing) { listings.push_back(listing); });
    auto started = std::make_shared<matcher::State>(catalog);
    started->position = state->position;
    matcher::FillDirectory(listings, *started);
    state.reset();
    networks_ = std::make_unique<matcher_service::Networks>(catalog);
    networks_->Publish("default", std::move(started));

    std::filesystem::create_directories(folder_);
    auto database =
        storage::Database::Open({.url = absl::StrCat("sqlite:", (folder_ / "matcher.db").string())});
    if (!database.ok() ||
        !storage::Migrate(**database, matcher_service::kComponent, matcher_service::Migrations()).ok()) {
      std::abort();
    }
    database_ = *std::move(database);
    writer_ = std::make_unique<matcher_service::LogWriter>(*database_, *networks_, process.clock());
    ranking_ =
        std::make_unique<matcher_service::Ranking>(catalog, *networks_, process.clock(), process.metrics());
    advising_ = std::make_unique<matcher_service::Advising>(catalog, *networks_, process.clock());
    learning_ = std::make_unique<matcher_service::Learning>(catalog, *writer_, process.clock());
    refitting_ = std::make_unique<matcher_service::Refitting>(catalog, *database_, *networks_, *writer_,
                                                              process.clock());
    grpc_ = std::make_unique<matcher_service::MatcherGrpc>(process.core(), *ranking_, *advising_, *learning_,
                                                           *refitting_);
  }
  ~Matcher() {
    grpc_.reset();
    refitting_.reset();
    learning_.reset();
    writer_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  const matcher_service::Ranking& ranking() const { return *ranking_; }
  matcher_service::MatcherGrpc& grpc() { return *grpc_; }

 private:
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / absl::StrCat("rapport_bench_", ::getpid());
  std::unique_ptr<matcher_service::Networks> networks_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<matcher_service::LogWriter> writer_;
  std::unique_ptr<matcher_service::Ranking> ranking_;
  std::unique_ptr<matcher_service::Advising> advising_;
  std::unique_ptr<matcher_service::Learning> learning_;
  std::unique_ptr<matcher_service::Refitting> refitting_;
  std::unique_ptr<matcher_service::MatcherGrpc> grpc_;
};

int ServeRank(const ServeOptions& options) {
  Process process(options.open_calls);
  Matcher matcher(process, options.therapists);
  return process.Run({{&matcher.grpc(), matcher_service::kMatcherService}});
}

// Parses, and writes the answer: all that a server in this style does beside its work; which may be to keep a
// core busy for `computes`, touching no memory.
class Echo final : public matcher::v1::MatcherService::WithRawCallbackMethod_RankTherapists<
                       matcher::v1::MatcherService::Service> {
 public:
  Echo(runtime::ServerCore& core, const RankTherapistsResponse& payload, std::chrono::microseconds computes)
      : core_(core), payload_(payload.SerializeAsString()), computes_(computes) {}

  grpc::ServerUnaryReactor* RankTherapists(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                           grpc::ByteBuffer* out) override {
    return runtime::UnaryInto<RankTherapistsRequest>(
        core_, matcher_service::kRankTherapists, context, in, out,
        [this](const runtime::Call&, const RankTherapistsRequest&, runtime::MessageWriter& answer) {
          const auto until = std::chrono::steady_clock::now() + computes_;
          while (computes_.count() > 0 && std::chrono::steady_clock::now() < until) {
          }
          answer.AddFields(payload_);
          return absl::OkStatus();
        });
  }

 private:
  runtime::ServerCore& core_;
  const std::string payload_;
  const std::chrono::microseconds computes_;
};

class PlainEcho final : public matcher::v1::MatcherService::CallbackService {
 public:
  explicit PlainEcho(RankTherapistsResponse payload) : payload_(std::move(payload)) {}

  grpc::ServerUnaryReactor* RankTherapists(grpc::CallbackServerContext* context, const RankTherapistsRequest*,
                                           RankTherapistsResponse* response) override {
    *response = payload_;
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const RankTherapistsResponse payload_;
};

int ServePlain(const std::string& payload) {
  PlainEcho service(ReadPayload(payload));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  TellPortAndWait(port);
  server->Shutdown();
  return 0;
}

}  // namespace

double RankWithoutWire(int therapists, const std::vector<grpc::ByteBuffer>& requests, int rounds) {
  Process process;
  const Matcher matcher(process, therapists);
  runtime::Call call;
  call.identity.network = "default";
  std::vector<double> took_us;
  for (int round = 0; round <= rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (const grpc::ByteBuffer& bytes : requests) {
      google::protobuf::Arena arena(runtime::internal::ThreadArena());
      auto& request = *google::protobuf::Arena::CreateMessage<RankTherapistsRequest>(&arena);
      runtime::MessageWriter& writer = runtime::internal::ThreadWriter();
      grpc::ByteBuffer answer;
      if (!runtime::Decode(bytes, &request).ok() || !matcher.ranking().Rank(call, request, writer).ok() ||
          !runtime::Encode(writer, &answer).ok()) {
        std::abort();
      }
    }
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    if (round > 0) took_us.push_back(took.count() / static_cast<double>(requests.size()));  // 0: warm
  }
  std::nth_element(took_us.begin(), took_us.begin() + rounds / 2, took_us.end());
  return took_us[static_cast<std::size_t>(rounds / 2)];
}

int Serve(const ServeOptions& options) {
  if (options.kind == "rank") return ServeRank(options);
  if (options.kind == "plain") return ServePlain(options.payload);
  Process process(options.open_calls);
  Echo service(process.core(), ReadPayload(options.payload),
               std::chrono::microseconds(options.echo_computes_us));
  return process.Run({{&service, matcher_service::kMatcherService}});
}

}  // namespace rapport::bench
