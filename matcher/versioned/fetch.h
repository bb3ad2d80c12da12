// Asks for memory before it is read: a search of a large network waits for memory more than it computes.
#ifndef RAPPORT_MATCHER_VERSIONED_FETCH_H_
#define RAPPORT_MATCHER_VERSIONED_FETCH_H_

#include <cstddef>

namespace rapport::matcher {

inline constexpr std::size_t kCacheLine = 64;

// The cache line of an address. Any address will do: nothing is read.
inline void FetchLine(const void* address) {
  __builtin_prefetch(address);
  // GCC takes a function that does nothing but prefetch for one without effect, and drops the calls of it:
  // half a search's fetching was gone that way. What may do anything stays.
  asm volatile("" : : "r"(address));
}

// The cache lines of `bytes` bytes from `begin` on.
inline void FetchLines(const void* begin, std::size_t bytes) {
  for (std::size_t line = 0; line < bytes; line += kCacheLine)
    FetchLine(static_cast<const char*>(begin) + line);
}

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_VERSIONED_FETCH_H_
