// Flags that several commands share, and the answers they turn into.
#ifndef RAPPORT_SERVICES_CLI_FLAGS_H_
#define RAPPORT_SERVICES_CLI_FLAGS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "rapport/matcher/v1/needs.pb.h"
#include "services/cli/session.h"

namespace rapport::cli {

// The words that a flag of an enum takes, in the order in which help and errors name them:
//   app.add_option("--verdict", verdict, "...")->transform(OneOf(words))
template <typename Enum>
using Words = std::vector<std::pair<std::string, Enum>>;

template <typename Enum>
CLI::Validator OneOf(Words<Enum> words) {
  return CLI::Validator(
      [words = std::move(words)](std::string& text) -> std::string {
        std::string known;
        for (const auto& [word, value] : words) {
          if (text == word) {
            text = absl::StrCat(static_cast<int>(value));
            return "";
          }
          absl::StrAppend(&known, known.empty() ? "" : ", ", word);
        }
        return absl::StrCat("must be one of ", known);
      },
      "");
}

// A whole number of 64 bits, not below `least`: others are refused, not brought to the nearest one.
CLI::Validator IntegerFrom(std::int64_t least);

// A number within these bounds. CLI::Range lets NaN through, which is beyond no bound.
CLI::Validator NumberWithin(double least, double most);

// --request-id: the same id twice has one effect. `otherwise` ends its help: what holds without it.
void AddRequestId(CLI::App& app, std::string& request_id, absl::string_view otherwise = "");
// A fresh one where none is given.
std::string RequestIdOr(const std::string& given, Session& session);
// Where none is given, one made of the request's type and content: for what is said once, so that a command
// recalled and sent again by mistake is no second voice. REQUIRES: `request` has no map fields.
std::string RequestIdOf(const std::string& given, const google::protobuf::Message& request);

// --client and --needs, both required.
struct ClientFlags {
  std::string client_id;
  std::string needs_file;
};
void AddClient(CLI::App& app, ClientFlags& flags);
// Errors: as ReadJson.
absl::StatusOr<matcher::v1::Needs> ReadNeeds(Session& session, const ClientFlags& flags);

// --at: when something was; empty: today (UTC), as a day. Errors: INVALID_ARGUMENT.
void AddDay(CLI::App& app, std::string& at, const std::string& what);
absl::StatusOr<google::protobuf::Timestamp> DayOr(const std::string& given, Session& session);

// "heard=2" and the like. Errors: INVALID_ARGUMENT, naming `flag`.
absl::Status ParseAnswers(const std::string& flag, const std::vector<std::string>& texts,
                          google::protobuf::RepeatedPtrField<matcher::v1::Answer>& answers);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_FLAGS_H_
