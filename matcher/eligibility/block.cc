#include "matcher/eligibility/block.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <string>

namespace rapport::matcher {
namespace {

constexpr DayNumber kFirstDay = std::numeric_limits<DayNumber>::min();
constexpr DayNumber kLastDay = std::numeric_limits<DayNumber>::max();

void AssignWords(WordTable<Bitmap>& table, const WordSet& words, std::uint32_t row, bool value) {
  for (const Word word : words) table.At(word).Assign(row, value);
}

// When a seat is free.
struct SeatTimes {
  bool ever = false;
  absl::Time from;  // InfinitePast: always
};

SeatTimes FreeSeat(const Listing& listing) {
  const int seats = listing.therapist->seats;
  if (seats <= 0) return {};
  std::vector<absl::Time> expiries;
  int settled = 0;
  for (const Reservation& reservation : listing.reservations) {
    if (reservation.settled) {
      ++settled;
    } else {
      expiries.push_back(reservation.expires_at);
    }
  }
  if (settled >= seats) return {};
  const auto left = static_cast<std::size_t>(seats - settled);
  if (expiries.size() < left) return {true, absl::InfinitePast()};
  // All seats but those settled are held until the left-th last expiry.
  const auto last = expiries.begin() + static_cast<std::ptrdiff_t>(left - 1);
  std::nth_element(expiries.begin(), last, expiries.end(), std::greater<>());
  return {true, *last};
}

// Sets the bits by which `listing` is found in `row`, or clears them. `symbol` gives the symbol of a string.
template <typename SymbolOf>
void Mark(Columns& columns, std::uint32_t row, const Listing& listing, bool value, SymbolOf symbol) {
  const Therapist& therapist = *listing.therapist;
  columns.occupied.Assign(row, value);
  AssignWords(columns.declined_concerns, therapist.declined_concerns, row, value);
  AssignWords(columns.age_groups, therapist.age_groups, row, value);
  AssignWords(columns.formats, therapist.formats, row, value);
  AssignWords(columns.payers, therapist.payers, row, value);
  AssignWords(columns.modalities, therapist.modalities, row, value);
  AssignWords(columns.tags, therapist.tags, row, value);
  for (const std::string& language : therapist.languages)
    columns.languages.At(symbol(language)).Assign(row, value);
  columns.located.Assign(row, value && therapist.place && therapist.place->coordinates);
  if (therapist.fee) columns.currencies.At(symbol(therapist.fee->currency)).Assign(row, value);
  const SeatTimes seat = FreeSeat(listing);
  const bool always = seat.ever && seat.from == absl::InfinitePast();
  columns.seat_always.Assign(row, value && always);
  columns.seat_later.Assign(row, value && seat.ever && !always);
}

}  // namespace

DayNumber ToDayNumber(absl::CivilDay day) {
  const auto days = day - absl::CivilDay(1970, 1, 1);
  return static_cast<DayNumber>(std::clamp<std::int64_t>(days, kFirstDay, kLastDay));
}

void Block::Put(std::uint32_t row, std::shared_ptr<const Listing> listing, SharedSymbols& symbols) {
  if (columns_.occupied.Test(row)) Remove(row, symbols);
  const Therapist& therapist = *listing->therapist;
  if (row == columns_.listings.size()) {
    columns_.listings.emplace_back();
    columns_.coordinates.emplace_back();
    columns_.hours.emplace_back();
    columns_.fees.emplace_back();
    columns_.seat_from.emplace_back();
    columns_.last_confirmed.emplace_back();
  }
  Mark(columns_, row, *listing, true, [&](const std::string& text) { return symbols.Intern(text); });
  for (const Credential& credential : therapist.credentials) {
    if (!credential.active) continue;
    columns_.rights.At(symbols.Intern(credential.region))
        .push_back({credential.valid_from ? ToDayNumber(*credential.valid_from) : kFirstDay,
                    credential.valid_until ? ToDayNumber(*credential.valid_until) : kLastDay,
                    static_cast<std::uint16_t>(row),
                    credential.kind == CredentialKind::kTelehealthRegistration});
  }
  if (therapist.time_zone) {
    auto zone = std::find_if(columns_.zones.begin(), columns_.zones.end(),
                             [&](const auto& known) { return known.first == *therapist.time_zone; });
    if (zone == columns_.zones.end()) zone = columns_.zones.insert(zone, {*therapist.time_zone, Bitmap()});
    zone->second.Assign(row, true);
  }
  if (therapist.place && therapist.place->coordinates)
    columns_.coordinates[row] = *therapist.place->coordinates;
  columns_.hours[row] = therapist.hours;
  columns_.fees[row] = therapist.fee ? therapist.fee->minor_units : 0;
  columns_.seat_from[row] = FreeSeat(*listing).from;
  columns_.last_confirmed[row] = listing->last_confirmed;
  columns_.listings[row] = std::move(listing);
}

void Block::Remove(std::uint32_t row, const SharedSymbols& symbols) {
  const std::shared_ptr<const Listing> listing = std::move(columns_.listings[row]);
  columns_.listings[row] = nullptr;
  Mark(columns_, row, *listing, false, [&](const std::string& text) { return *symbols.Find(text); });
  for (const Credential& credential : listing->therapist->credentials) {
    if (!credential.active) continue;
    std::erase_if(columns_.rights.At(*symbols.Find(credential.region)),
                  [row](const Right& right) { return right.row == row; });
  }
  for (auto& [zone, rows] : columns_.zones) rows.Assign(row, false);
  std::erase_if(columns_.zones, [](const auto& zone) { return !zone.second.Any(); });
}

}  // namespace rapport::matcher
