// All therapists of a directory, page by page.
#ifndef RAPPORT_SERVICES_CLI_COMMANDS_THERAPIST_PAGES_H_
#define RAPPORT_SERVICES_CLI_COMMANDS_THERAPIST_PAGES_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "rapport/therapist/v1/therapist.pb.h"
#include "services/cli/services.h"

namespace rapport::cli {

// By therapist id. Memory: one page. Errors: the directory's.
absl::Status ForEachTherapist(const Services& services,
                              absl::FunctionRef<void(const therapist::v1::Therapist&)> visit);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_COMMANDS_THERAPIST_PAGES_H_
