// Catalog words as small numbers. Profiles and needs hold a word's place in its catalog list, so that rules
// compare integers and an index can keep one bitmap a word; the words themselves live in the catalog.
#ifndef RAPPORT_MATCHER_DOMAIN_WORDS_H_
#define RAPPORT_MATCHER_DOMAIN_WORDS_H_

#include <algorithm>
#include <cstdint>
#include <vector>

namespace rapport::matcher {

// Place of a word in its catalog list.
using Word = std::uint16_t;

// A set of words of one catalog list: sorted, none twice.
using WordSet = std::vector<Word>;

// The set of `words`, in whatever order and however often they were given.
inline WordSet MakeWordSet(WordSet words) {
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return words;
}

inline bool Contains(const WordSet& set, Word word) {
  return std::binary_search(set.begin(), set.end(), word);
}

// True when the sets share a word. O(a + b).
inline bool Intersects(const WordSet& a, const WordSet& b) {
  auto i = a.begin();
  auto j = b.begin();
  while (i != a.end() && j != b.end()) {
    if (*i == *j) return true;
    *i < *j ? ++i : ++j;
  }
  return false;
}

// True when every word of `part` is in `whole`. O(part + whole).
inline bool Includes(const WordSet& whole, const WordSet& part) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_DOMAIN_WORDS_H_
