// The state is a fold of the log: whoever restarts gives the same answers, to the byte.
#include "tests/services/matcher/matcher_process.h"
#include "tests/services/matcher/random_writes.h"

namespace rapport::matcher_service {
namespace {

using testing::Must;

using RestartTest = MatcherTest;

TEST_F(RestartTest, EveryAnswerIsTheSameAfterwards) {
  Client other(*process_, "other");
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(seed);
    RandomWrites(client_, clock_, seed).Run(250);
    RandomWrites(other, clock_, 100 + seed).Run(100);
    const std::vector<std::string> before = Answers(client_);
    const std::vector<std::string> before_other = Answers(other);
    EXPECT_NE(before, before_other);
    const std::int64_t position = client_.Position();
    EXPECT_GT(position, 100);

    Restart();
    other.Attach(*process_);
    EXPECT_EQ(client_.Position(), position);
    EXPECT_EQ(Answers(client_), before);
    EXPECT_EQ(Answers(other), before_other);
  }
}

TEST_F(RestartTest, AnswersToRequestsAreRemembered) {
  client_.Upsert({testing::ValidTherapist("t1")});
  const auto reserved = Must(client_.Send(Reservation("r1")));
  Restart();
  EXPECT_THAT(Must(client_.Send(Reservation("r1"))), SameMessage(reserved));
  EXPECT_EQ(Must(client_.Send(Reservation("r2"))).position(), reserved.position() + 1);
}

TEST_F(RestartTest, ALogOfManyBatchesIsReadWhole) {
  std::vector<therapist::v1::Therapist> therapists;
  for (int i = 0; i < 9'000; ++i) therapists.push_back(testing::ValidTherapist(std::to_string(i)));
  client_.Upsert(therapists);
  const auto before = Must(client_.Send(RankRequest()));
  Restart();
  EXPECT_THAT(Must(client_.Send(RankRequest())), SameMessage(before));
  EXPECT_EQ(before.state().as_of(), 9'000);
}

}  // namespace
}  // namespace rapport::matcher_service
