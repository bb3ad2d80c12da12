// Which entries of a list came before: most lists are short, and a look at each earlier entry costs less than
// a set's memory.
#ifndef RAPPORT_SERVICES_CONTRACT_SEEN_H_
#define RAPPORT_SERVICES_CONTRACT_SEEN_H_

#include <algorithm>
#include <cstddef>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"

namespace rapport::contract {

// `Entry`: what tells entries apart; what it refers to must outlive this.
template <typename Entry>
class Seen {
 public:
  // True when `entry` was not inserted before.
  bool Insert(const Entry& entry) {
    if (few_.size() < kFew) {
      if (std::find(few_.begin(), few_.end(), entry) != few_.end()) return false;
      few_.push_back(entry);
      return true;
    }
    if (many_.empty()) many_.insert(few_.begin(), few_.end());
    return many_.insert(entry).second;
  }

 private:
  static constexpr std::size_t kFew = 16;
  absl::InlinedVector<Entry, kFew> few_;
  absl::flat_hash_set<Entry> many_;
};

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_SEEN_H_
