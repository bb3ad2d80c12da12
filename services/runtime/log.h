// The log: one JSON object a line, for machines first. Never personal data: ids of our own, codes, counts and
// durations only; no request or response content.
#ifndef RAPPORT_SERVICES_RUNTIME_LOG_H_
#define RAPPORT_SERVICES_RUNTIME_LOG_H_

#include <concepts>
#include <cstdint>
#include <mutex>
#include <ostream>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/runtime/clock.h"

namespace rapport::runtime {

enum class Severity { kDebug, kInfo, kWarning, kError };

// "debug", "info", "warning" or "error"; else INVALID_ARGUMENT that names the four.
absl::StatusOr<Severity> ParseSeverity(absl::string_view text);

// One named value of a line: text, integer, number or bool. Text is looked at, not copied: it must live until
// the line is written, as what is named in the call itself does.
struct Field {
  Field(absl::string_view k, absl::string_view v) : key(k), value(v) {}
  Field(absl::string_view k, const char* v) : key(k), value(absl::string_view(v)) {}
  Field(absl::string_view k, const std::string& v) : key(k), value(absl::string_view(v)) {}
  Field(absl::string_view k, bool v) : key(k), value(v) {}
  Field(absl::string_view k, std::integral auto v) : key(k), value(static_cast<int64_t>(v)) {}
  Field(absl::string_view k, std::floating_point auto v) : key(k), value(static_cast<double>(v)) {}

  absl::string_view key;
  std::variant<absl::string_view, int64_t, double, bool> value;
};
using Fields = absl::Span<const Field>;

// Thread-safe; lines never interleave.
//   log.Info("listening", {{"address", address}, {"port", port}});
//   {"time":"2030-01-02T03:04:05.678Z","severity":"info","event":"listening","address":"127.0.0.1","port":5000}
class Log {
 public:
  // Writes lines of at least `level` to `out`. Both references must outlive this; nobody else may write to
  // `out`.
  Log(std::ostream& out, const Clock& clock, Severity level = Severity::kInfo);

  // Whether lines of this severity are written: worth asking before a costly line is put together.
  bool Writes(Severity severity) const { return severity >= level_; }

  // `event` and the fields' keys are constants in snake_case, each key once. Flushes, so that a line written
  // before a crash is there after it.
  void Write(Severity severity, absl::string_view event, Fields fields);

  void Debug(absl::string_view event, Fields fields = {}) { Write(Severity::kDebug, event, fields); }
  void Info(absl::string_view event, Fields fields = {}) { Write(Severity::kInfo, event, fields); }
  void Warning(absl::string_view event, Fields fields = {}) { Write(Severity::kWarning, event, fields); }
  void Error(absl::string_view event, Fields fields = {}) { Write(Severity::kError, event, fields); }

 private:
  std::ostream& out_;
  const Clock& clock_;
  const Severity level_;
  std::mutex mutex_;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_LOG_H_
