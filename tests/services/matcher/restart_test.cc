// The state is a fold of the log: whoever restarts gives the same answers, to the byte.
#include "tests/services/matcher/matcher_process.h"
#include "tests/services/matcher/random_writes.h"

namespace rapport::matcher_service {
namespace {

using testing::Must;

using RestartTest = MatcherTest;

// The log alone, or a snapshot at each end and the log after it.
class EveryAnswerTest : public RestartTest, public ::testing::WithParamInterface<std::int64_t> {};
INSTANTIATE_TEST_SUITE_P(FromLogAndFromSnapshots, EveryAnswerTest, ::testing::Values(1'000'000, 1));

TEST_P(EveryAnswerTest, IsTheSameAfterwards) {
  snapshot_every_ = GetParam();
  Restart();
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

std::vector<std::int64_t> NumbersOf(storage::Database& database, const std::string& sql) {
  std::vector<std::int64_t> numbers;
  EXPECT_THAT(database.Read([&](storage::Transaction& tx) {
    return tx.Query(sql, {}, [&](const storage::Row& row) {
      numbers.push_back(row.Int(0));
      return absl::OkStatus();
    });
  }),
              testing::IsOk());
  return numbers;
}

// Log positions of the snapshots in the file.
std::vector<std::int64_t> Snapshots(storage::Database& database) {
  return NumbersOf(database, "SELECT position FROM snapshots ORDER BY position");
}
std::vector<std::int64_t> ChecksumsOf(storage::Database& database) {
  return NumbersOf(database, "SELECT checksum FROM snapshot_parts ORDER BY position, part");
}

TEST_F(RestartTest, OneSnapshotIsKeptAndADamagedOneIsPassedOver) {
  snapshot_every_ = 1;
  Restart();
  RandomWrites(client_, clock_, 7).Run(100);
  Restart();
  RandomWrites(client_, clock_, 8).Run(100);
  const std::vector<std::string> before = Answers(client_);
  const std::int64_t position = client_.Position();
  process_.reset();
  std::vector<std::int64_t> damaged;
  {
    auto database = *storage::Database::Open({.url = scratch_.url()});
    EXPECT_THAT(Snapshots(*database), ::testing::ElementsAre(position));
    ASSERT_THAT(database->Write([](storage::Transaction& tx) {
      return tx.Execute("UPDATE snapshot_parts SET checksum = checksum + 1").status();
    }),
                testing::IsOk());
    damaged = ChecksumsOf(*database);
  }
  Restart();
  EXPECT_EQ(Answers(client_), before);
  process_.reset();
  auto database = *storage::Database::Open({.url = scratch_.url()});
  EXPECT_THAT(Snapshots(*database), ::testing::ElementsAre(position));
  EXPECT_NE(ChecksumsOf(*database), damaged) << "the damaged one was written anew";
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
