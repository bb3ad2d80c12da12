// Who may still be among the k best, when scores are known only between bounds. The k-th best lower bound is
// a floor: whoever's upper bound is below it is out, whatever the exact scores. What is left at the end is
// scored exactly.
#ifndef RAPPORT_MATCHER_RANKING_CONTEST_H_
#define RAPPORT_MATCHER_RANKING_CONTEST_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "matcher/eligibility/block.h"
#include "matcher/ranking/score.h"

namespace rapport::matcher {

// One who may be among the best.
struct Contender {
  float upper = 0;
  float lower = 0;
  const Columns* columns = nullptr;
  std::uint32_t row = 0;

  const Listing& listing() const { return *columns->listings[row]; }
};

class Contest {
 public:
  // `places`: k. `floor`: who cannot reach it does not count, even where places are left.
  Contest(std::size_t places, float floor);

  std::size_t places() const { return places_; }

  // Nobody whose score is below it is among the best.
  float floor() const { return floor_; }

  // REQUIRES: lower <= the exact score <= upper; upper >= floor(). Amortised O(log k).
  void Add(const Contender& contender);

  // Those left, by falling upper bound, as long as this lives. Everybody among the k best is one of them,
  // ties included.
  absl::Span<const Contender> Finish();

 private:
  void DropBelowFloor();

  const std::size_t places_;
  float floor_;
  absl::InlinedVector<float, 16> best_lower_;  // the best k lower bounds, as a heap with the least on top
  absl::InlinedVector<Contender, 128> contenders_;
  std::size_t tidy_at_;
};

// One of the best, with the exact score.
struct Try {
  const Listing* listing = nullptr;
  Score score;
  std::size_t number = 0;  // which one it was to be scored, from 0
};

// The best of a contest, by falling exact score, ties by therapist id; a score that is not a number comes
// last. `exact` is asked for those whose bounds leave it open; `fetch` is called before, with the ids of
// those it is likely to be asked for, so that what `exact` reads of them can be on its way. O(contenders
// left).
std::vector<Try> BestOf(
    Contest& contest, absl::FunctionRef<Score(const Listing&)> exact,
    absl::FunctionRef<void(absl::Span<const absl::string_view>)> fetch =
        [](absl::Span<const absl::string_view>) {});

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_RANKING_CONTEST_H_
