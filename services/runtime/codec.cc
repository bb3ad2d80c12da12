// See codec.h. Protobuf tells which string is not UTF-8 only through its process-wide log handler; the
// handler set here is the one seam that listens, through a thread-local note of the parse under way.
#include "services/runtime/codec.h"

#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/stubs/logging.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "grpcpp/support/proto_buffer_writer.h"
#include "services/runtime/errors.h"
#include "services/runtime/limits.h"

namespace rapport::runtime {
namespace {

// What protobuf complained of during this thread's parse or serialisation; null outside of one.
thread_local std::string* complaint = nullptr;

class Complaint {
 public:
  Complaint() {
    static std::once_flag once;
    std::call_once(once, [] {
      google::protobuf::SetLogHandler(
          [](google::protobuf::LogLevel, const char*, int, const std::string& message) {
            if (complaint == nullptr) {
              std::fprintf(stderr, "protobuf: %s\n", message.c_str());
            } else if (complaint->empty()) {
              *complaint = message;
            }
          });
    });
    complaint = &text_;
  }
  ~Complaint() { complaint = nullptr; }

  // "String field 'rapport.x.v1.Message.field' contains invalid ...": the quoted name, or "".
  std::string FieldName() const {
    const std::vector<std::string> parts = absl::StrSplit(text_, '\'');
    return parts.size() >= 3 ? parts[1] : "";
  }

 private:
  std::string text_;
};

absl::Status Malformed(absl::string_view field, absl::string_view description) {
  Violations violation;
  violation.Add(field, description);
  return violation.ToStatus(kMalformedMessage);
}

absl::Status TooLarge(absl::string_view what, size_t size) {
  return absl::InternalError(absl::StrCat(what, " of ", size, " bytes is above the limit for one message"));
}

}  // namespace

absl::Status Decode(const grpc::ByteBuffer& bytes, google::protobuf::Message* message) {
  const Complaint listening;
  grpc::ByteBuffer copy = bytes;  // shares the slices; the reader wants a mutable buffer
  grpc::ProtoBufferReader reader(&copy);
  if (reader.status().ok() && message->ParseFromZeroCopyStream(&reader) && reader.status().ok()) {
    return absl::OkStatus();
  }
  const std::string& type = message->GetDescriptor()->full_name();
  const std::string field = listening.FieldName();
  if (field.empty()) return Malformed("request", absl::StrCat("these bytes are not a ", type));
  return Malformed(field.substr(field.rfind('.') + 1), absl::StrCat(field, " is not valid UTF-8"));
}

absl::Status Encode(const google::protobuf::Message& message, grpc::ByteBuffer* bytes) {
  const Complaint listening;
  const size_t size = message.ByteSizeLong();
  const std::string& type = message.GetDescriptor()->full_name();
  if (size > static_cast<size_t>(kMaxSendMessageBytes)) return TooLarge(type, size);
  grpc::ProtoBufferWriter writer(bytes, grpc::kProtoBufferWriterMaxBufferLength, static_cast<int>(size));
  if (!message.SerializeToZeroCopyStream(&writer)) {
    return absl::InternalError(absl::StrCat(type, " cannot be serialised"));
  }
  if (const std::string field = listening.FieldName(); !field.empty()) {
    return absl::InternalError(absl::StrCat(field, " is not valid UTF-8 in an answer"));
  }
  return absl::OkStatus();
}

absl::Status Encode(const MessageWriter& writer, grpc::ByteBuffer* bytes) {
  const absl::string_view written = writer.bytes();
  if (written.size() > static_cast<size_t>(kMaxSendMessageBytes))
    return TooLarge("an answer", written.size());
  const grpc::Slice slice(written.data(), written.size());
  *bytes = grpc::ByteBuffer(&slice, 1);
  return absl::OkStatus();
}

}  // namespace rapport::runtime
