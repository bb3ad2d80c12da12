// An invented network of therapists, to try Rapport with: plausible in its spread, the same for the same seed
// on every machine, and nobody in it exists.
#ifndef RAPPORT_SERVICES_CLI_SAMPLE_NETWORK_H_
#define RAPPORT_SERVICES_CLI_SAMPLE_NETWORK_H_

#include <cstdint>

#include "absl/time/civil_time.h"
#include "rapport/therapist/v1/therapist.pb.h"

namespace rapport::cli {

// The `index`-th therapist (from 1) of the network of this seed: their profile depends on no other. Dates of
// confirmation and of licences are counted from `today`. Words are those of the built-in catalog.
therapist::v1::Therapist SampleTherapist(uint64_t seed, int index, absl::CivilDay today);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_SAMPLE_NETWORK_H_
