// Ranking while the network changes under it: one thread changes profiles at a fixed rate and publishes a
// version for each batch, another ranks on the newest version and holds some answers against the formula on
// everybody in that very version. Percentiles are compared with those of quiet versions, in turns.
// usage: rapport_storm_bench [--therapists=100000] [--seconds=30] [--upserts=10000]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "matcher/ranking/rank.h"
#include "tests/bench/report.h"
#include "tests/bench/synthetic.h"

namespace rapport::bench {
namespace {

using matcher::State;

// The newest version; readers hold what they got for as long as they like.
class Published {
 public:
  explicit Published(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> Get() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  void Set(std::shared_ptr<const State> state) {
    const std::lock_guard lock(mutex_);
    state_.swap(state);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const State> state_;
};

bool Agrees(const State& state, const matcher::RankRequest& request, const matcher::Ranking& ranking) {
  const matcher::Query query = matcher::QueryOf(state, request);
  const matcher::ClientView client = state.model.View(request.client_id, request.needs.context);
  std::vector<std::pair<double, std::string>> all;
  state.directory.ForEach([&](const std::shared_ptr<const matcher::Listing>& listing) {
    if (matcher::FailedRules(query, *listing).any()) return;
    const auto nothing = [](matcher::BondPart, int, double) {};
    all.emplace_back(-matcher::ScorePair(state, client, *listing, query.now, nothing).log_score,
                     listing->therapist->id);
  });
  std::sort(all.begin(), all.end());
  if (ranking.eligible != static_cast<std::int64_t>(all.size())) return false;
  for (std::size_t i = 0; i < ranking.candidates.size(); ++i) {
    if (ranking.candidates[i].listing->therapist->id != all[i].second) return false;
  }
  return ranking.candidates.size() == std::min(all.size(), request.shortlist_size);
}

int Run(int argc, char** argv) {
  int therapists = 100'000;
  int seconds = 30;
  int upserts = 10'000;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    const bool known =
        (absl::ConsumePrefix(&argument, "--therapists=") && absl::SimpleAtoi(argument, &therapists)) ||
        (absl::ConsumePrefix(&argument, "--seconds=") && absl::SimpleAtoi(argument, &seconds)) ||
        (absl::ConsumePrefix(&argument, "--upserts=") && absl::SimpleAtoi(argument, &upserts));
    if (!known) {
      absl::FPrintF(stderr, "unknown argument: %s\n", argv[i]);
      return 2;
    }
  }
  PrintMachine(argc, argv);
  const auto listings = SyntheticListings(therapists, 5, 1);
  auto first = RatedState(listings, 2);
  matcher::FillDirectory(listings, *first);
  Published published(std::shared_ptr<const State>(std::move(first)));
  const auto requests = SyntheticRequests(QueryKind::kTypical, 300, 10, 7);

  constexpr int kBatch = 100;
  std::atomic<bool> storm{false};
  std::atomic<bool> stop{false};
  std::atomic<std::int64_t> changed{0};
  std::vector<double> publishing;
  std::thread writer([&] {
    State next = *published.Get();
    auto due = std::chrono::steady_clock::now();
    std::size_t number = 0;
    while (!stop) {
      due += std::chrono::microseconds(1'000'000LL * kBatch / upserts);
      std::this_thread::sleep_until(due);
      if (!storm) {
        due = std::chrono::steady_clock::now();
        continue;
      }
      publishing.push_back(SecondsOf([&] {
        for (int i = 0; i < kBatch; ++i, ++number) {
          auto therapist =
              std::make_shared<matcher::Therapist>(*listings[number * 7919 % listings.size()]->therapist);
          therapist->seats = static_cast<int>(number % 3);
          therapist->style[0] = number % 2 == 0 ? 1 : -1;
          matcher::Apply(
              {next.position + 1, SyntheticNow(), matcher::TherapistUpserted{std::move(therapist)}}, next);
        }
        published.Set(std::make_shared<const State>(next));
      }));
      changed += kBatch;
    }
  });

  std::vector<double> quiet_p99, storm_p99, quiet_p50, storm_p50;
  std::int64_t ranked = 0;
  int checked = 0;
  int wrong = 0;
  double stormy_seconds = 0;
  // Six turns of each.
  for (int turn = 0; turn < 12; ++turn) {
    storm = turn % 2 == 1;
    std::vector<double> times;
    const auto start = std::chrono::steady_clock::now();
    const auto length = std::chrono::milliseconds(1000LL * seconds / 6);
    while (std::chrono::steady_clock::now() - start < length) {
      const auto& plain = requests[static_cast<std::size_t>(ranked) % requests.size()];
      matcher::RankRequest request = plain;
      request.with_reasons = false;
      matcher::Ranking ranking;
      std::shared_ptr<const State> state;
      times.push_back(SecondsOf([&] {
        state = published.Get();
        ranking = matcher::Rank(*state, request);
      }));
      if (++ranked % 2000 == 0) {
        wrong += !Agrees(*state, request, ranking);
        ++checked;
      }
    }
    (storm ? storm_p99 : quiet_p99).push_back(Quantile(times, .99));
    (storm ? storm_p50 : quiet_p50).push_back(Quantile(times, .5));
    if (storm)
      stormy_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }
  stop = true;
  writer.join();
  absl::PrintF("%d therapists, %.0f changes a second for %.0f s, a version for every %d; %d rankings\n",
               therapists, static_cast<double>(changed) / stormy_seconds, stormy_seconds, kBatch, ranked);
  absl::PrintF("ranking, typical: quiet p50 %.1f us, p99 %.1f us; in the storm p50 %.1f us, p99 %.1f us\n",
               Median(quiet_p50) * 1e6, Median(quiet_p99) * 1e6, Median(storm_p50) * 1e6,
               Median(storm_p99) * 1e6);
  absl::PrintF("a batch, from its first change to its version published: p50 %.2f ms, p99 %.2f ms\n",
               Quantile(publishing, .5) * 1e3, Quantile(publishing, .99) * 1e3);
  absl::PrintF("answers held against the formula on everybody, in their version: %d, wrong: %d\n", checked,
               wrong);
  Goals goals;
  goals.AtMost("wrong answers", wrong, 0, "");
  goals.AtMost("changes short of those asked for",
               upserts * .98 - static_cast<double>(changed) / stormy_seconds, 0, "a second");
  goals.AtMost("p99 in the storm by p99 when quiet", Median(storm_p99) / Median(quiet_p99), 3, "");
  goals.AtMost("p99 of a batch, until it can be ranked", Quantile(publishing, .99) * 1e3, 10, "ms");
  goals.Finish();
  return 0;
}

}  // namespace
}  // namespace rapport::bench

int main(int argc, char** argv) {
  return rapport::bench::Run(argc, argv);
}
