// A checksum of what is kept, so that no flipped bit is ever folded into a state.
#ifndef RAPPORT_SERVICES_STORAGE_CHECKSUM_H_
#define RAPPORT_SERVICES_STORAGE_CHECKSUM_H_

#include <cstdint>

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
  int64_t value() const { return static_cast<int64_t>(state_); }

 private:
  void AddByte(unsigned char byte) { state_ = (state_ ^ byte) * 0x100000001b3u; }
  uint64_t state_ = 0xcbf29ce484222325u;
};

}  // namespace rapport::storage

#endif  // RAPPORT_SERVICES_STORAGE_CHECKSUM_H_
