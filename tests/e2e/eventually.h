// Waiting for what no stream tells of.
#ifndef RAPPORT_TESTS_E2E_EVENTUALLY_H_
#define RAPPORT_TESTS_E2E_EVENTUALLY_H_

#include "absl/time/clock.h"
#include "tests/e2e/process.h"

namespace rapport::e2e {

// Asks until `holds` says yes, as fast as the calls in it are answered. False: not within kPatience.
template <typename Question>
bool Eventually(Question holds) {
  const absl::Time give_up = absl::Now() + kPatience;
  while (!holds()) {
    if (absl::Now() > give_up) return false;
  }
  return true;
}

}  // namespace rapport::e2e

#endif  // RAPPORT_TESTS_E2E_EVENTUALLY_H_
