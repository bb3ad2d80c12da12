// The servers that are compared, each run in a process of its own: the matcher as it is, an echo in its
// server style that answers with the same bytes, and the plainest echo that gRPC's callback API allows.
#ifndef RAPPORT_TESTS_BENCH_SERVICE_SERVERS_H_
#define RAPPORT_TESTS_BENCH_SERVICE_SERVERS_H_

#include <string>
#include <vector>

#include "grpcpp/support/byte_buffer.h"
#include "services/runtime/limits.h"

namespace rapport::bench {

inline constexpr char kRankMethod[] = "/rapport.matcher.v1.MatcherService/RankTherapists";

struct ServeOptions {
  std::string kind = "rank";  // "rank", "echo" or "plain"
  int therapists = 0;         // rank: in its directory
  std::string payload = "";   // echoes: file with the answer to each request, serialised anew each time
  int echo_computes_us = 0;   // "echo": for how long it computes first
  int open_calls = runtime::kDefaultOpenCalls;  // rank, echo: of one connection
};

// Serves on a free loopback port, writes that port to standard output, and ends when standard input does.
// Result: the process's exit code.
int Serve(const ServeOptions& options);

// Microseconds that one of `requests` takes a thread of this process between the bytes of the request and
// those of the answer, with nothing of gRPC around it: parse, validate, rank, explain, serialise. The median
// of `rounds` rounds over all.
double RankWithoutWire(int therapists, const std::vector<grpc::ByteBuffer>& requests, int rounds);

}  // namespace rapport::bench

#endif  // RAPPORT_TESTS_BENCH_SERVICE_SERVERS_H_
