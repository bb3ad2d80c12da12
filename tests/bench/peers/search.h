// Therapists as rows and needs as masks and weights: what every engine can hold.
#ifndef RAPPORT_TESTS_BENCH_PEERS_SEARCH_H_
#define RAPPORT_TESTS_BENCH_PEERS_SEARCH_H_

#include <array>
#include <cstdint>

#include "matcher/ranking/rank.h"
#include "matcher/state/state.h"
#include "tests/bench/synthetic.h"

namespace rapport::bench {

inline constexpr int kTop = 10;
inline constexpr int kStyles = 4;
inline constexpr int kFacets = 5;
inline constexpr int kWords = 40;  // of each of approaches, tags and concerns at most
// access, effect, style, felt, and one dimension for each approach, tag and concern; a multiple of four.
inline constexpr int kDimensions = 2 + kStyles + kFacets + 3 * kWords + 1;

// A therapist as a row.
struct Row {
  std::int64_t state = 0, until = 0, payers = 0, languages = 0, ages = 0, formats = 0, modalities = 0,
               declined = 0, confirmed = 0, seats = 0, approaches = 0, tags = 0, concerns = 0;
  float access = 0, effect = 0;
  std::array<float, kStyles> style{};
  std::array<float, kFacets> felt{};
};

// A client's search: bit masks that must be met, and weights.
struct Search {
  bool everywhere = false;
  std::int64_t state = 0, day = 0, payers = 0, languages = 0, ages = 0, formats = 0, modalities = 0,
               declined = 0, confirmed = 0;
  std::array<double, kStyles> style{};
  std::array<double, kFacets> felt{};
  // One approach, one tag, two concerns.
  std::array<std::int64_t, 4> masks{};
  std::array<double, 4> weights{};
};

Row RowOf(const matcher::State& state, const matcher::Listing& listing);
Search SearchOf(const matcher::State& state, const matcher::RankRequest& request, QueryKind kind);

// The filter, and the part of the score that other engines can hold: the law that their answers are held
// against.
bool Passes(const Search& search, const Row& row);
double ScoreOf(const Search& search, const Row& row);

}  // namespace rapport::bench

#endif  // RAPPORT_TESTS_BENCH_PEERS_SEARCH_H_
