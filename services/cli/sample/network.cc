// How a profile is thrown. Part by part, each drawing from the same stream, so the order of the parts is part
// of the sample: a new part goes to the end.
#include "services/cli/sample/network.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/cli/sample/dice.h"
#include "services/cli/sample/words.h"

namespace rapport::cli {
namespace {

using sample::Chance;
using sample::Licence;
using sample::School;
using sample::Town;
using therapist::v1::Therapist;

struct Region {
  int weight;
  const char* code;
  const char* time_zone;
  const char* currency;
  absl::Span<const Town> towns;
  absl::Span<const Chance> payers;
  absl::Span<const Licence> licences;
  const char* neighbour;  // where a second licence is most useful
  bool in_compact;        // issues privileges to psychologists
};

absl::Span<const Region> Regions() {
  static constexpr const char* kEast = "America/New_York";
  static const Region kRegions[] = {
      {50, "US-MA", kEast, "USD", sample::kMassachusetts, sample::kUsPayers, sample::kUsLicences, "US-RI",
       false},
      {20, "US-NY", kEast, "USD", sample::kNewYork, sample::kUsPayers, sample::kUsLicences, "US-CT", false},
      {12, "US-CT", kEast, "USD", sample::kConnecticut, sample::kUsPayers, sample::kUsLicences, "US-MA",
       true},
      {10, "US-RI", kEast, "USD", sample::kRhodeIsland, sample::kUsPayers, sample::kUsLicences, "US-MA",
       true},
      {8, "CA-NL", "America/St_Johns", "CAD", sample::kNewfoundland, sample::kCanadianPayers,
       sample::kCanadianLicences, nullptr, false}};
  return kRegions;
}

std::string Day(absl::CivilDay day) {
  return absl::FormatCivilTime(day);
}

template <typename Add>
void AddByChance(Dice& dice, absl::Span<const Chance> chances, Add add) {
  for (const Chance& chance : chances) {
    if (dice.Percent(chance.weight)) add(chance.id);
  }
}

// Some have lapsed, some are suspended: the directory of a real network is never clean.
void AddCredentials(Dice& dice, const Region& region, const Licence& licence, absl::CivilDay today,
                    Therapist& t) {
  auto add = [&](const char* where, therapist::v1::CredentialKind kind) -> therapist::v1::Credential& {
    auto& credential = *t.add_credentials();
    credential.set_region(where);
    credential.set_kind(kind);
    credential.set_status(therapist::v1::CREDENTIAL_STATUS_ACTIVE);
    credential.set_valid_from(Day(today - dice.Between(200, 5000)));
    credential.set_valid_until(Day(today + dice.Between(60, 700)));
    credential.set_code(absl::StrFormat("INV-%06d", dice.Between(0, 999'999)));
    credential.set_evidence_date(Day(today - dice.Between(1, 150)));
    return credential;
  };
  auto& first = add(region.code, therapist::v1::CREDENTIAL_KIND_LICENCE);
  if (dice.Percent(5)) {
    first.set_valid_until(Day(today - dice.Between(1, 150)));
  } else if (dice.Percent(2)) {
    first.set_status(therapist::v1::CREDENTIAL_STATUS_INACTIVE);
  }
  if (region.neighbour == nullptr) return;
  if (dice.Percent(22)) add(region.neighbour, therapist::v1::CREDENTIAL_KIND_LICENCE);
  if (licence.psychologist && region.in_compact && dice.Percent(60)) {
    const bool is_connecticut = absl::string_view(region.code) == "US-CT";
    add(is_connecticut ? "US-RI" : "US-CT", therapist::v1::CREDENTIAL_KIND_COMPACT_PRIVILEGE);
  }
}

void AddHours(Dice& dice, Therapist& t) {
  struct Block {
    int start;
    int end;
    int percent;
  };
  constexpr Block kBlocks[] = {{9, 12, 35}, {13, 17, 40}, {17, 20, 30}};
  auto add = [&](int day, int start, int end) {
    auto& range = *t.add_hours();
    range.set_day(static_cast<therapist::v1::Weekday>(day));
    range.set_start_hour(start);
    range.set_end_hour(end);
  };
  for (int day = therapist::v1::WEEKDAY_MONDAY; day <= therapist::v1::WEEKDAY_FRIDAY; ++day) {
    for (const Block& block : kBlocks) {
      if (dice.Percent(block.percent)) add(day, block.start, block.end);
    }
  }
  if (dice.Percent(14)) add(therapist::v1::WEEKDAY_SATURDAY, 9, 13);
  if (t.hours_size() == 0) add(therapist::v1::WEEKDAY_TUESDAY, 10, 15);
}

void AddSchool(Dice& dice, const School& school, Therapist& t) {
  for (const char* approach : school.approaches) {
    if (dice.Percent(55)) t.add_approaches(approach);
  }
  if (t.approaches_size() == 0) t.add_approaches(school.approaches[0]);
  for (const char* concern : school.concerns) {
    if (dice.Percent(75)) t.add_concerns(concern);
  }
  auto treats = [&](absl::string_view concern) {
    return std::find(t.concerns().begin(), t.concerns().end(), concern) != t.concerns().end();
  };
  for (const char* concern :
       {"anxiety", "depression", "stress", "relationship", "grief", "life_transition"}) {
    if (!treats(concern) && dice.Percent(40)) t.add_concerns(concern);
  }
  for (const char* concern : sample::kOftenDeclined) {
    if (!treats(concern) && dice.Percent(18)) t.add_declined_concerns(concern);
  }
  auto rate = [&](const char* dimension, int centre) {
    const int tenths = std::clamp(centre + dice.Between(-3, 3) + dice.Between(-2, 2), -10, 10);
    auto& rating = *t.add_style();
    rating.set_dimension(dimension);
    rating.set_value(tenths / 10.0);
  };
  rate("directiveness", school.directiveness);
  rate("emotional_intensity", school.emotional_intensity);
  rate("past_focus", school.past_focus);
  rate("warm_support", school.warm_support);
}

void AddSeats(Dice& dice, absl::CivilDay today, Therapist& t) {
  struct Seats {
    int weight;
    int seats;
  };
  constexpr Seats kSeats[] = {{20, 0}, {22, 1}, {22, 2}, {15, 3}, {9, 4}, {7, 6}, {5, 10}};
  t.set_seats(dice.PickWeighted(absl::MakeConstSpan(kSeats)).seats);
  t.set_wait_weeks(std::min(dice.Between(0, 14), dice.Between(0, 14)));
  const int age_days =
      dice.Percent(10) ? dice.Between(91, 250) : std::min(dice.Between(0, 85), dice.Between(0, 85));
  const absl::Time confirmed = absl::FromCivil(today - age_days, absl::UTCTimeZone());
  t.mutable_last_confirmed()->set_seconds(absl::ToUnixSeconds(confirmed));
}

}  // namespace

Therapist SampleTherapist(uint64_t seed, int index, absl::CivilDay today) {
  Dice dice(seed, static_cast<uint64_t>(index));
  const Region& region = dice.PickWeighted(Regions());
  const Licence& licence = dice.PickWeighted(region.licences);
  const School& school = dice.PickWeighted(absl::MakeConstSpan(sample::kSchools));
  const Town& town = dice.Pick(region.towns);

  Therapist t;
  t.set_therapist_id(absl::StrFormat("t-%04d", index));
  t.set_display_name(absl::StrCat(dice.Pick(absl::MakeConstSpan(sample::kFirstNames)), " ",
                                  dice.Pick(absl::MakeConstSpan(sample::kLastNames))));
  t.set_title(licence.title);
  t.set_invented(true);
  AddCredentials(dice, region, licence, today, t);
  AddByChance(dice, region.payers, [&](const char* id) { t.add_payers(id); });
  if (t.payers().empty()) t.add_payers("self_pay");
  t.add_languages("en");
  AddByChance(dice, sample::kLanguages, [&](const char* id) { t.add_languages(id); });
  AddByChance(dice, sample::kAgeGroups, [&](const char* id) { t.add_age_groups(id); });
  if (t.age_groups().empty()) t.add_age_groups("adult");
  AddByChance(dice, sample::kFormats, [&](const char* id) { t.add_formats(id); });
  if (t.formats().empty()) t.add_formats("individual");
  AddByChance(dice, sample::kModalities, [&](const char* id) { t.add_modalities(id); });
  if (t.modalities().empty()) t.add_modalities("video");
  t.mutable_place()->set_region(region.code);
  t.mutable_place()->set_city(town.name);
  t.mutable_place()->set_latitude((town.latitude + dice.Between(-150, 150)) / 10'000.0);
  t.mutable_place()->set_longitude((town.longitude + dice.Between(-200, 200)) / 10'000.0);
  AddHours(dice, t);
  t.set_time_zone(region.time_zone);
  if (dice.Percent(92)) {
    t.mutable_fee()->set_currency(region.currency);
    t.mutable_fee()->set_minor_units(dice.Between(9, 26) * 1000);
  }
  AddSeats(dice, today, t);
  AddSchool(dice, school, t);
  const char* gender = dice.PickWeighted(absl::MakeConstSpan(sample::kGenders)).id;
  if (*gender != '\0') t.add_tags(gender);
  AddByChance(dice, sample::kTags, [&](const char* id) { t.add_tags(id); });
  return t;
}

}  // namespace rapport::cli
