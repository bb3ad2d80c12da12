#include "matcher/eligibility/search.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "matcher/eligibility/distance.h"

namespace rapport::matcher {
namespace {

constexpr int kHours = 168;

// The hours that a clock ahead by `hours` shows for `week`.
WeekHours Ahead(const WeekHours& week, int hours) {
  const int shift = ((hours % kHours) + kHours) % kHours;
  return (week << shift) | (week >> (kHours - shift));
}

// Rows that state one of `words`.
template <typename Words>
Bitmap StatingAny(const WordTable<Bitmap>& table, const Words& words) {
  Bitmap rows;
  for (const auto word : words) {
    if (const Bitmap* stating = table.Find(word)) rows |= *stating;
  }
  return rows;
}

Bitmap Stating(const WordTable<Bitmap>& table, Word word) {
  const Bitmap* stating = table.Find(word);
  return stating == nullptr ? Bitmap() : *stating;
}

Bitmap NamedIn(const Search::NamedRows& named, std::uint32_t block) {
  const auto found = named.find(block);
  return found == named.end() ? Bitmap() : found->second;
}

}  // namespace

Search::Search(const Query& query, const SharedSymbols& symbols, NamedRows tried, NamedRows excluded)
    : query_(query),
      tried_(std::move(tried)),
      excluded_(std::move(excluded)),
      region_(symbols.Find(query.musts.location.region)),
      day_(ToDayNumber(query.day)),
      oldest_confirmation_(query.now - query.confirmation_limit_days * absl::Hours(24)) {
  for (const std::string& language : query.musts.languages) {
    if (const auto symbol = symbols.Find(language)) languages_.push_back(*symbol);
  }
  if (query.musts.max_fee) currency_ = symbols.Find(query.musts.max_fee->currency);
}

Bitmap Search::Failing(Rule rule, const Bitmap& rows, const Columns& columns, std::uint32_t block) {
  const Musts& musts = query_.musts;
  switch (rule) {
    case Rule::kLicence:
      return rows - Licensed(rows, columns);
    case Rule::kAlreadyTried:
      return rows & NamedIn(tried_, block);
    case Rule::kExcludedByClient:
      return rows & NamedIn(excluded_, block);
    case Rule::kConcernDeclined:
      return rows & StatingAny(columns.declined_concerns, query_.concerns);
    case Rule::kAgeGroup:
      return rows - Stating(columns.age_groups, musts.age_group);
    case Rule::kFormat:
      return rows - Stating(columns.formats, musts.format);
    case Rule::kLanguage:
      return musts.languages.empty() ? Bitmap() : rows - StatingAny(columns.languages, languages_);
    case Rule::kPayer:
      return musts.payers.empty() ? Bitmap() : rows - StatingAny(columns.payers, musts.payers);
    case Rule::kModality:
      return musts.modalities.empty() ? Bitmap() : rows - StatingAny(columns.modalities, musts.modalities);
    case Rule::kDistance:
      return musts.max_distance_km ? rows - Near(rows, columns) : Bitmap();
    case Rule::kHours:
      return musts.hours.any() ? rows - SharingAnHour(rows, columns) : Bitmap();
    case Rule::kFee:
      return musts.max_fee ? rows - Affordable(rows, columns) : Bitmap();
    case Rule::kRequiredTag: {
      Bitmap stating_all = rows;
      for (const Word tag : musts.required_tags) stating_all &= Stating(columns.tags, tag);
      return rows - stating_all;
    }
    case Rule::kExcludedTag:
      return rows & StatingAny(columns.tags, musts.excluded_tags);
    case Rule::kSeat: {
      const Bitmap later = rows & columns.seat_later;
      return (rows - columns.seat_always) -
             later.Where([&](std::uint32_t row) { return columns.seat_from[row] <= query_.now; });
    }
    case Rule::kConfirmed:
      return rows.Where(
          [&](std::uint32_t row) { return columns.last_confirmed[row] < oldest_confirmation_; });
  }
  return rows;
}

Bitmap Search::Licensed(const Bitmap& rows, const Columns& columns) const {
  Bitmap licensed;
  const std::vector<Right>* rights = region_ ? columns.rights.Find(*region_) : nullptr;
  if (rights == nullptr || rights->empty()) return licensed;
  const Bitmap remote = SharingRemoteModality(columns);
  for (const Right& right : *rights) {
    const bool in_time = (right.from <= day_) & (day_ <= right.until);
    licensed.Add(right.row, in_time & (!right.remote_only | remote.Test(right.row)));
  }
  return licensed & rows;
}

Bitmap Search::SharingRemoteModality(const Columns& columns) const {
  const WordSet& asked = query_.musts.modalities;
  Bitmap sharing;
  for (std::size_t modality = 0; modality < columns.modalities.limit(); ++modality) {
    const auto word = static_cast<Word>(modality);
    if (Contains(query_.in_person_modalities, word) || (!asked.empty() && !Contains(asked, word))) continue;
    sharing |= Stating(columns.modalities, word);
  }
  return sharing;
}

Bitmap Search::Near(const Bitmap& rows, const Columns& columns) const {
  const Bitmap remote = rows & SharingRemoteModality(columns);
  if (!query_.musts.location.coordinates) return remote;
  const Coordinates& from = *query_.musts.location.coordinates;
  const double limit_km = *query_.musts.max_distance_km;
  // No way is shorter than its part along the meridian: latitude alone rules most of the far away out. The
  // margin is far above rounding.
  constexpr double kKmPerDegree = kEarthRadiusKm * std::numbers::pi / 180;
  const double reach_degrees = limit_km / kKmPerDegree + 1e-6;
  const Bitmap near = ((rows & columns.located) - remote).Where([&](std::uint32_t row) {
    const Coordinates& there = columns.coordinates[row];
    if (std::abs(there.latitude - from.latitude) > reach_degrees) return false;
    return GreatCircleKm(from, there) <= limit_km;
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
  return (rows & *in_currency).Where([&](std::uint32_t row) { return columns.fees[row] <= limit; });
}

}  // namespace rapport::matcher
