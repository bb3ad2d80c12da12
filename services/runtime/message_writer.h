// One message put straight into protobuf's wire format. For answers of many small texts that are made to be
// sent and thrown away: an object for each text costs more than all that the answer says.
//
//   writer.PutText(Candidate::kTitleFieldNumber, therapist.title);
//   writer.AddMessage(Candidate::kScoreFieldNumber, [&] { WriteScore(score, writer); });
//
// As proto3 has it, what is Put and is 0 or "" takes no bytes; what is Added always does: elements of a
// repeated field, messages, optional fields that are set. Fields in the order of their numbers make the bytes
// that protobuf would make. Wire format: protobuf.dev/programming-guides/encoding.
#ifndef RAPPORT_SERVICES_RUNTIME_MESSAGE_WRITER_H_
#define RAPPORT_SERVICES_RUNTIME_MESSAGE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/strings/string_view.h"

namespace rapport::runtime {

// Text must be UTF-8, as all that came in a message is: it is not looked at. Field numbers are 1 to 2^29 − 1.
// Not thread-safe.
class MessageWriter {
 public:
  // Of int32, int64, bool and enum fields.
  void PutInteger(int field, std::int64_t value) {
    if (value != 0) AddInteger(field, value);
  }
  void AddInteger(int field, std::int64_t value);

  // Of double fields. −0 is not 0.
  void PutNumber(int field, double value);
  void AddNumber(int field, double value);

  // Of string and bytes fields.
  void PutText(int field, absl::string_view text) {
    if (!text.empty()) AddText(field, text);
  }
  void AddText(int field, absl::string_view text);

  // `write` writes the fields of the message.
  template <typename Write>
  void AddMessage(int field, Write write) {
    const std::size_t begin = BeginMessage(field);
    write();
    EndMessage(begin);
  }

  // Fields that were serialised already.
  void AddFields(absl::string_view serialised);

  // What was written so far; until it is written on.
  absl::string_view bytes() const { return {data_.get(), size_}; }

  // Begins anew, in the same memory.
  void Clear() { size_ = 0; }

 private:
  // Room for `size` more bytes; what is written to it counts once size_ is moved.
  char* Room(std::size_t size) {
    if (capacity_ - size_ < size) Grow(size);
    return data_.get() + size_;
  }
  void Grow(std::size_t size);
  // Leaves room for the message's length, whose own length shows once it is written; returns where it begins.
  std::size_t BeginMessage(int field);
  void EndMessage(std::size_t begin);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_MESSAGE_WRITER_H_
