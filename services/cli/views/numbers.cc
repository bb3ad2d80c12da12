// Formats of numbers.
#include "services/cli/views/numbers.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace rapport::cli {

std::string Counted(int64_t number, absl::string_view thing) {
  return absl::StrCat(Grouped(number), " ", thing, number == 1 ? "" : "s");
}

std::string Grouped(int64_t number) {
  std::string digits = absl::StrCat(number < 0 ? -number : number);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3) digits.insert(static_cast<size_t>(i), ",");
  return number < 0 ? absl::StrCat("−", digits) : digits;
}

std::string Probability(double p) {
  const std::string text = absl::StrFormat("%.2f", p);
  return text[0] == '0' ? text.substr(1) : text;
}

std::string Interval(double low, double high) {
  return absl::StrCat("(", Probability(low), "–", Probability(high), ")");
}

std::string Signed(double value) {
  const std::string text = absl::StrFormat("%.2f", std::abs(value));
  if (text == "0.00") return text;
  return absl::StrCat(value < 0 ? "−" : "+", text);
}

std::string Weeks(double weeks) {
  if (weeks == 0) return "now";
  return weeks == std::floor(weeks) ? absl::StrFormat("%.0f wk", weeks) : absl::StrFormat("%.1f wk", weeks);
}

std::string Kilometres(double km) {
  return km < 9.95 ? absl::StrFormat("%.1f km", km) : absl::StrFormat("%.0f km", km);
}

std::string Moment(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", absl::FromUnixSeconds(time.seconds()), absl::UTCTimeZone());
}

}  // namespace rapport::cli
