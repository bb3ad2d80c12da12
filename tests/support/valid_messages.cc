// See valid_messages.h.
#include "tests/support/valid_messages.h"

#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace rapport::testing {
namespace {

using google::protobuf::RepeatedPtrField;

// Draws in plain arithmetic: a standard distribution differs from one library to the next.
class Dice {
 public:
  explicit Dice(std::mt19937_64& random) : random_(random) {}

  int Below(int limit) { return static_cast<int>(random_() % static_cast<std::uint64_t>(limit)); }
  bool Chance(int percent) { return Below(100) < percent; }
  // In steps of a tenth.
  double Between(int low, int high) { return low + Below(10 * (high - low) + 1) / 10.0; }
  // Each of `words` with this chance.
  void Some(std::initializer_list<const char*> words, int percent, RepeatedPtrField<std::string>* list) {
    list->Clear();
    for (const char* word : words) {
      if (Chance(percent)) list->Add(word);
    }
  }
  const char* One(std::initializer_list<const char*> words) {
    return words.begin()[Below(static_cast<int>(words.size()))];
  }

 private:
  std::mt19937_64& random_;
};

constexpr std::initializer_list<const char*> kStyles = {"directiveness", "emotional_intensity", "past_focus",
                                                        "warm_support"};
constexpr std::initializer_list<const char*> kConcerns = {"grief", "anxiety", "trauma",
                                                          "adhd",  "sleep",   "stuck"};
constexpr std::initializer_list<const char*> kApproaches = {"cbt", "act", "emdr", "ifs"};
constexpr std::initializer_list<const char*> kTags = {"woman", "black", "lgbtq_affirming", "veteran",
                                                      "secular"};
constexpr std::initializer_list<const char*> kPayers = {"medicare", "aetna", "cigna", "self_pay"};
constexpr std::initializer_list<const char*> kLanguages = {"en", "es", "ase"};
constexpr std::initializer_list<const char*> kModalities = {"in_person", "video", "phone"};

void RandomHours(Dice& dice, RepeatedPtrField<therapist::v1::HourRange>* hours) {
  hours->Clear();
  for (int day = therapist::v1::WEEKDAY_MONDAY; day <= therapist::v1::WEEKDAY_FRIDAY; ++day) {
    if (!dice.Chance(60)) continue;
    therapist::v1::HourRange& range = *hours->Add();
    range.set_day(static_cast<therapist::v1::Weekday>(day));
    range.set_start_hour(7 + dice.Below(10));
    range.set_end_hour(range.start_hour() + 1 + dice.Below(4));
  }
}

void RandomPlace(Dice& dice, therapist::v1::Place* place) {
  place->set_latitude(42 + dice.Between(0, 1));
  place->set_longitude(-71 + dice.Between(0, 1));
}

}  // namespace

absl::Time MessagesNow() {
  return absl::FromCivil(absl::CivilHour(2026, 11, 22, 12), absl::UTCTimeZone());
}

therapist::v1::Therapist ValidTherapist(const std::string& therapist_id) {
  auto therapist = FromText<therapist::v1::Therapist>(R"pb(
    display_name: "Dr. Noa Ánchez"
    title: "LICSW"
    invented: true
    credentials {
      region: "US-MA"
      kind: CREDENTIAL_KIND_LICENCE
      status: CREDENTIAL_STATUS_ACTIVE
      valid_from: "2020-01-01"
      valid_until: "2030-12-31"
      code: "1041C0700X"
      evidence_date: "2026-02-01"
    }
    payers: "medicare"
    languages: "en"
    age_groups: "adult"
    formats: "individual"
    modalities: "in_person"
    modalities: "video"
    place { region: "US-MA" city: "Salem" latitude: 42.5 longitude: -70.9 }
    hours { day: WEEKDAY_MONDAY start_hour: 9 end_hour: 12 }
    time_zone: "America/New_York"
    fee { currency: "USD" minor_units: 15000 }
    seats: 3
    wait_weeks: 1.5
    concerns: "grief"
    declined_concerns: "psychosis"
    approaches: "act"
    tags: "woman"
    style { dimension: "directiveness" value: -0.5 }
  )pb");
  therapist.set_therapist_id(therapist_id);
  therapist.mutable_last_confirmed()->set_seconds(absl::ToUnixSeconds(MessagesNow() - absl::Hours(24)));
  return therapist;
}

matcher::v1::Needs ValidNeeds() {
  return FromText<matcher::v1::Needs>(R"pb(
    location { region: "US-MA" city: "Lynn" latitude: 42.5 longitude: -71 }
    payers: "medicare"
    languages: "en"
    age_group: "adult"
    format: "individual"
    modalities: "video"
    max_distance_km: 20
    hours { day: WEEKDAY_MONDAY start_hour: 8 end_hour: 10 }
    time_zone: "America/New_York"
    max_fee { currency: "USD" minor_units: 20000 }
    concerns: "grief"
    required_tags: "woman"
    excluded_tags: "man"
    excluded_therapist_ids: "somebody-else"
    starts_on: "2026-12-01"
    risk {
      level: RISK_LEVEL_NONE
      screenings { instrument: "phq9" scale: "item9" score: 0 }
    }
    wishes {
      style { dimension: "directiveness" value: -1 }
      strength: 1
    }
    wishes { facet: "heard" strength: 0.5 }
  )pb");
}

therapist::v1::Therapist RandomTherapist(const std::string& therapist_id, std::mt19937_64& random) {
  Dice dice(random);
  therapist::v1::Therapist therapist = ValidTherapist(therapist_id);
  therapist.set_display_name(absl::StrCat("Invented ", therapist_id));
  therapist.mutable_credentials(0)->set_region(dice.One({"US-MA", "US-MA", "US-NY"}));
  if (dice.Chance(20)) therapist.mutable_credentials(0)->set_valid_until("2026-11-30");
  dice.Some(kPayers, 60, therapist.mutable_payers());
  dice.Some(kLanguages, 60, therapist.mutable_languages());
  dice.Some({"teen", "adult", "older_adult"}, 75, therapist.mutable_age_groups());
  dice.Some({"individual", "couple"}, 80, therapist.mutable_formats());
  dice.Some(kModalities, 60, therapist.mutable_modalities());
  RandomPlace(dice, therapist.mutable_place());
  RandomHours(dice, therapist.mutable_hours());
  if (dice.Chance(30)) therapist.clear_fee();
  if (therapist.has_fee()) therapist.mutable_fee()->set_minor_units(10'000 + 1'000 * dice.Below(10));
  therapist.set_seats(dice.Below(4));
  therapist.set_wait_weeks(dice.Between(0, 8));
  therapist.mutable_last_confirmed()->set_seconds(
      absl::ToUnixSeconds(MessagesNow() - absl::Hours(24 * dice.Below(100))));
  dice.Some(kConcerns, 50, therapist.mutable_concerns());
  dice.Some({"psychosis", "eating"}, 20, therapist.mutable_declined_concerns());
  dice.Some(kApproaches, 50, therapist.mutable_approaches());
  dice.Some(kTags, 50, therapist.mutable_tags());
  therapist.clear_style();
  for (const char* style : kStyles) {
    if (!dice.Chance(70)) continue;
    therapist::v1::StyleRating& rating = *therapist.add_style();
    rating.set_dimension(style);
    rating.set_value(dice.Between(-1, 1));
  }
  return therapist;
}

matcher::v1::Needs RandomNeeds(std::mt19937_64& random) {
  Dice dice(random);
  matcher::v1::Needs needs = ValidNeeds();
  RandomPlace(dice, needs.mutable_location());
  dice.Some(kPayers, 25, needs.mutable_payers());
  dice.Some(kLanguages, 30, needs.mutable_languages());
  needs.set_age_group(dice.One({"adult", "adult", "teen"}));
  needs.set_format(dice.One({"individual", "individual", "couple"}));
  dice.Some(kModalities, 40, needs.mutable_modalities());
  needs.set_max_distance_km(10 + dice.Below(60));
  if (dice.Chance(60)) needs.clear_hours();
  if (needs.hours_size() > 0) RandomHours(dice, needs.mutable_hours());
  if (dice.Chance(50)) needs.clear_max_fee();
  if (needs.has_max_fee()) needs.mutable_max_fee()->set_minor_units(12'000 + 1'000 * dice.Below(8));
  dice.Some(kConcerns, 30, needs.mutable_concerns());
  dice.Some(kTags, 10, needs.mutable_required_tags());
  dice.Some({"man", "veteran"}, 20, needs.mutable_excluded_tags());
  needs.clear_wishes();
  for (const char* style : kStyles) {
    if (!dice.Chance(40)) continue;
    matcher::v1::Wish& wish = *needs.add_wishes();
    wish.mutable_style()->set_dimension(style);
    wish.mutable_style()->set_value(dice.Between(-1, 1));
    wish.set_strength(.1 + dice.Between(0, 1) * .9);
  }
  if (dice.Chance(50)) {
    matcher::v1::Wish& wish = *needs.add_wishes();
    wish.set_approach(dice.One(kApproaches));
    wish.set_strength(.5);
  }
  return needs;
}

}  // namespace rapport::testing
