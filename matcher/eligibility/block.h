// Up to 1,024 therapists of one place, column by column: what the index keeps of a listing so that a rule
// reads one bitmap or one array. Holes that removed rows leave are filled by later ones.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_BLOCK_H_
#define RAPPORT_MATCHER_ELIGIBILITY_BLOCK_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "matcher/domain/therapist.h"
#include "matcher/domain/week.h"
#include "matcher/eligibility/bitmap.h"
#include "matcher/eligibility/symbols.h"
#include "matcher/eligibility/word_table.h"

namespace rapport::matcher {

// A day as a number, for comparing; exact for some five million years around 1970.
using DayNumber = std::int32_t;
DayNumber ToDayNumber(absl::CivilDay day);

// An active credential of a row, under its region.
struct Right {
  DayNumber from = 0;
  DayNumber until = 0;  // included
  std::uint16_t row = 0;
  bool remote_only = false;
};

// Columns have one value for each row ever used; a value counts only where a bitmap says so.
struct Columns {
  Bitmap occupied;
  std::vector<std::shared_ptr<const Listing>> listings;

  WordTable<std::vector<Right>> rights;  // by region
  WordTable<Bitmap> declined_concerns, age_groups, formats, languages, payers, modalities, tags;

  Bitmap located;
  std::vector<Coordinates> coordinates;

  // Rows whose hours are known, by their time zone: a block has few zones.
  std::vector<std::pair<absl::TimeZone, Bitmap>> zones;
  std::vector<WeekHours> hours;

  WordTable<Bitmap> currencies;
  std::vector<std::int64_t> fees;  // minor units

  // A seat never becomes taken by time passing, so "a seat is free" holds always, never, or from one moment
  // on.
  Bitmap seat_always, seat_later;
  std::vector<absl::Time> seat_from;

  std::vector<absl::Time> last_confirmed;
};

class Block {
 public:
  // An empty block. `epoch`: when it was made; kept for its owner.
  explicit Block(std::uint64_t epoch) : epoch_(epoch) {}
  // A copy made in `epoch`.
  Block(const Block& other, std::uint64_t epoch) : Block(other) { epoch_ = epoch; }

  std::uint64_t epoch() const { return epoch_; }
  const Columns& columns() const { return columns_; }

  // A row that is not occupied. REQUIRES: there is one.
  std::uint32_t FreeRow() const { return columns_.occupied.FirstClear(); }

  // Fills a row, or replaces what is in it. `row`: occupied, or FreeRow(). `symbols` gains the strings that
  // are new.
  void Put(std::uint32_t row, std::shared_ptr<const Listing> listing, SharedSymbols& symbols);

  // Empties a row. REQUIRES: it is occupied; `symbols` are those it was filled with, or a later version.
  void Remove(std::uint32_t row, const SharedSymbols& symbols);

 private:
  Block(const Block&) = default;

  Columns columns_;
  std::uint64_t epoch_ = 0;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_BLOCK_H_
