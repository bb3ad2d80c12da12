// Every kind of request, and what can be wrong with it: each flaw alone is refused under its own path, all of
// them together are all named, and nothing is written.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/contract/calendar.h"
#include "services/matcher/methods.h"
#include "tests/services/matcher/flaws.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using ::testing::ElementsAre;
using testing::FromText;
using testing::IsOk;
using testing::Must;
using testing::Paths;
using testing::Refused;
using ::testing::UnorderedElementsAreArray;
using testing::ValidTherapist;

// Of ValidNeeds' concerns and wishes, wherever they stand.
std::vector<Flaw> ContextFlaws() {
  return {
      {"concerns[1]", "concerns: 'gloom'"},
      {"concerns[1]", "concerns: ''"},
      {"concerns[1]", "concerns: 'grief'"},
      {"concerns", Times(8, "concerns: 'anxiety'")},
      {"wishes[2]", "wishes { strength: 1 }"},
      {"wishes[2]", "wishes { facet: 'heard' strength: 1 }"},
      {"wishes[2].approach", "wishes { approach: 'voodoo' strength: 1 }"},
      {"wishes[2].tag", "wishes { tag: 'tall' strength: 1 }"},
      {"wishes[2].facet", "wishes { facet: 'hear' strength: 1 }"},
      {"wishes[2].style.dimension", "wishes { style { dimension: 'loudness' } strength: 1 }"},
      {"wishes[2].style.value", "wishes { style { dimension: 'past_focus' value: 1.01 } strength: 1 }"},
      {"wishes[2].style.value", "wishes { style { dimension: 'past_focus' value: nan } strength: 1 }"},
      {"wishes[2].strength", "wishes { approach: 'cbt' }"},
      {"wishes[2].strength", "wishes { approach: 'cbt' strength: -0.1 }"},
      {"wishes[2].strength", "wishes { approach: 'cbt' strength: nan }"},
      {"wishes[2].strength", "wishes { approach: 'cbt' strength: inf }"},
      {"wishes", Times(31, "wishes { approach: 'cbt' strength: 1 }")},
  };
}

std::vector<Flaw> NeedsFlaws() {
  return Together(
      {ContextFlaws(),
       {
           {"location", "-location"},
           {"location.region", "location { region: '' }"},
           {"location.region", "location { region: 'Massachusetts' }"},
           {"location.city", absl::StrCat("location { ", Long("city", 121), " }")},
           {"location.latitude", "location { latitude: 90.01 }"},
           {"location.latitude", "-location.latitude"},
           {"location.longitude", "location { longitude: nan }"},
           {"location.longitude", "location { longitude: -inf }"},
           {"payers[1]", "payers: 'gold_bars'"},
           {"payers", Times(16, "payers: 'aetna'")},
           {"languages[1]", "languages: 'eng'"},
           {"languages[1]", "languages: 'English'"},
           {"age_group", "age_group: ''"},
           {"age_group", "age_group: 'ancient'"},
           {"format", "format: 'choir'"},
           {"modalities[1]", "modalities: 'telepathy'"},
           {"max_distance_km", "max_distance_km: 0"},
           {"max_distance_km", "max_distance_km: 20001"},
           {"max_distance_km", "max_distance_km: nan"},
           {"max_distance_km", "max_distance_km: inf"},
           {"hours[1].day", "hours { start_hour: 1 end_hour: 2 }"},
           {"hours[1].start_hour", "hours { day: WEEKDAY_FRIDAY start_hour: -1 end_hour: 2 }"},
           {"hours[1].end_hour", "hours { day: WEEKDAY_FRIDAY start_hour: 10 end_hour: 9 }"},
           {"hours[1].end_hour", "hours { day: WEEKDAY_FRIDAY start_hour: 10 end_hour: 25 }"},
           {"time_zone", "time_zone: 'Mars/Olympus'"},
           {"time_zone", "time_zone: '../../etc/passwd'"},
           {"time_zone", "time_zone: ''"},
           {"max_fee.currency", "max_fee { currency: 'usd' }"},
           {"max_fee.minor_units", "max_fee { minor_units: -1 }"},
           {"max_fee.minor_units", "max_fee { minor_units: 9223372036854775807 }"},
           {"required_tags[1]", "required_tags: 'tall'"},
           {"excluded_tags[1]", "excluded_tags: 'tall'"},
           {"excluded_therapist_ids[1]", "excluded_therapist_ids: 'not an id'"},
           {"excluded_therapist_ids", Times(256, "excluded_therapist_ids: 'x'")},
           {"starts_on", "starts_on: '2026-02-30'"},
           {"starts_on", "starts_on: 'tomorrow'"},
           {"risk", "-risk"},
           {"risk.level", "risk { level: RISK_LEVEL_UNSPECIFIED }"},
           {"risk.level", "risk { level: 9 }"},
           {"risk.asked_at", "risk { asked_at { nanos: -1 } }"},
           {"risk.asked_at", "risk { asked_at { seconds: 9223372036854775807 } }"},
           {"risk.screenings[1].instrument", "risk { screenings { instrument: 'phq' scale: 'x' } }"},
           {"risk.screenings[1].scale", "risk { screenings { instrument: 'phq9' scale: 'item10' } }"},
           {"risk.screenings[1].score",
            "risk { screenings { instrument: 'phq9' scale: 'total' score: 28 } }"},
           {"risk.screenings[1].score",
            "risk { screenings { instrument: 'phq9' scale: 'total' score: nan } }"},
           {"risk.screenings", absl::StrCat("risk { ", Times(16, "screenings { instrument: 'phq9' }"), " }")},
       }});
}

std::vector<Flaw> PastTimeFlaws(const std::string& field = "occurred_at") {
  return {{field, absl::StrCat("-", field)},
          {field, absl::StrCat(field, " { nanos: -1 }")},
          {field, absl::StrCat(field, " { nanos: 1000000000 }")},
          {field, absl::StrCat(field, " { seconds: 9223372036854775807 }")},
          {field, absl::StrCat(field, " { seconds: ",
                               absl::ToUnixSeconds(testing::MessagesNow() + absl::Minutes(6)), " }")}};
}

std::vector<Flaw> SearchFlaws() {
  return Together({IdFlaws("client_id"),
                   Within("needs", NeedsFlaws()),
                   {{"tried_therapist_ids[0]", "tried_therapist_ids: 'not an id'"},
                    {"tried_therapist_ids[1]", "tried_therapist_ids: 'a' tried_therapist_ids: 'a'"},
                    {"tried_therapist_ids", Times(257, "tried_therapist_ids: 'a'")},
                    {"min_as_of", "min_as_of: -1"}}});
}

class BadInputTest : public MatcherTest {
 protected:
  BadInputTest() { client_.Upsert({ValidTherapist("t1")}); }

  // `several`: flaws of one request, which are all named.
  template <typename Request>
  void Check(const Request& valid, const std::vector<Flaw>& flaws, const std::vector<Flaw>& several) {
    const std::int64_t before = client_.Position();
    for (const Flaw& flaw : flaws) {
      SCOPED_TRACE(flaw.text.substr(0, 200));
      const absl::Status status = client_.Send(WithFlaw(valid, flaw.text)).status();
      EXPECT_THAT(status, Refused(absl::StatusCode::kInvalidArgument, runtime::kInvalidRequest));
      EXPECT_THAT(Paths(status), ElementsAre(flaw.path));
    }
    Request bad = valid;
    std::vector<std::string> paths;
    for (const Flaw& flaw : several) {
      bad = WithFlaw(bad, flaw.text);
      paths.push_back(flaw.path);
    }
    EXPECT_THAT(Paths(client_.Send(bad).status()), UnorderedElementsAreArray(paths));
    EXPECT_EQ(client_.Position(), before);
    EXPECT_THAT(client_.Send(valid), IsOk());
  }
};

TEST_F(BadInputTest, RankTherapists) {
  Check(RankRequest(),
        Together({SearchFlaws(),
                  {{"shortlist_size", "shortlist_size: -1"}, {"shortlist_size", "shortlist_size: 101"}}}),
        {{"client_id", "client_id: ''"},
         {"needs.risk", "-needs.risk"},
         {"needs.concerns[1]", "needs { concerns: 'gloom' }"},
         {"needs.location.latitude", "needs { location { latitude: nan } }"},
         {"needs.time_zone", "needs { time_zone: 'UTC+1' }"},
         {"tried_therapist_ids[0]", "tried_therapist_ids: ''"},
         {"min_as_of", "min_as_of: -5"},
         {"shortlist_size", "shortlist_size: 1000000"}});
}

TEST_F(BadInputTest, ExplainMatch) {
  Check(ExplainRequest(), Together({SearchFlaws(), IdFlaws("therapist_id")}),
        {{"client_id", "client_id: ' '"},
         {"therapist_id", "therapist_id: ''"},
         {"needs.format", "needs { format: '' }"},
         {"needs.max_distance_km", "needs { max_distance_km: -inf }"}});
}

TEST_F(BadInputTest, PredictFit) {
  auto valid = FromText<matcher::v1::PredictFitRequest>("client_id: 'client-1' therapist_ids: 't1'");
  *valid.mutable_needs()->mutable_concerns() = testing::ValidNeeds().concerns();
  *valid.mutable_needs()->mutable_wishes() = testing::ValidNeeds().wishes();
  Check(valid,
        Together({IdFlaws("client_id"),
                  Within("needs", ContextFlaws()),
                  {{"therapist_ids", "-therapist_ids"},
                   {"therapist_ids[1]", "therapist_ids: 't1'"},
                   {"therapist_ids[1]", "therapist_ids: 'not an id'"},
                   {"therapist_ids", Times(1'000, "therapist_ids: 'x'")},
                   {"min_as_of", "min_as_of: -1"}}}),
        {{"client_id", "client_id: ''"},
         {"needs.concerns[1]", "needs { concerns: 'gloom' }"},
         {"therapist_ids[1]", "therapist_ids: ''"},
         {"min_as_of", "min_as_of: -1"}});
}

TEST_F(BadInputTest, RecordFit) {
  Check(FitCheck("f1"),
        Together({IdFlaws("fit_check_id"),
                  IdFlaws("client_id"),
                  IdFlaws("therapist_id"),
                  PastTimeFlaws(),
                  Within("context", ContextFlaws()),
                  {{"session_number", "session_number: -1"},
                   {"session_number", "session_number: 10001"},
                   {"verdict", "verdict: 9"},
                   {"verdict", "-verdict -answers -frictions"},
                   {"answers[2].id", "answers { id: 'heard' value: 3 }"},
                   {"answers[2].id", "answers { id: 'weather' value: 3 }"},
                   {"answers[2].id", "answers { id: 'phq9.total' value: 3 }"},
                   {"answers[2].value", "answers { id: 'accepted' value: 10.01 }"},
                   {"answers[2].value", "answers { id: 'accepted' value: -0.01 }"},
                   {"answers[2].value", "answers { id: 'accepted' value: nan }"},
                   {"answers[2].value", "answers { id: 'wai_sr.task' value: inf }"},
                   {"answers", Times(63, "answers { id: 'accepted' value: 1 }")},
                   {"frictions[1]", "frictions: 'boring'"},
                   {"frictions[1]", "frictions: 'too_directive'"},
                   {"frictions", Times(32, "frictions: 'rushed'")}}}),
        {{"fit_check_id", "fit_check_id: ''"},
         {"client_id", "client_id: ''"},
         {"therapist_id", "therapist_id: ''"},
         {"occurred_at", "-occurred_at"},
         {"session_number", "session_number: -7"},
         {"answers[2].value", "answers { id: 'accepted' value: nan }"},
         {"frictions[1]", "frictions: 'boring'"},
         {"context.concerns[1]", "context { concerns: 'gloom' }"}});
}

TEST_F(BadInputTest, RecordRisk) {
  matcher::v1::RecordRiskRequest good;
  good.set_client_id("client-1");
  *good.mutable_known_at() = contract::ToTimestamp(testing::MessagesNow());
  good.set_source(matcher::v1::RISK_SOURCE_PERSON);
  Check(good,
        Together({IdFlaws("client_id"),
                  PastTimeFlaws("known_at"),
                  {{"source", "source: RISK_SOURCE_UNSPECIFIED"}, {"source", "source: 7"}}}),
        {{"client_id", "client_id: ''"}, {"source", "-source"}});
}

TEST_F(BadInputTest, RecordReach) {
  const std::string reservation = Must(client_.Send(Reservation("r0"))).reservation().reservation_id();
  Check(Reach("r1", reservation, matcher::v1::REACH_OUTCOME_ACCEPTED),
        Together({IdFlaws("request_id"),
                  IdFlaws("therapist_id"),
                  PastTimeFlaws(),
                  {{"reservation_id", "reservation_id: 'not an id'"},
                   {"reservation_id", Long("reservation_id", 129)},
                   {"outcome", "outcome: REACH_OUTCOME_UNSPECIFIED"},
                   {"outcome", "outcome: 4"}}}),
        {{"request_id", "request_id: ''"},
         {"therapist_id", "therapist_id: ''"},
         {"reservation_id", "reservation_id: '?'"},
         {"outcome", "outcome: -1"},
         {"occurred_at", "occurred_at { nanos: -1 }"}});
}

TEST_F(BadInputTest, GetTherapist) {
  Check(FromText<directory::v1::GetTherapistRequest>("therapist_id: 't1'"), IdFlaws("therapist_id"),
        {{"therapist_id", "therapist_id: '*'"}});
}

TEST_F(BadInputTest, ListTherapists) {
  Check(directory::v1::ListTherapistsRequest(),
        {{"page_size", "page_size: -1"},
         {"page_size", "page_size: 501"},
         {"page_token", "page_token: 'x'"},
         {"page_token", Long("page_token", 100'000)}},
        {{"page_size", "page_size: 501"}, {"page_token", "page_token: 't1'"}});
}

TEST_F(BadInputTest, DeleteTherapist) {
  Check(FromText<directory::v1::DeleteTherapistRequest>("request_id: 'r1' therapist_id: 't1'"),
        Together({IdFlaws("request_id"), IdFlaws("therapist_id")}),
        {{"request_id", "request_id: ''"}, {"therapist_id", "therapist_id: ''"}});
}

TEST_F(BadInputTest, ConfirmAvailability) {
  Check(FromText<directory::v1::ConfirmAvailabilityRequest>(
            "request_id: 'r1' therapist_id: 't1' seats: 0 wait_weeks: 104"),
        Together({IdFlaws("request_id"),
                  IdFlaws("therapist_id"),
                  {{"seats", "seats: -1"},
                   {"seats", "seats: 1001"},
                   {"wait_weeks", "wait_weeks: -0.5"},
                   {"wait_weeks", "wait_weeks: 104.5"},
                   {"wait_weeks", "wait_weeks: nan"},
                   {"wait_weeks", "wait_weeks: inf"}}}),
        {{"request_id", "request_id: ''"},
         {"therapist_id", "therapist_id: ''"},
         {"seats", "seats: -1"},
         {"wait_weeks", "wait_weeks: nan"}});
}

TEST_F(BadInputTest, ReserveSlot) {
  Check(Reservation("r1"),
        Together({IdFlaws("request_id"), IdFlaws("therapist_id"), IdFlaws("client_id"), ContextFlaws()}),
        {{"request_id", "request_id: ''"},
         {"therapist_id", "therapist_id: ''"},
         {"client_id", "client_id: ''"},
         {"concerns[1]", "concerns: 'gloom'"},
         {"wishes[2]", "wishes {}"},
         {"wishes[2].strength", ""}});
}

TEST_F(BadInputTest, ReleaseSlot) {
  directory::v1::ReleaseSlotRequest valid;
  valid.set_request_id("r1");
  valid.set_reservation_id(Must(client_.Send(Reservation("r0"))).reservation().reservation_id());
  Check(valid, Together({IdFlaws("request_id"), IdFlaws("reservation_id")}),
        {{"request_id", "request_id: ''"}, {"reservation_id", "reservation_id: ''"}});
}

class BadBytesTest : public BadInputTest {
 protected:
  static std::vector<std::string> UnaryMethods() {
    std::vector<std::string> methods;
    for (const runtime::Method& method :
         {kGetTherapist, kListTherapists, kDeleteTherapist, kConfirmAvailability, kReserveSlot, kReleaseSlot,
          kGetCatalog, kRankTherapists, kExplainMatch, kPredictFit, kRecordFit, kRecordReach, kRecordRisk}) {
      methods.push_back(method.full_name);
    }
    return methods;
  }
};

TEST_F(BadBytesTest, BytesThatAreNoSuchMessage) {
  for (const std::string& method : UnaryMethods()) {
    SCOPED_TRACE(method);
    for (const char* bytes : {"\xff\xff\xff\xff", "\x0a\x7f", "GET / HTTP/1.1\r\n"}) {
      EXPECT_THAT(client_.SendBytes(method, bytes),
                  Refused(absl::StatusCode::kInvalidArgument, runtime::kMalformedMessage));
    }
  }
  EXPECT_EQ(client_.Position(), 1);
}

TEST_F(BadBytesTest, TextThatIsNotUtf8) {
  for (const std::string& method : UnaryMethods()) {
    if (method == kGetCatalog.full_name) continue;  // has no fields
    SCOPED_TRACE(method);
    // The string field 1; of ListTherapists it is field 2.
    const bool second = method == kListTherapists.full_name;
    const absl::Status status =
        client_.SendBytes(method, absl::StrCat(second ? "\x12" : "\x0a", "\x02\xff\xfe"));
    EXPECT_THAT(status, Refused(absl::StatusCode::kInvalidArgument, runtime::kMalformedMessage));
    ASSERT_EQ(Paths(status).size(), 1u);
    EXPECT_NE(Paths(status)[0], "request") << "the field is not named";
  }
  EXPECT_EQ(client_.Position(), 1);
}

TEST_F(BadBytesTest, AMessageOfTenMegabytes) {
  for (const std::string& method : UnaryMethods()) {
    SCOPED_TRACE(method);
    EXPECT_EQ(client_.SendBytes(method, std::string(10 << 20, '\x0a')).code(),
              absl::StatusCode::kResourceExhausted);
  }
  EXPECT_EQ(client_.Position(), 1);
}

}  // namespace
}  // namespace rapport::matcher_service
