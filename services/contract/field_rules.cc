#include "services/contract/field_rules.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/contract/calendar.h"
#include "services/contract/country_codes.h"
#include "services/contract/language_codes.h"
#include "services/contract/limits.h"
#include "services/contract/seen.h"

namespace rapport::contract {
namespace {

using runtime::FieldPath;

// True when `text` is not empty and all its characters are `allowed`.
template <typename Allowed>
bool All(absl::string_view text, Allowed allowed) {
  for (const char c : text) {
    if (!allowed(c)) return false;
  }
  return !text.empty();
}

bool IsUpper(char c) {
  return absl::ascii_isupper(static_cast<unsigned char>(c));
}
bool IsLower(char c) {
  return absl::ascii_islower(static_cast<unsigned char>(c));
}
bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}
bool IsAlnum(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c));
}
bool IsIdCharacter(char c) {
  return IsAlnum(c) || c == '.' || c == '_' || c == ':' || c == '-';
}

// What is wrong with an id; "" when nothing is.
std::string IdProblem(absl::string_view id) {
  if (id.empty()) return "must be set";
  if (id.size() > kMaxIdLength || !All(id, IsIdCharacter)) {
    return absl::StrCat("must have 1 to ", kMaxIdLength, " characters of A-Z a-z 0-9 . _ : -");
  }
  return "";
}

// What is wrong with a language tag: language[-Script][-REGION] is all that sessions need of BCP 47.
std::string LanguageProblem(absl::string_view tag) {
  constexpr char kShape[] = "must be a BCP 47 tag such as \"en\", \"ase\", \"zh-Hant\" or \"pt-BR\"";
  const absl::string_view language = tag.substr(0, tag.find('-'));
  if (language.size() < 2 || language.size() > 3 || !All(language, IsLower)) return kShape;
  absl::string_view rest = tag.substr(language.size());
  if (rest.size() >= 5 && IsUpper(rest[1]) && All(rest.substr(2, 3), IsLower)) rest.remove_prefix(5);
  const bool letters = rest.size() == 3 && All(rest.substr(1), IsUpper);
  const bool digits = rest.size() == 4 && All(rest.substr(1), IsDigit);
  if (!rest.empty() && !(rest[0] == '-' && (letters || digits))) return kShape;
  for (const absl::string_view none : {"und", "mul", "mis", "zxx"}) {
    if (language == none) return "must name a language";
  }
  const absl::string_view shorter = ShortLanguageCode(language);
  if (shorter.empty()) return "";
  return absl::StrCat("must use the one code of the language: \"", shorter, "\"");
}

// Adds `problem`(entry) for each entry of a list that must have no entry twice.
template <typename Problem>
void ValidateEach(const google::protobuf::RepeatedPtrField<std::string>& entries, int limit, Problem problem,
                  const FieldPath& path, runtime::Violations& violations) {
  if (entries.size() > limit)
    return violations.Add(path, absl::StrCat("must have at most ", limit, " entries"));
  Seen<absl::string_view> seen;
  for (int i = 0; i < entries.size(); ++i) {
    const std::string wrong = seen.Insert(entries[i]) ? problem(entries[i]) : "is in the list already";
    if (!wrong.empty()) violations.Add(FieldPath(path, i), wrong);
  }
}

void AddProblem(absl::string_view problem, const FieldPath& path, runtime::Violations& violations) {
  if (!problem.empty()) violations.Add(path, problem);
}

}  // namespace

void ValidateId(absl::string_view id, const FieldPath& path, runtime::Violations& violations) {
  AddProblem(IdProblem(id), path, violations);
}

void ValidateOptionalId(absl::string_view id, const FieldPath& path, runtime::Violations& violations) {
  if (!id.empty()) ValidateId(id, path, violations);
}

void ValidateIds(const google::protobuf::RepeatedPtrField<std::string>& ids, int limit, const FieldPath& path,
                 runtime::Violations& violations) {
  ValidateEach(ids, limit, IdProblem, path, violations);
}

void ValidateText(absl::string_view text, int max_length, Presence presence, const FieldPath& path,
                  runtime::Violations& violations) {
  AddProblem(TextProblem(text, max_length, presence), path, violations);
}

void ValidateRange(double value, double low, double high, const FieldPath& path,
                   runtime::Violations& violations) {
  if (value >= low && value <= high) return;  // false for not-a-number
  violations.Add(path, absl::StrCat("must be a number from ", low, " to ", high));
}

void ValidateTimestamp(bool given, const google::protobuf::Timestamp& timestamp, const FieldPath& path,
                       runtime::Violations& violations) {
  if (!given) return violations.Add(path, "must be set");
  if (!IsValidTimestamp(timestamp)) violations.Add(path, "must be a time of the years 1 to 9999");
}

void ValidatePastTimestamp(bool given, const google::protobuf::Timestamp& timestamp, absl::Time now,
                           const FieldPath& path, runtime::Violations& violations) {
  ValidateTimestamp(given, timestamp, path, violations);
  if (given && IsValidTimestamp(timestamp) && ToTime(timestamp) > now + kMaxClockSkew) {
    violations.Add(path, "must not be in the future");
  }
}

void ValidateOptionalDate(absl::string_view date, const FieldPath& path, runtime::Violations& violations) {
  if (!date.empty() && !ParseDate(date)) violations.Add(path, "must be a day of the calendar as YYYY-MM-DD");
}

void ValidateRegion(absl::string_view region, const FieldPath& path, runtime::Violations& violations) {
  if (region.empty()) return violations.Add(path, "must be set");
  const bool shaped = region.size() >= 4 && region.size() <= 6 && All(region.substr(0, 2), IsUpper) &&
                      region[2] == '-' &&
                      All(region.substr(3), [](char c) { return IsUpper(c) || IsDigit(c); });
  if (!shaped) return violations.Add(path, "must be an ISO 3166-2 code such as \"US-MA\"");
  if (!IsCountryCode(region.substr(0, 2))) {
    violations.Add(path,
                   absl::StrCat("must be an ISO 3166-2 code: no country has \"", region.substr(0, 2), "\"",
                                region.substr(0, 2) == "UK" ? ", the United Kingdom has \"GB\"" : ""));
  }
}

void ValidateLanguages(const google::protobuf::RepeatedPtrField<std::string>& tags, int limit,
                       const FieldPath& path, runtime::Violations& violations) {
  ValidateEach(tags, limit, LanguageProblem, path, violations);
}

void ValidatePlace(const therapist::v1::Place& place, const FieldPath& path,
                   runtime::Violations& violations) {
  ValidateRegion(place.region(), FieldPath(path, "region"), violations);
  ValidateText(place.city(), kMaxCityLength, Presence::kOptional, FieldPath(path, "city"), violations);
  if (place.has_latitude()) ValidateRange(place.latitude(), -90, 90, FieldPath(path, "latitude"), violations);
  if (place.has_longitude())
    ValidateRange(place.longitude(), -180, 180, FieldPath(path, "longitude"), violations);
  if (place.has_latitude() && !place.has_longitude()) {
    violations.Add(FieldPath(path, "longitude"), "must be given together with the latitude");
  }
  if (place.has_longitude() && !place.has_latitude()) {
    violations.Add(FieldPath(path, "latitude"), "must be given together with the longitude");
  }
}

void ValidateMoney(const therapist::v1::Money& money, const FieldPath& path,
                   runtime::Violations& violations) {
  if (money.currency().size() != 3 || !All(money.currency(), IsUpper)) {
    violations.Add(FieldPath(path, "currency"), "must be an ISO 4217 code such as \"USD\"");
  }
  ValidateRange(static_cast<double>(money.minor_units()), 0, kMaxFeeMinorUnits,
                FieldPath(path, "minor_units"), violations);
}

void ValidateHours(const google::protobuf::RepeatedPtrField<therapist::v1::HourRange>& hours,
                   absl::string_view time_zone, const FieldPath& path, runtime::Violations& violations) {
  const FieldPath list(path, "hours");
  if (hours.size() > kMaxHourRanges) {
    violations.Add(list, absl::StrCat("must have at most ", kMaxHourRanges, " entries"));
  } else {
    for (int i = 0; i < hours.size(); ++i) {
      const therapist::v1::HourRange& range = hours[i];
      const FieldPath entry(list, i);
      if (!therapist::v1::Weekday_IsValid(range.day()) || range.day() == therapist::v1::WEEKDAY_UNSPECIFIED) {
        violations.Add(FieldPath(entry, "day"), "must be a day of the week");
      }
      ValidateRange(range.start_hour(), 0, 23, FieldPath(entry, "start_hour"), violations);
      ValidateRange(range.end_hour(), 1, 24, FieldPath(entry, "end_hour"), violations);
      if (range.start_hour() >= 0 && range.end_hour() <= 24 && range.end_hour() >= 1 &&
          range.start_hour() <= 23 && range.start_hour() >= range.end_hour()) {
        violations.Add(FieldPath(entry, "end_hour"),
                       "must be above start_hour; a range does not cross midnight");
      }
    }
  }
  const FieldPath zone(path, "time_zone");
  if (time_zone.empty()) {
    if (!hours.empty()) violations.Add(zone, "must be set where hours are");
  } else if (!FindTimeZone(time_zone)) {
    violations.Add(zone, "must be an IANA time zone such as \"America/New_York\"");
  }
}

}  // namespace rapport::contract
