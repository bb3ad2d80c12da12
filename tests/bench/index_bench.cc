// The library on the synthetic network: how long a start, a search and a change take, by the size of the
// network, beside the time it takes to read as many rows of 48 floats; and whether every answer is exact.
// usage: rapport_index_bench [--sizes=1000,10000] [--repetitions=5] [--picture=FILE] [--second-licences=0]
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "matcher/ranking/bounds.h"
#include "matcher/ranking/contest.h"
#include "matcher/ranking/rank.h"
#include "tests/bench/report.h"
#include "tests/bench/synthetic.h"

// tcmalloc's, where it is linked.
extern "C" int MallocExtension_GetNumericProperty(const char* property, std::size_t* value)
    __attribute__((weak));

namespace rapport::bench {
namespace {

using matcher::Listing;
using matcher::Ranking;
using matcher::RankRequest;
using matcher::State;

struct Options {
  std::vector<int> sizes = {1'000, 10'000, 100'000, 1'000'000};
  int repetitions = 5;
  int second_licences = 0;
  std::string picture;
};

// Ids and scores of the best, by scoring everybody whom the plain predicate lets through.
std::vector<std::pair<double, std::string>> ByTheLaw(const State& state, const RankRequest& request) {
  const matcher::Query query = matcher::QueryOf(state, request);
  const matcher::ClientView client = state.model.View(request.client_id, request.needs.context);
  std::vector<std::pair<double, std::string>> all;
  state.directory.ForEach([&](const std::shared_ptr<const Listing>& listing) {
    if (matcher::FailedRules(query, *listing).any()) return;
    const auto nothing = [](matcher::BondPart, int, double) {};
    all.emplace_back(-matcher::ScorePair(state, client, *listing, query.now, nothing).log_score,
                     listing->therapist->id);
  });
  const auto shown = std::min(all.size(), request.shortlist_size);
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown), all.end());
  all.resize(shown);
  return all;
}

bool Agrees(const State& state, const RankRequest& request) {
  const Ranking ranking = matcher::Rank(state, request);
  const auto expected = ByTheLaw(state, request);
  if (ranking.candidates.size() != expected.size()) return false;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (ranking.candidates[i].score.log_score != -expected[i].first ||
        ranking.candidates[i].listing->therapist->id != expected[i].second) {
      return false;
    }
  }
  return true;
}

// Medians of the parts of a typical search: the calls that Rank is made of, timed one by one.
void PrintParts(const State& state, int repetitions) {
  std::map<std::string, std::vector<double>> parts;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    for (const RankRequest& request : SyntheticRequests(QueryKind::kTypical, 300, 10, 7)) {
      std::optional<matcher::Query> query;
      std::optional<matcher::ClientView> client;
      std::optional<matcher::Bounds> bounds;
      std::vector<std::pair<const matcher::Columns*, matcher::Bitmap>> matches;
      const auto time = [&parts](const char* part, const std::function<void()>& work) {
        parts[part].push_back(SecondsOf(work) * 1e6);
      };
      time("1 the query made ready (QueryOf, Model::View)", [&] {
        query = matcher::QueryOf(state, request);
        client = state.model.View(request.client_id, request.needs.context);
      });
      time("2 the score's bounds compiled for this client (Bounds)",
           [&] { bounds.emplace(state, *query, *client); });
      matches.reserve(2000);
      time("3 the rules (Index::Scan)", [&] {
        state.directory.Scan(
            *query, {.count_alone = {}, .list_alone = {}},
            [&](const matcher::BlockMatch& match) { matches.emplace_back(match.columns, match.eligible); });
      });
      matcher::Contest contest(request.shortlist_size, -std::numeric_limits<float>::infinity());
      time("4 marks and lines of those who pass (Bounds::Enter)", [&] {
        for (const auto& [columns, eligible] : matches) bounds->Enter(*columns, eligible, contest);
        bounds->Finish(contest);
      });
      time("5 those left, by the formula itself (BestOf)", [&] {
        matcher::BestOf(
            contest,
            [&](const Listing& listing) {
              return matcher::ScorePair(state, *client, listing, query->now,
                                        [](matcher::BondPart, int, double) {});
            },
            [&](absl::Span<const absl::string_view> ids) { state.model.Fetch(ids); });
      });
    }
  }
  absl::PrintF("parts of a typical search, p50 us:\n");
  for (const auto& [part, times] : parts) absl::PrintF("  %-56s %8.1f\n", part.substr(2), Median(times));
}

// Memory that the program holds, whichever allocator it was built with.
double HeldMegabytes() {
  std::size_t held = 0;
  if (MallocExtension_GetNumericProperty != nullptr &&
      MallocExtension_GetNumericProperty("generic.current_allocated_bytes", &held) != 0) {
    return static_cast<double>(held) / 1e6;
  }
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / 1e6;
}

void RunSize(int therapists, bool largest, const Options& options, Goals& goals) {
  const auto listings = SyntheticListings(therapists, options.second_licences, 1);
  std::unique_ptr<State> state;
  std::vector<double> builds;
  double megabytes = 0;
  for (int i = 0; i < (largest ? 3 : options.repetitions); ++i) {
    state = RatedState(listings, 2);
    const double before = HeldMegabytes();
    builds.push_back(SecondsOf([&] { matcher::FillDirectory(listings, *state); }));
    megabytes = HeldMegabytes() - before;
  }
  const double bytes_each = static_cast<double>(state->directory.MemoryBytes()) / therapists;
  absl::PrintF("%d therapists: filled in %.3f s, %.0f MB, %.0f bytes a therapist beside the profiles\n",
               therapists, Median(builds), megabytes, bytes_each);

  MatrixRead matrix(static_cast<std::size_t>(therapists) * 48 * sizeof(float));
  std::vector<double> reads;
  struct Measured {
    std::vector<double> p50, p99;
    double eligible = 0;
  };
  std::map<std::string, Measured> measured;
  struct Variant {
    const char* suffix;
    bool reasons;
    bool relaxations;
  };
  int checked = 0;
  int wrong = 0;
  for (int repetition = 0; repetition < options.repetitions; ++repetition) {
    reads.push_back(matrix.Seconds());
    for (const QueryKind kind : kQueryKinds) {
      const bool wide = kind == QueryKind::kBroad || kind == QueryKind::kUnfiltered;
      for (const Variant& variant : {Variant{"", false, false}, Variant{" with reasons", true, false},
                                     Variant{" with relaxations", false, true}}) {
        if (wide && (variant.reasons || variant.relaxations)) continue;
        auto requests = SyntheticRequests(kind, wide ? 20 : 300, 10, 7);
        Measured& into =
            measured[absl::StrFormat("%d %s%s", static_cast<int>(kind), NameOf(kind), variant.suffix)];
        std::vector<double> seconds;
        into.eligible = 0;
        for (RankRequest& request : requests) {
          request.with_reasons = variant.reasons;
          request.with_relaxations = variant.relaxations;
          seconds.push_back(SecondsOf([&] {
            into.eligible += static_cast<double>(matcher::Rank(*state, request).eligible) /
                             static_cast<double>(requests.size());
          }));
        }
        into.p50.push_back(Quantile(seconds, .5));
        into.p99.push_back(Quantile(seconds, .99));
        if (repetition > 0 || variant.reasons || variant.relaxations) continue;
        for (std::size_t i = 0; i < requests.size() && i < (therapists > 100'000 ? 3 : 20); ++i) {
          wrong += !Agrees(*state, requests[i]);
          ++checked;
        }
      }
    }
  }
  const double read_us = Median(reads) * 1e6;
  absl::PrintF("%-28s %12s %10s %10s %10s %10s\n", "query", "eligible", "p50 us", "p99 us", "p50/read",
               "p99/read");
  for (const auto& [name, times] : measured) {
    const double p50 = Median(times.p50) * 1e6;
    const double p99 = Median(times.p99) * 1e6;
    absl::PrintF("%-28s %12.0f %10.1f %10.1f %10.4f %10.4f\n", name.substr(2), times.eligible, p50, p99,
                 p50 / read_us, p99 / read_us);
    if (name.find("with") == std::string::npos)
      AddToPicture(options.picture, "rapport " + name.substr(2), therapists, p50);
  }
  AddToPicture(options.picture, "reading the matrix once", therapists, read_us);
  PrintParts(*state, options.repetitions);

  std::vector<double> changes;
  for (int i = 0; i < 200; ++i) {
    const auto& listing = listings[static_cast<std::size_t>(i) * 7919 % listings.size()];
    auto therapist = std::make_shared<matcher::Therapist>(*listing->therapist);
    therapist->seats += 1;
    changes.push_back(SecondsOf([&] {
      State next = *state;  // what readers hold stays as it is
      matcher::Apply({next.position + 1, SyntheticNow(), matcher::TherapistUpserted{therapist}}, next);
      *state = std::move(next);
    }));
  }
  absl::PrintF(
      "a changed profile: p50 %.1f us, worst %.1f us; reading %.0f MB of floats: %.0f us (%.1f GB/s)\n",
      Median(changes) * 1e6, Quantile(changes, 1) * 1e6, therapists * 192e-6, read_us,
      therapists * 192e-3 / read_us);
  absl::PrintF("answers checked against the formula on everybody: %d, wrong: %d\n\n", checked, wrong);

  goals.AtMost(absl::StrFormat("answers unlike the formula's, %d therapists", therapists), wrong, 0, "");
  if (!largest) return;
  goals.AtMost("unfiltered p50 by the time to read the matrix",
               Median(measured["3 unfiltered"].p50) * 1e6 / read_us, .45, "");
  goals.AtMost("typical p50 by the time to read the matrix",
               Median(measured["1 typical"].p50) * 1e6 / read_us, .01, "");
  goals.AtMost("typical p99 by the time to read the matrix",
               Median(measured["1 typical"].p99) * 1e6 / read_us, .12, "");
  goals.AtMost("filling", Median(builds), 2, "s");
  goals.AtMost("memory of the index", megabytes, 300, "MB");
  goals.AtMost("bytes a therapist beside the profiles", bytes_each, 300, "");
  goals.AtMost("worst change of a profile, until it can be ranked", Quantile(changes, 1) * 1e3, 10, "ms");
}

int Run(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--sizes=")) {
      options.sizes.clear();
      for (const auto size : absl::StrSplit(argument, ',')) {
        if (!absl::SimpleAtoi(size, &options.sizes.emplace_back())) return 2;
      }
    } else if (absl::ConsumePrefix(&argument, "--repetitions=")) {
      if (!absl::SimpleAtoi(argument, &options.repetitions)) return 2;
    } else if (absl::ConsumePrefix(&argument, "--second-licences=")) {
      if (!absl::SimpleAtoi(argument, &options.second_licences)) return 2;
    } else if (absl::ConsumePrefix(&argument, "--picture=")) {
      options.picture = std::string(argument);
    } else {
      absl::FPrintF(stderr, "unknown argument: %s\n", argv[i]);
      return 2;
    }
  }
  PrintMachine(argc, argv);
  Goals goals;
  for (const int size : options.sizes) RunSize(size, size == 1'000'000, options, goals);
  goals.Finish();
  return 0;
}

}  // namespace
}  // namespace rapport::bench

int main(int argc, char** argv) {
  return rapport::bench::Run(argc, argv);
}
