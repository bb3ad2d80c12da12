// A checksum of what is kept, so that no flipped bit is ever folded into a state.
#ifndef RAPPORT_SERVICES_STORAGE_CHECKSUM_H_
#define RAPPORT_SERVICES_STORAGE_CHECKSUM_H_

#include <bit>
#include <cstdint>
#include <cstring>

#include "absl/strings/string_view.h"

namespace rapport::storage {

// FNV-1a, 64 bits: each step is a bijection of the state, so any single changed byte changes the result.
class Checksum {
 public:
  Checksum& Add(absl::string_view bytes) {
    AddInt(static_cast<int64_t>(bytes.size()));  // Else "ab" + "c" would equal "a" + "bc".
    for (char byte : bytes) AddByte(static_cast<unsigned char>(byte));
    return *this;
  }
  Checksum& AddInt(int64_t value) {
    for (int shift = 0; shift < 64; shift += 8)
      AddByte(static_cast<unsigned char>(static_cast<uint64_t>(value) >> shift));
    return *this;
  }
  // The same for what is long: eight bytes a step, turned so that their highest bits reach the lowest.
  // Another value than Add's, as sure to change with any byte.
  Checksum& AddLong(absl::string_view bytes) {
    static_assert(std::endian::native == std::endian::little);
    AddInt(static_cast<int64_t>(bytes.size()));
    for (; bytes.size() >= sizeof(uint64_t); bytes.remove_prefix(sizeof(uint64_t))) {
      uint64_t word;
      std::memcpy(&word, bytes.data(), sizeof(word));
      state_ = (std::rotl(state_, 23) ^ word) * kPrime;
    }
    for (char byte : bytes) AddByte(static_cast<unsigned char>(byte));
    return *this;
  }
  int64_t value() const { return static_cast<int64_t>(state_); }

 private:
  static constexpr uint64_t kPrime = 0x100000001b3u;
  void AddByte(unsigned char byte) { state_ = (state_ ^ byte) * kPrime; }
  uint64_t state_ = 0xcbf29ce484222325u;
};

}  // namespace rapport::storage

#endif  // RAPPORT_SERVICES_STORAGE_CHECKSUM_H_
