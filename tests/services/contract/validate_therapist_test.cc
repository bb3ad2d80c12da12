// Profiles with one flaw each, and with all of them at once: exactly the flawed paths are violated.
#include <functional>
#include <limits>

#include "gmock/gmock.h"
#include "services/contract/validate.h"
#include "tests/services/contract/samples.h"

namespace rapport::contract {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAreArray;
using therapist::v1::Therapist;

struct Flaw {
  std::function<void(Therapist&)> make;
  std::vector<std::string> paths;
};

Therapist Sample() {
  return Parse<Therapist>(kTherapist);
}

std::vector<std::string> Violated(const Therapist& therapist, absl::string_view path = "") {
  runtime::Violations violations;
  ValidateTherapist(DefaultCatalog(), therapist, Now(), path, violations);
  return Paths(violations);
}

// Merges text over the sample.
std::function<void(Therapist&)> Merge(std::string text) {
  return [text](Therapist& therapist) { therapist = With(therapist, text); };
}

// Flaws in different fields, so that they can be made together as well.
std::vector<Flaw> Flaws() {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  return {
      {Merge("therapist_id: 'Jane Doe'"), {"therapist_id"}},
      {Merge("display_name: ' \\342\\200\\213\\343\\200\\200\\343\\205\\244\\302\\255'"),
       {"display_name"}},  // nothing but blanks
      {Merge("title: 'a\\nb'"), {"title"}},
      {Merge("credentials { region: 'us-ma' kind: 9 valid_from: '2021-02-29' code: '\\342\\200\\256x' }"),
       {"credentials[1].region", "credentials[1].kind", "credentials[1].status", "credentials[1].valid_from",
        "credentials[1].code"}},
      {Merge("credentials { region: 'US-TOOLONG' kind: 1 status: 2 valid_from: '2021-03-01' valid_until: "
             "'2021-02-28' "
             "evidence_date: 'x' }"),
       {"credentials[2].region", "credentials[2].valid_until", "credentials[2].evidence_date"}},
      {Merge("payers: 'medicair' payers: 'medicare' payers: ''"), {"payers[1]", "payers[2]", "payers[3]"}},
      {Merge("languages: ['eng', 'EN', 'en', 'en-us', 'zh-Hant-TW', 'es-419', 'ase', 'english', '', 'e']"),
       {"languages[1]", "languages[2]", "languages[3]", "languages[4]", "languages[8]", "languages[9]",
        "languages[10]"}},
      {Merge("age_groups: 'ancient'"), {"age_groups[1]"}},
      {Merge("formats: 'triad'"), {"formats[1]"}},
      {Merge("modalities: 'letter'"), {"modalities[1]"}},
      {[](Therapist& t) {
         t.mutable_place()->clear_longitude();
         t.mutable_place()->set_latitude(90.1);
       },
       {"place.latitude", "place.longitude"}},
      {Merge("hours { day: 8 start_hour: -1 end_hour: 25 } hours { day: 2 start_hour: 9 end_hour: 9 } "
             "hours { start_hour: 22 end_hour: 2 } hours { day: 7 start_hour: 0 end_hour: 24 }"),
       {"hours[1].day", "hours[1].start_hour", "hours[1].end_hour", "hours[2].end_hour", "hours[3].day",
        "hours[3].end_hour"}},
      {Merge("time_zone: 'Mars/Olympus'"), {"time_zone"}},
      {Merge("fee { currency: 'usd' minor_units: 100000001 }"), {"fee.currency", "fee.minor_units"}},
      {Merge("seats: 1001"), {"seats"}},
      {[nan](Therapist& t) { t.set_wait_weeks(nan); }, {"wait_weeks"}},
      {Merge("last_confirmed { seconds: 1800000301 }"), {"last_confirmed"}},
      {Merge("concerns: 'grieff' concerns: 'grief'"), {"concerns[1]", "concerns[2]"}},
      {Merge("declined_concerns: 'grief'"), {"declined_concerns[1]"}},
      {Merge("approaches: 'shouting'"), {"approaches[1]"}},
      {Merge("tags: 'Nice Person'"), {"tags[1]"}},
      {[infinity](Therapist& t) {
         t = With(t, "style { dimension: 'directiveness' value: 0 } style { dimension: 'loudness' }");
         t.mutable_style(2)->set_value(infinity);
       },
       {"style[1].dimension", "style[2].dimension", "style[2].value"}},
      {Merge("etag: 'a b'"), {"etag"}},
  };
}

TEST(ValidateTherapist, AcceptsAWholeProfileAndABareOne) {
  EXPECT_THAT(Violated(Sample()), ElementsAre());
  EXPECT_THAT(Violated(Parse<Therapist>(
                  "therapist_id: 't' display_name: 'T' last_confirmed { seconds: 1800000300 }")),
              ElementsAre());
}

TEST(ValidateTherapist, NamesWhatIsRequired) {
  EXPECT_THAT(Violated(Therapist()), ElementsAre("therapist_id", "display_name", "last_confirmed"));
}

TEST(ValidateTherapist, FindsEachFlawAlone) {
  for (const Flaw& flaw : Flaws()) {
    Therapist therapist = Sample();
    if (flaw.paths[0].rfind("credentials[2]", 0) == 0)
      *therapist.add_credentials() = therapist.credentials(0);
    flaw.make(therapist);
    EXPECT_THAT(Violated(therapist), UnorderedElementsAreArray(flaw.paths)) << therapist.DebugString();
  }
}

TEST(ValidateTherapist, FindsAllFlawsTogether) {
  Therapist therapist = Sample();
  std::vector<std::string> expected;
  for (const Flaw& flaw : Flaws()) {
    flaw.make(therapist);
    for (const std::string& path : flaw.paths) expected.push_back("row." + path);
  }
  EXPECT_THAT(Violated(therapist, "row"), UnorderedElementsAreArray(expected));
}

TEST(ValidateTherapist, ListsBeyondTheirLimitAreToldOnce) {
  Therapist therapist = Sample();
  while (therapist.credentials_size() <= 64) therapist.add_credentials();
  while (therapist.payers_size() <= 256) therapist.add_payers("x");
  while (therapist.languages_size() <= 32) therapist.add_languages("x");
  while (therapist.hours_size() <= 168) therapist.add_hours();
  while (therapist.style_size() <= 16) therapist.add_style();
  while (therapist.tags_size() <= 512) therapist.add_tags("x");
  EXPECT_THAT(Violated(therapist),
              ElementsAre("credentials", "payers", "languages", "hours", "tags", "style"));
}

TEST(ValidateTherapist, CountsCharactersNotBytes) {
  Therapist therapist = Sample();
  std::string name;
  for (int i = 0; i < 200; ++i) name += "é";
  therapist.set_display_name(name);
  EXPECT_THAT(Violated(therapist), ElementsAre());
  therapist.set_display_name(name + "e");
  EXPECT_THAT(Violated(therapist), ElementsAre("display_name"));
}

TEST(ValidateTherapist, SaysWhichWordWasMeant) {
  runtime::Violations violations;
  ValidateTherapist(DefaultCatalog(), With(Sample(), "concerns: 'anxeity' tags: 'Call me: 555-1234'"), Now(),
                    "", violations);
  ASSERT_EQ(violations.items().size(), 2u);
  EXPECT_EQ(violations.items()[0].description,
            "\"anxeity\" is not among the catalog's concerns; the nearest is \"anxiety\"");
  EXPECT_THAT(violations.items()[1].description, testing::Not(testing::HasSubstr("555")));
}

TEST(ValidateTherapist, HoursNeedAZone) {
  Therapist therapist = Sample();
  therapist.clear_time_zone();
  EXPECT_THAT(Violated(therapist), ElementsAre("time_zone"));
  therapist.clear_hours();
  EXPECT_THAT(Violated(therapist), ElementsAre());
}

}  // namespace
}  // namespace rapport::contract
