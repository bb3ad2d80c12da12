#include "tests/support/random_network.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"

namespace rapport::matcher {
namespace {

// With one that two others lie in.
constexpr std::array<const char*, 5> kRegions = {"US-MA", "US-NY", "US", "CA-NL", "IN-MH"};

// Whole hours, half hours and quarter hours apart.
absl::TimeZone Zone(std::uint64_t number) {
  switch (number % 5) {
    case 0:
      return absl::FixedTimeZone(-5 * 3600);
    case 1:
      return absl::FixedTimeZone(-8 * 3600);
    case 2:
      return absl::FixedTimeZone(-(3 * 3600 + 1800));
    case 3:
      return absl::FixedTimeZone(5 * 3600 + 1800);
    default:
      return absl::FixedTimeZone(5 * 3600 + 2700);
  }
}

std::vector<LabelledWord> MakeWords(absl::string_view kind, int count) {
  std::vector<LabelledWord> words;
  for (int i = 0; i < count; ++i) words.push_back({absl::StrCat(kind, "_", i), absl::StrCat(kind, " ", i)});
  return words;
}

}  // namespace

std::shared_ptr<const Catalog> SmallCatalog() {
  CatalogLists lists;
  lists.version = "small-1";
  lists.style_dimensions = {{"directiveness", "Directiveness", "follows", "leads"},
                            {"warmth", "Warmth", "neutral", "warm"},
                            {"pace", "Pace", "slow", "fast"}};
  lists.facets = {{"heard", "Feeling heard", {7, 2}}, {"safe", "Feeling safe", {7, 2}}};
  lists.frictions = {{"too_passive", "Too passive", {0}, {{0, 1}}},
                     {"rushed", "Rushed", {1}, {{2, -1}}},
                     {"too_pushy", "Too pushy", {0}, {{0, -.4}}}};
  lists.concerns = MakeWords("concern", 8);
  lists.approaches = MakeWords("approach", 4);
  lists.formats = MakeWords("format", 3);
  lists.age_groups = MakeWords("age", 4);
  lists.modalities = {{"in_person", "in person", true}, {"video", "video", false}, {"phone", "phone", false}};
  lists.tags = MakeWords("tag", 10);
  lists.payers = MakeWords("payer", 12);
  lists.instruments = {
      {"wai", "Working Alliance Inventory", {{"goal", 1, 7, true, {5.5, 1.1}, {}, "goals", {}}}}};
  lists.fit_questions = {{"bond", "We get on", "bond", {7, 2}}};
  lists.features = {{"style", FeatureForm::kWishTimesSelfDescribed, .2, .04},
                    {"approach", FeatureForm::kApproachWish, .2, .04},
                    {"tag", FeatureForm::kTagWish, .2, .04},
                    {"concern", FeatureForm::kConcernCover, .1, .04},
                    {"perceived", FeatureForm::kWishTimesPerceived, .2, .04}};
  return Catalog::Create(std::move(lists)).value();
}

absl::Time RandomNetwork::Now() {
  return absl::FromCivil(absl::CivilHour(2026, 11, 22, 12), absl::UTCTimeZone());
}

double RandomNetwork::Between(double low, double high) {
  return low + (high - low) * static_cast<double>(random_() >> 11) * 0x1p-53;
}

WordSet RandomNetwork::Words(std::size_t words, int percent) {
  WordSet set;
  for (std::size_t i = 0; i < words; ++i) {
    if (Chance(percent)) set.push_back(static_cast<Word>(i));
  }
  return set;
}

std::vector<std::string> RandomNetwork::Languages(int percent) {
  std::vector<std::string> spoken;
  for (const char* language : {"en", "es", "es-MX", "pt-BR", "zh", "zh-Hant", "zh-TW", "zh-Hant-TW"}) {
    if (Chance(percent)) spoken.push_back(language);
  }
  return spoken;
}

Place RandomNetwork::MakePlace() {
  Place place{kRegions[Below(kRegions.size())], "Town", {}};
  // A grid, so that several stand in one spot.
  if (Chance(85)) place.coordinates = Coordinates{42 + .1 * Below(6), -71 + .1 * Below(6)};
  return place;
}

WeekHours RandomNetwork::MakeHours() {
  WeekHours hours;
  const std::uint64_t ranges = Below(4);
  for (std::uint64_t i = 0; i < ranges; ++i) {
    const std::uint64_t first = Below(168);
    const std::uint64_t length = 1 + Below(20);
    for (std::uint64_t hour = first; hour < first + length; ++hour) hours.set(hour % 168);
  }
  return hours;
}

Credential RandomNetwork::MakeCredential() {
  const absl::CivilDay today(2026, 11, 22);
  Credential credential;
  credential.region = kRegions[Below(kRegions.size())];
  credential.kind = static_cast<CredentialKind>(1 + Below(3));
  credential.active = Chance(90);
  if (Chance(40)) credential.valid_from = today - 4 + static_cast<int>(Below(6));
  if (Chance(60)) credential.valid_until = today - 1 + static_cast<int>(Below(6));
  return credential;
}

Therapist RandomNetwork::MakeTherapist(const std::string& id) {
  const CatalogLists& lists = catalog_->lists();
  Therapist therapist;
  therapist.id = id;
  therapist.display_name = absl::StrCat("Invented ", id);
  therapist.title = "Psychologist";
  therapist.invented = true;
  const std::uint64_t credentials = Below(10) == 0 ? 0 : 1 + Below(4);
  for (std::uint64_t i = 0; i < credentials; ++i) therapist.credentials.push_back(MakeCredential());
  therapist.payers = Words(lists.payers.size(), 40);
  therapist.languages = Languages(50);
  therapist.age_groups = Words(lists.age_groups.size(), 75);
  therapist.formats = Words(lists.formats.size(), 75);
  therapist.modalities = Words(lists.modalities.size(), 55);
  if (Chance(80)) therapist.place = MakePlace();
  if (Chance(85)) {
    therapist.hours = MakeHours();
    therapist.time_zone = Zone(Below(5));
  }
  if (Chance(80))
    therapist.fee = Money{Chance(85) ? "USD" : "EUR", 10000 + 1000 * static_cast<int>(Below(8))};
  therapist.seats = static_cast<int>(Below(4));
  therapist.wait_weeks = static_cast<double>(Below(12));
  therapist.last_confirmed = Now() - absl::Hours(24) * static_cast<int>(Below(100));
  therapist.concerns = Words(lists.concerns.size(), 50);
  therapist.declined_concerns = Words(lists.concerns.size(), 5);
  therapist.approaches = Words(lists.approaches.size(), 40);
  therapist.tags = Words(lists.tags.size(), 50);
  for (std::size_t i = 0; i < lists.style_dimensions.size(); ++i) {
    therapist.style.push_back(Chance(80) ? std::optional<double>(Between(-1, 1)) : std::nullopt);
  }
  return therapist;
}

std::shared_ptr<const Listing> RandomNetwork::MakeListing(const std::string& therapist_id) {
  auto listing = std::make_shared<Listing>();
  listing->therapist = std::make_shared<const Therapist>(MakeTherapist(therapist_id));
  listing->changed_at = 1 + static_cast<std::int64_t>(Below(1000));
  listing->last_confirmed =
      Chance(97) ? listing->therapist->last_confirmed + absl::Hours(24) * static_cast<int>(Below(10))
                 : absl::InfinitePast();
  const std::uint64_t reservations = Chance(60) ? 0 : Below(4);
  for (std::uint64_t i = 0; i < reservations; ++i) {
    listing->reservations.push_back({absl::StrCat(therapist_id, "-r", i), absl::StrCat("client-", Below(50)),
                                     Now() + absl::Hours(static_cast<int>(Below(7)) - 3), Chance(30)});
  }
  listing->offers = {static_cast<int>(Below(6)), static_cast<int>(Below(3)), static_cast<int>(Below(3))};
  return listing;
}

Needs RandomNetwork::MakeNeeds() {
  const CatalogLists& lists = catalog_->lists();
  Needs needs;
  Musts& musts = needs.musts;
  musts.location = MakePlace();
  if (Chance(35)) musts.payers = Words(lists.payers.size(), 30);
  if (Chance(35)) musts.languages = Languages(50);
  musts.age_group = static_cast<Word>(Below(lists.age_groups.size()));
  musts.format = static_cast<Word>(Below(lists.formats.size()));
  if (Chance(35)) musts.modalities = Words(lists.modalities.size(), 50);
  if (Chance(35)) musts.max_distance_km = 1 + static_cast<double>(Below(40));
  if (Chance(35)) musts.hours = MakeHours();
  if (musts.hours.any() || Chance(85)) musts.time_zone = Zone(Below(5));
  if (Chance(35))
    musts.max_fee = Money{Chance(85) ? "USD" : "EUR", 12000 + 1000 * static_cast<int>(Below(6))};
  if (Chance(35)) musts.required_tags = Words(lists.tags.size(), 10);
  if (Chance(35)) musts.excluded_tags = Words(lists.tags.size(), 10);
  if (Chance(35)) musts.starts_on = absl::CivilDay(2026, 11, 20) + static_cast<int>(Below(8));
  const std::uint64_t concerns = Below(4);
  for (std::uint64_t i = 0; i < concerns; ++i) {
    needs.context.concerns.push_back(static_cast<Word>((Below(2) + 2 * i) % lists.concerns.size()));
  }
  if (Chance(50)) {
    needs.context.styles.push_back(
        {static_cast<int>(Below(lists.style_dimensions.size())), Between(-1, 1), Between(.1, 1)});
  }
  if (Chance(50)) {
    needs.context.approaches.push_back({static_cast<Word>(Below(lists.approaches.size())), Between(.1, 1)});
  }
  if (Chance(50)) needs.context.tags.push_back({static_cast<Word>(Below(lists.tags.size())), Between(.1, 1)});
  if (Chance(50)) {
    needs.context.facets.push_back({static_cast<int>(Below(lists.facets.size())), Between(.1, 1)});
  }
  return needs;
}

}  // namespace rapport::matcher
