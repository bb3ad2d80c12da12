// The servers that are compared, each run in a process of its own: the matcher as it is, an echo in its
// server style that answers with the same bytes, and the plainest echo that gRPC's callback API allows.
#ifndef RAPPORT_TESTS_BENCH_SERVICE_SERVERS_H_
#define RAPPORT_TESTS_BENCH_SERVICE_SERVERS_H_

#include <chrono>
#include <string>
#include <vector>

#include "grpcpp/support/byte_buffer.h"

namespace rapport::bench {

inline constexpr char kRankMethod[] = "/rapport.matcher.v1.MatcherService/RankTherapists";

// Serves on a free loopback port, writes that port to standard output, and ends when standard input does.
// `kind`: "rank" (a directory of `therapists` therapists), "echo" or "plain". The echoes answer each request
// with the response in the file `payload`, serialised anew each time; "echo" computes for `echo_computes`
// first. Result: the process's exit code.
int Serve(const std::string& kind, int therapists, const std::string& payload,
          std::chrono::microseconds echo_computes);

// Microseconds that one of `requests` takes a thread of this process between the bytes of the request and
// those of the answer, with nothing of gRPC around it: parse, validate, rank, explain, serialise. The median
// of `rounds` rounds over all.
double RankWithoutWire(int therapists, const std::vector<grpc::ByteBuffer>& requests, int rounds);

}  // namespace rapport::bench

#endif  // RAPPORT_TESTS_BENCH_SERVICE_SERVERS_H_
