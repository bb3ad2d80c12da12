// Order without gaps, heads that moved, repeats, and rows that were tampered with.
#include "services/storage/event_log.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/storage/migrations.h"
#include "tests/services/storage/scratch.h"

namespace rapport::storage::event_log {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const absl::Time kNow = absl::FromUnixMicros(1'700'000'000'123'456);

NewEvent Named(const std::string& payload, std::optional<std::string> source_key = std::nullopt) {
  return {"fit_recorded", std::move(source_key), payload, kNow};
}

class EventLogTest : public ::testing::Test {
 protected:
  EventLogTest() { EXPECT_THAT(Migrate(*db_, "matcher", {{1, "event log", kSqliteSchema}}), IsOk()); }

  absl::StatusOr<int64_t> Add(absl::string_view network, int64_t expected_head,
                              const std::vector<NewEvent>& events) {
    absl::StatusOr<int64_t> head;
    absl::Status status = db_->Write([&](Transaction& tx) {
      head = Append(tx, network, expected_head, events);
      return head.status();
    });
    if (!status.ok()) return status;
    return head;
  }

  std::vector<Event> All(absl::string_view network, int64_t after = 0, int64_t limit = 1000) {
    std::vector<Event> events;
    EXPECT_THAT(Read(*db_, network, after, limit,
                     [&](const Event& event) {
                       events.push_back(event);
                       return absl::OkStatus();
                     }),
                IsOk());
    return events;
  }

  absl::Status ReadStatus() {
    return Read(*db_, "north", 0, 1000, [](const Event&) { return absl::OkStatus(); });
  }

  Scratch scratch_;
  std::unique_ptr<Database> db_ = OpenOrDie(scratch_.url());
};

TEST_F(EventLogTest, PositionsAreGaplessFromOneInEachNetwork) {
  EXPECT_EQ(*Add("north", 0, {Named("a"), Named("b")}), 2);
  EXPECT_EQ(*Add("south", 0, {Named("x")}), 1);
  EXPECT_EQ(*Add("north", 2, {Named(std::string("c\0\xff", 3), "check-1")}), 3);
  const std::vector<Event> north = All("north");
  ASSERT_EQ(north.size(), 3u);
  for (size_t i = 0; i < north.size(); ++i) EXPECT_EQ(north[i].position, static_cast<int64_t>(i) + 1);
  EXPECT_EQ(north[2].payload, std::string("c\0\xff", 3));
  EXPECT_EQ(north[2].source_key, "check-1");
  EXPECT_EQ(north[1].source_key, std::nullopt);
  EXPECT_EQ(north[0].kind, "fit_recorded");
  EXPECT_EQ(north[0].recorded_at, kNow);
  EXPECT_EQ(All("south").size(), 1u);
  EXPECT_TRUE(All("nowhere").empty());
}

TEST_F(EventLogTest, ReadsPageByPage) {
  ASSERT_TRUE(Add("north", 0, {Named("a"), Named("b"), Named("c"), Named("d"), Named("e")}).ok());
  const auto payloads = [&](int64_t after, int64_t limit) {
    std::string joined;
    for (const Event& event : All("north", after, limit)) joined += event.payload;
    return joined;
  };
  EXPECT_EQ(payloads(0, 2), "ab");
  EXPECT_EQ(payloads(2, 2), "cd");
  EXPECT_EQ(payloads(4, 2), "e");
  EXPECT_EQ(payloads(5, 2), "");
  EXPECT_EQ(Read(*db_, "north", 0, 0, [](const Event&) { return absl::OkStatus(); }).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Read(*db_, "north", 0, 9, [](const Event&) { return absl::CancelledError("enough"); }),
              StatusIs(absl::StatusCode::kCancelled, "enough"));
}

TEST_F(EventLogTest, AppendAgainstAnOldHeadIsAborted) {
  ASSERT_TRUE(Add("north", 0, {Named("a")}).ok());
  EXPECT_THAT(Add("north", 0, {Named("b")}).status(),
              StatusIs(absl::StatusCode::kAborted, AllOf(HasSubstr("position 1"), HasSubstr("expected 0"))));
  EXPECT_EQ(Add("north", 2, {Named("b")}).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(All("north").size(), 1u);
}

TEST_F(EventLogTest, SourceKeyIsLoggedOnceInANetwork) {
  ASSERT_TRUE(Add("north", 0, {Named("a", "check-1")}).ok());
  EXPECT_TRUE(Add("south", 0, {Named("a", "check-1")}).ok());
  EXPECT_EQ(Add("north", 1, {Named("b"), Named("c", "check-1")}).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(All("north").size(), 1u);  // Nor the event before it in the same call.
  ASSERT_THAT(db_->Read([](Transaction& tx) {
    EXPECT_EQ((*FindBySourceKey(tx, "north", "check-1"))->position, 1);
    EXPECT_EQ(FindBySourceKey(tx, "north", "check-2")->has_value(), false);
    EXPECT_EQ(*Head(tx, "north"), 1);
    EXPECT_EQ(*Head(tx, "nowhere"), 0);
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_F(EventLogTest, AnyAlteredColumnIsDetectedAndNamed) {
  ASSERT_TRUE(Add("north", 0, {Named("first"), Named("second", "key"), Named("third")}).ok());
  const auto corrupt =
      StatusIs(absl::StatusCode::kDataLoss, AllOf(HasSubstr("'north'"), HasSubstr("position 2")));
  for (const char* change :
       {"payload = CAST('secone' AS BLOB)", "payload = x''", "kind = 'fit_recordee'", "source_key = 'kez'",
        "source_key = NULL", "recorded_at = recorded_at + 1", "checksum = checksum + 1"}) {
    EXPECT_THAT(ReadStatus(), IsOk());
    ASSERT_THAT(Exec(*db_, "CREATE TABLE sound AS SELECT * FROM events WHERE position = 2"), IsOk());
    ASSERT_THAT(Exec(*db_, absl::StrCat("UPDATE events SET ", change, " WHERE position = 2")), IsOk());
    EXPECT_THAT(ReadStatus(), corrupt) << change;
    if (!absl::StrContains(change, "source_key")) {  // else it is not found by its key
      EXPECT_THAT(db_->Read([](Transaction& tx) { return FindBySourceKey(tx, "north", "key").status(); }),
                  corrupt)
          << change;
    }
    ASSERT_THAT(Exec(*db_, "DELETE FROM events WHERE position = 2"), IsOk());
    EXPECT_THAT(ReadStatus(), corrupt) << "a missing position";
    ASSERT_THAT(Exec(*db_, "INSERT INTO events SELECT * FROM sound"), IsOk());
    ASSERT_THAT(Exec(*db_, "DROP TABLE sound"), IsOk());
  }
  ASSERT_THAT(Exec(*db_, "UPDATE events SET network = 'south' WHERE position = 1"), IsOk());
  EXPECT_THAT(Read(*db_, "south", 0, 9, [](const Event&) { return absl::OkStatus(); }),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("'south'")));
}

}  // namespace
}  // namespace rapport::storage::event_log
