#include "matcher/eligibility/search.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "matcher/domain/language.h"
#include "matcher/eligibility/distance.h"
#include "matcher/eligibility/lanes.h"
#include "matcher/versioned/fetch.h"

namespace rapport::matcher {
namespace {

constexpr int kHours = 168;

// The hours that a clock ahead by `hours` shows for `week`.
WeekHours Ahead(const WeekHours& week, int hours) {
  const int shift = ((hours % kHours) + kHours) % kHours;
  return (week << shift) | (week >> (kHours - shift));
}

// Each word's rows, where anybody states it.
using Stating = absl::InlinedVector<const Bitmap*, 8>;

template <typename Words>
Stating StatingEach(const WordTable<Bitmap>& table, const Words& words) {
  Stating rows;
  for (const auto word : words) {
    if (const Bitmap* stating = table.Find(word)) rows.push_back(stating);
  }
  return rows;
}

}  // namespace

Search::Search(const Query& query, const SharedSymbols& symbols, NamedRows tried, NamedRows excluded)
    : query_(query),
      symbols_(symbols),
      tried_(std::move(tried)),
      excluded_(std::move(excluded)),
      region_(symbols.Find(query.musts.location.region)),
      days_{ToDayNumber(query.day), ToDayNumber(query.last_day)},
      confirmation_limit_(query.confirmation_limit_days * absl::Hours(24)),
      oldest_second_(ToSeconds(query.now - confirmation_limit_)),
      distance_limit_(query.musts.max_distance_km.value_or(0)) {
  if (query.musts.location.coordinates) from_ = PointOf(*query.musts.location.coordinates);
  for (const std::string& language : query.musts.languages) {
    ForEachAskedKey(language, [&](const std::string& key) {
      if (const auto symbol = symbols.Find(key)) languages_.push_back(*symbol);
    });
  }
  in_person_asked_ =
      query.musts.modalities.empty() || Intersects(query.musts.modalities, query.in_person_modalities);
  if (query.musts.max_fee) currency_ = symbols.Find(query.musts.max_fee->currency);
}

bool Search::Asks(Rule rule, std::uint32_t block) const {
  const Musts& musts = query_.musts;
  switch (rule) {
    case Rule::kLicence:
    case Rule::kAgeGroup:
    case Rule::kFormat:
    case Rule::kSeat:
    case Rule::kConfirmed:
      return true;
    case Rule::kAlreadyTried:
      return tried_.contains(block);
    case Rule::kExcludedByClient:
      return excluded_.contains(block);
    case Rule::kConcernDeclined:
      return !query_.concerns.empty();
    case Rule::kLanguage:
      return !musts.languages.empty();
    case Rule::kPayer:
      return !musts.payers.empty();
    case Rule::kModality:
      return !musts.modalities.empty();
    case Rule::kDistance:
      return musts.max_distance_km.has_value();
    case Rule::kHours:
      return musts.hours.any();
    case Rule::kFee:
      return musts.max_fee.has_value();
    case Rule::kRequiredTag:
      return !musts.required_tags.empty();
    case Rule::kExcludedTag:
      return !musts.excluded_tags.empty();
  }
  return true;
}

std::int64_t Search::Keep(Rule rule, const Columns& columns, std::uint32_t block, Bitmap& rows) {
  const Musts& musts = query_.musts;
  const std::uint32_t words = columns.words();
  const auto stating_any = [&](const WordTable<Bitmap>& table, const auto& asked) {
    return KeepInAny(StatingEach(table, asked), words, rows);
  };
  const auto stating_none = [&](const WordTable<Bitmap>& table, const WordSet& refused) {
    return KeepInNone(StatingEach(table, refused), words, rows);
  };
  const auto among = [&](const Bitmap& those) { return KeepInAny({&those}, words, rows); };
  const auto not_named = [&](const NamedRows& named) {
    const auto found = named.find(block);
    return found == named.end() ? CountRows(rows, words) : KeepInNone({&found->second}, words, rows);
  };
  switch (rule) {
    case Rule::kLicence:
      return KeepLicensed(columns, rows);
    case Rule::kAlreadyTried:
      return not_named(tried_);
    case Rule::kExcludedByClient:
      return not_named(excluded_);
    case Rule::kConcernDeclined:
      return stating_none(columns.declined_concerns, query_.concerns);
    case Rule::kAgeGroup:
      return stating_any(columns.age_groups, absl::MakeConstSpan(&musts.age_group, 1));
    case Rule::kFormat:
      return stating_any(columns.formats, absl::MakeConstSpan(&musts.format, 1));
    case Rule::kLanguage:
      if (!musts.languages.empty()) return stating_any(columns.languages, languages_);
      break;
    case Rule::kPayer:
      if (!musts.payers.empty()) return stating_any(columns.payers, musts.payers);
      break;
    case Rule::kModality:
      if (!musts.modalities.empty()) return stating_any(columns.modalities, musts.modalities);
      break;
    case Rule::kDistance:
      if (musts.max_distance_km) return among(Near(rows, columns));
      break;
    case Rule::kHours:
      if (musts.hours.any()) return among(SharingAnHour(rows, columns));
      break;
    case Rule::kFee:
      if (musts.max_fee) return among(Affordable(rows, columns));
      break;
    case Rule::kRequiredTag: {
      std::int64_t left = CountRows(rows, words);
      for (const Word tag : musts.required_tags)
        left = stating_any(columns.tags, absl::MakeConstSpan(&tag, 1));
      return left;
    }
    case Rule::kExcludedTag:
      return stating_none(columns.tags, musts.excluded_tags);
    case Rule::kSeat:
      return KeepWithSeat(columns, rows);
    case Rule::kConfirmed:
      return KeepConfirmed(columns, rows);
  }
  return CountRows(rows, words);
}

template <typename Fetch>
void Search::ForEachTable(const Columns& columns, Fetch fetch) const {
  const Musts& musts = query_.musts;
  if (region_) fetch(columns.rights, *region_);
  for (const Word concern : query_.concerns) fetch(columns.declined_concerns, concern);
  fetch(columns.age_groups, musts.age_group);
  fetch(columns.formats, musts.format);
  for (const Symbol language : languages_) fetch(columns.languages, language);
  for (const Word payer : musts.payers) fetch(columns.payers, payer);
  for (const Word modality : musts.modalities) fetch(columns.modalities, modality);
  if (currency_) fetch(columns.currencies, *currency_);
  for (const Word tag : musts.required_tags) fetch(columns.tags, tag);
  for (const Word tag : musts.excluded_tags) fetch(columns.tags, tag);
}

void Search::FetchTables(const Columns& columns) const {
  ForEachTable(columns, [](const auto& table, std::size_t word) { table.FetchPlace(word); });
  FetchLine(columns.by_confirmation.data());
}

void Search::FetchBitmaps(const Columns& columns) const {
  const std::uint32_t words = columns.words();
  ForEachTable(columns, [words](const auto& table, std::size_t word) {
    if (const auto* thing = table.Find(word)) thing->Fetch(words);
  });
}

void Search::FetchEdges(const Columns& columns) const {
  const RegionRights* rights = region_ ? columns.rights.Find(*region_) : nullptr;
  if (rights != nullptr) rights->FetchEdges();
}

std::int64_t Search::KeepLicensed(const Columns& columns, Bitmap& rows) const {
  const RegionRights* rights = region_ ? columns.rights.Find(*region_) : nullptr;
  if (rights == nullptr) return KeepInAny({}, columns.words(), rows);
  const std::int64_t left = rights->Keep(
      days_, rights->AsksForRemote() ? SharingRemoteModality(columns) : Bitmap(), columns.words(), rows);
  const Bitmap unlicensed = UnlicensedInOffice(columns, rows);
  if (!unlicensed.Any()) return left;
  rows -= unlicensed;
  return CountRows(rows, columns.words());
}

Bitmap Search::UnlicensedInOffice(const Columns& columns, const Bitmap& rows) const {
  if (!in_person_asked_ || !columns.placed.Any()) return Bitmap();
  const absl::string_view office = columns.listings[columns.placed.First()]->therapist->place->region;
  if (RegionsMeet(office, query_.musts.location.region)) return Bitmap();
  const Bitmap there =
      (rows & columns.placed & SharingInPersonModality(columns)) - SharingRemoteModality(columns);
  if (!there.Any()) return Bitmap();
  Bitmap unlicensed = there;
  // The office's own region, and those that it lies in.
  for (std::size_t end = office.size(); end != 0 && end != absl::string_view::npos;
       end = office.substr(0, end).rfind('-')) {
    const auto region = symbols_.Find(office.substr(0, end));
    const RegionRights* rights = region ? columns.rights.Find(*region) : nullptr;
    if (rights == nullptr) continue;
    Bitmap licensed = there;
    rights->Keep(days_, Bitmap(), columns.words(), licensed);
    unlicensed -= licensed;
  }
  return unlicensed;
}

std::int64_t Search::KeepWithSeat(const Columns& columns, Bitmap& rows) const {
  if (columns.seat_from.empty()) return KeepInAny({&columns.seat_always}, columns.words(), rows);
  Bitmap free;
  for (const SeatFrom& seat : columns.seat_from) free.Add(seat.row, seat.from <= query_.now);
  free &= columns.seat_later;
  return KeepInAny({&columns.seat_always, &free}, columns.words(), rows);
}

std::int64_t Search::KeepConfirmed(const Columns& columns, Bitmap& rows) const {
  std::int64_t left = CountRows(rows, columns.words());
  for (const auto& [second, row] : columns.by_confirmation) {
    if (second > oldest_second_) break;
    // Within the second of the limit only the moment itself tells, and at the ends of time only the
    // difference.
    if (second < oldest_second_ ||
        (rows.Test(row) && query_.now - columns.listings[row]->last_confirmed > confirmation_limit_)) {
      left -= rows.Take(row);
    }
  }
  return left;
}

template <typename Wanted>
Bitmap Search::SharingModality(const Columns& columns, Wanted wanted) const {
  const WordSet& asked = query_.musts.modalities;
  Bitmap sharing;
  for (std::size_t modality = 0; modality < columns.modalities.limit(); ++modality) {
    const auto word = static_cast<Word>(modality);
    if (!wanted(word) || (!asked.empty() && !Contains(asked, word))) continue;
    if (const Bitmap* stating = columns.modalities.Find(word)) sharing |= *stating;
  }
  return sharing;
}

Bitmap Search::SharingRemoteModality(const Columns& columns) const {
  return SharingModality(columns, [&](Word word) { return !Contains(query_.in_person_modalities, word); });
}

Bitmap Search::SharingInPersonModality(const Columns& columns) const {
  return SharingModality(columns, [&](Word word) { return Contains(query_.in_person_modalities, word); });
}

Bitmap Search::Near(const Bitmap& rows, const Columns& columns) const {
  const Bitmap remote = rows & SharingRemoteModality(columns);
  if (!query_.musts.location.coordinates) return remote;
  const Coordinates& from = *query_.musts.location.coordinates;
  const double limit_km = *query_.musts.max_distance_km;
  const Bitmap near = ((rows & columns.located) - remote).Where([&](std::uint32_t row) {
    switch (distance_limit_.Compare(*from_, columns.points[row])) {
      case DistanceLimit::Answer::kWithin:
        return true;
      case DistanceLimit::Answer::kBeyond:
        return false;
      case DistanceLimit::Answer::kTooCloseToSay:
        break;
    }
    return GreatCircleKm(from, *columns.listings[row]->therapist->place->coordinates) <= limit_km;
  });
  return remote | near;
}

Bitmap Search::SharingAnHour(const Bitmap& rows, const Columns& columns) {
  Bitmap sharing;
  for (const auto& [zone, in_zone] : columns.zones) {
    const Bitmap asked = rows & in_zone;
    if (!asked.Any()) continue;
    const SeenHours& seen = SeenFrom(zone);
    sharing |= asked.Where([&](std::uint32_t row) {
      const WeekHours& hours = columns.hours[row];
      if (seen.whole) return (hours & seen.full).any();
      return (hours & seen.both_of_client).any() || (hours & Ahead(hours, 1) & seen.full).any();
    });
  }
  return sharing;
}

const Search::SeenHours& Search::SeenFrom(const absl::TimeZone& zone) {
  for (const SeenHours& seen : seen_hours_) {
    if (seen.zone == zone) return seen;
  }
  const WeekHours& hours = query_.musts.hours;
  const int minutes = MinutesAhead(query_, zone);
  const int whole_hours = static_cast<int>(std::floor(minutes / 60.0));
  SeenHours seen;
  seen.zone = zone;
  seen.whole = whole_hours * 60 == minutes;
  if (seen.whole) {
    seen.full = Ahead(hours, whole_hours);
  } else {
    // The client's hour h lasts over the therapist's hours h + whole_hours and the next.
    seen.full = Ahead(hours, whole_hours + 1);
    seen.both_of_client = Ahead(hours, whole_hours) & seen.full;
  }
  seen_hours_.push_back(seen);
  return seen_hours_.back();
}

Bitmap Search::Affordable(const Bitmap& rows, const Columns& columns) const {
  const Bitmap* in_currency = currency_ ? columns.currencies.Find(*currency_) : nullptr;
  if (in_currency == nullptr) return Bitmap();
  const std::int64_t limit = query_.musts.max_fee->minor_units;
  const Bitmap stated = rows & *in_currency;
  using Fee = std::numeric_limits<std::int32_t>;
  if (limit < Fee::min() || limit >= Fee::max()) {
    return stated.Where(
        [&](std::uint32_t row) { return columns.listings[row]->therapist->fee->minor_units <= limit; });
  }
  // Below the limit's edge of 32 bits a fee that did not fit still stands on the right side of it.
  if (!columns.PreferColumns(stated))
    return stated.Where([&](std::uint32_t row) { return columns.fees[row] <= limit; });
  Bitmap below;
  Bitmap same;
  Compare(columns.fees.data(), columns.fees.size(), static_cast<std::int32_t>(limit), below, same);
  return stated & (below | same);
}

}  // namespace rapport::matcher
