// Seats: each is given once, comes back when nobody takes it, and stays taken by whom it was accepted for.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/contract/calendar.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using directory::v1::ReleaseSlotRequest;
using directory::v1::ReserveSlotResponse;
using matcher::v1::REACH_OUTCOME_ACCEPTED;
using matcher::v1::REACH_OUTCOME_DECLINED;
using matcher::v1::REACH_OUTCOME_NO_ANSWER;
using testing::IsOk;
using testing::Must;
using testing::Refused;
using testing::ValidTherapist;

constexpr absl::Duration kReservation = absl::Hours(72);

class SeatsTest : public MatcherTest {
 protected:
  SeatsTest() { client_.Upsert({ValidTherapist("t1")}); }

  // A seat of t1, which must be free.
  std::string Reserve() {
    return Must(client_.Send(Reservation(client_.FreshId()))).reservation().reservation_id();
  }
  absl::StatusOr<matcher::v1::RecordReachResponse> Answer(const std::string& reservation,
                                                          matcher::v1::ReachOutcome outcome) {
    return client_.Send(Reach(client_.FreshId(), reservation, outcome));
  }
  absl::StatusOr<directory::v1::ReleaseSlotResponse> Release(const std::string& reservation) {
    ReleaseSlotRequest request;
    request.set_request_id(client_.FreshId());
    request.set_reservation_id(reservation);
    return client_.Send(request);
  }
  int SeatsFree() { return client_.Get("t1").seats_free(); }
};

TEST_F(SeatsTest, TheLastSeatIsNeverGivenTwice) {
  constexpr int kThreads = 16;
  std::vector<absl::StatusOr<ReserveSlotResponse>> results(kThreads, absl::UnknownError("not asked"));
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back(
        [&, i] { results[i] = client_.Send(Reservation(absl::StrCat("r", i), absl::StrCat("client-", i))); });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<std::string> winners;
  for (const auto& result : results) {
    if (result.ok()) {
      winners.push_back(result->reservation().reservation_id());
    } else {
      EXPECT_THAT(result, Refused(absl::StatusCode::kFailedPrecondition, kNoFreeSeat));
    }
  }
  EXPECT_EQ(winners.size(), 3u);
  EXPECT_EQ(SeatsFree(), 0);
  EXPECT_EQ(client_.Position(), 4);
  for (const std::string& winner : winners) EXPECT_THAT(Release(winner), IsOk());
  EXPECT_EQ(SeatsFree(), 3);
}

TEST_F(SeatsTest, OneRequestSentByManyTakesOneSeat) {
  constexpr int kThreads = 16;
  std::vector<absl::StatusOr<ReserveSlotResponse>> results(kThreads, absl::UnknownError("not asked"));
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&, i] { results[i] = client_.Send(Reservation("r1")); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_THAT(Must(result), SameMessage(*results[0]));
  EXPECT_EQ(SeatsFree(), 2);
}

TEST_F(SeatsTest, AReservationSaysWhenItEnds) {
  const ReserveSlotResponse response = Must(client_.Send(Reservation("r1")));
  EXPECT_EQ(response.position(), 2);
  EXPECT_EQ(response.reservation().therapist_id(), "t1");
  EXPECT_EQ(contract::ToTime(response.reservation().expires_at()), clock_.Now() + kReservation);
}

TEST_F(SeatsTest, ReplayGivesTheSameReservationEvenWhenItHasEnded) {
  const ReserveSlotResponse first = Must(client_.Send(Reservation("r1")));
  EXPECT_THAT(Must(client_.Send(Reservation("r1"))), SameMessage(first));
  EXPECT_THAT(client_.Send(Reservation("r1", "client-2")),
              Refused(absl::StatusCode::kAlreadyExists, kRequestIdReused));
  EXPECT_THAT(Release(first.reservation().reservation_id()), IsOk());
  EXPECT_THAT(Must(client_.Send(Reservation("r1"))), SameMessage(first));
  EXPECT_EQ(SeatsFree(), 3);
}

TEST_F(SeatsTest, ReplayOfAReleaseGivesBackNothingMore) {
  ReleaseSlotRequest request;
  request.set_request_id("r1");
  request.set_reservation_id(Reserve());
  const auto released = Must(client_.Send(request));
  EXPECT_EQ(released.position(), 3);
  Reserve();
  EXPECT_THAT(Must(client_.Send(request)), SameMessage(released));
  EXPECT_EQ(SeatsFree(), 2);
  request.set_reservation_id("another");
  EXPECT_THAT(client_.Send(request), Refused(absl::StatusCode::kAlreadyExists, kRequestIdReused));
}

TEST_F(SeatsTest, AnUnsettledReservationEndsByItself) {
  for (int i = 0; i < 3; ++i) Reserve();
  clock_.Advance(kReservation - absl::Seconds(1));
  EXPECT_THAT(client_.Send(Reservation("r1")), Refused(absl::StatusCode::kFailedPrecondition, kNoFreeSeat));
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(SeatsFree(), 3);
  EXPECT_THAT(client_.Send(Reservation("r1")), IsOk()) << "a refusal is not remembered";
}

TEST_F(SeatsTest, AnAcceptedSeatIsKeptUntilReleased) {
  const std::string reservation = Reserve();
  EXPECT_THAT(Answer(reservation, REACH_OUTCOME_ACCEPTED), IsOk());
  clock_.Advance(absl::Hours(24 * 365));
  EXPECT_EQ(SeatsFree(), 2);
  EXPECT_THAT(Release(reservation), IsOk());
  EXPECT_EQ(SeatsFree(), 3);
  EXPECT_THAT(Release(reservation), Refused(absl::StatusCode::kNotFound, kUnknownReservation));
}

TEST_F(SeatsTest, AnOfferDeclinedOrUnansweredGivesTheSeatBack) {
  for (const auto outcome : {REACH_OUTCOME_DECLINED, REACH_OUTCOME_NO_ANSWER}) {
    const std::string reservation = Reserve();
    EXPECT_EQ(SeatsFree(), 2);
    EXPECT_THAT(Answer(reservation, outcome), IsOk());
    EXPECT_EQ(SeatsFree(), 3);
    EXPECT_THAT(Answer(reservation, REACH_OUTCOME_ACCEPTED),
                Refused(absl::StatusCode::kNotFound, kUnknownReservation));
  }
}

TEST_F(SeatsTest, ALateYesCountsWhileThereIsASeat) {
  const std::string late = Reserve();
  clock_.Advance(kReservation + absl::Hours(1));
  EXPECT_THAT(Answer(late, REACH_OUTCOME_ACCEPTED), IsOk());
  EXPECT_EQ(SeatsFree(), 2);

  const std::string too_late = Reserve();
  clock_.Advance(kReservation + absl::Hours(1));
  Reserve();
  Reserve();
  const std::int64_t before = client_.Position();
  EXPECT_THAT(Answer(too_late, REACH_OUTCOME_ACCEPTED),
              Refused(absl::StatusCode::kFailedPrecondition, kReservationEnded));
  EXPECT_EQ(client_.Position(), before);
  EXPECT_THAT(Answer(too_late, REACH_OUTCOME_DECLINED), IsOk())
      << "a late no changes no seat, and is worth knowing";
  EXPECT_EQ(SeatsFree(), 0);
}

TEST_F(SeatsTest, AnOfferThatEndedLongAgoIsForgottenWithTheNext) {
  const std::string old = Reserve();
  clock_.Advance(kReservation + absl::Hours(24 * 31));
  EXPECT_THAT(Answer(old, REACH_OUTCOME_NO_ANSWER), IsOk());
  const std::string older = Reserve();
  clock_.Advance(kReservation + absl::Hours(24 * 31));
  Reserve();
  EXPECT_THAT(Answer(older, REACH_OUTCOME_NO_ANSWER),
              Refused(absl::StatusCode::kNotFound, kUnknownReservation));
}

TEST_F(SeatsTest, AnOfferIsSettledOnce) {
  const std::string reservation = Reserve();
  const auto first = client_.Send(Reach("r1", reservation, REACH_OUTCOME_ACCEPTED));
  EXPECT_THAT(first, IsOk());
  EXPECT_THAT(Must(client_.Send(Reach("r1", reservation, REACH_OUTCOME_ACCEPTED))), SameMessage(*first));
  EXPECT_THAT(client_.Send(Reach("r1", reservation, REACH_OUTCOME_DECLINED)),
              Refused(absl::StatusCode::kAlreadyExists, kRequestIdReused));
  for (const auto outcome : {REACH_OUTCOME_ACCEPTED, REACH_OUTCOME_DECLINED, REACH_OUTCOME_NO_ANSWER}) {
    EXPECT_THAT(Answer(reservation, outcome),
                Refused(absl::StatusCode::kFailedPrecondition, kReservationEnded));
  }
  EXPECT_EQ(SeatsFree(), 2);
}

TEST_F(SeatsTest, ReachIsLearnedWithoutAReservationToo) {
  const double before = Must(client_.Send(RankRequest())).candidates(0).score().p_reach();
  EXPECT_THAT(Answer("", REACH_OUTCOME_NO_ANSWER), IsOk());
  const auto after = Must(client_.Send(RankRequest())).candidates(0);
  EXPECT_LT(after.score().p_reach(), before);
  EXPECT_EQ(after.evidence().offers(), 1);
}

TEST_F(SeatsTest, UnknownTherapistsAndReservationsAreNotFound) {
  directory::v1::ReserveSlotRequest reserve = Reservation("r1");
  reserve.set_therapist_id("t9");
  EXPECT_THAT(client_.Send(reserve), Refused(absl::StatusCode::kNotFound, kUnknownTherapist));
  EXPECT_THAT(Release("rsv_none"), Refused(absl::StatusCode::kNotFound, kUnknownReservation));
  EXPECT_THAT(Answer("rsv_none", REACH_OUTCOME_ACCEPTED),
              Refused(absl::StatusCode::kNotFound, kUnknownReservation));
  matcher::v1::RecordReachRequest reach = Reach("r2", "", REACH_OUTCOME_ACCEPTED);
  reach.set_therapist_id("t9");
  EXPECT_THAT(client_.Send(reach), Refused(absl::StatusCode::kNotFound, kUnknownTherapist));

  client_.Upsert({ValidTherapist("t2")});
  reach = Reach("r3", Reserve(), REACH_OUTCOME_ACCEPTED);
  reach.set_therapist_id("t2");
  EXPECT_THAT(client_.Send(reach), Refused(absl::StatusCode::kNotFound, kUnknownReservation)) << "it is t1's";
}

TEST_F(SeatsTest, SeatsSurviveTheProfilesRemovalAndReturn) {
  const std::string accepted = Reserve();
  const std::string open = Reserve();
  EXPECT_THAT(Answer(accepted, REACH_OUTCOME_ACCEPTED), IsOk());
  directory::v1::DeleteTherapistRequest remove;
  remove.set_request_id("r1");
  remove.set_therapist_id("t1");
  EXPECT_THAT(client_.Send(remove), IsOk());
  EXPECT_THAT(client_.Send(Reservation("r2")), Refused(absl::StatusCode::kNotFound, kUnknownTherapist));
  EXPECT_THAT(Release(open), IsOk());
  client_.Upsert({ValidTherapist("t1")});
  EXPECT_EQ(SeatsFree(), 2);
  EXPECT_THAT(Release(accepted), IsOk());
  EXPECT_EQ(SeatsFree(), 3);
}

}  // namespace
}  // namespace rapport::matcher_service
