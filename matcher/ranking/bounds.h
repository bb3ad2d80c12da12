// Bounds of the score of everybody in a block at once, from the lines of the index. The score itself is
// ScorePair's (score.h), which stays the law and the oracle: every score that is handed out is its.
//
//   log P(good) = access − fading · age + curve(shift + slope z),  z = mean / √(1 + variance)
//
// with mean and variance as in matcher/fit/bond_form.h. A line's numbers are off by at most kLineError, and
// vectors count in single precision; so z is off by at most
//
//   Σ |slope_i| e + ½ |z| (Σ |variance_slope_i| e + Σ_ij |square_ij| (2 R_i + e) e)   plus rounding,
//
// R_i the largest value there is of i, since d(1 + v)^−½ / dv is at most ½ in size for v >= 0. The curve
// never falls, so its ends at z ± that are ends for the score.
#ifndef RAPPORT_MATCHER_RANKING_BOUNDS_H_
#define RAPPORT_MATCHER_RANKING_BOUNDS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/container/inlined_vector.h"
#include "matcher/eligibility/bitmap.h"
#include "matcher/eligibility/block.h"
#include "matcher/eligibility/rules.h"
#include "matcher/fit/bond_form.h"
#include "matcher/ranking/bounds_lanes.h"
#include "matcher/ranking/contest.h"
#include "matcher/ranking/curve.h"
#include "matcher/state/state.h"

namespace rapport::matcher {

// One client's bounds, for one request: not thread-safe.
class Bounds {
 public:
  // `state`, `query` and `client` are those of the request; the bounds keep no reference to them.
  Bounds(const State& state, const Query& query, const ClientView& client);

  // Enters those of `rows` who may be among the best. `rows`: such as pass kConfirmed. Where the contest has
  // a floor, rows wait until what they read has come from memory: some blocks, or Finish(), later. Between
  // two Finish() there is one contest.
  void Enter(const Columns& columns, const Bitmap& rows, Contest& contest);

  // Enters those who wait.
  void Finish(Contest& contest);

 private:
  // A stretch of a block on its way into the contest: first its rows' marks are fetched, then, if any reach
  // the floor, their lines and what they state of the wishes.
  struct Entry {
    const Columns* columns;
    float ceiling;             // of the block
    std::uint32_t first_word;  // where the stretch begins in the block's bitmaps
    std::array<std::uint64_t, kStretchWords> rows;
    RowList list;
  };
  // So many stretches lie between fetching and reading.
  static constexpr std::size_t kAhead = 3;

  void EnterStretch(const Columns& columns, float ceiling, std::uint32_t first_word, const Bitmap& rows,
                    Contest& contest);
  void FetchMarks(const Entry& entry) const;
  void FetchListed(const Entry& entry) const;
  void List(Entry& entry, Contest& contest);
  void EnterListed(Entry& entry, Contest& contest);
  Entry& entry(std::size_t number) { return entries_[number % entries_.size()]; }

  // Words of one kind that add to a sum where a therapist states them.
  struct Wish {
    BondForm::Source source = BondForm::Source::kApproaches;
    Word word = 0;
    float strength = 0;
    std::int32_t value = 0;  // which sum
  };

  const WordTable<Bitmap>& TableOf(const Wish& wish, const Columns& columns) const;
  void SumRecords(const Entry& entry);
  void ClearRecords(const Entry& entry);
  void Compile(const BondForm& form, const ClientContext& context, LineShape shape);
  float Ceiling(const Columns& columns) const;
  std::int16_t LeastMark(const Columns& columns, float ceiling, float floor) const;

  bool bounded_ = true;  // false: the numbers allow no bounds, and everybody is scored exactly
  LaneFormula formula_;
  absl::InlinedVector<Wish, 8> wishes_;
  absl::InlinedVector<Word, 8> concerns_;  // as often as the client named them
  double record_weight_ = 0;
  double record_variance_ = 0;
  double leniency_variance_ = 0;
  double fading_ = 0;  // a second
  float access_slack_ = 0;
  absl::InlinedVector<double, 3> sum_limits_;  // by sum: what it is at most
  const BondCurve* curve_ = nullptr;
  // What Enter works on, kept from block to block.
  absl::InlinedVector<WishedRows, 8> wished_;
  RecordSums records_;
  bool records_cleared_ = false;  // all of them are 0, outside SumRecords and ClearRecords
  std::array<Entry, 2 * kAhead + 1> entries_;
  std::size_t entered_ = 0, listed_ = 0, noted_ = 0;  // how many came so far
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_RANKING_BOUNDS_H_
