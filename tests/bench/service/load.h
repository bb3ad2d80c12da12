// A closed loop of calls over one channel: as many always open as asked for, each sent again as soon as it is
// answered. It measures throughput and the server's own time; its latencies are those of a full queue, and no
// percentiles under load.
#ifndef RAPPORT_TESTS_BENCH_SERVICE_LOAD_H_
#define RAPPORT_TESTS_BENCH_SERVICE_LOAD_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/channel.h"
#include "grpcpp/support/byte_buffer.h"

namespace rapport::bench {

struct Throughput {
  double calls_per_second = 0;
  double median_us = 0;  // from sending to the answer
};

// Sends `requests` in turn to `method` ("/package.Service/Rpc") for `duration`. Ends the program when a call
// fails.
Throughput RunClosedLoop(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                         const std::vector<grpc::ByteBuffer>& requests, int open_calls,
                         std::chrono::milliseconds duration);

}  // namespace rapport::bench

#endif  // RAPPORT_TESTS_BENCH_SERVICE_LOAD_H_
