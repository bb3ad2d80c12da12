// What one run of the command stands in: its streams, its clock and ids, and how it should speak. Passed to
// every command, so that tests run them on strings.
#ifndef RAPPORT_SERVICES_CLI_SESSION_H_
#define RAPPORT_SERVICES_CLI_SESSION_H_

#include <istream>
#include <ostream>

#include "services/runtime/clock.h"
#include "services/runtime/ids.h"

namespace rapport::cli {

// Everything is borrowed and must outlive the session. Not thread-safe.
struct Session {
  std::istream& in;   // what "-" names
  std::ostream& out;  // results
  std::ostream& err;  // progress and errors
  const runtime::Clock& clock;
  runtime::IdSource& ids;
  bool err_is_terminal = false;  // progress lines are welcome
  bool json = false;             // results as protobuf JSON
};

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_SESSION_H_
