// Parsers and writers of cells, pair by pair.
#include "services/cli/import/cell_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "matcher/domain/currency.h"

namespace rapport::cli {
namespace {

using therapist::v1::Credential;

absl::Status Expected(absl::string_view what, absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is not ", what));
}

struct KindName {
  therapist::v1::CredentialKind kind;
  const char* name;
};
constexpr KindName kKinds[] = {
    {therapist::v1::CREDENTIAL_KIND_LICENCE, "licence"},
    {therapist::v1::CREDENTIAL_KIND_COMPACT_PRIVILEGE, "compact"},
    {therapist::v1::CREDENTIAL_KIND_TELEHEALTH_REGISTRATION, "telehealth"},
};

constexpr std::array<const char*, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

int64_t PowerOfTen(int digits) {
  int64_t power = 1;
  for (int i = 0; i < digits; ++i) power *= 10;
  return power;
}

bool AllDigits(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
}

// "name=number".
absl::StatusOr<std::pair<std::string, double>> ParseNamedNumber(absl::string_view text,
                                                                absl::string_view expected) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
  if (parts.size() != 2) return Expected(expected, text);
  absl::StatusOr<double> value = ParseNumber(absl::StripAsciiWhitespace(parts[1]));
  if (!value.ok()) return Expected(expected, text);
  return std::pair(std::string(absl::StripAsciiWhitespace(parts[0])), *value);
}

}  // namespace

std::vector<std::string> SplitList(absl::string_view text) {
  std::vector<std::string> items;
  std::string item;
  auto finish = [&] {
    const absl::string_view trimmed = absl::StripAsciiWhitespace(item);
    if (!trimmed.empty()) items.emplace_back(trimmed);
    item.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escapes =
        text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == ';' || text[i + 1] == '\\');
    if (escapes) {
      item += text[++i];
    } else if (text[i] == ';') {
      finish();
    } else {
      item += text[i];
    }
  }
  finish();
  return items;
}

std::string JoinList(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    if (!text.empty()) text += ';';
    for (char c : item) {
      if (c == ';' || c == '\\') text += '\\';
      text += c;
    }
  }
  return text;
}

absl::StatusOr<Credential> ParseCredential(absl::string_view text) {
  // The code is the sixth part and may hold colons itself; the evidence date after it never does.
  std::vector<absl::string_view> parts = absl::StrSplit(text, absl::MaxSplits(':', 5));
  if (parts.size() < 3) {
    return Expected("a credential like US-MA:licence:active:2020-01-01:2027-01-01:12345:2026-01-31", text);
  }
  Credential credential;
  credential.set_region(std::string(parts[0]));
  const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                 [&](const KindName& name) { return parts[1] == name.name; });
  if (kind == std::end(kKinds)) return Expected("a kind: licence, compact or telehealth", parts[1]);
  credential.set_kind(kind->kind);
  if (parts[2] == "active") {
    credential.set_status(therapist::v1::CREDENTIAL_STATUS_ACTIVE);
  } else if (parts[2] == "inactive") {
    credential.set_status(therapist::v1::CREDENTIAL_STATUS_INACTIVE);
  } else {
    return Expected("a status: active or inactive", parts[2]);
  }
  if (parts.size() > 3) credential.set_valid_from(std::string(parts[3]));
  if (parts.size() > 4) credential.set_valid_until(std::string(parts[4]));
  if (parts.size() > 5) {
    const size_t colon = parts[5].rfind(':');
    credential.set_code(std::string(parts[5].substr(0, colon)));
    if (colon != absl::string_view::npos) {
      credential.set_evidence_date(std::string(parts[5].substr(colon + 1)));
    }
  }
  return credential;
}

std::string FormatCredential(const Credential& credential) {
  const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                 [&](const KindName& name) { return name.kind == credential.kind(); });
  const bool active = credential.status() == therapist::v1::CREDENTIAL_STATUS_ACTIVE;
  return absl::StrCat(credential.region(), ":", kind == std::end(kKinds) ? "" : kind->name, ":",
                      active ? "active" : "inactive", ":", credential.valid_from(), ":",
                      credential.valid_until(), ":", credential.code(), ":", credential.evidence_date());
}

absl::StatusOr<therapist::v1::HourRange> ParseHours(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, absl::ByAnyChar(" -"), absl::SkipEmpty());
  therapist::v1::HourRange range;
  int start = 0;
  int end = 0;
  if (parts.size() == 3 && absl::SimpleAtoi(parts[1], &start) && absl::SimpleAtoi(parts[2], &end)) {
    for (size_t day = 0; day < kDays.size(); ++day) {
      if (absl::AsciiStrToLower(parts[0]) != kDays[day]) continue;
      range.set_day(static_cast<therapist::v1::Weekday>(therapist::v1::WEEKDAY_MONDAY + day));
      range.set_start_hour(start);
      range.set_end_hour(end);
      return range;
    }
  }
  return Expected("hours like \"mon 9-12\"", text);
}

std::string FormatHours(const therapist::v1::HourRange& hours) {
  const int day = hours.day() - therapist::v1::WEEKDAY_MONDAY;
  const char* name = day >= 0 && day < static_cast<int>(kDays.size()) ? kDays[day] : "?";
  return absl::StrCat(name, " ", hours.start_hour(), "-", hours.end_hour());
}

absl::StatusOr<therapist::v1::Money> ParseMoney(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ' ', absl::SkipEmpty());
  const bool has_currency = parts.size() == 2 && parts[1].size() == 3 &&
                            std::all_of(parts[1].begin(), parts[1].end(), absl::ascii_isupper);
  if (!has_currency) return Expected("an amount like \"120.00 USD\"", text);
  const int digits = matcher::DecimalPlaces(parts[1]);
  const std::vector<absl::string_view> amount = absl::StrSplit(parts[0], absl::MaxSplits('.', 1));
  const absl::string_view fraction = amount.size() == 2 ? amount[1] : absl::string_view();
  int64_t units = 0;
  int64_t minor = 0;
  const bool units_read = AllDigits(amount[0]) && absl::SimpleAtoi(amount[0], &units);
  const bool fraction_read =
      fraction.empty() || (AllDigits(fraction) && static_cast<int>(fraction.size()) <= digits &&
                           absl::SimpleAtoi(fraction, &minor));
  if (!units_read || !fraction_read || units > std::numeric_limits<int64_t>::max() / 10'000) {
    return Expected(absl::StrCat("an amount like \"", FormatMoney([&] {
                                   therapist::v1::Money example;
                                   example.set_currency(std::string(parts[1]));
                                   example.set_minor_units(120 * PowerOfTen(digits));
                                   return example;
                                 }()),
                                 "\""),
                    text);
  }
  minor *= PowerOfTen(digits - static_cast<int>(fraction.size()));
  therapist::v1::Money money;
  money.set_currency(std::string(parts[1]));
  money.set_minor_units(units * PowerOfTen(digits) + minor);
  return money;
}

std::string FormatMoney(const therapist::v1::Money& money) {
  const int digits = matcher::DecimalPlaces(money.currency());
  const int64_t power = PowerOfTen(digits);
  const std::string units = absl::StrCat(money.minor_units() / power);
  if (digits == 0) return absl::StrCat(units, " ", money.currency());
  return absl::StrFormat("%s.%0*d %s", units, digits, money.minor_units() % power, money.currency());
}

absl::StatusOr<therapist::v1::StyleRating> ParseStyle(absl::string_view text) {
  absl::StatusOr<std::pair<std::string, double>> named =
      ParseNamedNumber(text, "a style like directiveness=-0.4");
  if (!named.ok()) return named.status();
  therapist::v1::StyleRating rating;
  rating.set_dimension(std::move(named->first));
  rating.set_value(named->second);
  return rating;
}

std::string FormatStyle(const therapist::v1::StyleRating& rating) {
  return absl::StrCat(rating.dimension(), "=", FormatNumber(rating.value()));
}

absl::StatusOr<therapist::v1::AttributeValue> ParseAttribute(absl::string_view text) {
  absl::StatusOr<std::pair<std::string, double>> named = ParseNamedNumber(text, "an attribute like age=46");
  if (!named.ok()) return named.status();
  therapist::v1::AttributeValue attribute;
  attribute.set_attribute(std::move(named->first));
  attribute.set_value(named->second);
  return attribute;
}

std::string FormatAttribute(const therapist::v1::AttributeValue& attribute) {
  return absl::StrCat(attribute.attribute(), "=", FormatNumber(attribute.value()));
}

absl::StatusOr<google::protobuf::Timestamp> ParseTime(absl::string_view text) {
  absl::Time time;
  std::string error;
  const bool is_day = text.size() == 10;
  if (!absl::ParseTime(is_day ? "%Y-%m-%d" : absl::RFC3339_full, text, &time, &error)) {
    return Expected("a day like 2026-01-31 or a time like 2026-01-31T09:00:00Z", text);
  }
  const int64_t seconds = absl::ToUnixSeconds(time);
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(seconds))));
  return timestamp;
}

std::string FormatTime(const google::protobuf::Timestamp& time) {
  const absl::Time moment = absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
  const bool is_midnight = time.nanos() == 0 && time.seconds() % 86'400 == 0;
  // Four digits in every year, as they are read.
  return absl::FormatTime(is_midnight ? "%E4Y-%m-%d" : "%E4Y-%m-%dT%H:%M:%E*SZ", moment, absl::UTCTimeZone());
}

absl::StatusOr<double> ParseNumber(absl::string_view text) {
  double number = 0;
  if (!absl::SimpleAtod(text, &number) || !std::isfinite(number)) return Expected("a number", text);
  return number;
}

std::string FormatNumber(double number) {
  std::array<char, 32> text;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), number);
  return std::string(text.data(), result.ptr);
}

absl::StatusOr<int32_t> ParseWhole(absl::string_view text) {
  int32_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return Expected("a whole number", text);
  return number;
}

absl::StatusOr<bool> ParseYesNo(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower == "yes" || lower == "true" || lower == "1") return true;
  if (lower == "no" || lower == "false" || lower == "0") return false;
  return Expected("yes or no", text);
}

namespace {

// "=1+1" and "'=1+1": what a formula begins with, behind any apostrophes.
bool BeginsLikeFormula(absl::string_view text) {
  const size_t first = text.find_first_not_of('\'');
  return first != absl::string_view::npos && absl::StrContains("=+-@", text[first]);
}

}  // namespace

std::string GuardCell(std::string text) {
  if (BeginsLikeFormula(text) && !ParseNumber(text).ok()) text.insert(text.begin(), '\'');
  return text;
}

std::string UnguardCell(std::string text) {
  if (absl::StartsWith(text, "'") && BeginsLikeFormula(text)) text.erase(text.begin());
  return text;
}

}  // namespace rapport::cli
