// Schema steps: forward, twice, halfway, and a database from the future.
#include "services/storage/migrations.h"

#include "tests/services/storage/scratch.h"

namespace rapport::storage {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<Migration> kOne = {{1, "people", "CREATE TABLE people (id INTEGER PRIMARY KEY) STRICT;"}};
const std::vector<Migration> kTwo = {
    kOne[0], {2, "ages", "ALTER TABLE people ADD COLUMN age INTEGER; INSERT INTO people VALUES (1, 42);"}};

class MigrationsTest : public ::testing::Test {
 protected:
  Scratch scratch_;
  std::unique_ptr<Database> db_ = OpenOrDie(scratch_.url());
};

TEST_F(MigrationsTest, AppliesWhatIsMissingAndOnlyThat) {
  ASSERT_THAT(Migrate(*db_, "people", kOne), IsOk());
  ASSERT_THAT(Migrate(*db_, "people", kTwo), IsOk());
  ASSERT_THAT(Migrate(*db_, "people", kTwo), IsOk());
  EXPECT_THAT(Ints(*db_, "SELECT age FROM people"), ElementsAre(42));
  EXPECT_THAT(Ints(*db_, "SELECT version FROM schema_version WHERE component = 'people'"), ElementsAre(1, 2));
  EXPECT_TRUE(
      Ints(*db_, "SELECT applied_at FROM schema_version WHERE applied_at < 1600000000000000").empty());
}

TEST_F(MigrationsTest, ComponentsOfOneFileAreNumberedApart) {
  ASSERT_THAT(Migrate(*db_, "people", kTwo), IsOk());
  ASSERT_THAT(Migrate(*db_, "places", {{1, "places", "CREATE TABLE places (id INTEGER PRIMARY KEY) STRICT"}}),
              IsOk());
  EXPECT_THAT(CheckSchema(*db_, "people", kTwo), IsOk());
  EXPECT_EQ(CheckSchema(*db_, "places", kTwo).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(MigrationsTest, NewerDatabaseIsRefused) {
  ASSERT_THAT(Migrate(*db_, "people", kTwo), IsOk());
  const auto newer = StatusIs(absl::StatusCode::kFailedPrecondition,
                              AllOf(HasSubstr(scratch_.file()), HasSubstr("is at version 2"),
                                    HasSubstr("knows up to 1: run the newer program")));
  EXPECT_THAT(Migrate(*db_, "people", kOne), newer);
  EXPECT_THAT(CheckSchema(*db_, "people", kOne), newer);
}

TEST_F(MigrationsTest, CheckTellsFreshAndOlderDatabasesToMigrate) {
  const auto older = [](const char* version) {
    return StatusIs(absl::StatusCode::kFailedPrecondition,
                    AllOf(HasSubstr(version), HasSubstr("run the migrations")));
  };
  EXPECT_THAT(CheckSchema(*db_, "people", kTwo), older("version 0"));
  ASSERT_THAT(Migrate(*db_, "people", kOne), IsOk());
  EXPECT_THAT(CheckSchema(*db_, "people", kTwo), older("version 1"));
  ASSERT_THAT(Migrate(*db_, "people", kTwo), IsOk());
  EXPECT_THAT(CheckSchema(*db_, "people", kTwo), IsOk());
}

TEST_F(MigrationsTest, FailingStepLeavesNothingOfItselfAndCanBeRetried) {
  std::vector<Migration> broken = kTwo;
  broken[1].sqlite = "INSERT INTO people VALUES (7); NONSENSE;";
  EXPECT_EQ(Migrate(*db_, "people", broken).code(), absl::StatusCode::kInternal);
  EXPECT_THAT(CheckSchema(*db_, "people", kOne), IsOk());
  EXPECT_TRUE(Ints(*db_, "SELECT id FROM people").empty());
  EXPECT_THAT(Migrate(*db_, "people", kTwo), IsOk());
}

TEST_F(MigrationsTest, NumbersMustBeGapless) {
  EXPECT_THAT(
      Migrate(*db_, "people", {{2, "early", ""}}),
      StatusIs(absl::StatusCode::kInvalidArgument, AllOf(HasSubstr("'early'"), HasSubstr("expected 1"))));
}

}  // namespace
}  // namespace rapport::storage
