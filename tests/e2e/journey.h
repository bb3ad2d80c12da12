// The whole journey of a client, from a filled directory to the second therapist, as a caller of the services
// takes it. It knows nothing of how they run: in this process, as processes, or at an address.
#ifndef RAPPORT_TESTS_E2E_JOURNEY_H_
#define RAPPORT_TESTS_E2E_JOURNEY_H_

#include "services/cli/services.h"

namespace rapport::e2e {

// Takes the journey and checks every answer on the way; what is not as promised fails the running test.
// Leaves no therapist behind. The directory may hold others; the catalog must be the built-in one.
void TakeJourney(const cli::Services& services);

}  // namespace rapport::e2e

#endif  // RAPPORT_TESTS_E2E_JOURNEY_H_
