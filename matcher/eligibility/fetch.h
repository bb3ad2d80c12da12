// Asks for memory before it is read: a search of a large network waits for memory more than it computes.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_FETCH_H_
#define RAPPORT_MATCHER_ELIGIBILITY_FETCH_H_

#include <cstddef>

namespace rapport::matcher {

// The cache lines of `bytes` bytes from `begin` on. Any address will do: nothing is read.
inline void FetchLines(const void* begin, std::size_t bytes) {
  constexpr std::size_t kCacheLine = 64;
  for (std::size_t line = 0; line < bytes; line += kCacheLine)
    __builtin_prefetch(static_cast<const char*>(begin) + line);
}

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_FETCH_H_
