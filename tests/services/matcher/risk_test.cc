// RecordRisk: nobody is ranked for, given a seat, or advised to change of whom a risk became known since
// needs were asked about it.
#include <string>

#include "rapport/matcher/v1/needs.pb.h"
#include "services/contract/calendar.h"
#include "services/runtime/errors.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using matcher::v1::RecordRiskRequest;
using testing::IsOk;
using testing::Must;
using testing::Refused;
using testing::ValidNeeds;
using testing::ValidTherapist;

class RiskTest : public MatcherTest {
 protected:
  RiskTest() { client_.Upsert({ValidTherapist("t1"), ValidTherapist("t2")}); }

  static RecordRiskRequest Note(bool look_first, absl::Time known_at,
                                const std::string& client_id = "client-1") {
    return From(matcher::v1::RISK_SOURCE_SCORES, look_first, known_at, client_id);
  }
  static RecordRiskRequest From(matcher::v1::RiskSource source, bool look_first, absl::Time known_at,
                                const std::string& client_id = "client-1") {
    RecordRiskRequest request;
    request.set_source(source);
    request.set_client_id(client_id);
    request.set_look_first(look_first);
    *request.mutable_known_at() = contract::ToTimestamp(known_at);
    return request;
  }
  static matcher::v1::Needs AskedAt(absl::Time asked_at) {
    matcher::v1::Needs needs = ValidNeeds();
    *needs.mutable_risk()->mutable_asked_at() = contract::ToTimestamp(asked_at);
    return needs;
  }
  auto Rank(const matcher::v1::Needs& needs, const std::string& client_id = "client-1") {
    matcher::v1::RankTherapistsRequest request = RankRequest(client_id);
    *request.mutable_needs() = needs;
    return client_.Send(request);
  }
  auto Reserve(const matcher::v1::Needs& needs) {
    directory::v1::ReserveSlotRequest request = Reservation(client_.FreshId());
    *request.mutable_needs() = needs;
    return client_.Send(request);
  }
  auto Advise() {
    matcher::v1::AdviseNextStepRequest request;
    request.set_client_id("client-1");
    request.set_therapist_id("t1");
    return client_.Send(request);
  }
};

auto IsStopped() {
  return Refused(absl::StatusCode::kFailedPrecondition, kNeedsTriage);
}

TEST_F(RiskTest, NeedsAskedBeforeItAreLookedAtByAPersonFirst) {
  const absl::Time before = clock_.Now();
  ASSERT_THAT(Reserve(AskedAt(before)), IsOk());
  clock_.Advance(absl::Hours(2));
  const absl::Time known_at = clock_.Now();
  clock_.Advance(absl::Minutes(1));
  const std::int64_t position = client_.Position();
  EXPECT_EQ(Must(client_.Send(Note(true, known_at))).position(), position + 1);
  EXPECT_EQ(client_.Position(), position + 1);

  const auto ranked = Rank(AskedAt(before));
  EXPECT_THAT(ranked, IsStopped());
  EXPECT_EQ(runtime::MetadataOf(ranked.status(), "known_at"),
            absl::FormatTime(absl::RFC3339_sec, known_at, absl::UTCTimeZone()));
  EXPECT_THAT(Reserve(AskedAt(before)), IsStopped());
  matcher::v1::ExplainMatchRequest explain = ExplainRequest();
  *explain.mutable_needs() = AskedAt(before);
  EXPECT_THAT(client_.Send(explain), IsStopped());
  EXPECT_THAT(Advise(), IsStopped()) << "nobody has asked since";
  EXPECT_THAT(Rank(AskedAt(before), "client-2"), IsOk()) << "another client";

  // Asked since, and answered: a person has looked.
  EXPECT_THAT(Rank(AskedAt(clock_.Now())), IsOk());
  EXPECT_THAT(Reserve(AskedAt(clock_.Now())), IsOk());
  EXPECT_THAT(Rank(ValidNeeds()), IsOk()) << "without a time they are asked now";
  EXPECT_THAT(Rank(AskedAt(clock_.Now() + absl::Hours(48))), IsOk()) << "a clock that runs ahead";
  EXPECT_THAT(Rank(AskedAt(known_at)), IsStopped()) << "of one moment the careful one counts";
}

// A seat that was given before is not given again by the answer that is remembered.
TEST_F(RiskTest, ASeatIsNotGivenBySameRequestAsBefore) {
  directory::v1::ReserveSlotRequest request = Reservation("the-same");
  *request.mutable_needs() = AskedAt(clock_.Now());
  const auto reservation = Must(client_.Send(request)).reservation();
  EXPECT_EQ(Must(client_.Send(request)).reservation().reservation_id(), reservation.reservation_id());
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(client_.Send(Note(true, clock_.Now())), IsOk());
  const auto stopped = client_.Send(request);
  EXPECT_THAT(stopped, IsStopped());
  EXPECT_EQ(runtime::MetadataOf(stopped.status(), "reservation_id"), reservation.reservation_id());
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(client_.Send(Note(false, clock_.Now())), IsOk());
  EXPECT_EQ(Must(client_.Send(request)).reservation().reservation_id(), reservation.reservation_id());
}

// Whoever is at risk is not told of seats, or of who has left, in its place.
TEST_F(RiskTest, ARiskIsLookedAtBeforeSeatsAndTherapists) {
  const absl::Time before = clock_.Now();
  therapist::v1::Therapist full = ValidTherapist("t1");
  full.set_seats(0);
  client_.Upsert({full});
  EXPECT_THAT(Reserve(AskedAt(before)), Refused(absl::StatusCode::kFailedPrecondition, kNoFreeSeat));
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(client_.Send(Note(true, clock_.Now())), IsOk());
  EXPECT_THAT(Reserve(AskedAt(before)), IsStopped());
  directory::v1::DeleteTherapistRequest leave;
  leave.set_request_id("leave");
  leave.set_therapist_id("t1");
  ASSERT_THAT(client_.Send(leave), IsOk());
  EXPECT_THAT(Reserve(AskedAt(before)), IsStopped());
}

TEST_F(RiskTest, ANoteEndsWithALookOrAMonth) {
  const absl::Time before = clock_.Now();
  ASSERT_THAT(Reserve(AskedAt(before)), IsOk());
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(client_.Send(Note(true, clock_.Now())), IsOk());
  EXPECT_THAT(Advise(), IsStopped());
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(client_.Send(Note(false, clock_.Now())), IsOk());
  EXPECT_THAT(Advise(), IsOk());
  EXPECT_THAT(Rank(AskedAt(before)), IsOk());

  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(client_.Send(Note(true, clock_.Now())), IsOk());
  EXPECT_THAT(Advise(), IsStopped());
  clock_.Advance(absl::Hours(24 * 30));
  EXPECT_THAT(Advise(), IsStopped());
  clock_.Advance(absl::Hours(1));
  EXPECT_THAT(Rank(AskedAt(before)), IsOk());
}

// What a person states, newer scores do not take back; a look answers both.
TEST_F(RiskTest, ScoresSayNothingAgainstAPerson) {
  const absl::Time before = clock_.Now();
  ASSERT_THAT(Reserve(AskedAt(before)), IsOk());
  const auto hear = [&](matcher::v1::RiskSource source, bool look_first) {
    clock_.Advance(absl::Hours(1));
    EXPECT_THAT(client_.Send(From(source, look_first, clock_.Now())), IsOk());
  };
  hear(matcher::v1::RISK_SOURCE_SCORES, true);
  hear(matcher::v1::RISK_SOURCE_PERSON, true);
  hear(matcher::v1::RISK_SOURCE_SCORES, false);
  EXPECT_THAT(Advise(), IsStopped());
  EXPECT_THAT(Rank(AskedAt(before)), IsStopped());
  hear(matcher::v1::RISK_SOURCE_SCORES, true);
  hear(matcher::v1::RISK_SOURCE_PERSON, false);
  EXPECT_THAT(Advise(), IsOk());
  Restart();
  EXPECT_THAT(Rank(AskedAt(before)), IsOk());
  hear(matcher::v1::RISK_SOURCE_SCORES, true);
  EXPECT_THAT(Advise(), IsStopped()) << "known since the look";
}

TEST_F(RiskTest, NotesComeLateTwiceAndInAnyOrder) {
  const absl::Time before = clock_.Now();
  clock_.Advance(absl::Hours(1));
  const RecordRiskRequest alarm = Note(true, clock_.Now());
  clock_.Advance(absl::Hours(1));
  const RecordRiskRequest looked = Note(false, clock_.Now());
  ASSERT_THAT(client_.Send(looked), IsOk());
  const std::int64_t position = client_.Position();
  EXPECT_EQ(Must(client_.Send(alarm)).position(), position) << "older than what is noted: nothing changes";
  EXPECT_EQ(Must(client_.Send(looked)).position(), position);
  EXPECT_EQ(client_.Position(), position);
  EXPECT_THAT(Rank(AskedAt(before)), IsOk());

  clock_.Advance(absl::Hours(1));
  const RecordRiskRequest again = Note(true, clock_.Now());
  EXPECT_EQ(Must(client_.Send(again)).position(), position + 1);
  EXPECT_EQ(Must(client_.Send(again)).position(), position + 1);
  EXPECT_THAT(Rank(AskedAt(before)), IsStopped());
  Restart();
  EXPECT_THAT(Rank(AskedAt(before)), IsStopped());
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(client_.Position(), position + 1);
}

// Else a look that is taken now could not answer it until that time has come.
TEST_F(RiskTest, AClockThatRunsAheadDoesNotOutdoALook) {
  ASSERT_THAT(client_.Send(Note(true, clock_.Now() + absl::Minutes(1))), IsOk());
  clock_.Advance(absl::Seconds(1));
  EXPECT_THAT(Rank(AskedAt(clock_.Now())), IsOk());
}

TEST_F(RiskTest, WhatIsWrongWithANote) {
  EXPECT_THAT(client_.Send(RecordRiskRequest()),
              Refused(absl::StatusCode::kInvalidArgument, runtime::kInvalidRequest));
  const auto ahead = client_.Send(Note(true, clock_.Now() + absl::Hours(24)));
  EXPECT_THAT(ahead, Refused(absl::StatusCode::kInvalidArgument, runtime::kInvalidRequest));
  EXPECT_TRUE(runtime::OnlyViolates(ahead.status(), "known_at"));
}

}  // namespace
}  // namespace rapport::matcher_service
