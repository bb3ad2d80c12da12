#include "tests/bench/synthetic.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"

namespace rapport::bench {
namespace {

using matcher::Word;
using matcher::WordSet;

constexpr int kCities = 5;
constexpr int kFormats = 3;
constexpr int kConcerns = 40;
constexpr int kApproaches = 30;
constexpr int kTags = 30;
constexpr Word kFormatAsked = 0;  // offered by six in ten
constexpr Word kFormatOfAll = 1;  // offered by all
constexpr Word kAgeOfAll = 0;     // treated by all
constexpr Word kInPerson = 0, kVideo = 1;
constexpr char kRegionOfAll[] = "US";  // everybody has a privilege there, and every office lies in it

std::vector<matcher::LabelledWord> Words(absl::string_view kind, int count) {
  std::vector<matcher::LabelledWord> words;
  for (int i = 0; i < count; ++i) words.push_back({absl::StrCat(kind, i), absl::StrCat(kind, " ", i)});
  return words;
}

std::string Region(int state) {
  return absl::StrFormat("US-%02d", state);
}

// Tags of 32 languages; the first is most people's.
std::string Language(int number) {
  return absl::StrCat("l", number);
}

matcher::Coordinates City(int state, int city) {
  return {28.0 + state % 10 * 2 + .4 * city, -120.0 + state / 10 * 11 + 1.7 * city};
}

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}
  int Below(int limit) { return static_cast<int>(random_() % static_cast<std::uint64_t>(limit)); }
  bool Chance(int percent) { return Below(100) < percent; }
  double Unit() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  // Chances as 1 / (3 + number): the first of 50 has about 11 in a hundred.
  int State() {
    static const std::array<double, kStates> sums = [] {
      std::array<double, kStates> sum{};
      for (int i = 0; i < kStates; ++i) sum[i] = (i > 0 ? sum[i - 1] : 0) + 1 / (3.0 + i);
      return sum;
    }();
    return static_cast<int>(std::lower_bound(sums.begin(), sums.end(), Unit() * sums.back()) - sums.begin());
  }
  WordSet Some(int words, int count) {
    WordSet set;
    for (int i = 0; i < count; ++i) set.push_back(static_cast<Word>(Below(words)));
    return matcher::MakeWordSet(std::move(set));
  }

 private:
  std::mt19937_64 random_;
};

std::shared_ptr<const matcher::Listing> MakeListing(int number, int second_licences, Draw& draw) {
  const absl::CivilDay today = absl::ToCivilDay(SyntheticNow(), absl::UTCTimeZone());
  auto therapist = std::make_shared<matcher::Therapist>();
  therapist->id = absl::StrFormat("t%07d", number);
  therapist->display_name = absl::StrCat("Invented ", number);
  therapist->title = "Psychologist";
  therapist->invented = true;
  const int state = draw.State();
  using matcher::CredentialKind;
  matcher::Credential licence{
      Region(state), CredentialKind::kLicence, true, today - draw.Below(50000), {}, "", {}};
  // Two in a hundred have let it lapse.
  licence.valid_until = draw.Chance(2) ? today - 1 - draw.Below(60) : today + draw.Below(730);
  therapist->credentials.push_back(std::move(licence));
  if (draw.Chance(second_licences)) {
    therapist->credentials.push_back({Region(draw.State()),
                                      CredentialKind::kTelehealthRegistration,
                                      true,
                                      {},
                                      today + draw.Below(365),
                                      "",
                                      {}});
  }
  therapist->credentials.push_back({kRegionOfAll, CredentialKind::kCompactPrivilege, true, {}, {}, "", {}});
  for (int payer = 0; payer < kPayers; ++payer) {
    if (draw.Chance(30)) therapist->payers.push_back(static_cast<Word>(payer));
  }
  if (draw.Chance(95)) therapist->languages.push_back(Language(0));
  for (int language = 1; language < kLanguages; ++language) {
    if (draw.Chance(4)) therapist->languages.push_back(Language(language));
  }
  std::sort(therapist->languages.begin(), therapist->languages.end());
  therapist->age_groups.push_back(kAgeOfAll);
  for (int age = 1; age < kAges; ++age) {
    if (draw.Chance(60)) therapist->age_groups.push_back(static_cast<Word>(age));
  }
  if (draw.Chance(60)) therapist->formats.push_back(kFormatAsked);
  therapist->formats.push_back(kFormatOfAll);
  if (draw.Chance(80)) therapist->modalities.push_back(kInPerson);
  if (draw.Chance(70) || therapist->modalities.empty()) therapist->modalities.push_back(kVideo);
  if (draw.Chance(30)) therapist->modalities.push_back(kVideo + 1);
  const matcher::Coordinates city = City(state, draw.Below(kCities));
  therapist->place = matcher::Place{
      Region(state), "City",
      matcher::Coordinates{city.latitude + draw.Unit() - .5, city.longitude + draw.Unit() - .5}};
  for (int day = 0; day < 5; ++day) {
    const int first = 8 + draw.Below(6);
    for (int hour = first; hour < first + 4; ++hour)
      therapist->hours.set(static_cast<std::size_t>(24 * day + hour));
  }
  therapist->time_zone = absl::FixedTimeZone(-(5 + state / 15) * 3600);
  therapist->fee = matcher::Money{"USD", 6000 + 500 * draw.Below(50)};
  therapist->seats = 1 + draw.Below(6);
  therapist->wait_weeks = draw.Below(12);
  therapist->last_confirmed = SyntheticNow() - absl::Minutes(draw.Below(85 * 1440));
  therapist->concerns = draw.Some(kConcerns, 10);
  therapist->declined_concerns = draw.Some(kConcerns, draw.Below(2));
  therapist->approaches = draw.Some(kApproaches, 4);
  therapist->tags = draw.Some(kTags, 3);
  for (int d = 0; d < 4; ++d) {
    therapist->style.push_back(draw.Chance(85) ? std::optional<double>(2 * draw.Unit() - 1) : std::nullopt);
  }
  auto listing = std::make_shared<matcher::Listing>();
  listing->changed_at = number + 1;
  listing->last_confirmed = therapist->last_confirmed;
  if (draw.Chance(50)) listing->offers = {draw.Below(10), draw.Below(5), draw.Below(4)};
  listing->therapist = std::move(therapist);
  return listing;
}

}  // namespace

const char* NameOf(QueryKind kind) {
  switch (kind) {
    case QueryKind::kNarrow:
      return "narrow";
    case QueryKind::kTypical:
      return "typical";
    case QueryKind::kBroad:
      return "broad";
    case QueryKind::kUnfiltered:
      break;
  }
  return "unfiltered";
}

std::shared_ptr<const matcher::Catalog> SyntheticCatalog() {
  using matcher::FeatureForm;
  matcher::CatalogLists lists;
  lists.version = "synthetic-1";
  for (const char* id : {"directiveness", "intensity", "past", "warmth"})
    lists.style_dimensions.push_back({id, id, "less", "more"});
  for (const char* id : {"heard", "respected", "accepted", "at_ease", "way_suits"})
    lists.facets.push_back({id, id, {8, 1.8}});
  lists.concerns = Words("concern", kConcerns);
  lists.approaches = Words("approach", kApproaches);
  lists.formats = Words("format", kFormats);
  lists.age_groups = Words("age", kAges);
  lists.modalities = {{"in_person", "in person", true}, {"video", "video", false}, {"phone", "phone", false}};
  lists.tags = Words("tag", kTags);
  lists.payers = Words("payer", kPayers);
  lists.fit_questions = {{"bond", "We get on", "bond", {8, 1.8}}};
  lists.features = {{"wish_style", FeatureForm::kWishTimesSelfDescribed, .25, .04},
                    {"wish_approach", FeatureForm::kApproachWish, .15, .04},
                    {"wish_tag", FeatureForm::kTagWish, .10, .04},
                    {"concern_cover", FeatureForm::kConcernCover, .20, .04},
                    {"wish_perceived", FeatureForm::kWishTimesPerceived, .05, .01}};
  return matcher::Catalog::Create(std::move(lists)).value();
}

absl::Time SyntheticNow() {
  return absl::FromCivil(absl::CivilHour(2026, 11, 22, 12), absl::UTCTimeZone());
}

std::vector<std::shared_ptr<const matcher::Listing>> SyntheticListings(int therapists, int second_licences,
                                                                       std::uint64_t seed) {
  Draw draw(seed);
  std::vector<std::shared_ptr<const matcher::Listing>> listings;
  listings.reserve(static_cast<std::size_t>(therapists));
  for (int i = 0; i < therapists; ++i) listings.push_back(MakeListing(i, second_licences, draw));
  return listings;
}

std::unique_ptr<matcher::State> RatedState(
    const std::vector<std::shared_ptr<const matcher::Listing>>& listings, std::uint64_t seed) {
  auto state = std::make_unique<matcher::State>(SyntheticCatalog());
  Draw draw(seed);
  for (std::size_t i = 0; i < listings.size(); i += 10) {
    const matcher::Therapist& therapist = *listings[i / 20 * 20]->therapist;
    matcher::FitCheck fit_check;
    fit_check.id = absl::StrCat("f", i);
    fit_check.client_id = absl::StrCat("c", draw.Below(50000));
    fit_check.therapist_id = therapist.id;
    fit_check.verdict = static_cast<matcher::Verdict>(draw.Chance(70) ? 1 : 2 + draw.Below(2));
    for (const char* question : {"bond", "heard", "accepted", "at_ease"})
      fit_check.answers.push_back({question, 5.0 + draw.Below(6)});
    fit_check.context = SyntheticRequests(QueryKind::kTypical, 1, 5, i).front().needs.context;
    state->model.Learn(fit_check, &therapist);
  }
  return state;
}

std::vector<matcher::RankRequest> SyntheticRequests(QueryKind kind, int count, std::size_t size,
                                                    std::uint64_t seed) {
  Draw draw(seed + 1000);
  std::vector<matcher::RankRequest> requests;
  for (int i = 0; i < count; ++i) {
    matcher::RankRequest request;
    // Half of them have told something before.
    request.client_id = absl::StrCat(draw.Chance(50) ? "c" : "new", draw.Below(50000));
    request.shortlist_size = size;
    request.with_relaxations = false;
    request.now = SyntheticNow();
    matcher::Musts& musts = request.needs.musts;
    const int state = draw.State();
    const int city = draw.Below(kCities);
    const auto age = static_cast<Word>(1 + draw.Below(kAges - 1));
    const auto payer = static_cast<Word>(draw.Below(kPayers));
    const std::string language = Language(draw.Chance(90) ? 0 : 1 + draw.Below(kLanguages - 1));
    const bool everywhere = kind == QueryKind::kBroad || kind == QueryKind::kUnfiltered;
    musts.location = {everywhere ? kRegionOfAll : Region(state), "City", City(state, city)};
    musts.time_zone = absl::FixedTimeZone(-(5 + state / 15) * 3600);
    musts.age_group = kAgeOfAll;
    musts.format = kFormatOfAll;
    if (kind != QueryKind::kUnfiltered) {
      musts.age_group = age;
      musts.format = kFormatAsked;
      musts.payers = {payer};
      musts.modalities = {kind == QueryKind::kNarrow ? kInPerson : kVideo};
      if (!everywhere) musts.languages = {language};
      if (kind == QueryKind::kNarrow) musts.max_distance_km = 80;
    }
    matcher::ClientContext& context = request.needs.context;
    const int first = draw.Below(4);
    context.styles = {{first, 2 * draw.Unit() - 1, draw.Unit()},
                      {(first + 1) % 4, 2 * draw.Unit() - 1, draw.Unit()}};
    context.approaches = {{static_cast<Word>(draw.Below(kApproaches)), draw.Unit()}};
    const auto concern = static_cast<Word>(draw.Below(kConcerns - 1));
    context.concerns = {concern, static_cast<Word>(concern + 1)};
    if (draw.Chance(50)) context.tags = {{static_cast<Word>(draw.Below(kTags)), draw.Unit()}};
    if (draw.Chance(50)) context.facets = {{draw.Below(5), draw.Unit()}};
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace rapport::bench
