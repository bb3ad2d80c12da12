#include "matcher/eligibility/index.h"

#include <algorithm>
#include <string>
#include <utility>

#include "matcher/eligibility/bitmap.h"
#include "matcher/eligibility/block.h"
#include "matcher/eligibility/search.h"

namespace rapport::matcher {
namespace {

// Where a therapist is looked for: the place of work, else where the first licence is.
absl::string_view GroupOf(const Therapist& therapist) {
  if (therapist.place) return therapist.place->region;
  return therapist.credentials.empty() ? absl::string_view() : therapist.credentials.front().region;
}

// Adds one block's part to `selection`.
void SelectInBlock(Search& search, const Columns& columns, std::uint32_t block, const SelectDetail& detail,
                   Selection& selection) {
  // Rows by how many rules they failed so far: none, exactly one, or no longer of interest.
  Bitmap passing = columns.occupied;
  Bitmap failed_once;
  std::array<Bitmap, kRules> failed_by;
  for (const Rule rule : kRulesInOrder) {
    const std::size_t place = IndexOf(rule);
    const Bitmap failing = search.Failing(rule, passing | failed_once, columns, block);
    failed_by[place] = failing & passing;
    selection.first_failed[place] += failed_by[place].Count();
    failed_once -= failing;
    passing -= failing;
    if (detail.count_alone[place]) failed_once |= failed_by[place];
    if (!passing.Any() && !failed_once.Any()) return;
  }
  passing.ForEach([&](std::uint32_t row) { selection.eligible.push_back(columns.listings[row].get()); });
  for (const Rule rule : kRulesInOrder) {
    selection.only_this_rule[IndexOf(rule)] += (failed_by[IndexOf(rule)] & failed_once).Count();
  }
  failed_once.ForEach([&](std::uint32_t row) {
    for (const Rule rule : kRulesInOrder) {
      if (!failed_by[IndexOf(rule)].Test(row)) continue;
      if (detail.list_alone[IndexOf(rule)])
        selection.near_misses.push_back({columns.listings[row].get(), rule});
      return;
    }
  });
}

}  // namespace

void Index::Put(std::shared_ptr<const Listing> listing) {
  const Therapist& therapist = *listing->therapist;
  const Symbol group = symbols_.Intern(GroupOf(therapist));
  const RowPlace* known = places_.Find(therapist.id);
  if (known != nullptr && slots_[known->block].group == group) {
    Writable(known->block).Put(known->row, std::move(listing), symbols_);
    return;
  }
  if (known != nullptr) Remove(therapist.id);
  const std::uint32_t number = BlockWithRoom(group);
  Block& block = Writable(number);
  const std::uint32_t row = block.FreeRow();
  places_.Set(therapist.id, std::make_shared<const RowPlace>(RowPlace{number, row}));
  block.Put(row, std::move(listing), symbols_);
  ++slots_[number].rows;
}

bool Index::Remove(absl::string_view therapist_id) {
  const RowPlace* known = places_.Find(therapist_id);
  if (known == nullptr) return false;
  const RowPlace place = *known;
  // The id may be the listing's own text, which goes with the row: the row goes last.
  places_.Erase(therapist_id);
  Slot& slot = slots_[place.block];
  if (--slot.rows == 0) {
    if (open_[slot.group] == place.block) open_[slot.group].reset();
    slot.block.reset();
  } else {
    open_[slot.group] = place.block;
    Writable(place.block).Remove(place.row, symbols_);
  }
  return true;
}

const Listing* Index::Find(absl::string_view therapist_id) const {
  const auto* row = FindRow(therapist_id);
  return row == nullptr ? nullptr : row->get();
}

std::shared_ptr<const Listing> Index::Share(absl::string_view therapist_id) const {
  const auto* row = FindRow(therapist_id);
  return row == nullptr ? nullptr : *row;
}

void Index::ForEach(const std::function<void(const std::shared_ptr<const Listing>&)>& visit) const {
  for (const Slot& slot : slots_) {
    if (slot.block == nullptr) continue;
    const Columns& columns = slot.block->columns();
    columns.occupied.ForEach([&](std::uint32_t row) { visit(columns.listings[row]); });
  }
}

Selection Index::Select(const Query& query, const SelectDetail& detail) const {
  const auto rows_of = [&](const std::vector<std::string>& ids) {
    Search::NamedRows rows;
    for (const std::string& id : ids) {
      if (const RowPlace* place = places_.Find(id)) rows[place->block].Assign(place->row, true);
    }
    return rows;
  };
  Search search(query, symbols_, rows_of(query.tried_therapist_ids),
                rows_of(query.musts.excluded_therapist_ids));
  Selection selection;
  selection.therapists = static_cast<std::int64_t>(size());
  for (std::uint32_t number = 0; number < slots_.size(); ++number) {
    if (slots_[number].block == nullptr) continue;
    SelectInBlock(search, slots_[number].block->columns(), number, detail, selection);
  }
  return selection;
}

Block& Index::Writable(std::uint32_t block) {
  std::shared_ptr<Block>& shared = slots_[block].block;
  const std::uint64_t epoch = epoch_.Current();
  if (shared->epoch() != epoch) shared = std::make_shared<Block>(*shared, epoch);
  return *shared;
}

std::uint32_t Index::BlockWithRoom(Symbol group) {
  if (group >= open_.size()) open_.resize(group + std::size_t{1});
  const auto has_room = [&](const Slot& slot) {
    return slot.block != nullptr && slot.group == group && slot.rows < Bitmap::kRows;
  };
  std::optional<std::uint32_t>& open = open_[group];
  if (open && has_room(slots_[*open])) return *open;
  // Seldom: once in as many additions as a block has rows.
  auto slot = std::find_if(slots_.begin(), slots_.end(), has_room);
  if (slot == slots_.end()) {
    slot = std::find_if(slots_.begin(), slots_.end(), [](const Slot& each) { return each.block == nullptr; });
    if (slot == slots_.end()) slot = slots_.emplace(slot);
    *slot = Slot{std::make_shared<Block>(epoch_.Current()), group, 0};
  }
  open = static_cast<std::uint32_t>(slot - slots_.begin());
  return *open;
}

const std::shared_ptr<const Listing>* Index::FindRow(absl::string_view therapist_id) const {
  const RowPlace* place = places_.Find(therapist_id);
  return place == nullptr ? nullptr : &slots_[place->block].block->columns().listings[place->row];
}

}  // namespace rapport::matcher
