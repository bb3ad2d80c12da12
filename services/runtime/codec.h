// Bytes to messages and back. Requests arrive raw because gRPC 1.51's callback API answers UNIMPLEMENTED,
// with an empty message, to bytes that do not parse (a string that is not UTF-8, for one): here they get an
// error that names the field.
#ifndef RAPPORT_SERVICES_RUNTIME_CODEC_H_
#define RAPPORT_SERVICES_RUNTIME_CODEC_H_

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"
#include "services/runtime/message_writer.h"

namespace rapport::runtime {

// Parses `bytes` into `message`. Errors: INVALID_ARGUMENT, reason MALFORMED_MESSAGE, with a BadRequest that
// names the field that is not UTF-8, or "request" when the bytes as a whole are no such message. Thread-safe.
absl::Status Decode(const grpc::ByteBuffer& bytes, google::protobuf::Message* message);

// Serialises `message` into `bytes`. Errors: INTERNAL (larger than limits.h:kMaxSendMessageBytes, or a string
// that is not UTF-8 and would not be readable). Thread-safe.
absl::Status Encode(const google::protobuf::Message& message, grpc::ByteBuffer* bytes);

// Copies what `writer` holds into `bytes`. Errors: INTERNAL (larger than limits.h:kMaxSendMessageBytes).
absl::Status Encode(const MessageWriter& writer, grpc::ByteBuffer* bytes);

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_CODEC_H_
