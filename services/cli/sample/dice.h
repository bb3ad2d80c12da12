// Chance that is the same on every machine: whole numbers only, and no distribution of the standard library,
// whose results differ between implementations.
#ifndef RAPPORT_SERVICES_CLI_SAMPLE_DICE_H_
#define RAPPORT_SERVICES_CLI_SAMPLE_DICE_H_

#include <cstdint>

#include "absl/types/span.h"

namespace rapport::cli {

// SplitMix64 (Steele, Lea, Flood 2014). Not for secrets.
class Dice {
 public:
  // A stream of its own for every (seed, index), so that one item never depends on how many came before it.
  Dice(uint64_t seed, uint64_t index) : state_(seed * 0x9E3779B97F4A7C15u + index) { state_ = Next(); }

  // Each value from `least` to `most` alike (but for a bias below 2^-50). REQUIRES: least <= most.
  int Between(int least, int most) {
    return least + static_cast<int>(Next() % static_cast<uint64_t>(most - least + 1));
  }
  bool Percent(int percent) { return Between(1, 100) <= percent; }

  template <typename Item>
  const Item& Pick(absl::Span<const Item> items) {
    return items[static_cast<size_t>(Between(0, static_cast<int>(items.size()) - 1))];
  }
  // By weight: every item has a member `weight`.
  template <typename Item>
  const Item& PickWeighted(absl::Span<const Item> items) {
    int total = 0;
    for (const Item& item : items) total += item.weight;
    int at = Between(1, total);
    for (const Item& item : items) {
      if ((at -= item.weight) <= 0) return item;
    }
    return items.back();
  }

 private:
  uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15u;
    uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBu;
    return mixed ^ (mixed >> 31);
  }

  uint64_t state_;
};

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_SAMPLE_DICE_H_
