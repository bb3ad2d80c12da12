// Needs and answers with one flaw each, and with all of them at once: exactly the flawed paths are violated.
#include <functional>

#include "gmock/gmock.h"
#include "services/contract/validate.h"
#include "tests/services/contract/samples.h"

namespace rapport::contract {
namespace {

using matcher::v1::Needs;
using testing::ElementsAre;
using testing::UnorderedElementsAreArray;

struct Flaw {
  std::string text;  // merged over the sample
  std::vector<std::string> paths;
};

Needs Sample() {
  return Parse<Needs>(kNeeds);
}

std::vector<std::string> Violated(const Needs& needs) {
  runtime::Violations violations;
  ValidateNeeds(DefaultCatalog(), needs, "needs", violations);
  return Paths(violations);
}

const std::vector<Flaw>& Flaws() {
  static const std::vector<Flaw>* const flaws = new std::vector<Flaw>{
      {"location { region: 'Massachusetts' longitude: 181 }",
       {"needs.location.region", "needs.location.longitude", "needs.location.latitude"}},
      {"payers: 'gold'", {"needs.payers[1]"}},
      {"languages: 'deu'", {"needs.languages[1]"}},
      {"age_group: 'adolt'", {"needs.age_group"}},
      {"format: ''", {"needs.format"}},
      {"modalities: 'video'", {"needs.modalities[1]"}},
      {"max_distance_km: 0", {"needs.max_distance_km"}},
      {"hours { day: 1 start_hour: 24 end_hour: 24 }", {"needs.hours[1].start_hour"}},
      {"time_zone: '/etc/passwd'", {"needs.time_zone"}},
      {"max_fee { currency: 'EURO' minor_units: -1 }",
       {"needs.max_fee.currency", "needs.max_fee.minor_units"}},
      {"concerns: 'sadness'", {"needs.concerns[1]"}},
      {"required_tags: 'kind'", {"needs.required_tags[1]"}},
      {"excluded_tags: 'man'", {"needs.excluded_tags[1]"}},
      {"excluded_therapist_ids: 't 1' excluded_therapist_ids: 't-9'",
       {"needs.excluded_therapist_ids[1]", "needs.excluded_therapist_ids[2]"}},
      {"starts_on: '2027-2-1'", {"needs.starts_on"}},
      {"risk { level: 7 screenings { instrument: 'phq8' scale: 'total' } screenings { instrument: 'phq9' "
       "scale: "
       "'item8' } screenings { instrument: 'phq9' } screenings { instrument: 'phq9' scale: 'total' score: 28 "
       "} "
       "screenings { instrument: 'gad7' scale: 'total' score: nan } }",
       {"needs.risk.level", "needs.risk.screenings[1].instrument", "needs.risk.screenings[2].scale",
        "needs.risk.screenings[3].scale", "needs.risk.screenings[4].score",
        "needs.risk.screenings[5].score"}},
      {"wishes { strength: 0.5 } wishes { style { dimension: 'directivness' value: -1.5 } strength: 0 } "
       "wishes { approach: 'act' strength: 1.1 } wishes { tag: '' strength: 1 } wishes { facet: 'heared' "
       "strength: nan } "
       "wishes { style { dimension: 'directiveness' } strength: 1 } wishes { facet: 'heard' strength: 1 }",
       {"needs.wishes[1]", "needs.wishes[2].style.dimension", "needs.wishes[2].style.value",
        "needs.wishes[2].strength", "needs.wishes[3].strength", "needs.wishes[4].tag",
        "needs.wishes[5].facet", "needs.wishes[5].strength", "needs.wishes[6]"}},
  };
  return *flaws;
}

TEST(ValidateNeeds, AcceptsFullNeedsAndBareOnes) {
  EXPECT_THAT(Violated(Sample()), ElementsAre());
  EXPECT_THAT(Violated(Parse<Needs>("location { region: 'DE-BE' } age_group: 'adult' format: 'group' "
                                    "risk { level: RISK_LEVEL_ELEVATED }")),
              ElementsAre());
}

TEST(ValidateNeeds, NamesWhatIsRequired) {
  EXPECT_THAT(Violated(Needs()),
              ElementsAre("needs.location", "needs.age_group", "needs.format", "needs.risk"));
}

TEST(ValidateNeeds, FindsEachFlawAlone) {
  for (const Flaw& flaw : Flaws()) {
    EXPECT_THAT(Violated(With(Sample(), flaw.text)), UnorderedElementsAreArray(flaw.paths)) << flaw.text;
  }
}

TEST(ValidateNeeds, FindsAllFlawsTogether) {
  Needs needs = Sample();
  std::vector<std::string> expected;
  for (const Flaw& flaw : Flaws()) {
    needs = With(needs, flaw.text);
    expected.insert(expected.end(), flaw.paths.begin(), flaw.paths.end());
  }
  EXPECT_THAT(Violated(needs), UnorderedElementsAreArray(expected));
}

TEST(ValidateNeeds, ListsBeyondTheirLimitAreToldOnce) {
  Needs needs = Sample();
  while (needs.payers_size() <= 16) needs.add_payers("x");
  while (needs.languages_size() <= 16) needs.add_languages("x");
  while (needs.concerns_size() <= 8) needs.add_concerns("x");
  while (needs.required_tags_size() <= 16) needs.add_required_tags("x");
  while (needs.excluded_tags_size() <= 16) needs.add_excluded_tags("x");
  while (needs.excluded_therapist_ids_size() <= 256) needs.add_excluded_therapist_ids("x");
  while (needs.risk().screenings_size() <= 16) needs.mutable_risk()->add_screenings();
  while (needs.wishes_size() <= 32) needs.add_wishes();
  EXPECT_THAT(Violated(needs), UnorderedElementsAreArray({"needs.payers", "needs.languages", "needs.concerns",
                                                          "needs.required_tags", "needs.excluded_tags",
                                                          "needs.excluded_therapist_ids",
                                                          "needs.risk.screenings", "needs.wishes"}));
}

TEST(ValidateAnswers, ChecksIdsRangesAndRepeats) {
  const auto request = Parse<matcher::v1::RecordFitRequest>(
      "answers { id: 'come_back' value: 10 } answers { id: 'heard' value: 10.5 } answers { id: 'wai_sr.bond' "
      "value: 3 } "
      "answers { id: 'phq9.total' value: 3 } answers { id: 'come_back' value: nan } "
      "frictions: 'rushed' frictions: 'rushd' frictions: 'rushed'");
  runtime::Violations violations;
  ValidateAnswers(DefaultCatalog(), request.answers(), "answers", violations);
  ValidateFrictions(DefaultCatalog(), request.frictions(), "frictions", violations);
  EXPECT_THAT(Paths(violations),
              ElementsAre("answers[1].value", "answers[2].value", "answers[3].id", "answers[4].id",
                          "answers[4].value", "frictions[1]", "frictions[2]"));
}

TEST(ValidateAnswers, KnowsQuestionsFacetsAndScalesApart) {
  const auto request = Parse<matcher::v1::RecordFitRequest>(
      "answers { id: 'come_back' value: 1 } answers { id: 'heard' value: 1 } answers { id: 'total' value: 27 "
      "}");
  const auto violated = [](auto validate) {
    runtime::Violations violations;
    validate(violations);
    return Paths(violations);
  };
  EXPECT_THAT(
      violated([&](auto& out) { ValidateQuestionAnswers(DefaultCatalog(), request.answers(), "q", out); }),
      ElementsAre("q[1].id", "q[2].id"));
  EXPECT_THAT(
      violated([&](auto& out) { ValidateFacetAnswers(DefaultCatalog(), request.answers(), "f", out); }),
      ElementsAre("f[0].id", "f[2].id"));
  const matcher::Word phq9 = DefaultCatalog().InstrumentWord("phq9").value();
  const matcher::Instrument& instrument = DefaultCatalog().lists().instruments[phq9];
  EXPECT_THAT(violated([&](auto& out) { ValidateScores(instrument, request.answers(), "s", out); }),
              ElementsAre("s[0].id", "s[1].id"));
}

TEST(ValidateId, TakesWhatTheContractSays) {
  const auto valid = [](absl::string_view id) {
    runtime::Violations violations;
    ValidateId(id, "id", violations);
    return violations.empty();
  };
  EXPECT_TRUE(valid("aZ09._:-"));
  EXPECT_TRUE(valid(std::string(128, 'x')));
  for (const std::string& id : {std::string(), std::string(129, 'x'), std::string("a b"), std::string("é"),
                                std::string("a/b"), std::string("a\0b", 3)}) {
    EXPECT_FALSE(valid(id)) << id;
  }
}

}  // namespace
}  // namespace rapport::contract
