// Databases that this program must not serve from: each is refused with a sentence that says what to do.
#include "rapport/log/v1/event.pb.h"
#include "services/storage/event_log.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using storage::IsOk;
using storage::StatusIs;
using ::testing::AllOf;
using ::testing::HasSubstr;

class DamagedLogTest : public MatcherTest {
 protected:
  DamagedLogTest() {
    client_.Upsert(
        {testing::ValidTherapist("t1"), testing::ValidTherapist("t2"), testing::ValidTherapist("t3")});
    process_.reset();
  }

  void Execute(const char* sql) {
    const auto database = storage::OpenOrDie(scratch_.url());
    ASSERT_THAT(storage::Exec(*database, sql), IsOk());
  }
  // A whole event, whose payload is not ours.
  void Append(const std::string& kind, const std::string& payload) {
    const auto database = storage::OpenOrDie(scratch_.url());
    ASSERT_THAT(database->Write([&](storage::Transaction& tx) {
      return storage::event_log::Append(tx, "default", 3, {{kind, {}, payload, clock_.Now()}}).status();
    }),
                IsOk());
  }
  absl::Status Open(const MatcherOptions& options) {
    return Matcher::Create(options, surroundings_.core()).status();
  }
  absl::Status Open() { return Open({.database_url = scratch_.url(), .catalog_path = "", .vfs = ""}); }

  Surroundings surroundings_{clock_, 2};
};

TEST_F(DamagedLogTest, AnUndamagedOneOpens) {
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(DamagedLogTest, EventsOfANewerProgram) {
  log::v1::Event event;
  event.mutable_recorded_at()->set_seconds(1);
  event.GetReflection()->MutableUnknownFields(&event)->AddLengthDelimited(1000,
                                                                          "what a later version will log");
  Append("client_erased", event.SerializeAsString());
  EXPECT_THAT(Open(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("event 4 of network default (client_erased)"), HasSubstr("newer"))));
}

TEST_F(DamagedLogTest, EventsThatAreNone) {
  Append("therapist_upserted", "\xff\xff");
  EXPECT_THAT(Open(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("event 4 of network default")));
}

TEST_F(DamagedLogTest, AFlippedBit) {
  Execute("UPDATE events SET payload = substr(payload, 2) WHERE position = 2");
  EXPECT_THAT(Open(),
              StatusIs(absl::StatusCode::kDataLoss, AllOf(HasSubstr("'default' is corrupt at position 2"),
                                                          HasSubstr("restore a backup"))));
}

TEST_F(DamagedLogTest, AMissingEvent) {
  Execute("DELETE FROM events WHERE position = 2");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("no position 2")));
}

// Behind a snapshot nobody would read it before the next refit.
TEST_F(DamagedLogTest, AMissingEventBehindASnapshot) {
  {
    const MatcherProcess keeps(
        {.database_url = scratch_.url(), .catalog_path = "", .snapshot_every = 1, .vfs = ""}, clock_);
  }
  EXPECT_THAT(Open(), IsOk());
  Execute("DELETE FROM events WHERE position = 2");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("has 2 events")));
}

TEST_F(DamagedLogTest, ALogThatEndsBeforeItsSnapshot) {
  {
    const MatcherProcess keeps(
        {.database_url = scratch_.url(), .catalog_path = "", .snapshot_every = 1, .vfs = ""}, clock_);
  }
  Execute("DELETE FROM events WHERE position = 3");
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss, HasSubstr("restore a backup")));
}

TEST_F(DamagedLogTest, ANewerSchema) {
  Execute("INSERT INTO schema_version (component, version, name) VALUES ('matcher', 1000, 'of the future')");
  EXPECT_THAT(Open(),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("version 1000 of 'matcher'"), HasSubstr("run the newer program"))));
}

TEST_F(DamagedLogTest, ADatabaseInUse) {
  const MatcherProcess first({.database_url = scratch_.url(), .catalog_path = "", .vfs = ""}, clock_);
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(scratch_.file())));
}

TEST_F(DamagedLogTest, AMissingFolderOrCatalog) {
  EXPECT_EQ(
      Open({.database_url = "sqlite:" + scratch_.folder() + "/none/x.db", .catalog_path = "", .vfs = ""})
          .code(),
      absl::StatusCode::kNotFound);
  const absl::Status no_catalog = Open(
      {.database_url = scratch_.url(), .catalog_path = scratch_.folder() + "/none.textproto", .vfs = ""});
  EXPECT_THAT(no_catalog, StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.textproto")));
  EXPECT_THAT(Open(), IsOk());
}

}  // namespace
}  // namespace rapport::matcher_service
