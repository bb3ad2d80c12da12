// See ids.h. The layout is that of a ULID, in lower case.
#include "services/runtime/ids.h"

#include <openssl/rand.h>

#include <array>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace rapport::runtime {
namespace {

constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";  // Crockford's base 32
constexpr int kTimeCharacters = 10;
constexpr int kRandomCharacters = 16;
using Bits80 = std::array<unsigned char, kRandomCharacters>;  // five bits of each byte are used

std::string Format(absl::string_view prefix, uint64_t time, const Bits80& bits) {
  std::string id = absl::StrCat(prefix, "_");
  for (int i = kTimeCharacters - 1; i >= 0; --i) id += kAlphabet[(time >> (5 * i)) & 31];
  for (unsigned char byte : bits) id += kAlphabet[byte & 31];
  return id;
}

}  // namespace

std::string RandomIds::NewId(absl::string_view prefix) {
  // Drawn for many ids at once: a draw of OpenSSL's takes locks, and every call has an id. None is used
  // twice.
  constexpr std::size_t kDrawn = 64;
  thread_local std::array<Bits80, kDrawn> drawn;
  thread_local std::size_t left = 0;
  if (left == 0) {
    // Without randomness ids would collide and could be guessed: there is no safe way to go on.
    if (RAND_bytes(reinterpret_cast<unsigned char*>(&drawn), sizeof(drawn)) != 1) std::abort();
    left = kDrawn;
  }
  return Format(prefix, static_cast<uint64_t>(absl::ToUnixMillis(clock_.Now())), drawn[--left]);
}

std::string SeededIds::NewId(absl::string_view prefix) {
  std::lock_guard lock(mutex_);
  Bits80 bits;
  for (unsigned char& byte : bits) byte = static_cast<unsigned char>(random_());
  return Format(prefix, ++count_, bits);
}

}  // namespace rapport::runtime
