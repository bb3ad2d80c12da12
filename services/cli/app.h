// The whole command: arguments in, exit code out.
#ifndef RAPPORT_SERVICES_CLI_APP_H_
#define RAPPORT_SERVICES_CLI_APP_H_

#include "services/cli/exit_code.h"
#include "services/cli/session.h"

namespace rapport::cli {

// Parses `argv` and runs the command it names. Results go to session.out, errors to session.err. Sets
// session.json.
ExitCode Run(int argc, const char* const* argv, Session& session);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_APP_H_
