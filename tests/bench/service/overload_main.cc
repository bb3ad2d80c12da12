// overload_bench: what RankTherapists does under more calls than it can answer. Server and client have cores
// of their own, so that the client's work is not taken for the server's.
#include <sched.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/bench/report.h"
#include "tests/bench/service/child.h"
#include "tests/bench/service/network.h"
#include "tests/bench/service/open_loop.h"
#include "tests/bench/service/servers.h"

namespace rapport::bench {
namespace {

using std::chrono::milliseconds;

struct Options {
  std::vector<int> sizes = {100'000, 1'000'000};
  int repetitions = 5;
  int server_cores = 1;
  int connections = 1;
  int open_calls = runtime::kDefaultOpenCalls;
  int deadline_ms = 1'000;
  double over = 2;
  std::string serve;
  int therapists = 0;
};

// What the repetitions found, one value each.
struct Figures {
  std::vector<double> unloaded_p50_ms;
  std::vector<double> capacity;
  std::vector<double> half_p99_ms;
  std::vector<double> high_p99_ms;
  std::vector<double> goodput;
  std::vector<double> over_p99_ms;
  std::vector<double> refused_p99_ms;
  std::vector<double> offered_share;
  std::vector<double> back_s;
};

// Restricts this process to `cores` of the machine's, from `first` on; where there are not as many, to none.
void KeepTo(int first, int cores) {
  if (first + cores > static_cast<int>(std::thread::hardware_concurrency())) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < cores; ++i) CPU_SET(static_cast<std::size_t>(first + i), &set);
  ::sched_setaffinity(0, sizeof(set), &set);
}

// Seconds until the first half second in which every call was answered and half of them waited no longer than
// `normal_ms`.
double SecondsUntilNormal(const Flow& flow, double normal_ms) {
  constexpr double kWindow = .5;
  std::vector<std::vector<double>> windows;
  for (const Sent& call : flow.calls) {
    const auto window = static_cast<std::size_t>(call.due_s / kWindow);
    windows.resize(std::max(windows.size(), window + 1));
    windows[window].push_back(call.fate == Fate::kAnswered ? call.wait_ms : HUGE_VAL);
  }
  for (std::size_t i = 0; i < windows.size(); ++i) {
    if (!windows[i].empty() && Quantile(windows[i], 1) < HUGE_VAL && Median(windows[i]) <= normal_ms)
      return kWindow * static_cast<double>(i);
  }
  return HUGE_VAL;
}

// How long the overload lasts, and when the callers' own queues have been full for a while: what is answered
// from then on would be so for as long as it lasts.
constexpr double kOverSeconds = 8;
constexpr double kFullAfterSeconds = 3;

// Calls answered in time, a second, of those due in an overload once the queues are full.
double AnsweredWhenFull(const Flow& flow) {
  double answered = 0;
  for (const Sent& call : flow.calls)
    answered += call.due_s >= kFullAfterSeconds && call.fate == Fate::kAnswered;
  return answered / (kOverSeconds - kFullAfterSeconds);
}

double QuantileOr(const std::vector<double>& values, double share, double otherwise) {
  return values.empty() ? otherwise : Quantile(values, share);
}

void Measure(const Options& options, int therapists, Goals& goals) {
  const std::vector<grpc::ByteBuffer> requests = TypicalRequests();
  const Child server({"--serve", "rank", "--therapists", absl::StrCat(therapists), "--server-cores",
                      absl::StrCat(options.server_cores), "--open-calls", absl::StrCat(options.open_calls)});
  KeepTo(options.server_cores, 1);
  std::uint64_t seed = 1;
  Figures figures;
  absl::PrintF("\n%d therapists; a line a repetition, waits in ms\n", therapists);
  const std::string at_over = absl::StrCat("at ", std::lround(100 * options.over), " %");
  absl::PrintF("  %9s %8s %9s %9s | %9s %8s %9s %9s %6s | %6s\n", "unloaded", "capacity", "at 50 %",
               "at 80 %", at_over, "good", "accepted", "refused", "late", "normal");
  absl::PrintF("  %9s %8s %9s %9s | %9s %8s %9s %9s %6s | %6s\n", "p50", "calls/s", "p99", "p99", "sent/s",
               "calls/s", "p99", "p99", "share", "in s");
  for (int repetition = 0; repetition <= options.repetitions; ++repetition) {
    const auto open = [&](const std::vector<Phase>& phases) {
      return RunOpenLoop(server.port(), kRankMethod, requests,
                         {.phases = phases,
                          .deadline = milliseconds(options.deadline_ms),
                          .connections = options.connections,
                          .seed = ++seed});
    };
    const auto waits = [&](double calls_per_second, int length_ms) {
      return open({{calls_per_second, milliseconds(length_ms)}}).front().Waits(Fate::kAnswered);
    };
    const double unloaded = QuantileOr(waits(300, 1'000), .5, HUGE_VAL);
    const double capacity = CapacityOf(server.port(), kRankMethod, requests, 64, milliseconds(1'500));
    const std::vector<double> half_waits = waits(.5 * capacity, 2'000);
    const double half = QuantileOr(half_waits, .99, HUGE_VAL);
    const double high = QuantileOr(waits(.8 * capacity, 2'000), .99, HUGE_VAL);
    const std::vector<Flow> both =
        open({{options.over * capacity, milliseconds(std::lround(1e3 * kOverSeconds))},
              {.5 * capacity, milliseconds(8'000)}});
    const Flow& over = both[0];
    const Flow& after = both[1];
    if (repetition == 0) continue;  // warm

    figures.unloaded_p50_ms.push_back(unloaded);
    figures.capacity.push_back(capacity);
    figures.half_p99_ms.push_back(half);
    figures.high_p99_ms.push_back(high);
    figures.goodput.push_back(AnsweredWhenFull(over));
    figures.over_p99_ms.push_back(QuantileOr(over.Waits(Fate::kAnswered), .99, HUGE_VAL));
    figures.refused_p99_ms.push_back(QuantileOr(over.Waits(Fate::kRefused), .99, 0));
    const double late_share =
        static_cast<double>(over.Waits(Fate::kLate).size()) / static_cast<double>(over.calls.size());
    figures.offered_share.push_back(over.sent_per_second / (options.over * capacity));
    figures.back_s.push_back(SecondsUntilNormal(after, 10 * QuantileOr(half_waits, .5, HUGE_VAL)));
    absl::PrintF("  %9.3f %8.0f %9.2f %9.2f | %9.0f %8.0f %9.2f %9.2f %6.3f | %6.1f\n", unloaded, capacity,
                 half, high, over.sent_per_second, figures.goodput.back(), figures.over_p99_ms.back(),
                 figures.refused_p99_ms.back(), late_share, figures.back_s.back());
  }
  const auto ratios = [](const std::vector<double>& over, const std::vector<double>& under) {
    std::vector<double> result;
    for (std::size_t i = 0; i < over.size(); ++i) result.push_back(over[i] / under[i]);
    return Median(result);
  };
  const std::string of = absl::StrCat(", ", therapists);
  goals.AtMost("at 50 %: p99 by the unloaded p50" + of, ratios(figures.half_p99_ms, figures.unloaded_p50_ms),
               10, "");
  goals.AtMost(at_over + ": capacity that went without an answer" + of,
               1 - ratios(figures.goodput, figures.capacity), .1, "");
  goals.AtMost(at_over + ": p99 of the accepted by that at 80 %" + of,
               ratios(figures.over_p99_ms, figures.high_p99_ms), 3, "");
  goals.AtMost(at_over + ": p99 of refusals" + of, Median(figures.refused_p99_ms), 10, "ms");
  goals.AtMost("back to normal after" + of, Median(figures.back_s), 5, "s");
  goals.AtMost("the client's own shortfall " + at_over + of, 1 - Median(figures.offered_share), .05, "");
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app(
      "RankTherapists under more calls than it can answer, sent when they are due, answered or not.\n"
      "The server keeps to cores of its own, the client to the next one.",
      "overload_bench");
  app.add_option("--sizes", options.sizes, "Directories to measure, in therapists")->capture_default_str();
  app.add_option("--repetitions", options.repetitions, "Repetitions")->capture_default_str();
  app.add_option("--server-cores", options.server_cores, "Cores of the server")->capture_default_str();
  app.add_option("--connections", options.connections, "Connections of the client")->capture_default_str();
  app.add_option("--open-calls", options.open_calls, "Calls of one connection that the server takes at once")
      ->capture_default_str();
  app.add_option("--deadline-ms", options.deadline_ms, "How long a caller waits")->capture_default_str();
  app.add_option("--over", options.over, "Calls in the overload, by what the server can answer")
      ->capture_default_str();
  app.add_option("--serve", options.serve, "Be the server");
  app.add_option("--therapists", options.therapists, "With --serve: size of the directory");
  CLI11_PARSE(app, argc, argv);
  if (!options.serve.empty()) {
    KeepTo(0, options.server_cores);
    return Serve({.kind = options.serve, .therapists = options.therapists, .open_calls = options.open_calls});
  }
  PrintMachine(argc, argv);
  Goals goals;
  for (const int size : options.sizes) Measure(options, size, goals);
  goals.Finish();
  return 0;
}

}  // namespace
}  // namespace rapport::bench

int main(int argc, char** argv) {
  return rapport::bench::Main(argc, argv);
}
