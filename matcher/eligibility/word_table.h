// One thing for each word that occurs in a block: found by one look into an array, since words are small
// numbers.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_WORD_TABLE_H_
#define RAPPORT_MATCHER_ELIGIBILITY_WORD_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace rapport::matcher {

// `T` is default-constructible. Words are places in a catalog list or symbols, below 65,535 in number.
template <typename T>
class WordTable {
 public:
  // What stands for `word`, or nullptr.
  const T* Find(std::size_t word) const {
    return word < places_.size() && places_[word] != 0 ? &things_[places_[word] - 1u] : nullptr;
  }

  // What stands for `word`, new where there was nothing.
  T& At(std::size_t word) {
    if (word >= places_.size()) places_.resize(word + 1);
    if (places_[word] == 0) {
      things_.emplace_back();
      places_[word] = static_cast<std::uint16_t>(things_.size());
    }
    return things_[places_[word] - 1u];
  }

  // Words are below this.
  std::size_t limit() const { return places_.size(); }

 private:
  std::vector<std::uint16_t> places_;  // by word: 1 + place in `things_`, or 0
  std::vector<T> things_;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_WORD_TABLE_H_
