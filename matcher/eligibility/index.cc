#include "matcher/eligibility/index.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "matcher/eligibility/bitmap.h"
#include "matcher/eligibility/block.h"
#include "matcher/eligibility/lanes.h"
#include "matcher/eligibility/search.h"
#include "matcher/versioned/fetch.h"
#include "matcher/versioned/map.h"

namespace rapport::matcher {
namespace {

// Profiles lie all over the memory: when an index is filled, they are asked for so many ahead, step by step.
constexpr std::size_t kAhead = 6;

void FetchLists(const Therapist& therapist) {
  for (const WordSet* words :
       {&therapist.payers, &therapist.age_groups, &therapist.formats, &therapist.modalities,
        &therapist.concerns, &therapist.declined_concerns, &therapist.approaches, &therapist.tags}) {
    FetchLine(words->data());
  }
  FetchLine(therapist.languages.data());
  FetchLine(therapist.style.data());
  FetchLines(therapist.credentials.data(), therapist.credentials.size() * sizeof(Credential));
}

// Where a therapist is looked for: the place of work, else where the first licence is.
absl::string_view GroupOf(const Therapist& therapist) {
  if (therapist.place) return therapist.place->region;
  return therapist.credentials.empty() ? absl::string_view() : therapist.credentials.front().region;
}

void FetchColumns(const Columns& columns) {
  const auto* begin = reinterpret_cast<const char*>(&columns);
  const auto* end = reinterpret_cast<const char*>(&columns.records);
  FetchLines(begin, static_cast<std::size_t>(end - begin));
}

// What the rules say of one block whose `left` rows are occupied, where nobody asks who fails one rule alone:
// each rule thins out those who pass. False when nobody is left.
bool ThinBlock(Search& search, std::int64_t left, BlockMatch& match, Tally& tally) {
  Bitmap& passing = match.eligible;
  // All rows: the first rule is always asked, and leaves only such as are occupied.
  const std::uint32_t words = match.columns->words();
  for (std::uint32_t word = 0; word < Bitmap::kWords; ++word)
    passing.SetWord(word, word < words ? ~std::uint64_t{0} : 0);
  for (const Rule rule : kRulesInOrder) {
    if (!search.Asks(rule, match.block)) continue;
    const std::int64_t passed = search.Keep(rule, *match.columns, match.block, passing);
    tally.first_failed[IndexOf(rule)] += left - passed;
    left = passed;
    if (left == 0) return false;
  }
  tally.eligible += left;
  return true;
}

// As ThinBlock, and who fails one rule alone: rows by how many rules they failed so far (none, exactly one,
// or no longer of interest). False when nobody in it is left.
bool MatchBlock(Search& search, const SelectDetail& detail, BlockMatch& match, Tally& tally) {
  const Columns& columns = *match.columns;
  const std::uint32_t words = columns.words();
  Bitmap& passing = match.eligible;
  Bitmap& failed_once = match.failed_once;
  passing = columns.occupied;
  failed_once = Bitmap();
  for (const Rule rule : kRulesInOrder) {
    const std::size_t place = IndexOf(rule);
    Bitmap& failed = match.failed_by[place];
    if (!search.Asks(rule, match.block)) {
      failed = Bitmap();
      continue;
    }
    Bitmap kept = passing | failed_once;
    search.Keep(rule, columns, match.block, kept);
    failed = passing - kept;
    failed_once &= kept;
    passing &= kept;
    if (detail.count_alone[place]) failed_once |= failed;
    tally.first_failed[place] += CountRows(failed, words);
    if (!passing.Any() && !failed_once.Any()) return false;
  }
  tally.eligible += CountRows(passing, words);
  if (failed_once.Any()) {
    for (std::size_t place = 0; place < kRules; ++place) {
      if (!detail.count_alone[place]) continue;
      const Bitmap alone = match.failed_by[place] & failed_once;
      tally.only_this_rule[place] += CountRows(alone, words);
    }
  }
  return true;
}

std::uint64_t HashOf(absl::string_view id) {
  return StableHash()(id);
}

}  // namespace

void Index::Fill(std::size_t count,
                 absl::FunctionRef<const std::shared_ptr<const Listing>&(std::size_t)> listing_of,
                 absl::FunctionRef<double(const Listing&)> log_access_of, const Standing& unheard) {
  struct Member {
    float access;  // at one moment for all, up to a constant
    std::uint32_t number;
    double log_access;
    const Listing* listing;
  };
  Standing standing = unheard;
  std::vector<std::vector<Member>> by_group;
  for (std::size_t i = 0; i < count; ++i) {
    if (i + 2 * kAhead < count) FetchLines(listing_of(i + 2 * kAhead).get(), sizeof(Listing));
    if (i + kAhead < count) {
      const Therapist& soon = *listing_of(i + kAhead)->therapist;
      FetchLine(&soon.place);
      FetchLine(&soon.wait_weeks);
    }
    const Listing& listing = *listing_of(i);
    const Symbol group = symbols_.Intern(GroupOf(*listing.therapist));
    if (group >= by_group.size()) by_group.resize(group + std::size_t{1});
    const double log_access = log_access_of(listing);
    const double access = log_access + shape_.fading * ToSeconds(listing.last_confirmed);
    // What is no number may stand anywhere.
    by_group[group].push_back({std::isnan(access) ? 0.f : static_cast<float>(access),
                               static_cast<std::uint32_t>(i), log_access, &listing});
  }
  const std::uint64_t epoch = epoch_.Current();
  std::vector<std::pair<std::uint64_t, RowPlace>> places;
  places.reserve(count);
  for (std::size_t group = 0; group < by_group.size(); ++group) {
    std::vector<Member>& members = by_group[group];
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
      return a.access != b.access ? a.access > b.access : a.number < b.number;
    });
    for (std::size_t i = 0; i < members.size(); ++i) {
      const auto row = static_cast<std::uint32_t>(i % Bitmap::kRows);
      if (row == 0) {
        slots_.push_back({std::make_shared<Block>(shape_, epoch), static_cast<Symbol>(group), 0});
        slots_.back().block->Reserve(std::min<std::size_t>(members.size() - i, Bitmap::kRows));
      }
      if (i + 3 * kAhead < members.size()) {
        FetchLine(&listing_of(members[i + 3 * kAhead].number));
        // With the count of those who share it, which stands before it.
        constexpr std::size_t kCount = 16;
        FetchLines(reinterpret_cast<const char*>(members[i + 3 * kAhead].listing) - kCount,
                   sizeof(Listing) + kCount);
      }
      if (i + 2 * kAhead < members.size())
        FetchLines(members[i + 2 * kAhead].listing->therapist.get(), sizeof(Therapist));
      if (i + kAhead < members.size()) FetchLists(*members[i + kAhead].listing->therapist);
      const std::shared_ptr<const Listing>& listing = listing_of(members[i].number);
      const auto number = static_cast<std::uint32_t>(slots_.size() - 1);
      places.emplace_back(HashOf(listing->therapist->id), RowPlace{number, row});
      NoteRegions(number, *listing->therapist);
      standing.log_access = members[i].log_access;
      slots_.back().block->Append(row, listing, standing, symbols_);
      ++slots_.back().rows;
      if (i + 1 == members.size() || row + 1 == Bitmap::kRows) slots_.back().block->Settle();
    }
    if (group >= open_.size()) open_.resize(group + 1);
    if (!members.empty()) open_[group] = static_cast<std::uint32_t>(slots_.size() - 1);
  }
  rows_.Fill(places, epoch);
}

void Index::Put(std::shared_ptr<const Listing> listing, const Standing& standing) {
  const Therapist& therapist = *listing->therapist;
  const Symbol group = symbols_.Intern(GroupOf(therapist));
  const std::optional<RowPlace> known = PlaceOf(therapist.id);
  if (known && slots_[known->block].group == group) {
    NoteRegions(known->block, therapist);
    Writable(known->block).Put(known->row, std::move(listing), standing, symbols_);
    return;
  }
  if (known) Remove(therapist.id);
  const std::uint32_t number = BlockWithRoom(group);
  Block& block = Writable(number);
  const std::uint32_t row = block.FreeRow();
  rows_.Add(HashOf(therapist.id), {number, row}, epoch_.Current());
  NoteRegions(number, therapist);
  block.Put(row, std::move(listing), standing, symbols_);
  ++slots_[number].rows;
}

bool Index::Restate(absl::string_view therapist_id, const Standing& standing) {
  const std::optional<RowPlace> place = PlaceOf(therapist_id);
  if (!place) return false;
  Writable(place->block).Restate(place->row, standing);
  return true;
}

bool Index::Remove(absl::string_view therapist_id) {
  const std::optional<RowPlace> place = PlaceOf(therapist_id);
  if (!place) return false;
  // The id may be the listing's own text, which goes with the row: the row goes last.
  rows_.Remove(HashOf(therapist_id), *place, epoch_.Current());
  Slot& slot = slots_[place->block];
  if (--slot.rows == 0) {
    if (open_[slot.group] == place->block) open_[slot.group].reset();
    slot.block.reset();
  } else {
    open_[slot.group] = place->block;
    Writable(place->block).Remove(place->row, symbols_);
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

Tally Index::Scan(const Query& query, const SelectDetail& detail,
                  absl::FunctionRef<void(const BlockMatch&)> visit) const {
  const auto rows_of = [&](const std::vector<std::string>& ids) {
    Search::NamedRows rows;
    for (const std::string& id : ids) {
      if (const auto place = PlaceOf(id)) rows[place->block].Assign(place->row, true);
    }
    return rows;
  };
  Search search(query, symbols_, rows_of(query.tried_therapist_ids),
                rows_of(query.musts.excluded_therapist_ids));
  Tally tally;
  tally.therapists = static_cast<std::int64_t>(size());
  BlockMatch match;
  if (detail.count_alone.any()) match.failed_by.resize(kRules);
  std::int64_t looked_at = 0;
  const auto look_at = [&](std::uint32_t number) {
    const Slot& slot = slots_[number];
    if (slot.block == nullptr) return;
    looked_at += slot.rows;
    match.block = number;
    match.columns = &slot.block->columns();
    const bool some = detail.count_alone.none() ? ThinBlock(search, slot.rows, match, tally)
                                                : MatchBlock(search, detail, match, tally);
    if (some) visit(match);
  };
  // Blocks lie all over the memory: what is soon needed is asked for ahead, step by step.
  const auto look_at_all = [&](std::size_t count, auto number_of) {
    const auto columns_of = [&](std::size_t i) -> const Columns* {
      if (i >= count) return nullptr;
      const Slot& slot = slots_[number_of(i)];
      return slot.block == nullptr ? nullptr : &slot.block->columns();
    };
    // Three steps before the first block, so that it does not wait either.
    for (std::size_t step = 0; step < count + 3; ++step) {
      const Columns* next = step < 2 ? nullptr : columns_of(step - 2);
      if (const Columns* soon = columns_of(step)) FetchColumns(*soon);
      if (const Columns* sooner = step < 1 ? nullptr : columns_of(step - 1)) search.FetchTables(*sooner);
      if (next != nullptr) search.FetchBitmaps(*next);
      if (step >= 3) look_at(number_of(step - 3));
      if (next != nullptr) search.FetchEdges(*next);
    }
  };
  if (detail.count_alone[IndexOf(Rule::kLicence)]) {
    look_at_all(slots_.size(), [](std::size_t i) { return static_cast<std::uint32_t>(i); });
  } else if (const auto region = search.region(); region && *region < blocks_of_region_.size()) {
    const auto& blocks = blocks_of_region_[*region];
    if (blocks != nullptr) look_at_all(blocks->size(), [&](std::size_t i) { return (*blocks)[i]; });
  }
  // Whoever stands in a block without a right in the region fails the first rule.
  tally.first_failed[IndexOf(Rule::kLicence)] += tally.therapists - looked_at;
  return tally;
}

Selection Index::Select(const Query& query, const SelectDetail& detail) const {
  Selection selection;
  const Tally tally = Scan(query, detail, [&](const BlockMatch& match) {
    match.eligible.ForEach(
        [&](std::uint32_t row) { selection.eligible.push_back(match.columns->listings[row].get()); });
    match.failed_once.ForEach([&](std::uint32_t row) {
      for (const Rule rule : kRulesInOrder) {
        if (!match.failed_by[IndexOf(rule)].Test(row)) continue;
        if (detail.list_alone[IndexOf(rule)])
          selection.near_misses.push_back({match.columns->listings[row].get(), rule});
        return;
      }
    });
  });
  selection.therapists = tally.therapists;
  selection.first_failed = tally.first_failed;
  selection.only_this_rule = tally.only_this_rule;
  return selection;
}

std::size_t Index::MemoryBytes() const {
  std::size_t bytes = sizeof(Index) + slots_.capacity() * sizeof(Slot) + rows_.MemoryBytes();
  for (const auto& blocks : blocks_of_region_)
    bytes += sizeof(blocks) + (blocks == nullptr ? 0 : blocks->capacity() * sizeof(std::uint32_t));
  for (const Slot& slot : slots_) bytes += slot.block == nullptr ? 0 : slot.block->MemoryBytes();
  return bytes;
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
    *slot = Slot{std::make_shared<Block>(shape_, epoch_.Current()), group, 0};
  }
  open = static_cast<std::uint32_t>(slot - slots_.begin());
  return *open;
}

std::optional<RowPlace> Index::PlaceOf(absl::string_view therapist_id) const {
  RowPlace place;
  const bool found = rows_.Find(
      HashOf(therapist_id),
      [&](RowPlace at) {
        return slots_[at.block].block->columns().listings[at.row]->therapist->id == therapist_id;
      },
      place);
  return found ? std::optional<RowPlace>(place) : std::nullopt;
}

const std::shared_ptr<const Listing>* Index::FindRow(absl::string_view therapist_id) const {
  const std::optional<RowPlace> place = PlaceOf(therapist_id);
  return place ? &slots_[place->block].block->columns().listings[place->row] : nullptr;
}

void Index::ForEachNewText(const Therapist& therapist,
                           absl::FunctionRef<void(const std::string&)> visit) const {
  const auto visit_new = [&](const std::string& text) {
    if (!symbols_.Find(text)) visit(text);
  };
  visit_new(std::string(GroupOf(therapist)));
  ForEachText(therapist, visit_new);
}

void Index::NoteRegions(std::uint32_t block, const Therapist& therapist) {
  for (const Credential& credential : therapist.credentials) {
    if (!credential.active) continue;
    const Symbol region = symbols_.Intern(credential.region);
    if (region >= blocks_of_region_.size()) blocks_of_region_.resize(region + std::size_t{1});
    auto& blocks = blocks_of_region_[region];
    if (blocks == nullptr) {
      blocks = std::make_shared<const std::vector<std::uint32_t>>(1, block);
      continue;
    }
    const auto at = std::lower_bound(blocks->begin(), blocks->end(), block);
    if (at != blocks->end() && *at == block) continue;
    auto longer = std::make_shared<std::vector<std::uint32_t>>(*blocks);
    longer->insert(longer->begin() + (at - blocks->begin()), block);
    blocks = std::move(longer);
  }
}

}  // namespace rapport::matcher
