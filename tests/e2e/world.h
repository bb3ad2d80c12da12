// A small made-up corner of a network: its therapists, and a client's needs there. Each run has a region of
// its own, so that it meets nobody else where the directory is not empty.
#ifndef RAPPORT_TESTS_E2E_WORLD_H_
#define RAPPORT_TESTS_E2E_WORLD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "rapport/directory/v1/directory.pb.h"
#include "rapport/feedback/v1/feedback.pb.h"
#include "rapport/matcher/v1/needs.pb.h"
#include "rapport/therapist/v1/therapist.pb.h"
#include "services/cli/services.h"

namespace rapport::e2e {

struct World {
  std::string run;     // the start of every id
  std::string region;  // of the code range that ISO 3166 leaves to its users
};

World NewWorld();

// Seats of each therapist.
inline constexpr int kSeats = 2;

std::string TherapistId(const World& world, int number);

// One who passes every rule of NeedsIn; `number` (0 to 99) varies what is wished for.
therapist::v1::Therapist SuitableTherapist(const World& world, int number);

matcher::v1::Needs NeedsIn(const World& world);

// Loads profiles as a stream. Errors: the stream's.
absl::StatusOr<directory::v1::UpsertTherapistsResponse> Upsert(
    const cli::Services& services, const std::vector<therapist::v1::Therapist>& therapists);

// What a client says after a session that went badly, or well. Without client, therapist and referral.
feedback::v1::FitCheck BadSession();
feedback::v1::FitCheck GoodSession();

// A fresh id for a request.
std::string NewRequestId();

}  // namespace rapport::e2e

#endif  // RAPPORT_TESTS_E2E_WORLD_H_
