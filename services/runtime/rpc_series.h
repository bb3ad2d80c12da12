// The series that every RPC counts in, looked up once for each method: a look-up by name and labels costs
// more than ranking a small network.
#ifndef RAPPORT_SERVICES_RUNTIME_RPC_SERIES_H_
#define RAPPORT_SERVICES_RUNTIME_RPC_SERIES_H_

#include <memory>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "services/runtime/metrics.h"

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

 private:
  Metrics& metrics_;
  const Labels labels_;
  Counter started_;
  Counter handled_ok_;  // other codes are rare, and looked up
  Histogram seconds_;
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
