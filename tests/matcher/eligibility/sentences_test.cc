// What coordinators read. The words are part of the answer, so they are held as they are.
#include "matcher/eligibility/sentences.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "matcher/eligibility/rules.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

class SentencesTest : public testing::Test {
 protected:
  SentencesTest() {
    needs_.musts.location = {"US-MA", "Boston", Coordinates{42.36, -71.06}};
    needs_.musts.time_zone = absl::UTCTimeZone();
    therapist_.id = "t1";
    therapist_.seats = 2;
    listing_.last_confirmed = RandomNetwork::Now();
  }

  std::string Say(Rule rule) {
    listing_.therapist = std::make_shared<const Therapist>(therapist_);
    const Query query = MakeQuery(*catalog_, needs_, tried_, RandomNetwork::Now());
    return RuleSentence(rule, *catalog_, query, listing_, Passes(rule, query, listing_));
  }

  const std::shared_ptr<const Catalog> catalog_ = SmallCatalog();
  Needs needs_;
  Musts& musts_ = needs_.musts;
  std::vector<std::string> tried_;
  Therapist therapist_;
  Listing listing_;
};

TEST_F(SentencesTest, Licence) {
  EXPECT_EQ(Say(Rule::kLicence), "no licence known in US-MA");
  therapist_.credentials = {{"US-MA", CredentialKind::kLicence, true, {}, {}, "", {}}};
  Credential& licence = therapist_.credentials[0];
  EXPECT_EQ(Say(Rule::kLicence), "licensed in US-MA on 2026-11-22");
  licence.kind = CredentialKind::kCompactPrivilege;
  EXPECT_EQ(Say(Rule::kLicence), "practises under a compact in US-MA on 2026-11-22");
  licence.kind = CredentialKind::kTelehealthRegistration;
  EXPECT_EQ(Say(Rule::kLicence), "registered in US-MA for telehealth only, and no remote modality is shared");
  therapist_.modalities = {1};
  EXPECT_EQ(Say(Rule::kLicence), "registered for telehealth in US-MA on 2026-11-22");
  licence.valid_until = absl::CivilDay(2026, 11, 21);
  EXPECT_EQ(Say(Rule::kLicence),
            "not licensed in US-MA on 2026-11-22: registration for telehealth ended on 2026-11-21");
  licence.kind = CredentialKind::kCompactPrivilege;
  EXPECT_EQ(Say(Rule::kLicence),
            "not licensed in US-MA on 2026-11-22: compact privilege ended on 2026-11-21");
  licence.kind = CredentialKind::kLicence;
  EXPECT_EQ(Say(Rule::kLicence), "not licensed in US-MA on 2026-11-22: licence ended on 2026-11-21");
  licence.valid_from = absl::CivilDay(2026, 12, 1);
  licence.valid_until.reset();
  EXPECT_EQ(Say(Rule::kLicence), "not licensed in US-MA on 2026-11-22: licence begins on 2026-12-01");
  licence.active = false;
  EXPECT_EQ(Say(Rule::kLicence), "licence in US-MA is not active");
}

TEST_F(SentencesTest, LicenceWhereTheOfficeIs) {
  therapist_.credentials = {{"US-MA", CredentialKind::kLicence, true, {}, {}, "", {}}};
  therapist_.modalities = {0};
  therapist_.place = Place{"US-NH", "", {}};
  EXPECT_EQ(Say(Rule::kLicence),
            "licensed in US-MA on 2026-11-22, but no licence known in US-NH (where the two would meet)");
  therapist_.credentials.push_back(
      {"US-NH", CredentialKind::kLicence, true, {}, absl::CivilDay(2026, 10, 1), "", {}});
  const auto but = [&](absl::string_view what) {
    return absl::StrCat("licensed in US-MA on 2026-11-22, but ", what);
  };
  EXPECT_EQ(Say(Rule::kLicence),
            but("not licensed in US-NH (where the two would meet) on 2026-11-22: licence "
                "ended on 2026-10-01"));
  therapist_.credentials.back() = {"US-NH", CredentialKind::kLicence, false, {}, {}, "", {}};
  EXPECT_EQ(Say(Rule::kLicence), but("licence in US-NH (where the two would meet) is not active"));
  therapist_.credentials.back() = {"US-NH", CredentialKind::kTelehealthRegistration, true, {}, {}, "", {}};
  EXPECT_EQ(Say(Rule::kLicence), but("registered in US-NH (where the two would meet) for telehealth only"));
  therapist_.credentials.back() = {"US-NH", CredentialKind::kLicence, true, {}, {}, "", {}};
  EXPECT_EQ(Say(Rule::kLicence), "licensed in US-MA on 2026-11-22, and in US-NH, where the office is");
}

TEST_F(SentencesTest, LicenceWhereTheDayIsNotKnown) {
  musts_.time_zone.reset();
  therapist_.credentials = {{"US-MA", CredentialKind::kLicence, true, {}, {}, "", {}}};
  EXPECT_EQ(Say(Rule::kLicence), "licensed in US-MA on 2026-11-22 and 2026-11-23");
  therapist_.credentials[0].valid_until = absl::CivilDay(2026, 11, 22);
  EXPECT_EQ(Say(Rule::kLicence), "not licensed in US-MA on 2026-11-23: licence ended on 2026-11-22");
  therapist_.credentials.push_back(
      {"US-MA", CredentialKind::kLicence, true, absl::CivilDay(2026, 11, 23), {}, "", {}});
  EXPECT_EQ(Say(Rule::kLicence), "licensed in US-MA on 2026-11-22 and 2026-11-23") << "renewed";
  therapist_.credentials.erase(therapist_.credentials.begin());
  EXPECT_EQ(Say(Rule::kLicence), "not licensed in US-MA on 2026-11-22: licence begins on 2026-11-23");
}

// Where the two would sit together, or can meet in no other way, a registration for telehealth is no help,
// now or later; and what holds for a country holds for its parts.
TEST_F(SentencesTest, LicenceThatWouldNotHelp) {
  therapist_.credentials = {
      {"US-MA", CredentialKind::kTelehealthRegistration, true, absl::CivilDay(2026, 12, 1), {}, "", {}},
      {"US-MA", CredentialKind::kLicence, true, absl::CivilDay(2027, 1, 1), {}, "", {}}};
  EXPECT_EQ(Say(Rule::kLicence), "not licensed in US-MA on 2026-11-22: licence begins on 2027-01-01");
  therapist_.modalities = {1};
  EXPECT_EQ(Say(Rule::kLicence),
            "not licensed in US-MA on 2026-11-22: registration for telehealth begins on 2026-12-01");
  therapist_.modalities = {0};
  therapist_.place = Place{"DE-BE", "", {}};
  therapist_.credentials = {{"US-MA", CredentialKind::kLicence, true, {}, {}, "", {}},
                            {"DE", CredentialKind::kLicence, true, {}, absl::CivilDay(2026, 10, 1), "", {}}};
  EXPECT_EQ(
      Say(Rule::kLicence),
      "licensed in US-MA on 2026-11-22, but not licensed in DE-BE (where the two would meet) on 2026-11-22: "
      "licence ended on 2026-10-01");
}

// Of several that do not hold, the one that helps soonest is named, whatever order they stand in.
TEST_F(SentencesTest, LicenceOfSeveralThatDoNotHold) {
  const auto row = [](CredentialKind kind, bool active, std::optional<absl::CivilDay> from,
                      std::optional<absl::CivilDay> until) {
    return Credential{"US-MA", kind, active, from, until, "", {}};
  };
  std::vector<Credential> rows = {
      row(CredentialKind::kCompactPrivilege, false, {}, {}),
      row(CredentialKind::kLicence, false, {}, {}),
      row(CredentialKind::kCompactPrivilege, true, {}, absl::CivilDay(2026, 11, 1)),
      row(CredentialKind::kLicence, true, {}, absl::CivilDay(2026, 10, 1)),
      row(CredentialKind::kLicence, true, absl::CivilDay(2027, 11, 1), {}),
      row(CredentialKind::kLicence, true, absl::CivilDay(2027, 1, 1), {}),
  };
  const std::vector<std::string> expected = {
      "compact privilege in US-MA is not active",
      "licence in US-MA is not active",
      "not licensed in US-MA on 2026-11-22: compact privilege ended on 2026-11-01",
      "not licensed in US-MA on 2026-11-22: compact privilege ended on 2026-11-01",
      "not licensed in US-MA on 2026-11-22: licence begins on 2027-11-01",
      "not licensed in US-MA on 2026-11-22: licence begins on 2027-01-01",
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    therapist_.credentials.assign(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    EXPECT_EQ(Say(Rule::kLicence), expected[i]);
    std::reverse(therapist_.credentials.begin(), therapist_.credentials.end());
    EXPECT_EQ(Say(Rule::kLicence), expected[i]) << "the other way round";
  }
}

TEST_F(SentencesTest, ClientsOwnList) {
  EXPECT_EQ(Say(Rule::kAlreadyTried), "not tried before");
  EXPECT_EQ(Say(Rule::kExcludedByClient), "not excluded");
  tried_ = {"t1"};
  musts_.excluded_therapist_ids = {"t1"};
  EXPECT_EQ(Say(Rule::kAlreadyTried), "tried already");
  EXPECT_EQ(Say(Rule::kExcludedByClient), "excluded by the client or on their behalf");
}

TEST_F(SentencesTest, Words) {
  needs_.context.concerns = {1, 2};
  EXPECT_EQ(Say(Rule::kConcernDeclined), "declines none of the client's concerns");
  EXPECT_EQ(Say(Rule::kAgeGroup), "does not treat age 0");
  EXPECT_EQ(Say(Rule::kFormat), "does not offer format 0");
  EXPECT_EQ(Say(Rule::kLanguage), "no language asked for");
  EXPECT_EQ(Say(Rule::kPayer), "no payer asked for");
  EXPECT_EQ(Say(Rule::kModality), "no modality asked for");
  EXPECT_EQ(Say(Rule::kRequiredTag), "no tag required");
  EXPECT_EQ(Say(Rule::kExcludedTag), "no tag excluded");
  musts_.languages = {"en", "es"};
  musts_.payers = {1, 2};
  musts_.modalities = {1, 2};
  musts_.required_tags = {1, 2};
  musts_.excluded_tags = {3};
  EXPECT_EQ(Say(Rule::kLanguage), "speaks none of: en, es");
  EXPECT_EQ(Say(Rule::kPayer), "accepts none of: payer 1, payer 2");
  EXPECT_EQ(Say(Rule::kModality), "offers none of: video, phone");
  EXPECT_EQ(Say(Rule::kRequiredTag), "does not state tag 1, tag 2");
  EXPECT_EQ(Say(Rule::kExcludedTag), "states no excluded tag");
  therapist_.declined_concerns = {2};
  therapist_.age_groups = {0};
  therapist_.formats = {0};
  therapist_.languages = {"es"};
  therapist_.payers = {2};
  therapist_.modalities = {0, 1};
  therapist_.tags = {1, 2, 3};
  EXPECT_EQ(Say(Rule::kConcernDeclined), "declines concern 2");
  EXPECT_EQ(Say(Rule::kAgeGroup), "treats age 0");
  EXPECT_EQ(Say(Rule::kFormat), "offers format 0");
  EXPECT_EQ(Say(Rule::kLanguage), "speaks es");
  musts_.languages = {"en-US", "es"};
  therapist_.languages = {"en", "es-AR", "es-MX", "fr"};
  EXPECT_EQ(Say(Rule::kLanguage), "speaks en, es-AR, es-MX");
  EXPECT_EQ(Say(Rule::kPayer), "accepts payer 2");
  EXPECT_EQ(Say(Rule::kModality), "offers video");
  EXPECT_EQ(Say(Rule::kRequiredTag), "states tag 1, tag 2");
  EXPECT_EQ(Say(Rule::kExcludedTag), "states tag 3");
}

TEST_F(SentencesTest, Distance) {
  EXPECT_EQ(Say(Rule::kDistance), "no limit asked for");
  musts_.max_distance_km = 20;
  EXPECT_EQ(Say(Rule::kDistance), "the therapist's place is not known, limit 20 km");
  therapist_.place = Place{"US-MA", "", Coordinates{42.46, -71.06}};
  EXPECT_EQ(Say(Rule::kDistance), "11.1 km away, limit 20 km");
  musts_.max_distance_km.reset();
  EXPECT_EQ(Say(Rule::kDistance), "11.1 km away, no limit asked for");
  musts_.max_distance_km = 2.5;
  EXPECT_EQ(Say(Rule::kDistance), "11.1 km away, limit 2.5 km");
  musts_.max_distance_km = 11.1;
  EXPECT_EQ(Say(Rule::kDistance), "11.1 km away, just beyond the limit 11.1 km");
  musts_.max_distance_km = 11.13;
  EXPECT_EQ(Say(Rule::kDistance), "11.1 km away, just within the limit 11.13 km");
  musts_.max_distance_km = 2.5;
  therapist_.modalities = {1};
  EXPECT_EQ(Say(Rule::kDistance), "sessions can be remote, whatever the distance");
  therapist_.modalities = {0};
  musts_.location.coordinates.reset();
  EXPECT_EQ(Say(Rule::kDistance), "the client's coordinates are not known, limit 2.5 km");
}

TEST_F(SentencesTest, Hours) {
  EXPECT_EQ(Say(Rule::kHours), "no hours asked for");
  musts_.hours.set(9);
  EXPECT_EQ(Say(Rule::kHours), "the therapist's hours are not known");
  therapist_.time_zone = absl::UTCTimeZone();
  therapist_.hours.set(10);
  EXPECT_EQ(Say(Rule::kHours), "no hour of the week is shared");
  therapist_.hours.set(9);
  EXPECT_EQ(Say(Rule::kHours), "at least one hour of the week is shared");
}

TEST_F(SentencesTest, Fee) {
  EXPECT_EQ(Say(Rule::kFee), "fee not known, no limit asked for");
  musts_.max_fee = Money{"USD", 15050};
  EXPECT_EQ(Say(Rule::kFee), "fee not known, limit 150.50 USD");
  therapist_.fee = Money{"JPY", 9000};
  EXPECT_EQ(Say(Rule::kFee), "fee 9000 JPY, limit 150.50 USD");
  therapist_.fee = Money{"KWD", 20500};
  EXPECT_EQ(Say(Rule::kFee), "fee 20.500 KWD, limit 150.50 USD");
}

TEST_F(SentencesTest, SeatsAndConfirmation) {
  EXPECT_EQ(Say(Rule::kSeat), "2 seats free");
  therapist_.seats = 1;
  EXPECT_EQ(Say(Rule::kSeat), "1 seat free");
  therapist_.seats = 0;
  EXPECT_EQ(Say(Rule::kSeat), "no seat free");
  EXPECT_EQ(Say(Rule::kConfirmed), "last heard from on 2026-11-22, limit 90 days");
  listing_.last_confirmed = absl::InfinitePast();
  EXPECT_EQ(Say(Rule::kConfirmed), "profile never confirmed, limit 90 days");
}

}  // namespace
}  // namespace rapport::matcher
