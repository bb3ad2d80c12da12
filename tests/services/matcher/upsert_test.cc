// UpsertTherapists: one verdict for each row, whatever the other rows are.
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using directory::v1::RowResult;
using directory::v1::UpsertTherapistsRequest;
using directory::v1::UpsertTherapistsResponse;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Must;
using testing::Refused;
using testing::ValidTherapist;
using testing::With;

using UpsertTest = MatcherTest;

std::vector<directory::v1::UpsertVerdict> Verdicts(const UpsertTherapistsResponse& response) {
  std::vector<directory::v1::UpsertVerdict> verdicts;
  for (const RowResult& row : response.rows()) verdicts.push_back(row.verdict());
  return verdicts;
}

std::vector<std::string> Fields(const RowResult& row) {
  std::vector<std::string> fields;
  for (const auto& violation : row.violations()) fields.push_back(violation.field());
  return fields;
}

UpsertTherapistsRequest Masked(const therapist::v1::Therapist& therapist,
                               const std::vector<std::string>& fields) {
  UpsertTherapistsRequest row = Row(therapist);
  for (const std::string& field : fields) row.mutable_update_mask()->add_paths(field);
  return row;
}

TEST_F(UpsertTest, EveryRowHasItsVerdict) {
  EXPECT_EQ(client_.Upsert({ValidTherapist("t1"), ValidTherapist("t2")}), 2);

  therapist::v1::Therapist changed = ValidTherapist("t1");
  changed.set_display_name("Dr. Noa Brook");
  therapist::v1::Therapist bad = ValidTherapist("t3");
  bad.set_seats(-1);
  bad.add_payers("gold_bars");
  bad.mutable_credentials(0)->set_region("Massachusetts");
  const UpsertTherapistsResponse response = Must(client_.Send(
      {Row(changed, 11), Row(ValidTherapist("t2"), 12), Row(bad, 13), Row(ValidTherapist("t4"), 14)}));

  EXPECT_THAT(Verdicts(response),
              ElementsAre(directory::v1::UPSERT_VERDICT_CHANGED, directory::v1::UPSERT_VERDICT_UNCHANGED,
                          directory::v1::UPSERT_VERDICT_REFUSED, directory::v1::UPSERT_VERDICT_ADDED));
  EXPECT_EQ(response.changed(), 1);
  EXPECT_EQ(response.unchanged(), 1);
  EXPECT_EQ(response.refused(), 1);
  EXPECT_EQ(response.added(), 1);
  EXPECT_EQ(response.position(), 4);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(response.rows(i).line(), 11 + i);
    EXPECT_EQ(response.rows(i).therapist_id(), absl::StrCat("t", i + 1));
  }
  EXPECT_THAT(Fields(response.rows(2)), ElementsAre("credentials[0].region", "payers[1]", "seats"));
  EXPECT_THAT(response.rows(2).violations(1).description(), HasSubstr("gold_bars"));
  EXPECT_EQ(client_.Get("t1").display_name(), "Dr. Noa Brook");
  EXPECT_EQ(client_.Get("t4").seats_free(), 3);
}

TEST_F(UpsertTest, TheSameRowsTwiceChangeNothing) {
  std::vector<UpsertTherapistsRequest> rows;
  for (int i = 0; i < 1'100; ++i) rows.push_back(Row(ValidTherapist(absl::StrCat("t", i))));
  EXPECT_EQ(Must(client_.Send(rows)).added(), 1'100);
  const std::string etag = client_.Get("t7").etag();

  const UpsertTherapistsResponse again = Must(client_.Send(rows));
  EXPECT_EQ(again.unchanged(), 1'100);
  EXPECT_EQ(again.position(), 1'100);
  EXPECT_EQ(client_.Position(), 1'100);
  EXPECT_EQ(client_.Get("t7").etag(), etag);
}

TEST_F(UpsertTest, WhatMeansTheSameIsTheSame) {
  client_.Upsert({With(ValidTherapist("t1"),
                       R"(languages: "es" hours { day: WEEKDAY_MONDAY start_hour: 12 end_hour: 13 })")});
  therapist::v1::Therapist other_way_round = ValidTherapist("t1");
  other_way_round.set_languages(0, "es");
  other_way_round.add_languages("en");
  other_way_round.mutable_hours(0)->set_end_hour(13);
  other_way_round.set_seats_free(77);  // output only
  EXPECT_EQ(Must(client_.Send({Row(other_way_round)})).unchanged(), 1);
}

TEST_F(UpsertTest, ATherapistWhoStandsTwiceInAStreamIsWrittenInOrder) {
  therapist::v1::Therapist second = ValidTherapist("t1");
  second.set_title("PhD");
  const UpsertTherapistsResponse response =
      Must(client_.Send({Row(ValidTherapist("t1")), Row(ValidTherapist("t2")), Row(second), Row(second),
                         Row(ValidTherapist("t2"))}));
  EXPECT_THAT(Verdicts(response),
              ElementsAre(directory::v1::UPSERT_VERDICT_ADDED, directory::v1::UPSERT_VERDICT_ADDED,
                          directory::v1::UPSERT_VERDICT_CHANGED, directory::v1::UPSERT_VERDICT_UNCHANGED,
                          directory::v1::UPSERT_VERDICT_UNCHANGED));
  EXPECT_EQ(response.position(), 3);
  EXPECT_EQ(client_.Get("t1").title(), "PhD");
}

TEST_F(UpsertTest, AMaskChangesWhatItNamesAndNothingElse) {
  client_.Upsert({ValidTherapist("t1")});
  therapist::v1::Therapist change;
  change.set_therapist_id("t1");
  change.set_title("PhD");
  change.set_wait_weeks(9);
  EXPECT_EQ(Must(client_.Send({Masked(change, {"title", "fee"})})).changed(), 1);

  therapist::v1::Therapist expected = ValidTherapist("t1");
  expected.set_title("PhD");
  expected.clear_fee();  // named, and not in the row
  therapist::v1::Therapist found = client_.Get("t1");
  found.clear_etag();
  found.clear_seats_free();
  EXPECT_THAT(found, SameMessage(expected));
  EXPECT_EQ(Must(client_.Send({Masked(change, {"title"})})).unchanged(), 1);
}

TEST_F(UpsertTest, AMaskIsCheckedWithTheProfileThatComesOfIt) {
  client_.Upsert({ValidTherapist("t1")});
  therapist::v1::Therapist change;
  change.set_therapist_id("t1");
  change.add_concerns("psychosis");  // declined by t1
  const UpsertTherapistsResponse response = Must(client_.Send(
      {Masked(change, {"concerns"}), Masked(change, {"therapist_id", "seats_free", "shoe_size", "etag"}),
       Masked(ValidTherapist("t9"), {"title"})}));
  EXPECT_EQ(response.refused(), 3);
  EXPECT_THAT(Fields(response.rows(0)), ElementsAre("declined_concerns[0]"));
  EXPECT_THAT(Fields(response.rows(1)),
              ElementsAre("update_mask[0]", "update_mask[1]", "update_mask[2]", "update_mask[3]"));
  EXPECT_THAT(Fields(response.rows(2)), ElementsAre("therapist_id"));
  EXPECT_EQ(client_.Position(), 1);
}

TEST_F(UpsertTest, AnEtagGuardsAgainstAChangeInBetween) {
  client_.Upsert({ValidTherapist("t1")});
  therapist::v1::Therapist read = client_.Get("t1");
  read.set_title("PhD");
  EXPECT_EQ(Must(client_.Send({Row(read)})).changed(), 1);
  EXPECT_EQ(Must(client_.Send({Row(read)})).unchanged(), 1) << "sent again after a stream that broke";
  read.set_title("MD");
  therapist::v1::Therapist unknown = ValidTherapist("t2");
  unknown.set_etag("t1");
  therapist::v1::Therapist odd = ValidTherapist("t1");
  odd.set_etag("no etag of ours");
  const UpsertTherapistsResponse response = Must(client_.Send({Row(read), Row(unknown), Row(odd)}));
  EXPECT_EQ(response.refused(), 3);
  for (const RowResult& row : response.rows()) EXPECT_THAT(Fields(row), ElementsAre("etag"));
  EXPECT_EQ(client_.Get("t1").title(), "PhD");
}

TEST_F(UpsertTest, TooManyRowsAreRefused) {
  std::vector<UpsertTherapistsRequest> rows(10'001, Row(ValidTherapist("t1")));
  EXPECT_THAT(client_.Send(rows), Refused(absl::StatusCode::kResourceExhausted, kTooManyRows));
  EXPECT_EQ(client_.Position(), 1);
}

TEST_F(UpsertTest, AsManyRowsAsAllowedAreTaken) {
  std::vector<UpsertTherapistsRequest> rows;
  for (int i = 0; i < 10'000; ++i) {
    rows.push_back(Row(ValidTherapist(absl::StrCat("t", i)), i + 1));
    rows.back().mutable_therapist()->mutable_therapist_id()->resize(128, 'x');
  }
  const UpsertTherapistsResponse response = Must(client_.Send(rows));
  EXPECT_EQ(response.added(), 10'000);
  EXPECT_EQ(response.position(), 10'000);
}

TEST_F(UpsertTest, TheAnswerHasRoomForEveryReasonOfMostRows) {
  UpsertTherapistsRequest bad = Row(therapist::v1::Therapist());
  bad.mutable_therapist()->set_therapist_id(std::string(1'000, 'x'));
  for (int i = 0; i < 168; ++i) bad.mutable_therapist()->add_hours()->set_end_hour(-1);
  const UpsertTherapistsResponse response =
      Must(client_.Send(std::vector<UpsertTherapistsRequest>(400, bad)));
  EXPECT_EQ(response.refused(), 400);
  ASSERT_EQ(response.rows_size(), 400);

  const RowResult& first = response.rows(0);
  EXPECT_EQ(first.therapist_id(), "") << "it is too long to be one";
  EXPECT_EQ(first.violations(0).field(), "therapist_id");
  EXPECT_EQ(first.violations(1).field(), "display_name");
  EXPECT_GT(first.violations_size(), 20);
  // therapist_id, display_name, two of each of 168 hours, time_zone, last_confirmed.
  EXPECT_EQ(first.violations(first.violations_size() - 1).description(),
            absl::StrCat("and ", 2 + 2 * 168 + 2 - (first.violations_size() - 1), " more"));
  const RowResult& last = response.rows(399);
  ASSERT_EQ(last.violations_size(), 1);
  EXPECT_THAT(last.violations(0).description(),
              AllOf(HasSubstr("reasons"), HasSubstr("send this row again")));
  EXPECT_EQ(client_.Position(), 0);
}

TEST_F(UpsertTest, TheAnswerHasRoomForEveryRow) {
  UpsertTherapistsRequest bad = Row(therapist::v1::Therapist(), std::numeric_limits<std::int64_t>::max());
  bad.mutable_therapist()->set_therapist_id(std::string(127, 'x') + "?");
  const UpsertTherapistsResponse response =
      Must(client_.Send(std::vector<UpsertTherapistsRequest>(10'000, bad)));
  EXPECT_EQ(response.refused(), 10'000);
  EXPECT_EQ(response.rows_size(), 10'000);
  EXPECT_EQ(response.rows(0).violations_size(), 3);
  EXPECT_EQ(response.rows(9'999).violations_size(), 1) << "this test is to fill the answer";
}

TEST_F(UpsertTest, RowsOfAnySizeAreTakenInTurn) {
  // Rows near the limit of a message: together far more than is kept in memory at once.
  UpsertTherapistsRequest large = Row(ValidTherapist("t1"));
  large.mutable_therapist()->set_title(std::string(3 << 20, 'x'));
  std::vector<UpsertTherapistsRequest> rows(100, large);
  rows.push_back(Row(ValidTherapist("t1")));
  const UpsertTherapistsResponse response = Must(client_.Send(rows));
  EXPECT_EQ(response.refused(), 100);
  EXPECT_EQ(response.added(), 1);
}

TEST_F(UpsertTest, NoRowsAreAnAnswerToo) {
  const UpsertTherapistsResponse response = Must(client_.Send(std::vector<UpsertTherapistsRequest>()));
  EXPECT_EQ(response.rows_size(), 0);
  EXPECT_EQ(response.position(), 0);
}

TEST_F(UpsertTest, NetworksDoNotSeeEachOther) {
  client_.Upsert({ValidTherapist("t1")});
  Client other(*process_, "other");
  EXPECT_EQ(other.Position(), 0);
  EXPECT_EQ(Must(other.Send({Row(ValidTherapist("t1"))})).added(), 1);
  EXPECT_EQ(other.Position(), 1);
  EXPECT_EQ(client_.Position(), 1);
}

}  // namespace
}  // namespace rapport::matcher_service
