#include "tests/bench/service/servers.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "grpcpp/server_builder.h"
#include "matcher/state/state.h"
#include "rapport/matcher/v1/matcher.grpc.pb.h"
#include "services/contract/catalog_file.h"
#include "services/contract/convert.h"
#include "services/matcher/methods.h"
#include "services/matcher/migrations.h"
#include "services/matcher/service.h"
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
  Process() : core_(Options(), {clock_, ids_, authenticator_, metrics_, log_}) {}

  static runtime::ServerOptions Options() {
    runtime::ServerOptions options;
    options.address = "127.0.0.1:0";
    options.http_address.clear();
    options.insecure_loopback = true;
    options.drain_delay = absl::ZeroDuration();
    return options;
  }
  runtime::ServerCore& core() { return core_; }
  const runtime::Clock& clock() const { return clock_; }
  runtime::IdSource& ids() { return ids_; }
  runtime::Metrics& metrics() { return metrics_; }

  int Run(const std::vector<runtime::ServiceBinding>& services) {
    const auto server = runtime::Server::Start(Options(), core_, services);
    if (!server.ok()) {
      std::cerr << server.status() << "\n";
      return 1;
    }
    TellPortAndWait((*server)->port());
    return 0;
  }

 private:
  const runtime::RealClock clock_;
  runtime::RandomIds ids_{clock_};
  const runtime::LoopbackAuthenticator authenticator_;
  runtime::Metrics metrics_;
  std::ostringstream discarded_;
  runtime::Log log_{discarded_, clock_, runtime::Severity::kWarning};
  runtime::ServerCore core_;
};

// The matcher's own parts, over a state that did not come from a log.
int ServeRank(int therapists) {
  Process process;
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
  matcher_service::Networks networks(catalog);
  networks.Publish("default", std::move(state));

  const auto folder = std::filesystem::temp_directory_path() / absl::StrCat("rapport_bench_", ::getpid());
  std::filesystem::create_directories(folder);
  int code = 1;
  {
    const auto database =
        storage::Database::Open({.url = absl::StrCat("sqlite:", (folder / "matcher.db").string())});
    if (!database.ok() ||
        !storage::Migrate(**database, matcher_service::kComponent, matcher_service::Migrations()).ok()) {
      std::abort();
    }
    matcher_service::LogWriter writer(**database, networks, process.clock());
    const matcher_service::Ranking ranking(catalog, networks, process.clock(), process.metrics());
    const matcher_service::Advising advising(catalog, networks, process.clock());
    matcher_service::Learning learning(catalog, writer, process.clock());
    matcher_service::Refitting refitting(catalog, **database, networks, writer, process.clock());
    matcher_service::MatcherGrpc service(process.core(), ranking, advising, learning, refitting);
    code = process.Run({{&service, matcher_service::kMatcherService}});
  }
  std::filesystem::remove_all(folder);
  return code;
}

// Parses, and serialises the answer: all that a server in this style does beside its work.
class Echo final : public matcher::v1::MatcherService::WithRawCallbackMethod_RankTherapists<
                       matcher::v1::MatcherService::Service> {
 public:
  Echo(runtime::ServerCore& core, RankTherapistsResponse payload)
      : core_(core), payload_(std::move(payload)) {}

  grpc::ServerUnaryReactor* RankTherapists(grpc::CallbackServerContext* context, const grpc::ByteBuffer* in,
                                           grpc::ByteBuffer* out) override {
    return runtime::UnaryInto<RankTherapistsRequest, RankTherapistsResponse>(
        core_, matcher_service::kRankTherapists, context, in, out,
        [this](const runtime::Call&, const RankTherapistsRequest&, RankTherapistsResponse& response) {
          response = payload_;
          return absl::OkStatus();
        });
  }

 private:
  runtime::ServerCore& core_;
  const RankTherapistsResponse payload_;
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

int Serve(const std::string& kind, int therapists, const std::string& payload) {
  if (kind == "rank") return ServeRank(therapists);
  if (kind == "plain") return ServePlain(payload);
  Process process;
  Echo service(process.core(), ReadPayload(payload));
  return process.Run({{&service, matcher_service::kMatcherService}});
}

}  // namespace rapport::bench
