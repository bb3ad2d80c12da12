// "Try another", replayed: in a replay where a client met many therapists, every choice has a known outcome.
// Clients come one after another, are sent to the best therapist left, say whether they would continue and
// how good the bond was, and where not, try again.
#ifndef RAPPORT_SERVICES_CLI_EVALUATE_TRY_AGAIN_H_
#define RAPPORT_SERVICES_CLI_EVALUATE_TRY_AGAIN_H_

#include <vector>

#include "services/cli/evaluate/learner.h"
#include "services/cli/evaluate/metrics.h"
#include "services/cli/evaluate/replay.h"

namespace rapport::evaluate {

inline constexpr int kMostTries = 5;
// Clients that one therapist takes for good.
inline constexpr int kSeats = 2;

// Searches of all clients of scored meetings who met three therapists or more, wave by wave, `rounds` times
// in orders drawn anew; empty for fewer than 20 such clients. `learner` is new: it learns the meetings that
// are not scored; each round goes on from there with a copy, which forgets single people before every wave.
std::vector<Search> TryAgain(const Replay& replay, Learner& learner, int rounds = 5);

}  // namespace rapport::evaluate

#endif  // RAPPORT_SERVICES_CLI_EVALUATE_TRY_AGAIN_H_
