// How long the library takes for a shortlist, for an update, and for one observation, by the size of the
// network.
#include <benchmark/benchmark.h>

#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "matcher/ranking/bounds.h"
#include "matcher/ranking/rank.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

// A network of random therapists; every tenth has been rated.
const State& NetworkOf(int therapists) {
  static auto* const networks = new std::vector<std::pair<int, std::unique_ptr<State>>>();
  for (const auto& [size, state] : *networks) {
    if (size == therapists) return *state;
  }
  RandomNetwork network(1);
  auto state = std::make_unique<State>(SmallCatalog());
  for (int i = 0; i < therapists; ++i) {
    Apply({state->position + 1, RandomNetwork::Now(),
           TherapistUpserted{network.MakeListing(absl::StrCat("t", i))->therapist}},
          *state);
  }
  for (int i = 0; i < therapists / 10; ++i) {
    FitCheck fit_check{absl::StrCat("f", i),
                       absl::StrCat("c", i % 1000),
                       absl::StrCat("t", i),
                       1,
                       RandomNetwork::Now(),
                       Verdict::kWouldContinue,
                       {{"bond", 8}},
                       {},
                       {}};
    Apply({state->position + 1, RandomNetwork::Now(), FitRecorded{fit_check}}, *state);
  }
  networks->emplace_back(therapists, std::move(state));
  return *networks->back().second;
}

void RankTherapists(benchmark::State& run, bool with_relaxations) {
  const State& state = NetworkOf(static_cast<int>(run.range(0)));
  RandomNetwork network(2);
  std::vector<RankRequest> requests;
  for (int i = 0; i < 64; ++i) {
    requests.push_back(
        {absl::StrCat("c", i), network.MakeNeeds(), {}, 5, with_relaxations, RandomNetwork::Now()});
  }
  std::size_t next = 0;
  double eligible = 0;
  for (auto _ : run) {
    const Ranking ranking = Rank(state, requests[next++ % requests.size()]);
    eligible += static_cast<double>(ranking.eligible);
    benchmark::DoNotOptimize(ranking);
  }
  run.counters["eligible"] = benchmark::Counter(eligible, benchmark::Counter::kAvgIterations);
}
BENCHMARK_CAPTURE(RankTherapists, plain, false)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK_CAPTURE(RankTherapists, with_relaxations, true)
    ->Arg(1'000)
    ->Arg(10'000)
    ->Arg(100'000)
    ->Unit(benchmark::kMicrosecond);

// Everybody's score by the formula itself: what bounds spare, per therapist.
void ScoreByTheFormula(benchmark::State& run) {
  const State& state = NetworkOf(10'000);
  RandomNetwork network(4);
  const ClientView client = state.model.View("c1", network.MakeNeeds().context);
  std::int64_t scored = 0;
  for (auto _ : run) {
    state.directory.ForEach([&](const std::shared_ptr<const Listing>& listing) {
      benchmark::DoNotOptimize(
          ScorePair(state, client, *listing, RandomNetwork::Now(), [](BondPart, int, double) {}));
      ++scored;
    });
  }
  run.SetItemsProcessed(scored);
}
BENCHMARK(ScoreByTheFormula)->Unit(benchmark::kMicrosecond);

// Everybody's bounds, with a floor that nobody is below (0) or that one in a hundred reaches (1).
void BoundsOfEverybody(benchmark::State& run) {
  const State& state = NetworkOf(10'000);
  RandomNetwork network(4);
  RankRequest request{"c1", network.MakeNeeds(), {}, 5, false, RandomNetwork::Now()};
  const Query query = QueryOf(state, request);
  const ClientView client = state.model.View("c1", request.needs.context);
  Bounds bounds(state, query, client);
  std::vector<std::pair<const Columns*, Bitmap>> blocks;
  // The day and the region do not matter here: all who are there are entered.
  state.directory.Scan(query, {}, [&](const BlockMatch& match) {
    blocks.emplace_back(match.columns, match.columns->occupied);
  });
  std::int64_t entered = 0;
  for (auto _ : run) {
    Contest contest(run.range(0) == 0 ? 1'000'000 : 100, -std::numeric_limits<float>::infinity());
    for (const auto& [columns, rows] : blocks) {
      bounds.Enter(*columns, rows, contest);
      entered += rows.Count();
    }
    bounds.Finish(contest);
    benchmark::DoNotOptimize(contest.Finish());
  }
  run.SetItemsProcessed(entered);
}
BENCHMARK(BoundsOfEverybody)->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void PlanThreeTries(benchmark::State& run) {
  const State& state = NetworkOf(10'000);
  RandomNetwork network(2);
  RankRequest request{"c1", network.MakeNeeds(), {}, 3, false, RandomNetwork::Now()};
  request.plan = Plan::kTryPlan;
  request.with_reasons = false;
  for (auto _ : run) benchmark::DoNotOptimize(Rank(state, request));
}
BENCHMARK(PlanThreeTries)->Unit(benchmark::kMicrosecond);

// A profile changed in a version that a reader still holds.
void UpsertTherapist(benchmark::State& run) {
  State state = NetworkOf(static_cast<int>(run.range(0)));
  RandomNetwork network(3);
  const auto therapist = network.MakeListing("t7")->therapist;
  for (auto _ : run) {
    State next = state;
    Apply({next.position + 1, RandomNetwork::Now(), TherapistUpserted{therapist}}, next);
    benchmark::DoNotOptimize(next);
  }
}
BENCHMARK(UpsertTherapist)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void LearnFromAFitCheck(benchmark::State& run) {
  State state = NetworkOf(1'000);
  const FitCheck fit_check{
      "f", "c1", "t1", 1, RandomNetwork::Now(), Verdict::kWouldContinue, {{"bond", 8}, {"heard", 7}}, {}, {}};
  const Therapist* therapist = state.directory.Find("t1")->therapist.get();
  for (auto _ : run) state.model.Learn(fit_check, therapist);
}
BENCHMARK(LearnFromAFitCheck)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace rapport::matcher
