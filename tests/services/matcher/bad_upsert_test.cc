// UpsertTherapists: everything that can be wrong with a row, and streams that are broken as such.
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/services/matcher/flaws.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using directory::v1::RowResult;
using directory::v1::UpsertTherapistsRequest;
using ::testing::ElementsAre;
using testing::Must;
using testing::Refused;
using ::testing::UnorderedElementsAre;
using testing::ValidTherapist;

using BadUpsertTest = MatcherTest;

std::vector<std::string> Fields(const RowResult& row) {
  std::vector<std::string> fields;
  for (const auto& violation : row.violations()) {
    fields.push_back(violation.field());
    EXPECT_NE(violation.description(), "");
  }
  return fields;
}

std::vector<Flaw> TherapistFlaws() {
  return Together(
      {IdFlaws("therapist_id"),
       {
           {"display_name", "display_name: ''"},
           {"display_name", Long("display_name", 201)},
           {"display_name", "display_name: 'two\\nlines'"},
           {"title", Long("title", 121)},
           {"title", "title: 'zero\\000byte'"},
           {"credentials[1].region", "credentials { region: 'MA' kind: 1 status: 1 }"},
           {"credentials[1].region", "credentials { region: 'UK-LND' kind: 1 status: 1 }"},
           {"credentials[1].kind", "credentials { region: 'US-MA' status: 1 }"},
           {"credentials[1].kind", "credentials { region: 'US-MA' kind: 7 status: 1 }"},
           {"credentials[1].status", "credentials { region: 'US-MA' kind: 1 }"},
           {"credentials[1].valid_from",
            "credentials { region: 'US-MA' kind: 1 status: 1 valid_from: '2026-13-01' }"},
           {"credentials[1].valid_until",
            "credentials { region: 'US-MA' kind: 1 status: 1 valid_from: '2026-02-01' valid_until: "
            "'2026-01-31' }"},
           {"credentials[1].evidence_date",
            "credentials { region: 'US-MA' kind: 1 status: 1 evidence_date: 'May' }"},
           {"credentials[1].code",
            absl::StrCat("credentials { region: 'US-MA' kind: 1 status: 1 ", Long("code", 65), " }")},
           {"credentials", Times(64, "credentials {}")},
           {"payers[1]", "payers: 'gold_bars'"},
           {"payers[1]", "payers: 'medicare'"},
           {"payers", Times(256, "payers: 'aetna'")},
           {"languages[1]", "languages: 'en'"},
           {"languages[1]", "languages: 'spa'"},
           {"age_groups[1]", "age_groups: 'ancient'"},
           {"formats[1]", "formats: 'choir'"},
           {"modalities[2]", "modalities: 'telepathy'"},
           {"place.region", "place { region: '' }"},
           {"place.latitude", "place { latitude: nan }"},
           {"place.longitude", "-place.longitude"},
           {"hours[1].day", "hours { day: 8 start_hour: 1 end_hour: 2 }"},
           {"hours[1].end_hour", "hours { day: 1 start_hour: 2 end_hour: 2 }"},
           {"time_zone", "time_zone: 'Mars/Olympus'"},
           {"time_zone", "-time_zone"},
           {"fee.currency", "fee { currency: '' }"},
           {"fee.minor_units", "fee { minor_units: 100000001 }"},
           {"seats", "seats: -1"},
           {"seats", "seats: 1001"},
           {"wait_weeks", "wait_weeks: 104.1"},
           {"wait_weeks", "wait_weeks: nan"},
           {"wait_weeks", "wait_weeks: inf"},
           {"last_confirmed", "-last_confirmed"},
           {"last_confirmed", "last_confirmed { nanos: -1 }"},
           {"last_confirmed", "last_confirmed { seconds: 4000000000 }"},
           {"concerns[1]", "concerns: 'gloom'"},
           {"declined_concerns[1]", "declined_concerns: 'grief'"},
           {"approaches[1]", "approaches: 'voodoo'"},
           {"tags[1]", "tags: 'tall'"},
           {"style[1].dimension", "style { dimension: 'loudness' }"},
           {"style[1].dimension", "style { dimension: 'directiveness' }"},
           {"style[1].value", "style { dimension: 'past_focus' value: -1.5 }"},
           {"style[1].value", "style { dimension: 'past_focus' value: nan }"},
           {"etag", "etag: 't1'"},
       }});
}

TEST_F(BadUpsertTest, EveryFlawIsRefusedUnderItsPath) {
  const std::vector<Flaw> flaws = TherapistFlaws();
  std::vector<UpsertTherapistsRequest> rows;
  for (const Flaw& flaw : flaws) rows.push_back(Row(WithFlaw(ValidTherapist("t1"), flaw.text)));
  const auto response = Must(client_.Send(rows));
  EXPECT_EQ(response.refused(), static_cast<std::int64_t>(rows.size()));
  ASSERT_EQ(response.rows_size(), static_cast<int>(rows.size()));
  for (std::size_t i = 0; i < flaws.size(); ++i) {
    EXPECT_THAT(Fields(response.rows(static_cast<int>(i))), ElementsAre(flaws[i].path)) << flaws[i].text;
  }
  EXPECT_EQ(client_.Position(), 0);
}

TEST_F(BadUpsertTest, AllFlawsOfARowAreNamed) {
  therapist::v1::Therapist bad = ValidTherapist("t1");
  for (const char* flaw : {"-display_name", "seats: -1", "wait_weeks: nan", "payers: 'gold_bars'",
                           "time_zone: 'UTC+1'", "style { dimension: 'x' value: inf }", "etag: 'old'"}) {
    bad = WithFlaw(bad, flaw);
  }
  const auto response = Must(client_.Send({Row(bad), Row(ValidTherapist("t2"))}));
  EXPECT_THAT(Fields(response.rows(0)),
              UnorderedElementsAre("display_name", "seats", "wait_weeks", "payers[1]", "time_zone",
                                   "style[1].dimension", "style[1].value", "etag"));
  EXPECT_EQ(response.added(), 1);
}

// Each text that no catalog lists has a place in every block of the index, so there is an end to them.
TEST_F(BadUpsertTest, RegionsWithoutEndAreRefused) {
  std::vector<UpsertTherapistsRequest> rows;
  for (int i = 0; i < 330; ++i) {
    therapist::v1::Therapist therapist = ValidTherapist(absl::StrCat("t", i));
    therapist.clear_credentials();
    for (int k = 0; k < 64; ++k) {
      const int number = 64 * i + k;
      constexpr const char* kCountries[] = {"US", "CA", "DE", "FR", "IN", "MX"};
      auto& credential = *therapist.add_credentials();
      credential.set_region(
          absl::StrCat(kCountries[number / 4096], "-",
                       absl::AsciiStrToUpper(absl::StrCat(absl::Hex(number % 4096, absl::kZeroPad3)))));
      credential.set_kind(therapist::v1::CREDENTIAL_KIND_LICENCE);
      credential.set_status(therapist::v1::CREDENTIAL_STATUS_ACTIVE);
    }
    rows.push_back(Row(therapist));
  }
  const auto response = Must(client_.Send(rows));
  // 312 times 64 regions, and what else those profiles name.
  EXPECT_EQ(response.added(), 312);
  EXPECT_EQ(response.refused(), 18);
  EXPECT_THAT(Fields(response.rows(329)), ElementsAre("credentials"));
  EXPECT_THAT(response.rows(329).violations(0).description(), ::testing::HasSubstr("20000 different"));
  EXPECT_EQ(Must(client_.Send({Row(ValidTherapist("usual"))})).added(), 1) << "others are taken";
}

TEST_F(BadUpsertTest, ARowThatIsNotUtf8EndsTheStream) {
  therapist::v1::Therapist bad = ValidTherapist("t2");
  bad.set_title("\xff");
  EXPECT_THAT(client_.Send({Row(ValidTherapist("t1")), Row(bad)}),
              Refused(absl::StatusCode::kInvalidArgument, runtime::kMalformedMessage));
  EXPECT_EQ(client_.Position(), 0);
}

TEST_F(BadUpsertTest, ARowOfTenMegabytesEndsTheStream) {
  therapist::v1::Therapist bad = ValidTherapist("t2");
  bad.set_title(std::string(10 << 20, 'x'));
  EXPECT_EQ(client_.Send({Row(ValidTherapist("t1")), Row(bad)}).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_LE(client_.Position(), 1) << "the row before it may have been written";
}

TEST_F(BadUpsertTest, AStreamThatBreaksLeavesWhatWasCommittedAndMayBeSentAgain) {
  std::vector<UpsertTherapistsRequest> rows;
  for (int i = 0; i < 1'500; ++i) rows.push_back(Row(ValidTherapist(absl::StrCat("t", i))));
  rows.push_back(Row(ValidTherapist("bad")));
  rows.back().mutable_therapist()->set_title("\xff");
  EXPECT_FALSE(client_.Send(rows).ok());
  const std::int64_t written = client_.Position();
  EXPECT_GT(written, 0);
  EXPECT_LT(written, 1'500);
  rows.pop_back();
  const auto response = Must(client_.Send(rows));
  EXPECT_EQ(response.unchanged(), written);
  EXPECT_EQ(response.added(), 1'500 - written);
  EXPECT_EQ(response.position(), 1'500);
}

}  // namespace
}  // namespace rapport::matcher_service
