// An open loop of calls: each is sent when it is due, whether or not earlier ones are
// answered, and waits are counted from when it was due. So a server that falls behind cannot slow down those
// who measure it. HTTP/2 is nghttp2's, in one thread: gRPC's own client takes as much of a core for a call as
// the server does, and falls behind first.
#ifndef RAPPORT_TESTS_BENCH_SERVICE_OPEN_LOOP_H_
#define RAPPORT_TESTS_BENCH_SERVICE_OPEN_LOOP_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "grpcpp/support/byte_buffer.h"

namespace rapport::bench {

enum class Fate {
  kAnswered,
  kRefused,  // RESOURCE_EXHAUSTED
  kLate,     // DEADLINE_EXCEEDED, or answered after the deadline
};

struct Sent {
  double due_s = 0;    // since its phase's beginning
  double wait_ms = 0;  // from when it was due to its end
  Fate fate = Fate::kAnswered;
};

// What came of one phase.
struct Flow {
  std::vector<Sent> calls;     // every one that was due in it
  double sent_per_second = 0;  // what the client managed; short of what was asked, it is the bottleneck

  // Waits of those of a fate, in milliseconds.
  std::vector<double> Waits(Fate fate) const;
};

struct Phase {
  double calls_per_second = 0;  // on average, at random moments
  std::chrono::milliseconds duration;
};

struct Load {
  std::vector<Phase> phases;           // one right after the other, whatever is still open
  std::chrono::milliseconds deadline;  // for each call
  int connections = 1;                 // calls go to them in turn
  std::uint64_t seed = 1;
};

// Sends `requests` in turn to `method` ("/package.Service/Rpc") of the gRPC server on loopback `port`, at the
// same moments for the same seed, and waits until all have ended. Result: a flow for each phase. Keeps its
// core busy throughout. Ends the program when a call fails otherwise than by Fate, and when answers stay away
// for ten seconds.
std::vector<Flow> RunOpenLoop(int port, const std::string& method,
                              const std::vector<grpc::ByteBuffer>& requests, const Load& load);

// Calls a second that the server answers while `open_calls` of one connection are always open: each is
// followed by the next as soon as it is answered.
double CapacityOf(int port, const std::string& method, const std::vector<grpc::ByteBuffer>& requests,
                  std::size_t open_calls, std::chrono::milliseconds duration);

}  // namespace rapport::bench

#endif  // RAPPORT_TESTS_BENCH_SERVICE_OPEN_LOOP_H_
