// protobuf's JSON mapping, with our one choice of options.
#include "services/cli/json.h"

#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"

namespace rapport::cli {
namespace {

constexpr size_t kMaxTextBytes = 4 << 20;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";  // some editors begin UTF-8 with it

std::string Print(const google::protobuf::Message& message, bool on_several_lines) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = on_several_lines;
  options.preserve_proto_field_names = true;
  std::string text;
  // Fails only for messages that hold an Any of an unknown type; ours hold none.
  (void)google::protobuf::util::MessageToJsonString(message, &text, options);
  return text;
}

absl::StatusOr<std::string> ReadAll(std::istream& in, const std::string& path) {
  std::string text(kMaxTextBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return absl::InvalidArgumentError(absl::StrCat("cannot read ", path));
  text.resize(static_cast<size_t>(in.gcount()));
  if (text.size() > kMaxTextBytes) return absl::InvalidArgumentError(absl::StrCat(path, " is above 4 MiB"));
  if (absl::StartsWith(text, kByteOrderMark)) text.erase(0, kByteOrderMark.size());
  return text;
}

}  // namespace

std::string ToJson(const google::protobuf::Message& message) {
  return Print(message, true);
}
std::string ToJsonLine(const google::protobuf::Message& message) {
  return Print(message, false);
}

absl::StatusOr<std::string> ReadText(Session& session, const std::string& path) {
  if (path == "-") return ReadAll(session.in, "standard input");
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::InvalidArgumentError(absl::StrCat("cannot open ", path));
  return ReadAll(file, path);
}

absl::Status ReadJson(Session& session, const std::string& path, google::protobuf::Message* message) {
  absl::StatusOr<std::string> text = ReadText(session, path);
  if (!text.ok()) return text.status();
  const auto status = google::protobuf::util::JsonStringToMessage(*text, message);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(path, " is not JSON of ", message->GetDescriptor()->full_name(), ": ",
                   std::string(status.message().data(), status.message().size())));
}

}  // namespace rapport::cli
