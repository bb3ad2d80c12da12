// A message's life from pending to delivered or refused, by given times.
#include "services/storage/outbox.h"

#include "services/storage/migrations.h"
#include "tests/services/storage/scratch.h"

namespace rapport::storage::outbox {
namespace {

constexpr absl::string_view kTopic = "feedback.record_fit";
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class OutboxTest : public ::testing::Test {
 protected:
  OutboxTest() { EXPECT_THAT(Migrate(*db_, "feedback", {{1, "outbox", kSqliteSchema}}), IsOk()); }

  absl::Status Add(const std::string& key, absl::Time at = kNow, const std::string& network = "north") {
    return db_->Write([&](Transaction& tx) {
      return Enqueue(tx, {network, std::string(kTopic), key, "payload of " + key}, at);
    });
  }

  std::vector<Message> DueAt(absl::Time now, int limit = 100) {
    auto due = Due(*db_, kTopic, now, limit);
    EXPECT_TRUE(due.ok()) << due.status();
    return due.ok() ? *due : std::vector<Message>();
  }

  absl::Status Retry(int64_t id, absl::Time now) {
    return db_->Write([&](Transaction& tx) { return MarkRetry(tx, id, now, "UNAVAILABLE"); });
  }
  absl::Status Deliver(int64_t id, absl::Time now = kNow) {
    return db_->Write([&](Transaction& tx) { return MarkDelivered(tx, id, now); });
  }
  absl::Status Refuse(int64_t id, absl::Time now = kNow) {
    return db_->Write([&](Transaction& tx) { return MarkRefused(tx, id, now, "INVALID_ARGUMENT"); });
  }

  std::optional<Standing> Stands(const std::string& key) {
    std::optional<Standing> standing;
    EXPECT_THAT(db_->Read([&](Transaction& tx) {
      auto found = StateOf(tx, "north", kTopic, key);
      if (found.ok()) standing = *found;
      return found.status();
    }),
                IsOk());
    return standing;
  }

  Scratch scratch_;
  std::unique_ptr<Database> db_ = OpenOrDie(scratch_.url());
};

TEST_F(OutboxTest, DueInOrderUntilDelivered) {
  ASSERT_THAT(Add("b", kNow), IsOk());
  ASSERT_THAT(Add("a", kNow - absl::Seconds(1)), IsOk());
  ASSERT_THAT(Add("later", kNow + absl::Microseconds(1)), IsOk());
  std::vector<Message> due = DueAt(kNow);
  ASSERT_EQ(due.size(), 2u);
  EXPECT_EQ(due[0].key, "a");
  EXPECT_EQ(due[0].network, "north");
  EXPECT_EQ(due[0].payload, "payload of a");
  EXPECT_EQ(due[1].key, "b");
  EXPECT_EQ(DueAt(kNow, 1).size(), 1u);
  EXPECT_EQ(*Depth(*db_, kTopic), 3);

  ASSERT_THAT(Deliver(due[0].id), IsOk());
  EXPECT_EQ(DueAt(kNow).size(), 1u);
  EXPECT_EQ(*Depth(*db_, kTopic), 2);
  EXPECT_EQ(Stands("a")->state, State::kDelivered);
  EXPECT_EQ(Deliver(due[0].id).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Retry(due[0].id, kNow).code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Ints(*db_, "SELECT id FROM outbox WHERE state = 'delivered' AND payload <> x''").empty());
}

TEST_F(OutboxTest, KeyIsUniqueWithinNetworkAndTopic) {
  ASSERT_THAT(Add("a"), IsOk());
  EXPECT_EQ(Add("a").code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(Add("a", kNow, "south"), IsOk());
  EXPECT_THAT(db_->Write([](Transaction& tx) {
    return Enqueue(tx, {"north", "other.topic", "a", ""}, kNow);
  }),
              IsOk());
  EXPECT_EQ(*Depth(*db_, kTopic), 2);
  EXPECT_EQ(Stands("missing"), std::nullopt);
}

TEST_F(OutboxTest, FailuresWaitTwiceAsLongUpToTheCap) {
  ASSERT_THAT(Add("a"), IsOk());
  absl::Time now = kNow;
  for (absl::Duration wait : {absl::Seconds(1), absl::Seconds(2), absl::Seconds(4), absl::Seconds(8),
                              absl::Seconds(16), absl::Seconds(32), absl::Minutes(1), absl::Minutes(1)}) {
    std::vector<Message> due = DueAt(now);
    ASSERT_EQ(due.size(), 1u);
    ASSERT_THAT(Retry(due[0].id, now), IsOk());
    EXPECT_TRUE(DueAt(now + wait - absl::Microseconds(1)).empty()) << wait;
    now += wait;
  }
  // Days of failures: still a minute, no overflow.
  ASSERT_THAT(Exec(*db_, "UPDATE outbox SET attempts = 100000"), IsOk());
  const int64_t id = DueAt(now).at(0).id;
  ASSERT_THAT(Retry(id, now), IsOk());
  EXPECT_TRUE(DueAt(now + kLongestRetry - absl::Microseconds(1)).empty());
  EXPECT_EQ(DueAt(now + kLongestRetry).at(0).attempts, 100001);
  EXPECT_EQ(Stands("a")->state, State::kPending);
  EXPECT_EQ(Stands("a")->last_error, "UNAVAILABLE");
}

TEST_F(OutboxTest, RefusedIsNeverTriedAgainAndKeepsItsReason) {
  ASSERT_THAT(Add("a"), IsOk());
  const int64_t id = DueAt(kNow).at(0).id;
  ASSERT_THAT(Refuse(id), IsOk());
  EXPECT_TRUE(DueAt(kNow + absl::Hours(1000)).empty());
  EXPECT_EQ(*Depth(*db_, kTopic), 0);
  EXPECT_EQ(Stands("a")->state, State::kRefused);
  EXPECT_EQ(Stands("a")->last_error, "INVALID_ARGUMENT");
  EXPECT_EQ(Refuse(id).code(), absl::StatusCode::kNotFound);
}

TEST_F(OutboxTest, PruneForgetsTheSettledAndOldOfItsTopicAndReusesNoId) {
  for (const char* key : {"pending", "old", "new", "refused"}) ASSERT_THAT(Add(key), IsOk());
  const std::vector<Message> due = DueAt(kNow);
  ASSERT_EQ(due.size(), 4u);
  ASSERT_THAT(Deliver(due[1].id, kNow), IsOk());
  ASSERT_THAT(Deliver(due[2].id, kNow + absl::Hours(2)), IsOk());
  ASSERT_THAT(Refuse(due[3].id, kNow), IsOk());
  const auto prune = [&](absl::string_view topic) {
    int64_t removed = -1;
    EXPECT_THAT(db_->Write([&](Transaction& tx) {
      absl::StatusOr<int64_t> result = Prune(tx, topic, kNow + absl::Hours(1));
      if (result.ok()) removed = *result;
      return result.status();
    }),
                IsOk());
    return removed;
  };
  EXPECT_EQ(prune("other.topic"), 0);
  EXPECT_EQ(prune(kTopic), 2);
  EXPECT_EQ(Stands("old"), std::nullopt);
  EXPECT_EQ(Stands("new")->state, State::kDelivered);
  EXPECT_EQ(Stands("pending")->state, State::kPending);
  ASSERT_THAT(Add("after"), IsOk());
  EXPECT_GT(DueAt(kNow).back().id, due[3].id);
}

}  // namespace
}  // namespace rapport::storage::outbox
