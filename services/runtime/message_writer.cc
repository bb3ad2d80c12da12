// See message_writer.h.
#include "services/runtime/message_writer.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rapport::runtime {
namespace {

// Wire types: what the bytes after a field's number are.
enum WireType { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2 };

constexpr std::size_t kMostOfVarint = 10;
constexpr std::size_t kMostOfTag = 5;
// Of a message's length: right for 128 bytes to 16 KiB.
constexpr std::size_t kUsualLengthBytes = 2;
constexpr std::size_t kFirstRoom = 4 << 10;

// Writes `value` seven bits at a time, the lowest first; returns the end.
char* WriteVarint(std::uint64_t value, char* at) {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<char>(value | 0x80);
  *at++ = static_cast<char>(value);
  return at;
}

char* WriteTag(int field, WireType type, char* at) {
  return WriteVarint(static_cast<std::uint64_t>(field) << 3 | type, at);
}

}  // namespace

void MessageWriter::AddInteger(int field, std::int64_t value) {
  char* at = WriteTag(field, kVarint, Room(kMostOfTag + kMostOfVarint));
  at = WriteVarint(static_cast<std::uint64_t>(value), at);
  size_ = static_cast<std::size_t>(at - data_.get());
}

void MessageWriter::PutNumber(int field, double value) {
  if (std::bit_cast<std::uint64_t>(value) != 0) AddNumber(field, value);
}

void MessageWriter::AddNumber(int field, double value) {
  static_assert(std::endian::native == std::endian::little, "a double's bytes are its wire form");
  char* at = WriteTag(field, kFixed64, Room(kMostOfTag + sizeof(value)));
  std::memcpy(at, &value, sizeof(value));
  size_ = static_cast<std::size_t>(at - data_.get()) + sizeof(value);
}

void MessageWriter::AddText(int field, absl::string_view text) {
  char* at = WriteTag(field, kLengthDelimited, Room(kMostOfTag + kMostOfVarint + text.size()));
  at = WriteVarint(text.size(), at);
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  size_ = static_cast<std::size_t>(at - data_.get()) + text.size();
}

void MessageWriter::AddFields(absl::string_view serialised) {
  if (serialised.empty()) return;
  std::memcpy(Room(serialised.size()), serialised.data(), serialised.size());
  size_ += serialised.size();
}

void MessageWriter::Grow(std::size_t size) {
  const std::size_t capacity = std::max({kFirstRoom, 2 * capacity_, size_ + size});
  auto data = std::make_unique_for_overwrite<char[]>(capacity);
  if (size_ > 0) std::memcpy(data.get(), data_.get(), size_);
  data_ = std::move(data);
  capacity_ = capacity;
}

std::size_t MessageWriter::BeginMessage(int field) {
  char* const at = WriteTag(field, kLengthDelimited, Room(kMostOfTag + kUsualLengthBytes));
  size_ = static_cast<std::size_t>(at - data_.get()) + kUsualLengthBytes;
  return size_;
}

void MessageWriter::EndMessage(std::size_t begin) {
  char length[kMostOfVarint];
  const std::size_t size = size_ - begin;
  const auto length_bytes = static_cast<std::size_t>(WriteVarint(size, length) - length);
  if (length_bytes > kUsualLengthBytes) Room(length_bytes - kUsualLengthBytes);
  char* const at = data_.get() + begin - kUsualLengthBytes;
  if (length_bytes != kUsualLengthBytes) {
    std::memmove(at + length_bytes, at + kUsualLengthBytes, size);
    size_ = size_ - kUsualLengthBytes + length_bytes;
  }
  std::memcpy(at, length, length_bytes);
}

}  // namespace rapport::runtime
