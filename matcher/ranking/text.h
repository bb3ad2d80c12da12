// Where sentences are put together: text in few blocks of memory, in place of a string each. A shortlist is
// some fifty sentences, and most of what they cost is memory taken and given back.
//
//   TextPool pool;
//   absl::string_view sentence = pool.Join("first session in ", 3, " weeks");   // lives as long as the pool
#ifndef RAPPORT_MATCHER_RANKING_TEXT_H_
#define RAPPORT_MATCHER_RANKING_TEXT_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace rapport::matcher {

// Moving a pool leaves its text where it is. Not thread-safe.
class TextPool {
 public:
  // What the parts say one after another, each as absl::StrCat would put it; valid as long as the pool.
  template <typename... Parts>
  absl::string_view Join(const Parts&... parts) {
    return Write({absl::AlphaNum(parts).Piece()...});
  }

  // The same for a list.
  absl::string_view Write(absl::Span<const absl::string_view> pieces) {
    std::size_t size = 0;
    for (const absl::string_view piece : pieces) size += piece.size();
    if (size > left_) {
      left_ = std::max(kBlock, size);
      blocks_.push_back(std::make_unique_for_overwrite<char[]>(left_));
      next_ = blocks_.back().get();
    }
    char* const begin = next_;
    for (const absl::string_view piece : pieces) {
      std::memcpy(next_, piece.data(), piece.size());
      next_ += piece.size();
    }
    left_ -= size;
    return {begin, size};
  }

 private:
  static constexpr std::size_t kBlock = 8 << 10;  // a shortlist of ten with its reasons

  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_RANKING_TEXT_H_
