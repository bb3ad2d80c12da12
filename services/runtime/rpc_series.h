// The series that every RPC counts in, looked up once for each method: a look-up by name and labels costs
// more than ranking a small network.
#ifndef RAPPORT_SERVICES_RUNTIME_RPC_SERIES_H_
#define RAPPORT_SERVICES_RUNTIME_RPC_SERIES_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/runtime/metrics.h"
#include "services/runtime/time_needed.h"

namespace rapport::runtime {

enum class RpcType { kUnary, kClientStream, kServerStream };

// Names an RPC for metrics and logs. Keep one constant per RPC beside its handler:
//   constexpr Method kGetTherapist{"rapport.directory.v1.DirectoryService/GetTherapist"};
struct Method {
  const char* full_name;
};

// A status code as go-grpc-middleware spells it: "OK", "InvalidArgument" ...
const char* CodeName(absl::StatusCode code);

// The series of one RPC. Thread-safe.
class RpcSeries {
 public:
  // `metrics` must outlive this.
  RpcSeries(Metrics& metrics, const Method& method, RpcType type);

  void Started() { started_.Add(); }
  void Ended(absl::StatusCode code, double seconds);

  // Counts a call whose work was not begun (Refusal). Result: how many were since the last one that was told
  // of, this one included, where it is to be told of now; else 0. One a second is: a server that has too much
  // to do must not write a line for each call that it does not take.
  std::int64_t Refused(absl::Time now);

  // What a call that only computes needs.
  TimeNeeded& time_needed() { return time_needed_; }

 private:
  struct Handled {
    std::once_flag looked_up;
    Counter counter;
  };
  static constexpr std::size_t kCodes = 17;

  Metrics& metrics_;
  const Labels labels_;
  Counter started_;
  std::array<Handled, kCodes> handled_;  // by code; those that occur
  Histogram seconds_;
  TimeNeeded time_needed_;
  std::atomic<std::int64_t> refused_ = 0;         // and not told of yet
  std::atomic<std::int64_t> told_at_second_ = 0;  // Unix time
};

// Thread-safe.
class RpcSeriesTable {
 public:
  // `metrics` must outlive this.
  explicit RpcSeriesTable(Metrics& metrics) : metrics_(metrics) {}

  // Valid as long as this. `method.full_name` must live as long too.
  RpcSeries& Of(const Method& method, RpcType type);

 private:
  Metrics& metrics_;
  std::mutex mutex_;
  absl::flat_hash_map<const char*, std::unique_ptr<RpcSeries>> series_;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_RPC_SERIES_H_
