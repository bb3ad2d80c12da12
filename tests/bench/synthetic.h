// A synthetic network and its clients, in the shape on which published engines were measured: states that are
// taken up unevenly, 64 payers, 32 languages, 5 cities a state, ages, remote or not, and six in ten who offer
// the format asked for. Profiles and needs are the library's own. Nobody in it exists.
#ifndef RAPPORT_TESTS_BENCH_SYNTHETIC_H_
#define RAPPORT_TESTS_BENCH_SYNTHETIC_H_

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "matcher/domain/catalog.h"
#include "matcher/domain/therapist.h"
#include "matcher/ranking/rank.h"
#include "matcher/state/state.h"

namespace rapport::bench {

enum class QueryKind { kNarrow, kTypical, kBroad, kUnfiltered };
inline constexpr QueryKind kQueryKinds[] = {QueryKind::kNarrow, QueryKind::kTypical, QueryKind::kBroad,
                                            QueryKind::kUnfiltered};
const char* NameOf(QueryKind kind);

// Words as many as a real network has; features and settings of the built-in catalog.
std::shared_ptr<const matcher::Catalog> SyntheticCatalog();

// The moment of every search.
absl::Time SyntheticNow();

// The same listings for the same numbers. `second_licences`: of a hundred, how many may also treat clients of
// another state at a distance.
std::vector<std::shared_ptr<const matcher::Listing>> SyntheticListings(int therapists, int second_licences,
                                                                       std::uint64_t seed);

// A state whose model has heard of every twentieth therapist, and whose directory is still empty.
std::unique_ptr<matcher::State> RatedState(
    const std::vector<std::shared_ptr<const matcher::Listing>>& listings, std::uint64_t seed);

// Requests of one kind, shortlists of `size`:
//   narrow      state, payer, language, age, format, in person within 80 km
//   typical     state, payer, language, age, format, by video
//   broad       any state, payer, age, format, by video
//   unfiltered  what is always asked, as loose as it goes: everybody passes
std::vector<matcher::RankRequest> SyntheticRequests(QueryKind kind, int count, std::size_t size,
                                                    std::uint64_t seed);

// The order of state, payer, language and the like within the words above: for those who lay the same
// therapists out for another engine.
inline constexpr int kStates = 50;
inline constexpr int kPayers = 64;
inline constexpr int kLanguages = 32;
inline constexpr int kAges = 6;

}  // namespace rapport::bench

#endif  // RAPPORT_TESTS_BENCH_SYNTHETIC_H_
