// See log.h.
#include "services/runtime/log.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"

namespace rapport::runtime {
namespace {

constexpr std::array<const char*, 4> kNames = {"debug", "info", "warning", "error"};

// A line a call is written here, so what most lines are made of goes straight into them; the rest is the
// library's.

// Bytes that are not UTF-8 are replaced: a log line must not fail.
void Append(absl::string_view text, std::string& line) {
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
  });
  if (plain) {
    absl::StrAppend(&line, "\"", text, "\"");
  } else {
    line += nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  }
}
void Append(int64_t number, std::string& line) {
  absl::StrAppend(&line, number);
}
void Append(double number, std::string& line) {
  if (!std::isfinite(number)) {
    line += "null";
    return;
  }
  std::array<char, 32> digits;
  char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  line.append(digits.data(), end);
}
void Append(bool value, std::string& line) {
  line += value ? "true" : "false";
}

// "2030-01-02T03:04:05.678Z".
void Append(absl::Time time, std::string& line) {
  thread_local absl::Time said = absl::InfinitePast();
  thread_local std::string said_as;
  const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
  if (second != said) {
    said_as = absl::FormatTime("%Y-%m-%dT%H:%M:%S.", second, absl::UTCTimeZone());
    said = second;
  }
  absl::StrAppend(&line, said_as, absl::Dec(absl::ToInt64Milliseconds(time - second), absl::kZeroPad3), "Z");
}

}  // namespace

absl::StatusOr<Severity> ParseSeverity(absl::string_view text) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (text == kNames[i]) return static_cast<Severity>(i);
  }
  return absl::InvalidArgumentError("must be debug, info, warning or error");
}

Log::Log(std::ostream& out, const Clock& clock, Severity level) : out_(out), clock_(clock), level_(level) {}

void Log::Write(Severity severity, absl::string_view event, Fields fields) {
  if (!Writes(severity)) return;
  thread_local std::string line;
  line = "{\"time\":\"";
  Append(clock_.Now(), line);
  absl::StrAppend(&line, "\",\"severity\":\"", kNames[static_cast<size_t>(severity)], "\",\"event\":\"",
                  event, "\"");
  for (const Field& field : fields) {
    absl::StrAppend(&line, ",\"", field.key, "\":");
    std::visit([&](const auto& value) { Append(value, line); }, field.value);
  }
  line += "}\n";
  std::lock_guard lock(mutex_);
  out_.clear();  // a disk that was full has room again, perhaps
  out_ << line << std::flush;
}

}  // namespace rapport::runtime
