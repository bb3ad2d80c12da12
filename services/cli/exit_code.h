// What the command's exit code tells a script. The one list: `rapport --help` prints it, failure.cc applies
// it.
#ifndef RAPPORT_SERVICES_CLI_EXIT_CODE_H_
#define RAPPORT_SERVICES_CLI_EXIT_CODE_H_

namespace rapport::cli {

enum class ExitCode : int {
  kOk = 0,
  kUnexpected = 1,  // something that should not happen; the message says what
  kUsage = 2,       // flags or a local file are wrong
  kRefused = 3,     // a request or rows of a file were refused; the list says why
  kNotFound = 4,    // the server knows no such therapist or referral
  kConflict = 5,  // not possible as things stand: changed meanwhile, illegal step, no free seat, needs triage
  kUnavailable = 6,  // the server is away, overloaded or too slow: try again
  kDenied = 7,       // the server does not know the caller, or does not allow it
};

inline constexpr char kExitCodeHelp[] =
    "Exit codes: 0 done; 1 unexpected; 2 wrong flags or file; 3 refused (rows, fields);\n"
    "  4 not found; 5 not possible as things stand; 6 server unavailable; 7 not allowed.";

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_EXIT_CODE_H_
