// The same therapists, the same needs, other engines: faiss (flat vectors, the bitmap of those who pass given
// for free), DuckDB, PostgreSQL and SQLite (columns, rows in the order of states, prepared statements).
// Filters are the same everywhere. The others rank by the part of the score that each can hold: access plus
// the mean of the latent bond without track records; ours by the score itself, with its variance and the
// curve. Every answer is held against a plain loop over everybody.
// usage: rapport_peers_bench --duckdb=LIBRARY --postgres=CONNECTION [--sizes=100000,1000000] [--picture=FILE]
// A peer whose library or connection is not given is left out, and said to be.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "matcher/ranking/rank.h"
#include "omp.h"
#include "tests/bench/peers/peer.h"
#include "tests/bench/peers/search.h"
#include "tests/bench/report.h"
#include "tests/bench/synthetic.h"

namespace rapport::bench {

void Fail(const std::string& what) {
  absl::FPrintF(stderr, "peers: %s\n", what);
  std::exit(1);
}

namespace {

// How many of `ids` are not among the best by a plain loop, ties within the rounding of single precision
// aside.
int Wrong(const Ids& ids, const std::vector<double>& best, const Search& search,
          const std::vector<Row>& rows) {
  if (ids.size() != best.size()) return 1;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Row& row = rows[static_cast<std::size_t>(ids[i])];
    if (!Passes(search, row) || std::abs(ScoreOf(search, row) - best[i]) > 1e-5) return 1;
  }
  return 0;
}

void RunSize(int therapists, int repetitions, const std::vector<std::unique_ptr<Peer>>& peers,
             const std::string& picture, Goals& goals) {
  const auto listings = SyntheticListings(therapists, 0, 1);
  const auto state = RatedState(listings, 2);
  matcher::FillDirectory(listings, *state);
  std::vector<Row> rows;
  for (const auto& listing : listings) rows.push_back(RowOf(*state, *listing));
  for (const auto& peer : peers) peer->Load(rows);

  struct Asked {
    matcher::RankRequest request;
    Search search;
    std::vector<std::uint8_t> passing;
    std::vector<double> best;
  };
  std::map<QueryKind, std::vector<Asked>> asked;
  int checked = 0, wrong = 0;
  for (const QueryKind kind : {QueryKind::kTypical, QueryKind::kUnfiltered}) {
    for (matcher::RankRequest& request :
         SyntheticRequests(kind, kind == QueryKind::kTypical ? 40 : 4, kTop, 7)) {
      request.with_reasons = false;
      // Nobody is left out for having been tried: that is not among the rules asked of the others.
      request.client_id = absl::StrCat("new", asked[kind].size());
      Asked each{std::move(request), {}, std::vector<std::uint8_t>((rows.size() + 7) / 8), {}};
      each.search = SearchOf(*state, each.request, kind);
      std::int64_t passing = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!Passes(each.search, rows[i])) continue;
        ++passing;
        each.passing[i / 8] = static_cast<std::uint8_t>(each.passing[i / 8] | 1 << i % 8);
        each.best.push_back(ScoreOf(each.search, rows[i]));
      }
      std::sort(each.best.rbegin(), each.best.rend());
      each.best.resize(std::min<std::size_t>(each.best.size(), kTop));
      ++checked;
      if (const auto eligible = matcher::Rank(*state, each.request).eligible; eligible != passing) {
        ++wrong;
        absl::PrintF("wrong: %d eligible by ours, %d by a plain loop\n", eligible, passing);
      }
      for (const auto& peer : peers) {
        ++checked;
        if (Wrong(peer->Top(each.search, each.passing), each.best, each.search, rows) == 0) continue;
        ++wrong;
        absl::PrintF("wrong: %s, %s\n", peer->name(), NameOf(kind));
      }
      asked[kind].push_back(std::move(each));
    }
  }
  // By kind and engine: the median of each repetition.
  std::map<std::pair<QueryKind, std::string>, std::vector<double>> medians;
  for (int repetition = 0; repetition < repetitions; ++repetition) {
    for (const auto& [kind, searches] : asked) {
      // Each engine answers all searches in a row, once to fill the caches that the others emptied, then
      // timed.
      std::map<std::string, std::vector<double>> times;
      for (const bool timed : {false, true}) {
        for (const Asked& each : searches) {
          const double seconds = SecondsOf([&] { matcher::Rank(*state, each.request); });
          if (timed) times["rapport"].push_back(seconds);
        }
      }
      for (const auto& peer : peers) {
        for (const bool timed : {false, true}) {
          for (const Asked& each : searches) {
            const double seconds = SecondsOf([&] { peer->Top(each.search, each.passing); });
            if (timed) times[peer->name()].push_back(seconds);
          }
        }
      }
      for (const auto& [name, seconds] : times) medians[{kind, name}].push_back(Median(seconds) * 1e6);
    }
  }
  absl::PrintF("%d therapists, p50 of %d repetitions\n%-12s %-16s %12s %10s\n", therapists, repetitions,
               "query", "engine", "p50 us", "by ours");
  const std::map<std::string, std::pair<double, double>> least = {
      {"faiss + bitmap", {80, 8}}, {"DuckDB", {80, 15}}, {"PostgreSQL", {90, 200}}, {"SQLite", {100, 0}}};
  for (const auto& [which, times] : medians) {
    const auto& [kind, name] = which;
    const double ours = Median(medians.at({kind, "rapport"}));
    const double theirs = Median(times);
    absl::PrintF("%-12s %-16s %12.1f %10.1f\n", NameOf(kind), name, theirs, theirs / ours);
    if (name == "rapport") continue;
    AddToPicture(picture, absl::StrCat(name, " ", NameOf(kind)), therapists, theirs);
    if (therapists != 1'000'000) continue;
    const auto wanted = least.at(name);
    const double factor = kind == QueryKind::kTypical ? wanted.first : wanted.second;
    if (factor > 0)
      goals.AtMost(absl::StrCat(NameOf(kind), ", ours by ", name), ours / theirs, 1 / factor, "");
  }
  absl::PrintF("answers checked against a plain loop: %d, wrong: %d\n\n", checked, wrong);
  goals.AtMost(absl::StrFormat("answers unlike a plain loop's, %d therapists", therapists), wrong, 0, "");
}

int Run(int argc, char** argv) {
  std::vector<int> sizes = {10'000, 100'000, 1'000'000};
  int repetitions = 5;
  std::string duckdb, postgres, picture;
  for (int i = 1; i < argc; ++i) {
    absl::string_view argument = argv[i];
    if (absl::ConsumePrefix(&argument, "--sizes=")) {
      sizes.clear();
      for (const auto size : absl::StrSplit(argument, ',')) {
        if (!absl::SimpleAtoi(size, &sizes.emplace_back())) return 2;
      }
    } else if (absl::ConsumePrefix(&argument, "--repetitions=")) {
      if (!absl::SimpleAtoi(argument, &repetitions)) return 2;
    } else if (absl::ConsumePrefix(&argument, "--duckdb=")) {
      duckdb = std::string(argument);
    } else if (absl::ConsumePrefix(&argument, "--postgres=")) {
      postgres = std::string(argument);
    } else if (absl::ConsumePrefix(&argument, "--picture=")) {
      picture = std::string(argument);
    } else {
      absl::FPrintF(stderr, "unknown argument: %s\n", argv[i]);
      return 2;
    }
  }
  PrintMachine(argc, argv);
  omp_set_num_threads(1);  // every engine has one thread
  std::vector<std::unique_ptr<Peer>> peers;
  peers.push_back(MakeFaiss());
  peers.push_back(MakeSqlite());
  if (postgres.empty()) {
    absl::PrintF("PostgreSQL is left out: no connection was given\n");
  } else {
    peers.push_back(MakePostgres(postgres));
  }
  if (duckdb.empty()) {
    absl::PrintF("DuckDB is left out: its library could not be had\n");
  } else {
    peers.push_back(MakeDuckDb(duckdb));
  }
  Goals goals;
  for (const int size : sizes) RunSize(size, repetitions, peers, picture, goals);
  goals.Finish();
  return 0;
}

}  // namespace
}  // namespace rapport::bench

int main(int argc, char** argv) {
  return rapport::bench::Run(argc, argv);
}
