// Each rule by itself, at its edges.
#include "matcher/eligibility/rules.h"

#include <cmath>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "matcher/domain/language.h"
#include "matcher/eligibility/distance.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

constexpr Word kInPerson = 0;
constexpr Word kVideo = 1;
constexpr Word kPhone = 2;

absl::TimeZone Zone(const char* name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name << ": is the zone database installed?";
  return zone;
}

absl::Time Utc(int year, int month, int day, int hour) {
  return absl::FromCivil(absl::CivilHour(year, month, day, hour), absl::UTCTimeZone());
}

WeekHours Hours(int first, int last) {
  WeekHours hours;
  for (int hour = first; hour < last; ++hour) hours.set(static_cast<std::size_t>(hour));
  return hours;
}

// A client in Boston and a therapist whom every rule lets through, for a test to change.
class RulesTest : public testing::Test {
 protected:
  RulesTest() {
    needs_.musts.location = {"US-MA", "Boston", Coordinates{42.36, -71.06}};
    needs_.musts.time_zone = absl::UTCTimeZone();
    therapist_.id = "t1";
    therapist_.credentials = {{"US-MA", CredentialKind::kLicence, true, {}, {}, "L1", {}}};
    therapist_.languages = {"en", "es"};
    therapist_.age_groups = {0};
    therapist_.formats = {0};
    therapist_.modalities = {kInPerson};
    therapist_.seats = 1;
    listing_.last_confirmed = RandomNetwork::Now();
  }

  Query MakeQuery() const { return matcher::MakeQuery(*catalog_, needs_, tried_, now_); }

  bool Passes(Rule rule) {
    listing_.therapist = std::make_shared<const Therapist>(therapist_);
    return matcher::Passes(rule, MakeQuery(), listing_);
  }

  const std::shared_ptr<const Catalog> catalog_ = SmallCatalog();
  Needs needs_;
  Musts& musts_ = needs_.musts;
  std::vector<std::string> tried_;
  absl::Time now_ = RandomNetwork::Now();
  Therapist therapist_;
  Listing listing_;
};

TEST_F(RulesTest, NoRuleExcludesWhomTheClientCanSee) {
  for (const Rule rule : kRulesInOrder) EXPECT_TRUE(Passes(rule)) << static_cast<int>(rule);
  EXPECT_TRUE(FailedRules(MakeQuery(), listing_).none());
  EXPECT_EQ(FirstFailed({}), std::nullopt);
}

TEST_F(RulesTest, FirstFailedFollowsTheOrderOfRules) {
  musts_.age_group = 1;
  therapist_.seats = 0;
  EXPECT_FALSE(Passes(Rule::kSeat));
  const RuleSet failed = FailedRules(MakeQuery(), listing_);
  EXPECT_EQ(failed.count(), 2u);
  EXPECT_EQ(FirstFailed(failed), Rule::kAgeGroup);
}

TEST_F(RulesTest, QueryDayIsTheStartElseTodayWhereTheClientIs) {
  now_ = Utc(2026, 11, 23, 2);
  EXPECT_EQ(MakeQuery().day, absl::CivilDay(2026, 11, 23));
  musts_.time_zone = Zone("America/New_York");
  EXPECT_EQ(MakeQuery().day, absl::CivilDay(2026, 11, 22));
  musts_.starts_on = absl::CivilDay(2027, 1, 1);
  EXPECT_EQ(MakeQuery().day, absl::CivilDay(2027, 1, 1));
  musts_.starts_on = absl::CivilDay(2026, 1, 1);
  EXPECT_EQ(MakeQuery().day, absl::CivilDay(2026, 11, 22)) << "a start that has passed revives no licence";
  EXPECT_EQ(MakeQuery().last_day, MakeQuery().day);
}

TEST_F(RulesTest, WhereTheClientsClockIsNotKnownALicenceIsValidOnBothDays) {
  musts_.time_zone.reset();
  now_ = Utc(2026, 11, 22, 12);
  EXPECT_EQ(MakeQuery().day, absl::CivilDay(2026, 11, 22)) << "west of the date line";
  EXPECT_EQ(MakeQuery().last_day, absl::CivilDay(2026, 11, 23)) << "east of it";
  EXPECT_TRUE(Passes(Rule::kLicence));
  Credential& licence = therapist_.credentials[0];
  licence.valid_until = absl::CivilDay(2026, 11, 22);
  EXPECT_FALSE(Passes(Rule::kLicence));
  licence.valid_until = absl::CivilDay(2026, 11, 23);
  EXPECT_TRUE(Passes(Rule::kLicence));
  licence.valid_from = absl::CivilDay(2026, 11, 23);
  EXPECT_FALSE(Passes(Rule::kLicence));
  musts_.starts_on = absl::CivilDay(2026, 11, 23);
  EXPECT_TRUE(Passes(Rule::kLicence));
}

// Where all licences of a region are renewed on one day, nobody is without one on that day.
TEST_F(RulesTest, ARenewedLicenceMayStandAsTwo) {
  musts_.time_zone.reset();
  now_ = Utc(2026, 11, 22, 12);  // the 22nd and the 23rd
  therapist_.credentials[0].valid_until = absl::CivilDay(2026, 11, 22);
  therapist_.credentials.push_back(therapist_.credentials[0]);
  Credential& renewed = therapist_.credentials[1];
  renewed.valid_from = absl::CivilDay(2026, 11, 23);
  renewed.valid_until.reset();
  EXPECT_TRUE(Passes(Rule::kLicence));
  renewed.kind = CredentialKind::kTelehealthRegistration;
  EXPECT_FALSE(Passes(Rule::kLicence)) << "in person only";
  renewed.kind = CredentialKind::kCompactPrivilege;
  EXPECT_TRUE(Passes(Rule::kLicence));
  renewed.valid_from = absl::CivilDay(2026, 11, 24);
  EXPECT_FALSE(Passes(Rule::kLicence)) << "a day between the two";
}

TEST_F(RulesTest, QuerySortsWhatItIsGiven) {
  tried_ = {"t3", "t1", "t2"};
  needs_.context.concerns = {5, 1, 5};
  EXPECT_EQ(MakeQuery().tried_therapist_ids, (std::vector<std::string>{"t1", "t2", "t3"}));
  EXPECT_EQ(MakeQuery().concerns, (WordSet{1, 5}));
  EXPECT_EQ(MakeQuery().in_person_modalities, (WordSet{kInPerson}));
}

TEST_F(RulesTest, LicenceIsForTheClientsRegion) {
  musts_.location.region = "US-NY";
  EXPECT_FALSE(Passes(Rule::kLicence));
  therapist_.credentials.push_back({"US-NY", CredentialKind::kCompactPrivilege, true, {}, {}, "", {}});
  EXPECT_TRUE(Passes(Rule::kLicence));
  therapist_.credentials.clear();
  EXPECT_FALSE(Passes(Rule::kLicence));
}

TEST_F(RulesTest, LicenceIsValidOnItsFirstAndLastDay) {
  Credential& licence = therapist_.credentials[0];
  licence.valid_from = absl::CivilDay(2026, 11, 20);
  licence.valid_until = absl::CivilDay(2026, 11, 22);
  const std::vector<std::pair<int, bool>> days = {{19, false}, {20, true}, {22, true}, {23, false}};
  for (const auto& [day, valid] : days) {
    now_ = Utc(2026, 11, day, 12);
    EXPECT_EQ(Passes(Rule::kLicence), valid) << day;
  }
  licence.active = false;
  now_ = Utc(2026, 11, 21, 12);
  EXPECT_FALSE(Passes(Rule::kLicence));
}

TEST_F(RulesTest, TelehealthRegistrationCountsOnlyWithASharedRemoteModality) {
  therapist_.credentials[0].kind = CredentialKind::kTelehealthRegistration;
  EXPECT_FALSE(Passes(Rule::kLicence)) << "in person only";
  therapist_.modalities = {kInPerson, kVideo};
  EXPECT_TRUE(Passes(Rule::kLicence));
  musts_.modalities = {kInPerson, kPhone};
  EXPECT_FALSE(Passes(Rule::kLicence)) << "the client would take phone, the therapist offers video";
  musts_.modalities = {kInPerson, kVideo};
  EXPECT_TRUE(Passes(Rule::kLicence));
  therapist_.modalities = {};
  EXPECT_FALSE(Passes(Rule::kLicence));
}

// Licences follow the client's place during the session: in person that is the office.
TEST_F(RulesTest, AnOfficeAcrossTheBorderAsksForALicenceThere) {
  therapist_.place = Place{"US-NH", "Nashua", {}};
  EXPECT_FALSE(Passes(Rule::kLicence));
  therapist_.credentials.push_back({"US-NH", CredentialKind::kTelehealthRegistration, true, {}, {}, "", {}});
  EXPECT_FALSE(Passes(Rule::kLicence)) << "a registration is for treatment at a distance";
  therapist_.credentials.back().kind = CredentialKind::kLicence;
  EXPECT_TRUE(Passes(Rule::kLicence));
  therapist_.credentials.back().valid_until = absl::CivilDay(2020, 1, 1);
  EXPECT_FALSE(Passes(Rule::kLicence));
  therapist_.modalities = {kInPerson, kVideo};
  EXPECT_TRUE(Passes(Rule::kLicence)) << "they may meet by video, the client at home";
  musts_.modalities = {kInPerson};
  EXPECT_FALSE(Passes(Rule::kLicence));
  therapist_.place->region = "US";
  EXPECT_TRUE(Passes(Rule::kLicence)) << "a place that is told less exactly is not elsewhere";
  therapist_.place->region = "CA-NL";
  EXPECT_FALSE(Passes(Rule::kLicence));
  therapist_.credentials.push_back({"CA", CredentialKind::kLicence, true, {}, {}, "", {}});
  EXPECT_TRUE(Passes(Rule::kLicence)) << "for the whole country";
  therapist_.credentials.erase(therapist_.credentials.begin());
  EXPECT_FALSE(Passes(Rule::kLicence)) << "the client's region asks for one all the same";
}

TEST(RegionsTest, MeetWhereOneLiesInTheOther) {
  EXPECT_TRUE(RegionsMeet("US-MA", "US-MA"));
  EXPECT_TRUE(RegionsMeet("US", "US-MA"));
  EXPECT_TRUE(RegionsMeet("US-MA", "US"));
  EXPECT_FALSE(RegionsMeet("US-M", "US-MA"));
  EXPECT_FALSE(RegionsMeet("US-MA", "US-NH"));
}

TEST_F(RulesTest, TriedAndExcludedAreByWholeId) {
  tried_ = {"t", "t10"};
  musts_.excluded_therapist_ids = {"t0", "t11"};
  EXPECT_TRUE(Passes(Rule::kAlreadyTried));
  EXPECT_TRUE(Passes(Rule::kExcludedByClient));
  tried_ = {"t9", "t1"};
  EXPECT_FALSE(Passes(Rule::kAlreadyTried));
  EXPECT_TRUE(Passes(Rule::kExcludedByClient));
  musts_.excluded_therapist_ids = {"t0", "t1"};
  EXPECT_FALSE(Passes(Rule::kExcludedByClient));
}

TEST_F(RulesTest, OneDeclinedConcernExcludes) {
  therapist_.declined_concerns = {2};
  EXPECT_TRUE(Passes(Rule::kConcernDeclined));
  needs_.context.concerns = {3, 2};
  EXPECT_FALSE(Passes(Rule::kConcernDeclined));
}

TEST_F(RulesTest, AgeGroupAndFormatMustBeStated) {
  therapist_.age_groups = {1, 2};
  therapist_.formats = {};
  EXPECT_FALSE(Passes(Rule::kAgeGroup));
  EXPECT_FALSE(Passes(Rule::kFormat));
  musts_.age_group = 2;
  EXPECT_TRUE(Passes(Rule::kAgeGroup));
}

TEST_F(RulesTest, OneSharedLanguageIsEnough) {
  musts_.languages = {"es", "fr"};
  EXPECT_TRUE(Passes(Rule::kLanguage));
  musts_.languages = {"fr", "pt"};
  EXPECT_FALSE(Passes(Rule::kLanguage));
}

TEST_F(RulesTest, ALanguageMayBeSaidMoreOrLessExactly) {
  const auto meet = [&](const char* asked, const char* spoken) {
    musts_.languages = {asked};
    therapist_.languages = {spoken};
    return Passes(Rule::kLanguage);
  };
  EXPECT_TRUE(meet("en-US", "en"));
  EXPECT_TRUE(meet("en", "en-GB"));
  EXPECT_TRUE(meet("zh-Hant-TW", "zh"));
  EXPECT_TRUE(meet("zh", "zh-Hant-TW"));
  EXPECT_TRUE(meet("zh-Hant", "zh-Hant-TW"));
  EXPECT_FALSE(meet("pt-BR", "pt-PT"));
  EXPECT_TRUE(meet("zh-TW", "zh-Hant-TW"));
  EXPECT_TRUE(meet("sr-RS", "sr-Latn"));
  EXPECT_TRUE(meet("es-419", "es"));
  EXPECT_FALSE(meet("zh-Hans", "zh-Hant-TW"));
  EXPECT_FALSE(meet("zh-Hant-CN", "zh-TW"));
  EXPECT_FALSE(meet("es", "est"));
  EXPECT_FALSE(meet("est-EE", "es"));
}

TEST(Languages, HaveAKeyInCommonWhereTheyMeetAndOnlyThere) {
  std::vector<std::string> tags;
  for (const char* language : {"zh", "es", "est"}) {
    for (const char* script : {"", "-Hant", "-Hans"}) {
      for (const char* region : {"", "-TW", "-CN", "-419"})
        tags.push_back(absl::StrCat(language, script, region));
    }
  }
  for (const std::string& asked : tags) {
    for (const std::string& spoken : tags) {
      std::set<std::string> filed;
      ForEachSpokenKey(spoken, [&](const std::string& key) { EXPECT_TRUE(filed.insert(key).second) << key; });
      bool found = false;
      ForEachAskedKey(asked, [&](const std::string& key) { found = found || filed.contains(key); });
      EXPECT_EQ(found, LanguagesMeet(asked, spoken)) << asked << " " << spoken;
      EXPECT_TRUE(filed.contains(spoken));
    }
  }
}

TEST_F(RulesTest, OneSharedPayerOrModalityIsEnough) {
  musts_.payers = {1, 4};
  musts_.modalities = {kVideo, kPhone};
  EXPECT_FALSE(Passes(Rule::kPayer));
  EXPECT_FALSE(Passes(Rule::kModality));
  therapist_.payers = {0, 4};
  therapist_.modalities = {kInPerson, kPhone};
  EXPECT_TRUE(Passes(Rule::kPayer));
  EXPECT_TRUE(Passes(Rule::kModality));
}

TEST_F(RulesTest, DistanceLimitIsIncluded) {
  const Coordinates there = {42.40, -71.00};
  const double distance_km = GreatCircleKm(*musts_.location.coordinates, there);
  therapist_.place = Place{"US-MA", "Chelsea", there};
  musts_.max_distance_km = distance_km;
  EXPECT_TRUE(Passes(Rule::kDistance));
  musts_.max_distance_km = std::nextafter(distance_km, 0);
  EXPECT_FALSE(Passes(Rule::kDistance));
}

TEST_F(RulesTest, DistanceIsAskedOnlyWhereSessionsMustBeInPerson) {
  therapist_.place = Place{"US-MA", "Pittsfield", Coordinates{42.45, -73.25}};
  EXPECT_TRUE(Passes(Rule::kDistance)) << "no limit";
  musts_.max_distance_km = 20;
  EXPECT_FALSE(Passes(Rule::kDistance));
  therapist_.modalities = {kInPerson, kVideo};
  EXPECT_TRUE(Passes(Rule::kDistance)) << "any modality will do, so video will";
  musts_.modalities = {kInPerson};
  EXPECT_FALSE(Passes(Rule::kDistance));
}

TEST_F(RulesTest, UnknownPlacesFailADistanceLimit) {
  musts_.max_distance_km = 20'000;
  EXPECT_FALSE(Passes(Rule::kDistance)) << "no place";
  therapist_.place = Place{"US-MA", "Boston", {}};
  EXPECT_FALSE(Passes(Rule::kDistance)) << "no coordinates";
  therapist_.place->coordinates = Coordinates{42, -71};
  EXPECT_TRUE(Passes(Rule::kDistance));
  musts_.location.coordinates.reset();
  EXPECT_FALSE(Passes(Rule::kDistance)) << "client's coordinates not known";
}

TEST_F(RulesTest, UnknownHoursFailOnceHoursAreAskedFor) {
  EXPECT_TRUE(Passes(Rule::kHours));
  musts_.hours = Hours(9, 10);
  EXPECT_FALSE(Passes(Rule::kHours));
  therapist_.time_zone = absl::UTCTimeZone();
  EXPECT_FALSE(Passes(Rule::kHours));
  therapist_.hours = Hours(9, 10);
  EXPECT_TRUE(Passes(Rule::kHours));
}

TEST_F(RulesTest, HoursAreComparedAcrossHalfHourZones) {
  // 9:00 to 11:00 in UTC is 14:30 to 16:30 in Kolkata: of it the whole hour 15:00 to 16:00 is on the hour
  // there.
  musts_.hours = Hours(9, 11);
  therapist_.time_zone = Zone("Asia/Kolkata");
  EXPECT_EQ(MinutesAhead(MakeQuery(), *therapist_.time_zone), 330);
  therapist_.hours = Hours(15, 16);
  EXPECT_TRUE(Passes(Rule::kHours));
  therapist_.hours = Hours(14, 15);
  EXPECT_FALSE(Passes(Rule::kHours)) << "only 14:30 to 15:00 is shared";
  therapist_.hours = Hours(14, 16);
  EXPECT_TRUE(Passes(Rule::kHours)) << "the client's 9:00 to 10:00 lies within";
}

TEST_F(RulesTest, HoursFollowTheOffsetOfTheDay) {
  // St. John's: 2 h 30 min behind UTC in summer, 3 h 30 min in winter.
  musts_.hours = Hours(12, 14);
  therapist_.time_zone = Zone("America/St_Johns");
  therapist_.hours = Hours(10, 11);
  now_ = Utc(2026, 7, 1, 12);
  EXPECT_EQ(MinutesAhead(MakeQuery(), *therapist_.time_zone), -150);
  EXPECT_TRUE(Passes(Rule::kHours)) << "9:30 to 11:30 there";
  now_ = Utc(2026, 12, 1, 12);
  EXPECT_EQ(MinutesAhead(MakeQuery(), *therapist_.time_zone), -210);
  EXPECT_FALSE(Passes(Rule::kHours)) << "8:30 to 10:30 there";
}

TEST_F(RulesTest, HoursAreThoseOfTheDayOnWhichTheClientWantsToStart) {
  // Phoenix knows no summer time: level with Los Angeles in June, an hour ahead of it in December.
  musts_.time_zone = Zone("America/Phoenix");
  therapist_.time_zone = Zone("America/Los_Angeles");
  musts_.hours = therapist_.hours = Hours(9, 10);
  now_ = Utc(2026, 12, 1, 12);
  EXPECT_FALSE(Passes(Rule::kHours));
  musts_.starts_on = absl::CivilDay(2027, 6, 7);
  EXPECT_TRUE(Passes(Rule::kHours));
  musts_.starts_on = absl::CivilDay(2026, 6, 7);
  EXPECT_FALSE(Passes(Rule::kHours)) << "a start that has passed";
}

TEST_F(RulesTest, HoursWrapAroundTheWeekAndTheDateLine) {
  // The last hour of Sunday on Niue is Tuesday 0:00 on Kiritimati, 25 hours ahead.
  musts_.time_zone = Zone("Pacific/Niue");
  musts_.hours = Hours(167, 168);
  therapist_.time_zone = Zone("Pacific/Kiritimati");
  EXPECT_EQ(MinutesAhead(MakeQuery(), *therapist_.time_zone), 1500);
  therapist_.hours = Hours(24, 25);
  EXPECT_TRUE(Passes(Rule::kHours));
  therapist_.hours = Hours(25, 26);
  EXPECT_FALSE(Passes(Rule::kHours));
}

TEST_F(RulesTest, FeeLimitIsIncludedAndInItsCurrency) {
  EXPECT_TRUE(Passes(Rule::kFee));
  musts_.max_fee = Money{"USD", 15000};
  EXPECT_FALSE(Passes(Rule::kFee)) << "fee not known";
  therapist_.fee = Money{"USD", 15000};
  EXPECT_TRUE(Passes(Rule::kFee));
  therapist_.fee = Money{"USD", 15001};
  EXPECT_FALSE(Passes(Rule::kFee));
  therapist_.fee = Money{"EUR", 1};
  EXPECT_FALSE(Passes(Rule::kFee));
}

TEST_F(RulesTest, EveryRequiredTagAndNoExcludedOne) {
  musts_.required_tags = {1, 3};
  musts_.excluded_tags = {2, 5};
  therapist_.tags = {1};
  EXPECT_FALSE(Passes(Rule::kRequiredTag));
  EXPECT_TRUE(Passes(Rule::kExcludedTag));
  therapist_.tags = {1, 3, 5};
  EXPECT_TRUE(Passes(Rule::kRequiredTag));
  EXPECT_FALSE(Passes(Rule::kExcludedTag));
}

TEST_F(RulesTest, SeatIsFreeAgainWhenAReservationExpires) {
  listing_.reservations = {{"r1", "c1", now_, false}};
  EXPECT_TRUE(Passes(Rule::kSeat)) << "expires at this moment";
  listing_.reservations[0].expires_at = now_ + absl::Nanoseconds(1);
  EXPECT_FALSE(Passes(Rule::kSeat));
  therapist_.seats = 2;
  EXPECT_TRUE(Passes(Rule::kSeat));
  listing_.reservations.push_back({"r2", "c2", absl::InfinitePast(), true});
  EXPECT_FALSE(Passes(Rule::kSeat)) << "a settled reservation does not expire";
  therapist_.seats = 0;
  listing_.reservations.clear();
  EXPECT_FALSE(Passes(Rule::kSeat));
}

TEST_F(RulesTest, ConfirmationLimitIsIncluded) {
  const absl::Duration limit = absl::Hours(24) * catalog_->settings().confirmation_limit_days;
  listing_.last_confirmed = now_ - limit;
  EXPECT_TRUE(Passes(Rule::kConfirmed));
  listing_.last_confirmed = now_ - limit - absl::Nanoseconds(1);
  EXPECT_FALSE(Passes(Rule::kConfirmed));
  listing_.last_confirmed = absl::InfinitePast();
  EXPECT_FALSE(Passes(Rule::kConfirmed));
  listing_.last_confirmed = now_ + absl::Hours(1);
  EXPECT_TRUE(Passes(Rule::kConfirmed)) << "a clock ahead of ours";
}

}  // namespace
}  // namespace rapport::matcher
