// One thing for each word that occurs in a block: found by one look into an array, since words are small
// numbers.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_WORD_TABLE_H_
#define RAPPORT_MATCHER_ELIGIBILITY_WORD_TABLE_H_

#include <cstddef>
#include <cstdint>

#include "matcher/eligibility/column.h"
#include "matcher/versioned/fetch.h"

namespace rapport::matcher {

// `T` is default-constructible. Words are places in a catalog list or symbols; the table has four bytes for
// each of them up to the highest that was written.
template <typename T>
class WordTable {
 public:
  // What stands for `word`, or nullptr.
  const T* Find(std::size_t word) const {
    return word < places_.size() && places_[word] != 0 ? things_.data() + (places_[word] - 1u) : nullptr;
  }

  // What stands for `word`, new where there was nothing; for writing.
  T& At(std::size_t word) {
    if (word >= places_.size()) places_.Resize(word + 1);
    if (places_[word] == 0) {
      things_.Push(T());
      places_.Set(word, static_cast<std::uint32_t>(things_.size()));
    }
    return things_.Own()[places_[word] - 1u];
  }

  // Asks for the memory that Find(word) reads; and, once that has come, for what it finds.
  void FetchPlace(std::size_t word) const {
    if (word < places_.size()) FetchLine(places_.data() + word);
  }
  void FetchThing(std::size_t word) const {
    if (const T* thing = Find(word)) FetchLines(thing, sizeof(T));
  }

  // Words are below this.
  std::size_t limit() const { return places_.size(); }

  // Calls visit(thing) for each thing, in the order in which their words came up.
  template <typename Visit>
  void ForEachToWrite(Visit visit) {
    if (things_.size() == 0) return;
    T* things = things_.Own();
    for (std::size_t i = 0; i < things_.size(); ++i) visit(things[i]);
  }
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (std::size_t i = 0; i < things_.size(); ++i) visit(things_[i]);
  }

  // Gives back memory that growing took.
  void ShrinkToFit() {
    places_.ShrinkToFit();
    things_.ShrinkToFit();
  }

  // Bytes held, without what the things themselves hold elsewhere.
  std::size_t MemoryBytes() const { return places_.MemoryBytes() + things_.MemoryBytes(); }

 private:
  Column<std::uint32_t> places_;  // by word: 1 + place in `things_`, or 0
  Column<T> things_;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_WORD_TABLE_H_
