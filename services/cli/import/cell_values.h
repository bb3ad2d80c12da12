// The text of single cells: lists, credentials, hours, money, style, dates. One parser and one writer each,
// and what is written parses to the same value again.
#ifndef RAPPORT_SERVICES_CLI_IMPORT_CELL_VALUES_H_
#define RAPPORT_SERVICES_CLI_IMPORT_CELL_VALUES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/timestamp.pb.h"
#include "rapport/therapist/v1/therapist.pb.h"

namespace rapport::cli {

// Every parser answers INVALID_ARGUMENT that says what was expected. None looks at a catalog.

// "a;b;c". Spaces around items and empty items are dropped; "\;" and "\\" stand for ";" and "\" in an item.
std::vector<std::string> SplitList(absl::string_view text);
std::string JoinList(const std::vector<std::string>& items);

// "region:kind:status:from:until:code:evidence", as
// "US-MA:licence:active:2020-01-01:2027-01-01:12345:2026-01-31". Kinds: licence, compact, telehealth. Status:
// active, inactive. What follows the status may be left out or empty.
absl::StatusOr<therapist::v1::Credential> ParseCredential(absl::string_view text);
std::string FormatCredential(const therapist::v1::Credential& credential);

// "mon 9-12": whole hours, the end not included.
absl::StatusOr<therapist::v1::HourRange> ParseHours(absl::string_view text);
std::string FormatHours(const therapist::v1::HourRange& hours);

// "120.00 USD", with as many decimals as the currency has.
absl::StatusOr<therapist::v1::Money> ParseMoney(absl::string_view text);
std::string FormatMoney(const therapist::v1::Money& money);

// "directiveness=-0.4".
absl::StatusOr<therapist::v1::StyleRating> ParseStyle(absl::string_view text);
std::string FormatStyle(const therapist::v1::StyleRating& rating);

// "age=46".
absl::StatusOr<therapist::v1::AttributeValue> ParseAttribute(absl::string_view text);
std::string FormatAttribute(const therapist::v1::AttributeValue& attribute);

// "2026-01-31" (midnight UTC) or RFC 3339 with a time.
absl::StatusOr<google::protobuf::Timestamp> ParseTime(absl::string_view text);
std::string FormatTime(const google::protobuf::Timestamp& time);

absl::StatusOr<double> ParseNumber(absl::string_view text);
std::string FormatNumber(double number);  // shortest that parses to the same
absl::StatusOr<int32_t> ParseWhole(absl::string_view text);
absl::StatusOr<bool> ParseYesNo(absl::string_view text);  // yes, no, true, false, 1, 0

// A text that a spreadsheet would take for a formula ("=1+1", "@name"; a number is none) gets an apostrophe
// in front, so that nobody who opens an export runs what somebody wrote into a profile. UnguardCell takes it
// away again: UnguardCell(GuardCell(text)) == text.
std::string GuardCell(std::string text);
std::string UnguardCell(std::string text);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_IMPORT_CELL_VALUES_H_
