// Messages as protobuf JSON, under their proto names: the same words as in errors and in the contract.
#ifndef RAPPORT_SERVICES_CLI_JSON_H_
#define RAPPORT_SERVICES_CLI_JSON_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "services/cli/session.h"

namespace rapport::cli {

// On several lines, or on one.
std::string ToJson(const google::protobuf::Message& message);
std::string ToJsonLine(const google::protobuf::Message& message);

// The whole text of a file, "-" for session.in, without a byte order mark. At most 4 MiB, what a server
// takes. Errors: NOT_FOUND, INVALID_ARGUMENT (too long, or not readable).
absl::StatusOr<std::string> ReadText(Session& session, const std::string& path);

// Fills `message` from a JSON file, "-" for session.in. Errors: as ReadText, and INVALID_ARGUMENT with what
// is wrong.
absl::Status ReadJson(Session& session, const std::string& path, google::protobuf::Message* message);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_JSON_H_
