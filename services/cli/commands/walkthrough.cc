// rapport walkthrough.
#include "services/cli/commands/bindings.h"
#include "services/cli/walkthrough/journey.h"

namespace rapport::cli {

Action BindWalkthrough(CLI::App&) {
  return Online([](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    if (absl::Status status = TellJourney(session, services); !status.ok()) return status;
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
