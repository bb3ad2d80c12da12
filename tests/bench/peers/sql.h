// What engines that speak SQL have in common.
#ifndef RAPPORT_TESTS_BENCH_PEERS_SQL_H_
#define RAPPORT_TESTS_BENCH_PEERS_SQL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/bench/peers/search.h"

namespace rapport::bench {

// The table t, whose weights are of type `real`.
std::string CreateTable(const char* real);
// A therapist as a line of comma-separated values: kWholeColumns whole numbers, then weights.
inline constexpr int kWholeColumns = 14, kColumns = 25;
std::string Csv(std::size_t id, const Row& row);

// Parameters $1 to $9 are whole numbers, and from there on weights ($10 to $22) and masks ($23 to $26).
std::string Statement(bool everywhere);
std::array<std::int64_t, 9> Numbers(const Search& search);
std::vector<double> Weights(const Search& search);

}  // namespace rapport::bench

#endif  // RAPPORT_TESTS_BENCH_PEERS_SQL_H_
