// The rights to treat clients in one region, of the rows of one block. On most days nearly all of them hold,
// so those who hold one stand in a bitmap, and beginnings and ends in order of their days: a search takes the
// bitmap and empties the few rows whose right has ended or not yet begun. Ends are taken by steps, each with
// a bitmap of all rows that ended until then: a licence that has lapsed often stays listed.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_RIGHTS_H_
#define RAPPORT_MATCHER_ELIGIBILITY_RIGHTS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "matcher/eligibility/bitmap.h"

namespace rapport::matcher {

// A day as a number, for comparing; exact for some five million years around 1970.
using DayNumber = std::int32_t;
DayNumber ToDayNumber(absl::CivilDay day);

// From one day to another, both included.
struct Days {
  DayNumber first = 0;
  DayNumber last = 0;
};

// An active credential.
struct Right {
  DayNumber from = std::numeric_limits<DayNumber>::min();
  DayNumber until = std::numeric_limits<DayNumber>::max();  // included
  bool remote_only = false;
};

class RegionRights {
 public:
  // Adds what `row` may do here. REQUIRES: one right or more, and `row` has none here. O(rows).
  void Add(std::uint32_t row, absl::Span<const Right> rights);

  // As Add; but what Keep reads is in order only after Settle(). Amortised O(rights).
  void Append(std::uint32_t row, absl::Span<const Right> rights);
  // Puts in order, and gives back memory that growing took.
  void Settle();

  // Takes away what `row` may do here; nothing happens where it has no right. O(rows).
  void Remove(std::uint32_t row);

  // Leaves those of `rows` that may treat clients here on each of `days`, and says how many are left;
  // `remote`: those who share a modality at a distance with the client, looked at only where AsksForRemote().
  // Looks at the first `words` words (lanes.h). O(words + rights that do not hold on the days).
  std::int64_t Keep(Days days, const Bitmap& remote, std::uint32_t words, Bitmap& rows) const;

  // Asks for the memory that Keep reads here, and when that has come, for the edges it begins with.
  void Fetch(std::uint32_t words) const {
    FetchLine(this);
    FetchLine(&remote_rights_);
    one_.Fetch(words);
  }
  void FetchEdges() const {
    for (std::size_t step = 1; step <= ended_by_.size(); ++step) FetchLine(&ends_[step * kStep - 1]);
    if (!ends_.empty()) FetchLine(ends_.data());
    if (!begins_.empty()) FetchLine(&begins_.back());
  }

  // True when some right holds at a distance only.
  bool AsksForRemote() const { return remote_rights_ > 0; }

  // Bytes held beside the object itself.
  std::size_t MemoryBytes() const;

 private:
  struct Edge {
    DayNumber day = 0;
    std::uint16_t row = 0;

    friend bool operator<(const Edge& a, const Edge& b) {
      return a.day != b.day ? a.day < b.day : a.row < b.row;
    }
  };
  struct RightOfRow {
    Right right;
    std::uint16_t row = 0;
  };

  // Notes what `row` may do here, its edges by insert(edges, edge).
  template <typename Insert>
  void Note(std::uint32_t row, absl::Span<const Right> rights, Insert insert);

  // Whether on each of `days` one of a row's `rights` holds.
  static bool HoldOn(Days days, absl::Span<const RightOfRow> rights, bool remote);

  // Makes `ended_by_` anew. O(kStep · kMostSteps).
  void NoteSteps();

  static constexpr std::size_t kStep = 64;
  static constexpr std::size_t kMostSteps = 8;

  // What most searches read stands together.
  std::vector<Edge> begins_, ends_;  // of rows with one right, where it has one; by day
  std::vector<Bitmap> ended_by_;     // rows of the first kStep of `ends_`, of the first 2 kStep ...
  std::vector<RightOfRow> several_;  // all rights of rows with more than one, those of a row together
  int remote_rights_ = 0;
  Bitmap one_;         // rows with one right, which holds for every modality
  Bitmap one_remote_;  // rows with one right, which holds at a distance only
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_RIGHTS_H_
