// One bit for each row of a block, as 64-bit words: the rules of the index are a few operations on these.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_BITMAP_H_
#define RAPPORT_MATCHER_ELIGIBILITY_BITMAP_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "matcher/versioned/fetch.h"

namespace rapport::matcher {

// Begins with a cache line: one that began within a line would take one more.
class alignas(kCacheLine) Bitmap {
 public:
  static constexpr std::uint32_t kRows = 4096;
  static constexpr std::uint32_t kWords = kRows / 64;

  bool Test(std::uint32_t row) const { return (words_[row / 64] >> (row % 64) & 1u) != 0; }
  void Assign(std::uint32_t row, bool value) {
    const std::uint64_t bit = std::uint64_t{1} << (row % 64);
    if (value) {
      words_[row / 64] |= bit;
    } else {
      words_[row / 64] &= ~bit;
    }
  }

  // Sets the row where `value` is true; no branch, for values that cannot be foreseen.
  void Add(std::uint32_t row, bool value) { words_[row / 64] |= std::uint64_t{value} << (row % 64); }

  // Empties the row; 1 where it was set, else 0.
  int Take(std::uint32_t row) {
    std::uint64_t& word = words_[row / 64];
    const auto was = static_cast<int>(word >> (row % 64) & 1u);
    word &= ~(std::uint64_t{1} << (row % 64));
    return was;
  }

  // 64 rows at once: bit i of word w is row 64 w + i.
  std::uint64_t Word(std::uint32_t word) const { return words_[word]; }
  void SetWord(std::uint32_t word, std::uint64_t bits) { words_[word] = bits; }
  const std::uint64_t* words() const { return words_.data(); }
  std::uint64_t* words() { return words_.data(); }

  // Asks for the memory of the first `words` words.
  void Fetch(std::uint32_t words) const { FetchLines(words_.data(), words * sizeof(std::uint64_t)); }

  bool Any() const {
    std::uint64_t any = 0;
    for (const std::uint64_t word : words_) any |= word;
    return any != 0;
  }
  std::uint32_t Count() const {
    int count = 0;
    for (const std::uint64_t word : words_) count += std::popcount(word);
    return static_cast<std::uint32_t>(count);
  }
  // The first row that is set; kRows when none is.
  std::uint32_t First() const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (words_[i] != 0)
        return static_cast<std::uint32_t>(i * 64) + static_cast<std::uint32_t>(std::countr_zero(words_[i]));
    }
    return kRows;
  }
  // The first row that is not set; kRows when all are.
  std::uint32_t FirstClear() const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (~words_[i] != 0)
        return static_cast<std::uint32_t>(i * 64) + static_cast<std::uint32_t>(std::countr_one(words_[i]));
    }
    return kRows;
  }

  Bitmap& operator&=(const Bitmap& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  Bitmap& operator|=(const Bitmap& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  // Set difference.
  Bitmap& operator-=(const Bitmap& other) {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= ~other.words_[i];
    return *this;
  }
  friend Bitmap operator&(const Bitmap& a, const Bitmap& b) {
    Bitmap both = a;
    return both &= b;
  }
  friend Bitmap operator|(const Bitmap& a, const Bitmap& b) {
    Bitmap both = a;
    return both |= b;
  }
  friend Bitmap operator-(const Bitmap& a, const Bitmap& b) {
    Bitmap both = a;
    return both -= b;
  }

  // Calls visit(row) for each row that is set, lowest first.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t word = words_[i]; word != 0; word &= word - 1) {
        visit(static_cast<std::uint32_t>(i * 64) + static_cast<std::uint32_t>(std::countr_zero(word)));
      }
    }
  }

  // The rows of this bitmap for which keep(row) is true.
  template <typename Keep>
  Bitmap Where(Keep keep) const {
    Bitmap kept;
    ForEach([&](std::uint32_t row) { kept.Add(row, keep(row)); });
    return kept;
  }

 private:
  std::array<std::uint64_t, kWords> words_{};
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_BITMAP_H_
