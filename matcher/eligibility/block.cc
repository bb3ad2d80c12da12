#include "matcher/eligibility/block.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "matcher/domain/language.h"
#include "matcher/eligibility/lanes.h"

namespace rapport::matcher {
namespace {

// No therapist's chances of access are this small; below it a line is left out rather than bounded.
constexpr double kLeastLogAccess = -60;

// Sets `row` for the words of `after` in place of those of `before`, where they differ at all.
template <typename Words, typename WordOf>
void ChangeWords(WordTable<Bitmap>& table, std::uint32_t row, const Words* before, const Words* after,
                 WordOf word_of) {
  if (before != nullptr && after != nullptr && *before == *after) return;
  if (before != nullptr) {
    for (const auto& word : *before) table.At(word_of(word)).Assign(row, false);
  }
  if (after != nullptr) {
    for (const auto& word : *after) table.At(word_of(word)).Assign(row, true);
  }
}

// The keys that a therapist's languages are filed under beside themselves.
std::vector<std::string> MoreLanguageKeys(const Therapist* therapist) {
  std::vector<std::string> keys;
  if (therapist == nullptr) return keys;
  for (const std::string& language : therapist->languages) {
    if (!absl::StrContains(language, '-')) continue;
    ForEachSpokenKey(language, [&](std::string key) {
      if (key != language) keys.push_back(std::move(key));
    });
  }
  return keys;
}

// When a seat is free.
struct SeatTimes {
  bool ever = false;
  absl::Time from;  // InfinitePast: always
};

SeatTimes FreeSeat(const Listing& listing) {
  const int seats = listing.therapist->seats;
  if (seats <= 0) return {};
  if (listing.reservations.empty()) return {true, absl::InfinitePast()};
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

bool SameRights(const std::vector<Credential>& a, const std::vector<Credential>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Credential& left, const Credential& right) {
                      return left.active == right.active && left.kind == right.kind &&
                             left.valid_from == right.valid_from && left.valid_until == right.valid_until &&
                             left.region == right.region;
                    });
}

// The regions of active credentials, each once.
template <typename Visit>
void ForEachRegion(const Therapist& therapist, Visit visit) {
  const auto& credentials = therapist.credentials;
  for (auto each = credentials.begin(); each != credentials.end(); ++each) {
    const auto same = [&](const Credential& other) { return other.active && other.region == each->region; };
    if (each->active && std::find_if(credentials.begin(), each, same) == each) visit(each->region);
  }
}

absl::InlinedVector<Right, 4> RightsIn(const Therapist& therapist, const std::string& region) {
  absl::InlinedVector<Right, 4> rights;
  for (const Credential& credential : therapist.credentials) {
    if (!credential.active || credential.region != region) continue;
    Right right;
    if (credential.valid_from) right.from = ToDayNumber(*credential.valid_from);
    if (credential.valid_until) right.until = ToDayNumber(*credential.valid_until);
    right.remote_only = credential.kind == CredentialKind::kTelehealthRegistration;
    rights.push_back(right);
  }
  return rights;
}

std::uint16_t Half(double value) {
  return static_cast<std::uint16_t>(static_cast<std::int16_t>(std::lround(value * kLineScale)));
}

// Above the value by a little, so that no rounding brings it below.
std::int16_t MarkOf(double log_access) {
  const double mark = std::ceil(log_access * kMarkScale + .01);
  if (!(mark < kHighestMark)) return kHighestMark;
  return mark < kLowestMark ? kLowestMark : static_cast<std::int16_t>(mark);
}

template <typename T>
std::size_t Bytes(const std::vector<T>& values) {
  return values.capacity() * sizeof(T);
}

}  // namespace

void Block::Grow() {
  const std::size_t rows = columns_.listings.size() + kColumnStep;
  columns_.listings.Grow();
  columns_.points.Resize(rows);
  columns_.hours.Resize(rows);
  columns_.fees.Resize(rows);
  columns_.marks.Resize(rows);
  std::fill_n(columns_.marks.Own() + rows - kColumnStep, kColumnStep, kLowestMark);
  const std::size_t part = (rows - 1) / Columns::kLineRows;
  columns_.lines[part].Resize((rows - part * Columns::kLineRows) * columns_.shape.units());
}

void Block::Reserve(std::size_t rows) {
  columns_.by_confirmation.Reserve(rows);
  rows = (rows + kColumnStep - 1) / kColumnStep * kColumnStep;
  columns_.points.Reserve(rows);
  columns_.hours.Reserve(rows);
  columns_.fees.Reserve(rows);
  columns_.marks.Reserve(rows);
  for (std::size_t part = 0, left = rows; left > 0; ++part) {
    const std::size_t in_part = std::min<std::size_t>(left, Columns::kLineRows);
    columns_.lines[part].Reserve(in_part * columns_.shape.units());
    left -= in_part;
  }
}

void Block::ChangeConfirmation(std::uint32_t row, const Listing* before, const Listing* after, Order order) {
  const auto second_of = [](const Listing* listing) {
    return listing == nullptr ? std::nullopt : std::optional<Seconds>(ToSeconds(listing->last_confirmed));
  };
  const std::optional<Seconds> was = second_of(before), is = second_of(after);
  if (was == is) return;
  columns_.by_confirmation.Edit([&](std::vector<ConfirmedRow>& in_order) {
    if (was) std::erase_if(in_order, [row](const ConfirmedRow& each) { return each.row == row; });
    if (!is) return;
    const ConfirmedRow confirmed{*is, static_cast<std::uint16_t>(row)};
    if (in_order.empty()) columns_.mark_reference = confirmed.second;
    in_order.insert(order == Order::kLater ? in_order.end()
                                           : std::upper_bound(in_order.begin(), in_order.end(), confirmed),
                    confirmed);
  });
}

void ForEachText(const Therapist& therapist, absl::FunctionRef<void(const std::string&)> visit) {
  ForEachRegion(therapist, visit);
  for (const std::string& language : therapist.languages) visit(language);
  for (const std::string& key : MoreLanguageKeys(&therapist)) visit(key);
  if (therapist.fee) visit(therapist.fee->currency);
}

void Block::Change(std::uint32_t row, const Listing* before, const Listing* after, Order order,
                   SharedSymbols& symbols) {
  const Therapist* was = before == nullptr ? nullptr : before->therapist.get();
  const Therapist* is = after == nullptr ? nullptr : after->therapist.get();
  const auto change = [&](WordTable<Bitmap>& table, WordSet Therapist::*words) {
    ChangeWords(table, row, was == nullptr ? nullptr : &(was->*words),
                is == nullptr ? nullptr : &(is->*words), [](Word word) { return word; });
  };
  const auto symbol = [&](const std::string& text) { return symbols.Intern(text); };
  columns_.occupied.Assign(row, is != nullptr);
  change(columns_.declined_concerns, &Therapist::declined_concerns);
  change(columns_.age_groups, &Therapist::age_groups);
  change(columns_.formats, &Therapist::formats);
  change(columns_.payers, &Therapist::payers);
  change(columns_.modalities, &Therapist::modalities);
  change(columns_.tags, &Therapist::tags);
  change(columns_.approaches, &Therapist::approaches);
  change(columns_.concerns, &Therapist::concerns);
  ChangeWords(columns_.languages, row, was == nullptr ? nullptr : &was->languages,
              is == nullptr ? nullptr : &is->languages, symbol);
  const std::vector<std::string> more_before = MoreLanguageKeys(was), more_after = MoreLanguageKeys(is);
  ChangeWords(columns_.languages, row, &more_before, &more_after, symbol);

  if (was == nullptr || is == nullptr || !SameRights(was->credentials, is->credentials)) {
    if (was != nullptr) {
      ForEachRegion(*was, [&](const std::string& region) { columns_.rights.At(symbol(region)).Remove(row); });
    }
    if (is != nullptr) {
      ForEachRegion(*is, [&](const std::string& region) {
        RegionRights& rights = columns_.rights.At(symbol(region));
        if (order == Order::kLater) {
          rights.Append(row, RightsIn(*is, region));
        } else {
          rights.Add(row, RightsIn(*is, region));
        }
      });
    }
  }

  const auto zone_of = [](const Therapist* therapist) {
    return therapist == nullptr ? std::nullopt : therapist->time_zone;
  };
  if (zone_of(was) != zone_of(is)) {
    for (auto& [zone, rows] : columns_.zones) rows.Assign(row, false);
    if (const auto known = zone_of(is)) {
      auto zone = std::find_if(columns_.zones.begin(), columns_.zones.end(),
                               [&](const auto& each) { return each.first == *known; });
      if (zone == columns_.zones.end()) zone = columns_.zones.insert(zone, {*known, Bitmap()});
      zone->second.Assign(row, true);
    }
    std::erase_if(columns_.zones, [](const auto& zone) { return !zone.second.Any(); });
  }
  if (is != nullptr && columns_.hours[row] != is->hours) columns_.hours.Set(row, is->hours);

  columns_.placed.Assign(row, is != nullptr && is->place.has_value());
  const bool located = is != nullptr && is->place && is->place->coordinates;
  columns_.located.Assign(row, located);
  if (located) {
    const SpherePoint point = PointOf(*is->place->coordinates);
    const SpherePoint& there = columns_.points[row];
    if (there.x != point.x || there.y != point.y || there.z != point.z) columns_.points.Set(row, point);
  }

  const auto currency_of = [](const Therapist* therapist) {
    return therapist == nullptr || !therapist->fee ? absl::string_view() : therapist->fee->currency;
  };
  if (currency_of(was) != currency_of(is)) {
    if (was != nullptr && was->fee) columns_.currencies.At(symbol(was->fee->currency)).Assign(row, false);
    if (is != nullptr && is->fee) columns_.currencies.At(symbol(is->fee->currency)).Assign(row, true);
  }
  if (is != nullptr) {
    using Fee = std::numeric_limits<std::int32_t>;
    const std::int64_t fee = is->fee ? is->fee->minor_units : 0;
    const auto kept = static_cast<std::int32_t>(std::clamp<std::int64_t>(fee, Fee::min(), Fee::max()));
    if (columns_.fees[row] != kept) columns_.fees.Set(row, kept);
  }

  const auto of_row = [row](const auto& each) { return each.row == row; };
  if (columns_.seat_later.Test(row)) std::erase_if(columns_.seat_from, of_row);
  const SeatTimes seat = after == nullptr ? SeatTimes() : FreeSeat(*after);
  const bool always = seat.ever && seat.from == absl::InfinitePast();
  columns_.seat_always.Assign(row, always);
  columns_.seat_later.Assign(row, seat.ever && !always);
  if (seat.ever && !always) columns_.seat_from.push_back({seat.from, static_cast<std::uint16_t>(row)});

  ChangeConfirmation(row, before, after, order);
}

void Block::Put(std::uint32_t row, std::shared_ptr<const Listing> listing, const Standing& standing,
                SharedSymbols& symbols) {
  if (row == columns_.listings.size()) Grow();
  const std::shared_ptr<const Listing> before = columns_.listings[row];
  Change(row, before.get(), listing.get(), Order::kKept, symbols);
  columns_.listings.Set(row, std::move(listing));
  WriteLine(row, standing);
}

void Block::Append(std::uint32_t row, std::shared_ptr<const Listing> listing, const Standing& standing,
                   SharedSymbols& symbols) {
  if (row == columns_.listings.size()) Grow();
  Change(row, nullptr, listing.get(), Order::kLater, symbols);
  columns_.listings.Set(row, std::move(listing));
  WriteLine(row, standing);
}

void Block::Restate(std::uint32_t row, const Standing& standing) {
  WriteLine(row, standing);
}

void Block::NoteBestMark(std::uint32_t row) {
  const std::int16_t* const of_word = columns_.marks.data() + row / 64 * 64;
  columns_.best_marks[row / 64] = *std::max_element(of_word, of_word + 64);
}

void Block::WriteLine(std::uint32_t row, const Standing& standing) {
  const Therapist& therapist = *columns_.listings[row]->therapist;
  const Seconds confirmed = ToSeconds(columns_.listings[row]->last_confirmed);
  bool fits = standing.log_access >= kLeastLogAccess && standing.log_access <= 0 &&
              confirmed > kFirstSecond && confirmed < kLastSecond;
  const std::size_t units = columns_.shape.units();
  LineUnit* const first = columns_.lines[row / Columns::kLineRows].Own() + row % Columns::kLineRows * units;
  std::fill(first, first + units, LineUnit());
  const auto word = [first](std::size_t number) -> std::int32_t& {
    return first[number / 8].words[number % 8];
  };
  word(LineShape::kConfirmed) = confirmed;
  word(LineShape::kAccess) = std::bit_cast<std::int32_t>(static_cast<float>(standing.log_access));
  const double age_at_reference = static_cast<double>(columns_.mark_reference) - confirmed;
  columns_.marks.Set(row, MarkOf(standing.log_access - columns_.shape.fading * age_at_reference));
  NoteBestMark(row);
  const auto write = [&](int place, double value) {
    if (!(std::abs(value) <= kLineLimit)) {
      fits = false;
      return;
    }
    std::int32_t& pair = word(LineShape::kPairs + static_cast<std::size_t>(place) / 2);
    const std::uint16_t half = Half(value);
    LineRange& range = columns_.ranges[static_cast<std::size_t>(place)];
    range.low = std::min(range.low, static_cast<std::int16_t>(half));
    range.high = std::max(range.high, static_cast<std::int16_t>(half));
    pair = static_cast<std::int32_t>(static_cast<std::uint32_t>(pair) |
                                     (place % 2 == 0 ? std::uint32_t{half} : std::uint32_t{half} << 16));
  };
  write(LineShape::kMean, standing.mean);
  write(LineShape::kVariance, standing.variance);
  for (int d = 0; d < columns_.shape.styles; ++d) {
    const auto dimension = static_cast<std::size_t>(d);
    const double style =
        dimension < therapist.style.size() ? therapist.style[dimension].value_or(0) : std::nan("");
    write(columns_.shape.style(d), style);
  }
  for (int f = 0; f < columns_.shape.facets; ++f)
    write(columns_.shape.felt(f), standing.felt.empty() ? 0 : standing.felt[static_cast<std::size_t>(f)]);

  const auto number = static_cast<std::uint16_t>(row);
  if (columns_.recorded.Test(row)) {
    columns_.records.ForEachToWrite([number](std::vector<RowRecord>& records) {
      std::erase_if(records, [number](const RowRecord& record) { return record.row == number; });
    });
  }
  for (const RecordStanding& record : standing.records) {
    columns_.best_record = std::max(columns_.best_record, static_cast<float>(record.mean));
    columns_.least_along = std::min(columns_.least_along, static_cast<float>(record.along));
    fits = fits && std::abs(record.mean) <= kLineLimit && std::abs(record.variance) <= kLineLimit &&
           std::abs(record.along) <= kMostAlong;
    columns_.records.At(record.concern)
        .push_back({static_cast<float>(record.mean), static_cast<float>(record.along),
                    static_cast<float>(record.variance), number});
  }
  columns_.recorded.Assign(row, !standing.records.empty());
  columns_.unlined_rows += !fits;
  columns_.unlined_rows -= columns_.unlined.Test(row);
  columns_.unlined.Assign(row, !fits);
}

void Block::Remove(std::uint32_t row, SharedSymbols& symbols) {
  const std::shared_ptr<const Listing> before = columns_.listings[row];
  Change(row, before.get(), nullptr, Order::kKept, symbols);
  columns_.listings.Set(row, nullptr);
  columns_.marks.Set(row, kLowestMark);
  NoteBestMark(row);
}

void Block::Settle() {
  columns_.by_confirmation.Edit(
      [](std::vector<ConfirmedRow>& in_order) { std::sort(in_order.begin(), in_order.end()); });
  columns_.rights.ShrinkToFit();
  columns_.rights.ForEachToWrite([](RegionRights& rights) { rights.Settle(); });
  for (WordTable<Bitmap>* table :
       {&columns_.declined_concerns, &columns_.age_groups, &columns_.formats, &columns_.languages,
        &columns_.payers, &columns_.modalities, &columns_.tags, &columns_.currencies, &columns_.approaches,
        &columns_.concerns}) {
    table->ShrinkToFit();
  }
  columns_.records.ShrinkToFit();
  columns_.records.ForEachToWrite([](std::vector<RowRecord>& records) { records.shrink_to_fit(); });
  columns_.points.ShrinkToFit();
  columns_.hours.ShrinkToFit();
  columns_.fees.ShrinkToFit();
  columns_.seat_from.shrink_to_fit();
  columns_.by_confirmation.ShrinkToFit();
  for (Column<LineUnit>& part : columns_.lines) part.ShrinkToFit();
  columns_.marks.ShrinkToFit();
}

std::size_t Block::MemoryBytes() const {
  std::size_t bytes = sizeof(Block) + columns_.listings.MemoryBytes() + columns_.points.MemoryBytes() +
                      Bytes(columns_.zones) + columns_.hours.MemoryBytes() + columns_.fees.MemoryBytes() +
                      Bytes(columns_.seat_from) + columns_.by_confirmation.MemoryBytes() +
                      columns_.marks.MemoryBytes();
  for (const Column<LineUnit>& part : columns_.lines) bytes += part.MemoryBytes();
  for (const WordTable<Bitmap>* table :
       {&columns_.declined_concerns, &columns_.age_groups, &columns_.formats, &columns_.languages,
        &columns_.payers, &columns_.modalities, &columns_.tags, &columns_.currencies, &columns_.approaches,
        &columns_.concerns}) {
    bytes += table->MemoryBytes();
  }
  bytes += columns_.rights.MemoryBytes() + columns_.records.MemoryBytes();
  columns_.rights.ForEach([&](const RegionRights& rights) { bytes += rights.MemoryBytes(); });
  columns_.records.ForEach([&](const std::vector<RowRecord>& records) { bytes += Bytes(records); });
  return bytes;
}

}  // namespace rapport::matcher
