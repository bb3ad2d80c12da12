// A query made ready for an index, and what each rule says of a whole block. Written apart from the reference
// predicate (rules.cc), so that holding the two together tests both.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_SEARCH_H_
#define RAPPORT_MATCHER_ELIGIBILITY_SEARCH_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "matcher/domain/week.h"
#include "matcher/eligibility/bitmap.h"
#include "matcher/eligibility/block.h"
#include "matcher/eligibility/distance.h"
#include "matcher/eligibility/rules.h"
#include "matcher/eligibility/symbols.h"

namespace rapport::matcher {

// One search. Not thread-safe: it remembers what it worked out.
class Search {
 public:
  // Rows that a query names, by block.
  using NamedRows = absl::flat_hash_map<std::uint32_t, Bitmap>;

  // `query` and `symbols` must outlive the search. A word that `symbols` does not know stands in no block.
  Search(const Query& query, const SharedSymbols& symbols, NamedRows tried, NamedRows excluded);

  // False when `rule` lets everybody pass in block number `block`.
  bool Asks(Rule rule, std::uint32_t block) const;

  // Leaves those of `rows` in block number `block` that pass `rule`; how many are left.
  std::int64_t Keep(Rule rule, const Columns& columns, std::uint32_t block, Bitmap& rows);

  // Asks for the memory that the rules will read of a block: first where its bitmaps are; when that has come,
  // the bitmaps themselves; and then what the region's rights hold beside them.
  void FetchTables(const Columns& columns) const;
  void FetchBitmaps(const Columns& columns) const;
  void FetchEdges(const Columns& columns) const;

  // The client's region, where somebody has a right in it.
  std::optional<Symbol> region() const { return region_; }

 private:
  // The client's week as a therapist's clock shows it.
  struct SeenHours {
    absl::TimeZone zone;
    bool whole = true;  // the clocks differ by whole hours
    // The client's hours by the therapist's clock. Where the clocks differ by a part of an hour, each of the
    // client's hours lies in two of the therapist's; it stands here at the later.
    WeekHours full;
    // Only then: the therapist's hours that lie in two hours of the client's, who has both.
    WeekHours both_of_client;
  };

  // Calls fetch(table, word) for each thing that the rules look up in a block.
  template <typename Fetch>
  void ForEachTable(const Columns& columns, Fetch fetch) const;
  Bitmap SharingRemoteModality(const Columns& columns) const;
  Bitmap Near(const Bitmap& rows, const Columns& columns) const;
  Bitmap SharingAnHour(const Bitmap& rows, const Columns& columns);
  Bitmap Affordable(const Bitmap& rows, const Columns& columns) const;
  Bitmap SharingInPersonModality(const Columns& columns) const;
  // Rows that state one of the modalities that are wanted and acceptable to the client.
  template <typename Wanted>
  Bitmap SharingModality(const Columns& columns, Wanted wanted) const;
  std::int64_t KeepLicensed(const Columns& columns, Bitmap& rows) const;
  // Of `rows`, those who would have to meet in an office in another region than the client's, and have no
  // right there.
  Bitmap UnlicensedInOffice(const Columns& columns, const Bitmap& rows) const;
  std::int64_t KeepWithSeat(const Columns& columns, Bitmap& rows) const;
  std::int64_t KeepConfirmed(const Columns& columns, Bitmap& rows) const;
  const SeenHours& SeenFrom(const absl::TimeZone& zone);

  const Query& query_;
  const SharedSymbols& symbols_;
  NamedRows tried_;
  NamedRows excluded_;
  std::optional<Symbol> region_;
  bool in_person_asked_ = true;  // a modality in person is acceptable to the client
  std::vector<Symbol> languages_;
  std::optional<Symbol> currency_;
  Days days_;
  absl::Duration confirmation_limit_;
  Seconds oldest_second_;
  std::optional<SpherePoint> from_;
  DistanceLimit distance_limit_;
  std::vector<SeenHours> seen_hours_;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_SEARCH_H_
