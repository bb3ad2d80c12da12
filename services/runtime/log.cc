// See log.h.
#include "services/runtime/log.h"

#include <array>
#include <nlohmann/json.hpp>

namespace rapport::runtime {
namespace {

constexpr std::array<const char*, 4> kNames = {"debug", "info", "warning", "error"};

}  // namespace

absl::StatusOr<Severity> ParseSeverity(absl::string_view text) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames[i]) return static_cast<Severity>(i);
  }
  return absl::InvalidArgumentError("must be debug, info, warning or error");
}

Log::Log(std::ostream& out, const Clock& clock, Severity level) : out_(out), clock_(clock), level_(level) {}

void Log::Write(Severity severity, absl::string_view event, const std::vector<Field>& fields) {
  if (!Writes(severity)) return;
  nlohmann::ordered_json line;
  line["time"] = absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", clock_.Now(), absl::UTCTimeZone());
  line["severity"] = kNames[static_cast<size_t>(severity)];
  line["event"] = std::string(event);
  for (const Field& field : fields) {
    std::visit([&](const auto& value) { line[field.key] = value; }, field.value);
  }
  // Bytes that are not UTF-8 are replaced: a log line must not fail.
  const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  std::lock_guard lock(mutex_);
  out_.clear();  // a disk that was full has room again, perhaps
  out_ << text << std::flush;
}

}  // namespace rapport::runtime
