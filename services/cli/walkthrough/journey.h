// A client's whole way through the services, told to a coordinator in plain words, with real calls and real
// numbers.
#ifndef RAPPORT_SERVICES_CLI_WALKTHROUGH_JOURNEY_H_
#define RAPPORT_SERVICES_CLI_WALKTHROUGH_JOURNEY_H_

#include "absl/status/status.h"
#include "services/cli/services.h"
#include "services/cli/session.h"

namespace rapport::cli {

// Makes a fresh client, so it can be told again and again. Needs a directory, for instance the sample
// network. Errors: the services', and FAILED_PRECONDITION where nobody in the directory suits the story's
// needs.
absl::Status TellJourney(Session& session, const Services& services);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_WALKTHROUGH_JOURNEY_H_
