// The rapport command.
#include <unistd.h>

#include <iostream>

#include "services/cli/app.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  const rapport::runtime::RealClock clock;
  rapport::runtime::RandomIds ids(clock);
  rapport::cli::Session session{std::cin, std::cout, std::cerr, clock, ids};
  session.err_is_terminal = isatty(STDERR_FILENO) == 1;
  return static_cast<int>(rapport::cli::Run(argc, argv, session));
}
