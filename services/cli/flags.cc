// Shared flags.
#include "services/cli/flags.h"

#include <openssl/sha.h>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "services/cli/import/cell_values.h"
#include "services/cli/json.h"

namespace rapport::cli {

CLI::Validator IntegerFrom(std::int64_t least) {
  return CLI::Validator(
      [least](std::string& text) -> std::string {
        std::int64_t number = 0;
        if (!absl::SimpleAtoi(text, &number))
          return absl::StrCat("\"", text, "\" is not a whole number of 64 bits");
        return number < least ? absl::StrCat("must be at least ", least) : "";
      },
      "");
}

CLI::Validator NumberWithin(double least, double most) {
  return CLI::Validator(
      [least, most](std::string& text) -> std::string {
        const absl::StatusOr<double> number = ParseNumber(text);
        if (number.ok() && *number >= least && *number <= most) return "";
        return absl::StrCat("must be a number from ", least, " to ", most);
      },
      "");
}

void AddRequestId(CLI::App& app, std::string& request_id, absl::string_view otherwise) {
  app.add_option("--request-id", request_id,
                 absl::StrCat("Repeat a command under its id: it takes effect once", otherwise));
}

std::string RequestIdOr(const std::string& given, Session& session) {
  return given.empty() ? session.ids.NewId("req") : given;
}

std::string RequestIdOf(const std::string& given, const google::protobuf::Message& request) {
  if (!given.empty()) return given;
  constexpr size_t kKept = 16;  // bytes; nobody meets a collision of 128 bits by accident
  const std::string content =
      absl::StrCat(request.GetDescriptor()->full_name(), "\n", request.SerializeAsString());
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest);
  return absl::StrCat(
      "content_", absl::BytesToHexString(absl::string_view(reinterpret_cast<const char*>(digest), kKept)));
}

void AddClient(CLI::App& app, ClientFlags& flags) {
  app.add_option("--client", flags.client_id, "Pseudonymous id of the client")->required();
  app.add_option("--needs", flags.needs_file, "The client's needs, a JSON file; - for standard input")
      ->required();
}

absl::StatusOr<matcher::v1::Needs> ReadNeeds(Session& session, const ClientFlags& flags) {
  matcher::v1::Needs needs;
  if (absl::Status status = ReadJson(session, flags.needs_file, &needs); !status.ok()) return status;
  return needs;
}

void AddDay(CLI::App& app, std::string& at, const std::string& what) {
  app.add_option("--at", at, what + ", 2026-01-31 or 2026-01-31T09:00:00Z; default: today");
}

absl::StatusOr<google::protobuf::Timestamp> DayOr(const std::string& given, Session& session) {
  if (!given.empty()) return ParseTime(given);
  constexpr absl::string_view kDay = "%Y-%m-%d";
  return ParseTime(absl::FormatTime(kDay, session.clock.Now(), absl::UTCTimeZone()));
}

absl::Status ParseAnswers(const std::string& flag, const std::vector<std::string>& texts,
                          google::protobuf::RepeatedPtrField<matcher::v1::Answer>& answers) {
  for (const std::string& text : texts) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
    const absl::StatusOr<double> value = ParseNumber(parts.second);
    if (parts.first.empty() || !value.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(flag, " ", text, ": ID=NUMBER expected"));
    }
    matcher::v1::Answer& answer = *answers.Add();
    answer.set_id(parts.first);
    answer.set_value(*value);
  }
  return absl::OkStatus();
}

}  // namespace rapport::cli
