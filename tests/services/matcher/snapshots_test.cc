// Snapshots by themselves: what is left where one cannot be written, and which one a start would use.
#include "services/matcher/snapshots.h"

#include <memory>
#include <utility>

#include "gtest/gtest.h"
#include "services/contract/catalog_file.h"
#include "services/matcher/migrations.h"
#include "services/storage/migrations.h"
#include "tests/services/storage/scratch.h"
#include "tests/support/status_matchers.h"

namespace rapport::matcher_service {
namespace {

using testing::IsOk;

class SnapshotsTest : public ::testing::Test {
 protected:
  SnapshotsTest() {
    EXPECT_THAT(storage::Migrate(*database_, kComponent, Migrations()), IsOk());
    state_.position = 7;
  }
  std::size_t Parts() { return storage::Ints(*database_, "SELECT part FROM snapshot_parts").size(); }

  storage::Scratch scratch_;
  std::unique_ptr<storage::Database> database_ = storage::OpenOrDie(scratch_.url());
  const std::shared_ptr<const matcher::Catalog> catalog_ = contract::LoadCatalog("")->catalog;
  matcher::State state_{catalog_};
  Snapshots snapshots_{*database_, catalog_, "the catalog"};
};

// On a full disk its parts would take what the log needs.
TEST_F(SnapshotsTest, NothingIsLeftOfOneThatCannotBeWrittenWhole) {
  ASSERT_THAT(
      storage::Exec(
          *database_,
          "CREATE TRIGGER no_room BEFORE INSERT ON snapshots BEGIN SELECT RAISE(FAIL, 'no room'); END"),
      IsOk());
  EXPECT_FALSE(snapshots_.Keep("default", state_).ok());
  EXPECT_EQ(Parts(), 0u);
  EXPECT_EQ(snapshots_.UsablePosition("default", 0), 0);
  ASSERT_THAT(storage::Exec(*database_, "DROP TRIGGER no_room"), IsOk());
  EXPECT_THAT(snapshots_.Keep("default", state_), IsOk());
  EXPECT_GT(Parts(), 0u);
  EXPECT_EQ(snapshots_.UsablePosition("default", 0), 7);
}

TEST_F(SnapshotsTest, WhatIsNotedOfARiskIsKept) {
  const absl::Time known_at = absl::FromUnixMicros(1'900'000'000'123'456);
  const matcher::RiskNotes both{{true, known_at}, {false, known_at - absl::Hours(1)}};
  const matcher::RiskNotes person{{}, {true, known_at}};
  state_.risk.Set("client-1", std::make_shared<const matcher::RiskNotes>(both));
  state_.risk.Set("client-2", std::make_shared<const matcher::RiskNotes>(person));
  ASSERT_THAT(snapshots_.Keep("default", state_), IsOk());
  const auto kept = *snapshots_.Newest("default", 0);
  ASSERT_NE(kept, nullptr);
  for (const auto& [client_id, notes] : {std::pair("client-1", both), std::pair("client-2", person)}) {
    const matcher::RiskNotes* found = kept->risk.Find(client_id);
    ASSERT_NE(found, nullptr) << client_id;
    for (const auto source : {matcher::RiskSource::kScores, matcher::RiskSource::kPerson}) {
      EXPECT_EQ(found->Of(source).look_first, notes.Of(source).look_first) << client_id;
      EXPECT_EQ(found->Of(source).known_at, notes.Of(source).known_at) << client_id;
    }
  }
  EXPECT_EQ(kept->risk.Find("client-3"), nullptr);
}

TEST_F(SnapshotsTest, OnlyOneOfTheModelInForceThatIsWholeIsUsable) {
  ASSERT_THAT(snapshots_.Keep("default", state_), IsOk());
  EXPECT_EQ(snapshots_.UsablePosition("default", 1), 0) << "another model";
  Snapshots after_a_start(*database_, catalog_, "the catalog");
  EXPECT_EQ(after_a_start.UsablePosition("default", 0), 0) << "nobody has looked whether it is whole";
  EXPECT_NE(*after_a_start.Newest("default", 0), nullptr);
  EXPECT_EQ(after_a_start.UsablePosition("default", 0), 7);
}

}  // namespace
}  // namespace rapport::matcher_service
