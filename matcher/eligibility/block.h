// Up to 4,096 therapists of one place, column by column: what the index keeps of a listing so that a rule
// reads one bitmap or one array, and ranking one line. Holes that removed rows leave are filled by later
// ones.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_BLOCK_H_
#define RAPPORT_MATCHER_ELIGIBILITY_BLOCK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "matcher/domain/therapist.h"
#include "matcher/domain/week.h"
#include "matcher/eligibility/bitmap.h"
#include "matcher/eligibility/column.h"
#include "matcher/eligibility/distance.h"
#include "matcher/eligibility/lanes.h"
#include "matcher/eligibility/line.h"
#include "matcher/eligibility/rights.h"
#include "matcher/eligibility/symbols.h"
#include "matcher/eligibility/word_table.h"

namespace rapport::matcher {

// A seat that is free from one moment on.
struct SeatFrom {
  absl::Time from;
  std::uint16_t row = 0;
};

// When a row was last confirmed.
struct ConfirmedRow {
  Seconds second = 0;
  std::uint16_t row = 0;

  friend bool operator<(const ConfirmedRow& a, const ConfirmedRow& b) {
    return a.second != b.second ? a.second < b.second : a.row < b.row;
  }
};

// A row's record with one concern.
struct RowRecord {
  float mean = 0;
  float along = 0;
  float variance = 0;
  std::uint16_t row = 0;
};

// Columns have one value for each row ever used, and more up to a multiple of kColumnStep; a value counts
// only where a bitmap says so. What most searches read of every block stands first.
struct Columns {
  WordTable<RegionRights> rights;  // by region
  WordTable<Bitmap> declined_concerns, age_groups, formats, languages, payers, modalities, tags;

  // A seat never becomes taken by time passing, so "a seat is free" holds always, never, or from one moment
  // on.
  Bitmap seat_always;
  std::vector<SeatFrom> seat_from;  // of the rows in seat_later

  // All rows, by their last confirmation: those too old are the first.
  Column<ConfirmedRow> by_confirmation;

  // For ranking.
  LineShape shape;
  absl::InlinedVector<LineRange, 14> ranges;  // by place in a line; those of the default catalog fit in here
  float best_record = 0;                      // no record's mean is above it
  float least_along = 0;                      // no record's `along` is below it
  Seconds mark_reference = 0;
  Column<std::int16_t> marks;  // of access, at that moment
  // By word of a bitmap: the highest mark of its 64 rows. An index is filled by falling marks, so that most
  // words of a block are seldom worth a look at their marks.
  std::array<std::int16_t, Bitmap::kWords> best_marks{};
  // shape.units() for each row. In parts, because every change of a row copies the part it stands in.
  static constexpr std::uint32_t kLineRows = 1024;
  std::array<Column<LineUnit>, Bitmap::kRows / kLineRows> lines;
  std::uint32_t unlined_rows = 0;
  WordTable<Bitmap> approaches, concerns;

  // Where FetchColumns ends (index.cc).
  WordTable<std::vector<RowRecord>> records;  // by concern
  Bitmap recorded;                            // rows that have one
  // Rows that their line does not describe: a number is too large for it, or not a number.
  Bitmap unlined;

  Bitmap occupied;
  ListingColumn listings;
  Bitmap seat_later;

  // Rows whose place is stated: all in one region, since blocks are made of therapists of one; and those of
  // them whose coordinates are.
  Bitmap placed;
  Bitmap located;
  Column<SpherePoint> points;

  // Rows whose hours are known, by their time zone: a block has few zones.
  std::vector<std::pair<absl::TimeZone, Bitmap>> zones;
  Column<WeekHours> hours;

  WordTable<Bitmap> currencies;
  Column<std::int32_t> fees;  // minor units; one that does not fit stands as the nearest that does

  // Words of a bitmap in which rows may stand, up to a multiple of kWordStep: a small block is a short one.
  std::uint32_t words() const {
    constexpr std::size_t kStep = kWordStep * std::size_t{64};
    return static_cast<std::uint32_t>((marks.size() + kStep - 1) / kStep) * kWordStep;
  }
  // A row's line, as 32-bit words; those of the rows of one part stand one after another.
  const std::int32_t* Line(std::uint32_t row) const {
    return lines[row / kLineRows].data()->words.data() + row % kLineRows * shape.units() * 8;
  }
  // A number of a row's line.
  float Number(std::uint32_t row, int place) const {
    const std::int32_t pair = Line(row)[LineShape::kPairs + static_cast<std::size_t>(place) / 2];
    return static_cast<float>(static_cast<std::int16_t>(place % 2 == 0 ? pair : pair >> 16) / kLineScale);
  }
  // True when `rows` are so many that reading a column from end to end is faster than a look at each line.
  bool PreferColumns(const Bitmap& rows) const { return rows.Count() * 32 >= fees.size(); }
};

// Calls visit(text) for the texts of a therapist that no catalog lists and that a block numbers as symbols:
// regions, languages (with the keys they are found under) and the currency; some of them twice.
void ForEachText(const Therapist& therapist, absl::FunctionRef<void(const std::string&)> visit);

class Block {
 public:
  // An empty block. `epoch`: when it was made; kept for its owner.
  Block(LineShape shape, std::uint64_t epoch) : epoch_(epoch) {
    columns_.shape = shape;
    columns_.ranges.resize(static_cast<std::size_t>(shape.values()));
  }
  // A copy made in `epoch`.
  Block(const Block& other, std::uint64_t epoch) : Block(other) { epoch_ = epoch; }

  std::uint64_t epoch() const { return epoch_; }
  const Columns& columns() const { return columns_; }

  // A row that is not occupied. REQUIRES: there is one.
  std::uint32_t FreeRow() const { return columns_.occupied.FirstClear(); }

  // Fills a row, or replaces what is in it. `row`: occupied, or FreeRow(). `symbols` gains the strings that
  // are new.
  void Put(std::uint32_t row, std::shared_ptr<const Listing> listing, const Standing& standing,
           SharedSymbols& symbols);

  // Makes room for `rows` rows at once, at most Bitmap::kRows: for a block that is about to be appended to.
  void Reserve(std::size_t rows);

  // Puts a listing into the next row of a block to which nothing but Append was done. It may be searched only
  // after Settle().
  void Append(std::uint32_t row, std::shared_ptr<const Listing> listing, const Standing& standing,
              SharedSymbols& symbols);
  // Puts what Append left in disorder in order, and gives back memory that growing took.
  void Settle();

  // Writes what ranking reads of a row anew. REQUIRES: it is occupied.
  void Restate(std::uint32_t row, const Standing& standing);

  // Empties a row. REQUIRES: it is occupied.
  void Remove(std::uint32_t row, SharedSymbols& symbols);

  // Bytes held, without the listings themselves.
  std::size_t MemoryBytes() const;

 private:
  Block(const Block&) = default;
  void Grow();
  // What stands in an order: kept in it by every change, or put in order once by Settle().
  enum class Order { kKept, kLater };
  // Writes what tells the therapist in a row from another: who was there, and who will be; either may be
  // null.
  void Change(std::uint32_t row, const Listing* before, const Listing* after, Order order,
              SharedSymbols& symbols);
  void ChangeConfirmation(std::uint32_t row, const Listing* before, const Listing* after, Order order);
  void WriteLine(std::uint32_t row, const Standing& standing);
  // After a row's mark was written: the best one of its word.
  void NoteBestMark(std::uint32_t row);

  Columns columns_;
  std::uint64_t epoch_ = 0;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_BLOCK_H_
