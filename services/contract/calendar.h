// Days, instants and time zones as the contract writes them, read strictly: what does not parse here is
// refused.
#ifndef RAPPORT_SERVICES_CONTRACT_CALENDAR_H_
#define RAPPORT_SERVICES_CONTRACT_CALENDAR_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace rapport::contract {

// The day written as YYYY-MM-DD; nothing when it is written otherwise or is no day of the calendar
// ("2023-02-29").
std::optional<absl::CivilDay> ParseDate(absl::string_view date);
// The way back, for the years 1 to 9999.
std::string FormatDate(absl::CivilDay day);

// The zone of this IANA name; nothing when there is none. Loads it from the system's tz database at its first
// use and keeps it for the life of the process. Names that could leave the database's folder are no names.
std::optional<absl::TimeZone> FindTimeZone(absl::string_view name);

// True for instants of the years 1 to 9999 with nanoseconds from 0 to 999,999,999.
bool IsValidTimestamp(const google::protobuf::Timestamp& timestamp);
// The instant. REQUIRES: IsValidTimestamp.
absl::Time ToTime(const google::protobuf::Timestamp& timestamp);
// To the nanosecond; cut to the years 1 to 9999, which is all that a Timestamp holds.
google::protobuf::Timestamp ToTimestamp(absl::Time time);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_CALENDAR_H_
