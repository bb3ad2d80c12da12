// service_bench: RankTherapists beside an echo of the same bytes, over loopback, client and server on the
// same cores. Repetitions of the servers are interleaved, so that a slow minute of the machine slows all of
// them.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/client_context.h"
#include "rapport/matcher/v1/matcher.grpc.pb.h"
#include "services/runtime/codec.h"
#include "tests/bench/service/child.h"
#include "tests/bench/service/load.h"
#include "tests/bench/service/network.h"
#include "tests/bench/service/servers.h"

namespace rapport::bench {
namespace {

struct Options {
  std::vector<int> sizes = {1'000, 100'000, 1'000'000};
  int open_calls = 64;
  int repetitions = 5;
  int milliseconds = 1'500;
  bool without_wire = false;
  int echo_computes_us = 0;
  std::string serve;
  int therapists = 0;
  std::string payload;
};

struct Figures {
  std::vector<double> alone_us;
  std::vector<double> calls_per_second;
  std::vector<double> server_cpu_us;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// The answer of median size among those to all requests.
std::string TypicalAnswer(const Child& server, const std::vector<grpc::ByteBuffer>& requests) {
  const auto stub = matcher::v1::MatcherService::NewStub(server.Connect());
  std::vector<std::string> answers;
  for (const grpc::ByteBuffer& bytes : requests) {
    matcher::v1::RankTherapistsRequest request;
    if (!runtime::Decode(bytes, &request).ok()) std::abort();
    grpc::ClientContext context;
    matcher::v1::RankTherapistsResponse response;
    if (const grpc::Status status = stub->RankTherapists(&context, request, &response); !status.ok()) {
      std::cerr << status.error_message() << "\n";
      std::exit(1);
    }
    answers.push_back(response.SerializeAsString());
  }
  std::sort(answers.begin(), answers.end(),
            [](const std::string& a, const std::string& b) { return a.size() < b.size(); });
  return answers[answers.size() / 2];
}

void Measure(const Options& options, int therapists, int& goals, int& met) {
  const std::vector<grpc::ByteBuffer> requests = TypicalRequests();
  const std::string payload =
      (std::filesystem::temp_directory_path() / absl::StrCat("rapport_payload_", ::getpid())).string();
  std::map<std::string, std::unique_ptr<Child>> servers;
  const auto start = [](const std::vector<std::string>& arguments) {
    return std::make_unique<Child>(arguments);
  };
  servers["rank"] = start({"--serve", "rank", "--therapists", absl::StrCat(therapists)});
  const std::string answer = TypicalAnswer(*servers["rank"], requests);
  std::ofstream(payload, std::ios::binary) << answer;
  servers["echo"] = start(
      {"--serve", "echo", "--payload", payload, "--echo-computes", absl::StrCat(options.echo_computes_us)});
  servers["plain"] = start({"--serve", "plain", "--payload", payload});

  std::map<std::string, Figures> figures;
  for (int repetition = 0; repetition <= options.repetitions; ++repetition) {
    for (const auto& [kind, server] : servers) {
      const auto channel = server->Connect();
      const Throughput alone = RunClosedLoop(channel, kRankMethod, requests, 1,
                                             std::chrono::milliseconds(options.milliseconds / 3));
      const double before = server->CpuSeconds();
      const Throughput full = RunClosedLoop(channel, kRankMethod, requests, options.open_calls,
                                            std::chrono::milliseconds(options.milliseconds));
      const double cpu = server->CpuSeconds() - before;
      if (repetition == 0) continue;  // warm
      figures[kind].alone_us.push_back(alone.median_us);
      figures[kind].calls_per_second.push_back(full.calls_per_second);
      figures[kind].server_cpu_us.push_back(1e3 * cpu / (full.calls_per_second * options.milliseconds / 1e3) *
                                            1e3);
    }
  }
  std::filesystem::remove(payload);

  std::printf("\n%d therapists, answer of %zu bytes; without the wire %.1f us a call\n", therapists,
              answer.size(), RankWithoutWire(therapists, requests, 21));
  std::printf("  %-32s %12s %14s %16s\n", "server", "1 open, p50", "64 open, QPS", "server CPU/call");
  const auto line = [&](const char* kind, const char* name) {
    const Figures& each = figures[kind];
    std::printf("  %-32s %9.0f us %14.0f %13.1f us\n", name, Median(each.alone_us),
                Median(each.calls_per_second), Median(each.server_cpu_us));
  };
  line("rank", "RankTherapists");
  line("echo", "echo in the same server style");
  line("plain", "plain callback echo");
  const double throughput =
      Median(figures["rank"].calls_per_second) / Median(figures["echo"].calls_per_second);
  const double cpu = Median(figures["rank"].server_cpu_us) / Median(figures["plain"].server_cpu_us);
  const auto goal = [&](const char* name, double value, double limit, bool at_least) {
    const bool reached = at_least ? value >= limit : value <= limit;
    ++goals;
    met += reached ? 1 : 0;
    std::printf("  %-44s %.2f  (goal %s %.2f) %s\n", name, value, at_least ? "at least" : "at most", limit,
                reached ? "met" : "MISSED");
  };
  goal("QPS / echo in the same style", throughput, therapists >= 1'000'000 ? .40 : .90, true);
  goal("server CPU per call / plain callback echo", cpu, .70, false);
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("RankTherapists over loopback beside an echo of the same bytes.", "service_bench");
  app.add_option("--sizes", options.sizes, "Directories to measure, in therapists")->capture_default_str();
  app.add_option("--open", options.open_calls, "Calls open at once")->capture_default_str();
  app.add_option("--repetitions", options.repetitions, "Interleaved repetitions")->capture_default_str();
  app.add_option("--milliseconds", options.milliseconds, "Length of one measurement")->capture_default_str();
  app.add_flag("--without-wire", options.without_wire, "Only what a call costs beside gRPC, to profile it");
  app.add_option(
         "--echo-computes", options.echo_computes_us,
         "Microseconds for which the echo in our style keeps a core busy: what a call of that cost would do")
      ->capture_default_str();
  app.add_option("--serve", options.serve, "Be a server: rank, echo or plain");
  app.add_option("--therapists", options.therapists, "With --serve rank: size of the directory");
  app.add_option("--payload", options.payload, "With --serve echo or plain: file with the answer");
  CLI11_PARSE(app, argc, argv);
  if (options.without_wire) {
    for (const int size : options.sizes)
      std::printf("%d therapists: %.1f us a call\n", size, RankWithoutWire(size, TypicalRequests(), 201));
    return 0;
  }
  if (!options.serve.empty()) {
    return Serve({.kind = options.serve,
                  .therapists = options.therapists,
                  .payload = options.payload,
                  .echo_computes_us = options.echo_computes_us});
  }
  int goals = 0;
  int met = 0;
  for (const int size : options.sizes) Measure(options, size, goals, met);
  std::printf("\ngoals met: %d of %d\n", met, goals);
  return 0;
}

}  // namespace
}  // namespace rapport::bench

int main(int argc, char** argv) {
  return rapport::bench::Main(argc, argv);
}
