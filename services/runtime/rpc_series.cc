// See rpc_series.h.
#include "services/runtime/rpc_series.h"

#include <array>
#include <string>
#include <utility>

#include "services/runtime/metric_names.h"

namespace rapport::runtime {
namespace {

// By code, 0 to 16.
constexpr std::array<const char*, 17> kCodeNames = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

const char* TypeName(RpcType type) {
  switch (type) {
    case RpcType::kUnary:
      return "unary";
    case RpcType::kClientStream:
      return "client_stream";
    case RpcType::kServerStream:
      return "server_stream";
  }
  return "";
}

Labels LabelsOf(const std::string& method, RpcType type) {
  const size_t slash = method.find('/');
  return {{"grpc_type", TypeName(type)},
          {"grpc_service", method.substr(0, slash)},
          {"grpc_method", slash == std::string::npos ? "" : method.substr(slash + 1)}};
}

Labels WithCode(Labels labels, absl::StatusCode code) {
  labels["grpc_code"] = CodeName(code);
  return labels;
}

}  // namespace

const char* CodeName(absl::StatusCode code) {
  const auto number = static_cast<size_t>(code);
  return number < kCodeNames.size() ? kCodeNames[number] : "Unknown";
}

RpcSeries::RpcSeries(Metrics& metrics, const Method& method, RpcType type)
    : metrics_(metrics),
      labels_(LabelsOf(method.full_name, type)),
      started_(metrics.CounterOf(kRpcStarted, labels_)),
      seconds_(metrics.HistogramOf(kRpcSeconds, kSecondsBounds, labels_)) {}

void RpcSeries::Ended(absl::StatusCode code, double seconds) {
  seconds_.Observe(seconds);
  const auto number = static_cast<std::size_t>(code);
  Handled& handled =
      handled_[number < kCodes ? number : static_cast<std::size_t>(absl::StatusCode::kUnknown)];
  std::call_once(handled.looked_up,
                 [&] { handled.counter = metrics_.CounterOf(kRpcHandled, WithCode(labels_, code)); });
  handled.counter.Add();
}

std::int64_t RpcSeries::Refused(absl::Time now) {
  ++refused_;
  const std::int64_t second = absl::ToUnixSeconds(now);
  std::int64_t told = told_at_second_;
  if (second == told || !told_at_second_.compare_exchange_strong(told, second)) return 0;
  return refused_.exchange(0);
}

RpcSeries& RpcSeriesTable::Of(const Method& method, RpcType type) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<RpcSeries>& series = series_[method.full_name];
  if (series == nullptr) series = std::make_unique<RpcSeries>(metrics_, method, type);
  return *series;
}

}  // namespace rapport::runtime
