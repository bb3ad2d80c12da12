// Random logs of a small network, the same for the same seed: what a matcher's state is folded from.
#ifndef RAPPORT_TESTS_SUPPORT_RANDOM_HISTORY_H_
#define RAPPORT_TESTS_SUPPORT_RANDOM_HISTORY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "matcher/state/event.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {

// A log of `length` events about up to `therapists` therapists, positions from 1. Every kind of event occurs,
// also about therapists and reservations that are not there.
std::vector<Event> RandomHistory(RandomNetwork& network, int therapists, int length);

}  // namespace rapport::matcher

#endif  // RAPPORT_TESTS_SUPPORT_RANDOM_HISTORY_H_
