// The network, laid out so that the rules run over all of it at once. Therapists stand in blocks of up to
// 4,096 rows, grouped by place; a block has one bitmap for each thing that its therapists state, so that a
// rule is a few words of logic for 64 therapists, and a block is left as soon as nobody in it matters any
// more.
//
//   Index next = *published;          // cheap: shares every block
//   next.Put(listing);                // copies the block it touches, once
//   Selection selection = next.Select(query);
#ifndef RAPPORT_MATCHER_ELIGIBILITY_INDEX_H_
#define RAPPORT_MATCHER_ELIGIBILITY_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "matcher/domain/therapist.h"
#include "matcher/eligibility/bitmap.h"
#include "matcher/eligibility/block.h"
#include "matcher/eligibility/epoch.h"
#include "matcher/eligibility/line.h"
#include "matcher/eligibility/row_table.h"
#include "matcher/eligibility/rules.h"
#include "matcher/eligibility/symbols.h"

namespace rapport::matcher {

// A therapist whom exactly one rule excludes.
struct NearMiss {
  const Listing* listing = nullptr;
  Rule rule = Rule::kLicence;
};

// What a search works out beside who is eligible, for a caller who can do with less: therapists whom one rule
// alone excludes are found by looking at everybody, so without `kLicence` a search leaves other regions at
// the first rule.
struct SelectDetail {
  // Rules for which `only_this_rule` is counted; 0 for the others.
  RuleSet count_alone = RuleSet().set();
  // Rules whose near misses are listed; only those also in `count_alone` are.
  RuleSet list_alone = RuleSet().set();
};

// Outcome of a search over a whole index. Its pointers are valid as long as some copy of that index,
// unchanged, is.
struct Selection {
  // Those who pass every rule. Order: by block and row, the same for the same history of the index.
  std::vector<const Listing*> eligible;
  // Those whom one rule alone excludes, in the same order.
  std::vector<NearMiss> near_misses;
  // Everybody in the index.
  std::int64_t therapists = 0;
  // By IndexOf(rule): therapists whose first failed rule it is. With `eligible` these add up to `therapists`.
  std::array<std::int64_t, kRules> first_failed{};
  // By IndexOf(rule): therapists whom this rule alone excludes.
  std::array<std::int64_t, kRules> only_this_rule{};
};

// How many a search looked at, and what the rules said of them.
struct Tally {
  std::int64_t therapists = 0;                        // everybody in the index
  std::int64_t eligible = 0;                          // those who pass every rule
  std::array<std::int64_t, kRules> first_failed{};    // as in Selection
  std::array<std::int64_t, kRules> only_this_rule{};  // as in Selection
};

// What a search found in one block.
struct BlockMatch {
  std::uint32_t block = 0;
  const Columns* columns = nullptr;
  Bitmap eligible;
  Bitmap failed_once;  // rows that fail one rule alone, of those in `count_alone`
  // By IndexOf(rule): of these, the ones in `failed_once` fail it alone. Empty where `count_alone` is.
  std::vector<Bitmap> failed_by;
};

// A value: a copy shares the blocks and never sees later changes of the original, nor the other way round.
// Blocks made since the last copy was taken are changed in place, all others are copied first; so the usual
// copy, many changes, publish copies each touched block once. Thread-safety: const functions (copying too)
// may run at once.
class Index {
 public:
  // An index whose lines have room for `shape`.
  explicit Index(LineShape shape = {}) : shape_(shape) {}

  // Puts many in at once, in the order of their places and, in a place, by falling access (Columns::marks):
  // what a start does. All with the standing `unheard`, but each with its own `log_access_of`; whoever was
  // answered about is restated after it. `listing_of` is asked for each i below `count` a few times,
  // `log_access_of` once for each; ids must all be different, and the index empty. O(n log n); 56 bytes a
  // therapist beside the index while it works.
  void Fill(std::size_t count,
            absl::FunctionRef<const std::shared_ptr<const Listing>&(std::size_t)> listing_of,
            absl::FunctionRef<double(const Listing&)> log_access_of, const Standing& unheard);

  // Adds a therapist, or replaces the one with the same id. `listing` and its therapist: not null.
  void Put(std::shared_ptr<const Listing> listing, const Standing& standing = {});

  // Writes what ranking reads of a therapist anew; false when there is none with that id.
  bool Restate(absl::string_view therapist_id, const Standing& standing);

  // Removes a therapist; false when there is none with that id.
  bool Remove(absl::string_view therapist_id);

  // The therapist with that id, or nullptr.
  const Listing* Find(absl::string_view therapist_id) const;
  // The same, kept alive by the caller.
  std::shared_ptr<const Listing> Share(absl::string_view therapist_id) const;

  std::size_t size() const { return rows_.size(); }
  // Different texts that the therapists of this index, or of one it was made from, have named: regions,
  // languages, currencies. Each costs some bytes in every block.
  std::size_t texts() const { return symbols_.size(); }
  // Calls visit(text) for those that putting `therapist` in would add; some of them twice.
  void ForEachNewText(const Therapist& therapist, absl::FunctionRef<void(const std::string&)> visit) const;
  LineShape shape() const { return shape_; }

  // Calls `visit` for each therapist, in the order of Selection.
  void ForEach(const std::function<void(const std::shared_ptr<const Listing>&)>& visit) const;

  // Calls `visit` for each block with somebody who passes or, of the rules in `detail.count_alone`, fails one
  // alone; in the order of Selection. Looks only at blocks where somebody has a right in the client's region,
  // unless those who lack nothing but that are counted too. What it says is exactly what `Passes` says of
  // each therapist. O(blocks of the region · rules) words of logic, and one look at each row whose bitmaps
  // do not settle a distance, an hour, a fee, a seat or a confirmation.
  Tally Scan(const Query& query, const SelectDetail& detail,
             absl::FunctionRef<void(const BlockMatch&)> visit) const;

  // The same, in lists.
  Selection Select(const Query& query, const SelectDetail& detail = {}) const;

  // Bytes held, without the listings themselves; what copies share counts in full.
  std::size_t MemoryBytes() const;

 private:
  // A block with what is needed to choose one without touching it. Null: dropped, and the slot is free for a
  // new one.
  struct Slot {
    std::shared_ptr<Block> block;
    Symbol group = 0;
    std::uint32_t rows = 0;
  };

  Block& Writable(std::uint32_t block);
  std::uint32_t BlockWithRoom(Symbol group);
  std::optional<RowPlace> PlaceOf(absl::string_view therapist_id) const;
  const std::shared_ptr<const Listing>* FindRow(absl::string_view therapist_id) const;
  void NoteRegions(std::uint32_t block, const Therapist& therapist);

  LineShape shape_;
  std::vector<Slot> slots_;
  std::vector<std::optional<std::uint32_t>> open_;  // by group: the block that last had room
  // By region: the blocks where somebody has, or had, a right in it; ascending.
  std::vector<std::shared_ptr<const std::vector<std::uint32_t>>> blocks_of_region_;
  RowTable rows_;
  SharedSymbols symbols_;
  Epoch epoch_;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_INDEX_H_
