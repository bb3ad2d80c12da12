// Errors as a person at a terminal needs them: what happened, what to do, and a code for scripts.
#ifndef RAPPORT_SERVICES_CLI_FAILURE_H_
#define RAPPORT_SERVICES_CLI_FAILURE_H_

#include <ostream>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"
#include "services/cli/exit_code.h"

namespace rapport::cli {

// A call's error as commands hand it on: with the server's details, and marked where no server was reached.
absl::Status FromCall(const grpc::Status& status);

// A local file's error as commands hand it on. Whatever the library calls it, the file is wrong, not the
// server: exit code 2.
absl::Status FromFile(const absl::Status& status);

// The exit code of an error. REQUIRES: !status.ok().
ExitCode ExitCodeOf(const absl::Status& status);

// One line of what happened, every violation, and what to do where that is known.
void PrintFailure(const absl::Status& status, std::ostream& err);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_FAILURE_H_
