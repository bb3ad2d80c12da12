#include "services/contract/calendar.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/contract/limits.h"

namespace rapport::contract {
namespace {

constexpr std::int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z

// The number that these digits write; -1 when one of them is none.
int Digits(absl::string_view digits) {
  int number = 0;
  for (const char c : digits) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

// Looks `name` up in the tz database.
std::optional<absl::TimeZone> LoadTimeZone(absl::string_view name) {
  if (name.empty() || name.size() > kMaxTimeZoneLength) return std::nullopt;
  if (name == "localtime") return std::nullopt;            // whatever this machine is set to
  if (absl::StrContains(name, "//")) return std::nullopt;  // another spelling of a file, as many as one likes
  if (!absl::ascii_isalpha(static_cast<unsigned char>(name.front()))) return std::nullopt;
  for (const char c : name) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '/' && c != '_' && c != '-' && c != '+') {
      return std::nullopt;
    }
  }
  // Abseil remembers every name it was ever asked for, unknown ones included: what callers make up must not
  // reach it.
  const char* database = std::getenv("TZDIR");
  std::error_code error;
  if (!std::filesystem::is_regular_file(
          absl::StrCat(database != nullptr ? database : "/usr/share/zoneinfo", "/", name), error)) {
    return std::nullopt;
  }
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(name, &zone)) return std::nullopt;
  return zone;
}

}  // namespace

std::optional<absl::CivilDay> ParseDate(absl::string_view date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return std::nullopt;
  const int year = Digits(date.substr(0, 4));
  const int month = Digits(date.substr(5, 2));
  const int day = Digits(date.substr(8, 2));
  if (year < 1 || month < 1 || day < 1) return std::nullopt;
  const absl::CivilDay parsed(year, month, day);  // normalises 30 February to a day of March
  if (parsed.month() != month || parsed.day() != day) return std::nullopt;
  return parsed;
}

std::string FormatDate(absl::CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

std::optional<absl::TimeZone> FindTimeZone(absl::string_view name) {
  // What was found stays found: to ask for the file each time took an eighth of reading a directory of a
  // million. It holds no more names than the database has files.
  thread_local absl::flat_hash_map<std::string, absl::TimeZone> found;
  if (const auto known = found.find(name); known != found.end()) return known->second;
  const std::optional<absl::TimeZone> zone = LoadTimeZone(name);
  if (zone) found.emplace(name, *zone);
  return zone;
}

bool IsValidTimestamp(const google::protobuf::Timestamp& timestamp) {
  return timestamp.seconds() >= kFirstSecond && timestamp.seconds() <= kLastSecond &&
         timestamp.nanos() >= 0 && timestamp.nanos() <= 999'999'999;
}

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const absl::Time cut = std::clamp(time, absl::FromUnixSeconds(kFirstSecond),
                                    absl::FromUnixSeconds(kLastSecond) + absl::Nanoseconds(999'999'999));
  const std::int64_t seconds = absl::ToUnixSeconds(cut);  // rounds towards the past
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(
      static_cast<std::int32_t>(absl::ToInt64Nanoseconds(cut - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

}  // namespace rapport::contract
