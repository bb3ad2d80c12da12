// Between messages and values: nothing valid is lost, equal values give equal bytes, and the way back is
// canonical.
#include "services/contract/convert.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/contract/validate.h"
#include "tests/services/contract/samples.h"

namespace rapport::contract {
namespace {

using google::protobuf::util::MessageDifferencer;
using therapist::v1::Therapist;

// Draws valid profiles from all words of the catalog, each list in random order.
class RandomProfiles {
 public:
  explicit RandomProfiles(unsigned seed) : random_(seed) {}

  Therapist Next() {
    const matcher::CatalogLists& lists = DefaultCatalog().lists();
    Therapist profile;
    profile.set_therapist_id(absl::StrCat("t-", Draw(1'000'000)));
    profile.set_display_name("Sam Őszi");
    if (Coin()) profile.set_title("LMFT");
    profile.set_invented(Coin());
    for (int i = Draw(4); i > 0; --i) *profile.add_credentials() = Credential();
    Words(lists.payers, *profile.mutable_payers());
    *profile.mutable_languages() = Some({"en", "es", "ase", "zh-Hant", "pt-BR"});
    Words(lists.age_groups, *profile.mutable_age_groups());
    Words(lists.formats, *profile.mutable_formats());
    Words(lists.modalities, *profile.mutable_modalities());
    if (Coin()) {
      profile.mutable_place()->set_region("US-VT");
      if (Coin()) profile.mutable_place()->set_city("Barre");
      if (Coin()) {
        profile.mutable_place()->set_latitude(Number(-90, 90));
        profile.mutable_place()->set_longitude(Number(-180, 180));
      }
    }
    if (Coin()) {
      profile.set_time_zone(Coin() ? "America/New_York" : "Asia/Kolkata");
      for (int i = Draw(12); i > 0; --i) {
        therapist::v1::HourRange& range = *profile.add_hours();
        range.set_day(static_cast<therapist::v1::Weekday>(1 + Draw(7)));
        range.set_start_hour(Draw(24));
        range.set_end_hour(range.start_hour() + 1 + Draw(24 - range.start_hour()));
      }
    }
    if (Coin()) {
      profile.mutable_fee()->set_currency("USD");
      profile.mutable_fee()->set_minor_units(Draw(100'000));
    }
    profile.set_seats(Draw(1001));
    profile.set_wait_weeks(Number(0, 104));
    profile.mutable_last_confirmed()->set_seconds(1'700'000'000 + Draw(90'000'000));
    profile.mutable_last_confirmed()->set_nanos(Draw(1'000'000'000));
    google::protobuf::RepeatedPtrField<std::string> concerns;
    Words(lists.concerns, concerns);
    for (const std::string& concern : concerns) {
      *(Coin() ? profile.mutable_concerns() : profile.mutable_declined_concerns())->Add() = concern;
    }
    Words(lists.approaches, *profile.mutable_approaches());
    Words(lists.tags, *profile.mutable_tags());
    google::protobuf::RepeatedPtrField<std::string> dimensions;
    Words(lists.style_dimensions, dimensions);
    for (const std::string& dimension : dimensions) {
      profile.add_style()->set_dimension(dimension);
      profile.mutable_style()->rbegin()->set_value(Number(-1, 1));
    }
    return profile;
  }

  // The same profile with every list in another order.
  Therapist Shuffled(Therapist profile) {
    Shuffle(*profile.mutable_credentials());
    Shuffle(*profile.mutable_payers());
    Shuffle(*profile.mutable_languages());
    Shuffle(*profile.mutable_modalities());
    Shuffle(*profile.mutable_hours());
    Shuffle(*profile.mutable_concerns());
    Shuffle(*profile.mutable_tags());
    Shuffle(*profile.mutable_style());
    return profile;
  }

  matcher::WeekHours Week() {
    matcher::WeekHours week;
    for (int i = 0; i < 168; ++i) week[i] = Draw(3) > 0;
    return week;
  }

 private:
  int Draw(int below) { return static_cast<int>(random_() % below); }
  bool Coin() { return Draw(2) == 0; }
  double Number(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }

  template <typename List>
  void Shuffle(List& list) {
    std::shuffle(list.pointer_begin(), list.pointer_end(), random_);
  }

  google::protobuf::RepeatedPtrField<std::string> Some(std::vector<std::string> from) {
    std::shuffle(from.begin(), from.end(), random_);
    from.resize(Draw(static_cast<int>(from.size()) + 1));
    return {from.begin(), from.end()};
  }

  template <typename Entries>
  void Words(const Entries& entries, google::protobuf::RepeatedPtrField<std::string>& words) {
    std::vector<std::string> ids;
    for (const auto& entry : entries) ids.push_back(entry.id);
    words = Some(std::move(ids));
  }

  therapist::v1::Credential Credential() {
    therapist::v1::Credential row;
    row.set_region(Coin() ? "US-MA" : "DE-BE");
    row.set_kind(static_cast<therapist::v1::CredentialKind>(1 + Draw(3)));
    row.set_status(static_cast<therapist::v1::CredentialStatus>(1 + Draw(2)));
    if (Coin()) row.set_valid_from(absl::StrCat("202", Draw(5), "-02-28"));
    if (Coin()) row.set_valid_until("2031-12-31");
    if (Coin()) row.set_code("103TC0700X");
    if (Coin()) row.set_evidence_date("2026-06-30");
    return row;
  }

  std::mt19937 random_;
};

std::string Canonical(const Therapist& profile) {
  return ToProto(DefaultCatalog(), ToDomain(DefaultCatalog(), profile)).SerializeAsString();
}

TEST(ConvertTherapist, KeepsEverythingOfRandomProfiles) {
  RandomProfiles profiles(7);
  for (int i = 0; i < 500; ++i) {
    const Therapist profile = profiles.Next();
    runtime::Violations violations;
    ValidateTherapist(DefaultCatalog(), profile, Now(), "", violations);
    ASSERT_TRUE(violations.empty()) << profile.DebugString();

    Therapist back = ToProto(DefaultCatalog(), ToDomain(DefaultCatalog(), profile));
    EXPECT_EQ(ToDomain(back.hours()), ToDomain(profile.hours()));
    Therapist expected = profile;
    back.clear_hours();  // merged on the way, and compared above
    expected.clear_hours();
    MessageDifferencer differencer;
    differencer.set_repeated_field_comparison(MessageDifferencer::AS_SET);
    std::string difference;
    differencer.ReportDifferencesToString(&difference);
    // A row given twice is one row.
    if (ToDomain(DefaultCatalog(), profile).credentials.size() ==
        static_cast<size_t>(profile.credentials_size())) {
      EXPECT_TRUE(differencer.Compare(expected, back)) << difference;
    }
  }
}

TEST(ConvertTherapist, EqualProfilesGiveEqualBytesAndConvertingTwiceChangesNothing) {
  RandomProfiles profiles(8);
  for (int i = 0; i < 300; ++i) {
    const Therapist profile = profiles.Next();
    const std::string canonical = Canonical(profile);
    EXPECT_EQ(Canonical(profiles.Shuffled(profile)), canonical);
    Therapist again;
    ASSERT_TRUE(again.ParseFromString(canonical));
    EXPECT_EQ(Canonical(again), canonical);
  }
}

TEST(ConvertTherapist, WordsOfAnotherCatalogVanish) {
  const Therapist profile =
      With(Parse<Therapist>(kTherapist),
           "tags: 'of_old' concerns: 'of_old' payers: 'of_old' style { dimension: 'of_old' }");
  EXPECT_EQ(Canonical(profile), Canonical(Parse<Therapist>(kTherapist)));
}

TEST(ConvertTherapist, HoursWithoutAKnownZoneAreNotKnown) {
  const matcher::Therapist therapist =
      ToDomain(DefaultCatalog(), With(Parse<Therapist>(kTherapist), "time_zone: 'Mars/Olympus'"));
  EXPECT_FALSE(therapist.time_zone);
  EXPECT_TRUE(therapist.hours.none());
}

TEST(ConvertHours, EveryWeekComesBackAsItsFewestRanges) {
  RandomProfiles weeks(9);
  for (int i = 0; i < 200; ++i) {
    const matcher::WeekHours week = weeks.Week();
    const auto ranges = ToProto(week);
    EXPECT_EQ(ToDomain(ranges), week);
    int starts = 0;
    for (int hour = 0; hour < 168; ++hour) starts += week[hour] && (hour % 24 == 0 || !week[hour - 1]);
    EXPECT_EQ(ranges.size(), starts);
  }
  EXPECT_EQ(ToProto(matcher::WeekHours()).size(), 0);
  EXPECT_EQ(ToProto(matcher::WeekHours().set()).size(), 7);
}

TEST(ConvertHours, MondayIsTheFirstDayAndTheEndIsNotIncluded) {
  const auto profile = Parse<Therapist>(
      "hours { day: WEEKDAY_MONDAY start_hour: 0 end_hour: 1 } hours { day: WEEKDAY_SUNDAY start_hour: 22 "
      "end_hour: 24 }");
  matcher::WeekHours expected;
  expected.set(0).set(166).set(167);
  EXPECT_EQ(ToDomain(profile.hours()), expected);
}

TEST(ConvertNeeds, KeepsEveryMust) {
  const matcher::Catalog& catalog = DefaultCatalog();
  const matcher::Needs needs = ToDomain(catalog, Parse<matcher::v1::Needs>(kNeeds));
  EXPECT_EQ(needs.musts.location.region, "US-MA");
  EXPECT_EQ(needs.musts.payers, matcher::WordSet{catalog.Payer("medicare").value()});
  EXPECT_EQ(needs.musts.languages, std::vector<std::string>{"en"});
  EXPECT_EQ(needs.musts.age_group, catalog.AgeGroup("adult"));
  EXPECT_EQ(needs.musts.format, catalog.Format("individual"));
  EXPECT_EQ(needs.musts.modalities, matcher::WordSet{catalog.ModalityWord("video").value()});
  EXPECT_EQ(needs.musts.max_distance_km, 20);
  EXPECT_EQ(needs.musts.hours.count(), 24u);
  EXPECT_EQ(needs.musts.time_zone->name(), "America/New_York");
  EXPECT_EQ(needs.musts.max_fee->minor_units, 20000);
  EXPECT_EQ(needs.musts.required_tags, matcher::WordSet{catalog.Tag("woman").value()});
  EXPECT_EQ(needs.musts.excluded_tags, matcher::WordSet{catalog.Tag("man").value()});
  EXPECT_EQ(needs.musts.excluded_therapist_ids, std::vector<std::string>{"t-9"});
  EXPECT_EQ(needs.musts.starts_on, absl::CivilDay(2027, 2, 1));
  EXPECT_EQ(needs.context.concerns, std::vector<matcher::Word>{catalog.Concern("grief").value()});
  ASSERT_EQ(needs.context.styles.size(), 1u);
}

// A must that lost its words would ask for less than the client did.
TEST(KnowsMustsTest, EveryWordOfAMustIsInTheCatalog) {
  const auto needs = Parse<matcher::v1::Needs>(kNeeds);
  EXPECT_TRUE(KnowsMusts(DefaultCatalog(), needs));
  for (const char* lost : {"payers: 'of an earlier catalog'", "modalities: 'letters'",
                           "required_tags: 'of an earlier catalog'", "excluded_tags: 'of an earlier catalog'",
                           "age_group: 'ageless'", "format: 'crowd'", "time_zone: 'Mars/Olympus'"}) {
    EXPECT_FALSE(KnowsMusts(DefaultCatalog(), With(needs, lost))) << lost;
  }
  EXPECT_TRUE(KnowsMusts(DefaultCatalog(), With(needs, "concerns: 'of an earlier catalog'"))) << "no must";
}

TEST(ConvertContext, TheOrderOfWishesDoesNotMatterAndTheOrderOfConcernsDoes) {
  const auto first = Parse<matcher::v1::ClientContext>(
      "concerns: 'sleep' concerns: 'anxiety' wishes { tag: 'woman' strength: 1 } wishes { facet: 'heard' "
      "strength: .5 } "
      "wishes { style { dimension: 'warm_support' value: 1 } strength: .2 } wishes { approach: 'emdr' "
      "strength: .3 } "
      "wishes { style { dimension: 'directiveness' value: -1 } strength: .1 } wishes { approach: 'cbt' "
      "strength: .4 }");
  matcher::v1::ClientContext second = first;
  std::reverse(second.mutable_wishes()->pointer_begin(), second.mutable_wishes()->pointer_end());
  const matcher::Catalog& catalog = DefaultCatalog();
  const auto canonical = ToProto(catalog, ToDomain(catalog, first));
  EXPECT_EQ(ToProto(catalog, ToDomain(catalog, second)).SerializeAsString(), canonical.SerializeAsString());
  EXPECT_EQ(canonical.wishes_size(), 6);
  EXPECT_EQ(canonical.wishes(0).style().dimension(), "directiveness");
  EXPECT_EQ(canonical.concerns(0), "sleep");
}

TEST(ConvertFitCheck, KeepsWhatTheCatalogStillAsks) {
  const auto event = Parse<log::v1::FitRecorded>(
      "fit_check_id: 'f' client_id: 'c' therapist_id: 't' session_number: 2 occurred_at { seconds: 5 nanos: "
      "7 } "
      "verdict: VERDICT_WOULD_NOT_CONTINUE answers { id: 'wai_sr.bond' value: 9 } answers { id: 'of_old' "
      "value: 1 } "
      "frictions: 'rushed' frictions: 'of_old' context { concerns: 'sleep' }");
  const matcher::Catalog& catalog = DefaultCatalog();
  matcher::FitCheck check = ToDomain(catalog, event);
  EXPECT_EQ(check.id, "f");
  EXPECT_EQ(check.client_id, "c");
  EXPECT_EQ(check.therapist_id, "t");
  EXPECT_EQ(check.session_number, 2);
  EXPECT_EQ(check.occurred_at, absl::FromUnixSeconds(5) + absl::Nanoseconds(7));
  EXPECT_EQ(check.verdict, matcher::Verdict::kWouldNotContinue);
  ASSERT_EQ(check.answers.size(), 1u);
  EXPECT_EQ(check.answers[0].id, "wai_sr.bond");
  EXPECT_EQ(check.frictions, matcher::WordSet{catalog.FrictionWord("rushed").value()});
  EXPECT_EQ(check.context->concerns.size(), 1u);

  check = ToDomain(catalog, Parse<log::v1::FitRecorded>("fit_check_id: 'f'"));
  EXPECT_FALSE(check.verdict);
  EXPECT_FALSE(check.context);
}

}  // namespace
}  // namespace rapport::contract
