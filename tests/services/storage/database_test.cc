// Values, transactions and the statuses of statements.
#include "services/storage/database.h"

#include <cmath>
#include <limits>

#include "tests/services/storage/scratch.h"

namespace rapport::storage {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DatabaseTest : public ::testing::Test {
 protected:
  DatabaseTest() : db_(OpenOrDie(scratch_.url())) {
    EXPECT_THAT(db_->Write([](Transaction& tx) {
      return tx.ExecuteScript(
          "CREATE TABLE every (id INTEGER PRIMARY KEY, i INTEGER, r REAL, t TEXT, b BLOB) STRICT;"
          "CREATE TABLE child (id INTEGER PRIMARY KEY, every_id INTEGER NOT NULL REFERENCES every (id)) "
          "STRICT;");
    }),
                IsOk());
  }

  Scratch scratch_;
  std::unique_ptr<Database> db_;
};

TEST_F(DatabaseTest, EveryTypeComesBackAsItWentIn) {
  const std::string blob("\0middle\0\xff\xfe end\0", 15);
  const std::string text = "Grüße, Ὀδυσσεύς, 心, 🫶";
  const int64_t low = std::numeric_limits<int64_t>::min();
  const double tiny = std::numeric_limits<double>::denorm_min();
  ASSERT_THAT(Exec(*db_, "INSERT INTO every VALUES ($1, $2, $3, $4, $5)", {1, low, tiny, text, Bytes{blob}}),
              IsOk());
  ASSERT_THAT(Exec(*db_, "INSERT INTO every VALUES ($1, $2, $2, $2, $2)", {2, Value()}), IsOk());
  ASSERT_THAT(Exec(*db_, "INSERT INTO every VALUES ($1, 0, $2, $3, $4)",
                   {3, -std::numeric_limits<double>::infinity(), "", Bytes{}}),
              IsOk());

  int rows = 0;
  ASSERT_THAT(db_->Read([&](Transaction& tx) {
    return tx.Query("SELECT id, i, r, t, b FROM every ORDER BY id", {}, [&](const Row& row) {
      ++rows;
      if (row.Int(0) == 1) {
        EXPECT_EQ(row.Int(1), low);
        EXPECT_EQ(row.Real(2), tiny);
        EXPECT_EQ(row.Text(3), text);
        EXPECT_EQ(row.Blob(4), blob);
      } else if (row.Int(0) == 2) {
        for (int column = 1; column <= 4; ++column) EXPECT_TRUE(row.IsNull(column));
        EXPECT_EQ(row.Int(1), 0);
        EXPECT_EQ(row.Text(3), "");
      } else {
        EXPECT_EQ(row.Real(2), -std::numeric_limits<double>::infinity());
        EXPECT_FALSE(row.IsNull(3));
        EXPECT_FALSE(row.IsNull(4));
        EXPECT_EQ(row.Blob(4), "");
      }
      return absl::OkStatus();
    });
  }),
              IsOk());
  EXPECT_EQ(rows, 3);
}

TEST_F(DatabaseTest, RefusesValuesThatOneEngineWouldChange) {
  EXPECT_THAT(Exec(*db_, "INSERT INTO every (r) VALUES ($1)", {std::nan("")}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("NaN")));
  EXPECT_THAT(Exec(*db_, "INSERT INTO every (t) VALUES ($1)", {std::string("a\0b", 3)}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("NUL")));
  EXPECT_THAT(Exec(*db_, "INSERT INTO every (i) VALUES ($1)", {"not a number"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("INTEGER column")));
}

TEST_F(DatabaseTest, ParametersMayRepeatAndComeInAnyOrder) {
  ASSERT_THAT(Exec(*db_, "INSERT INTO every (id, i, t) VALUES ($2, $2, $1)", {"first", 2}), IsOk());
  EXPECT_THAT(Ints(*db_, "SELECT i FROM every WHERE t = 'first'"), ::testing::ElementsAre(2));
}

TEST_F(DatabaseTest, ExecuteCountsChangedRowsOfItsOwnStatement) {
  ASSERT_THAT(db_->Write([](Transaction& tx) {
    EXPECT_EQ(*tx.Execute("INSERT INTO every (id) VALUES (1), (2), (3)"), 3);
    EXPECT_EQ(*tx.Execute("CREATE TABLE other (id INTEGER PRIMARY KEY) STRICT"), 0);
    EXPECT_EQ(*tx.Execute("UPDATE every SET i = 7 WHERE id > $1", {1}), 2);
    EXPECT_EQ(*tx.Execute("DELETE FROM every WHERE id > $1", {100}), 0);
    return absl::OkStatus();
  }),
              IsOk());
}

TEST_F(DatabaseTest, BodyThatFailsLeavesNothing) {
  EXPECT_THAT(db_->Write([](Transaction& tx) {
    EXPECT_TRUE(tx.Execute("INSERT INTO every (id) VALUES (1)").ok());
    return absl::AbortedError("changed my mind");
  }),
              StatusIs(absl::StatusCode::kAborted, "changed my mind"));
  EXPECT_TRUE(Ints(*db_, "SELECT id FROM every").empty());
}

TEST_F(DatabaseTest, BodyThatThrowsLeavesNothingAndTheDatabaseUsable) {
  EXPECT_THROW((void)db_->Write([](Transaction& tx) -> absl::Status {
    EXPECT_TRUE(tx.Execute("INSERT INTO every (id) VALUES (1)").ok());
    throw std::bad_alloc();
  }),
               std::bad_alloc);
  EXPECT_THAT(Exec(*db_, "INSERT INTO every (id) VALUES (2)"), IsOk());
  EXPECT_THAT(Ints(*db_, "SELECT id FROM every"), ::testing::ElementsAre(2));
}

TEST_F(DatabaseTest, FailedStatementDoomsTheTransactionThatIgnoresIt) {
  ASSERT_THAT(Exec(*db_, "INSERT INTO every (id) VALUES (1)"), IsOk());
  EXPECT_THAT(db_->Write([](Transaction& tx) {
    EXPECT_TRUE(tx.Execute("INSERT INTO every (id) VALUES (2)").ok());
    EXPECT_EQ(tx.Execute("INSERT INTO every (id) VALUES (1)").status().code(),
              absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(tx.Execute("INSERT INTO every (id) VALUES (3)").status().code(),
              absl::StatusCode::kAlreadyExists);
    return absl::OkStatus();
  }),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("every.id")));
  EXPECT_THAT(Ints(*db_, "SELECT id FROM every"), ::testing::ElementsAre(1));
}

TEST_F(DatabaseTest, ConstraintErrorsNameColumnsAndNoValues) {
  ASSERT_THAT(
      Exec(*db_, "CREATE TABLE person (name TEXT NOT NULL PRIMARY KEY CHECK (name <> 'banned-x')) STRICT"),
      IsOk());
  ASSERT_THAT(Exec(*db_, "INSERT INTO person VALUES ($1)", {"secret-name"}), IsOk());
  EXPECT_THAT(Exec(*db_, "INSERT INTO person VALUES ($1)", {"secret-name"}),
              StatusIs(absl::StatusCode::kAlreadyExists,
                       AllOf(HasSubstr("person.name"), Not(HasSubstr("secret-name")))));
  EXPECT_THAT(Exec(*db_, "INSERT INTO person VALUES ($1)", {Value()}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("person.name")));
  EXPECT_THAT(Exec(*db_, "INSERT INTO child (every_id) VALUES ($1)", {4711}),
              StatusIs(absl::StatusCode::kFailedPrecondition, Not(HasSubstr("4711"))));
}

TEST_F(DatabaseTest, MistakesInOurStatementsAreInternal) {
  EXPECT_THAT(Exec(*db_, "SELEC 1"), StatusIs(absl::StatusCode::kInternal, HasSubstr("SELEC")));
  EXPECT_THAT(Exec(*db_, "SELECT 1; SELECT 2"),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("one statement")));
  EXPECT_THAT(Exec(*db_, ""), StatusIs(absl::StatusCode::kInternal, HasSubstr("one statement")));
  EXPECT_THAT(Exec(*db_, "SELECT $1, $2", {1}),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("1 values for 2")));
  EXPECT_THAT(Exec(*db_, "SELECT $2", {1}),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("no parameter $1")));
  EXPECT_THAT(Exec(*db_, "SELECT \"a string\""),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("a string")));
  EXPECT_THAT(Exec(*db_, "COMMIT"), StatusIs(absl::StatusCode::kInternal, HasSubstr("no transaction")));
  EXPECT_THAT(Exec(*db_, "INSERT INTO every (id) VALUES (1)"), IsOk());
}

TEST_F(DatabaseTest, ReadTransactionCannotWrite) {
  EXPECT_THAT(
      db_->Read([](Transaction& tx) { return tx.Execute("INSERT INTO every (id) VALUES (1)").status(); }),
      StatusIs(absl::StatusCode::kInternal, HasSubstr("read transaction")));
  EXPECT_THAT(db_->Read([](Transaction& tx) { return tx.ExecuteScript("DELETE FROM every"); }),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("read transaction")));
}

TEST_F(DatabaseTest, CallbackMayStopAQueryAndMayNestTheSameStatement) {
  ASSERT_THAT(Exec(*db_, "INSERT INTO every (id) VALUES (1), (2), (3)"), IsOk());
  constexpr absl::string_view kAll = "SELECT id FROM every ORDER BY id";
  int pairs = 0;
  EXPECT_THAT(db_->Write([&](Transaction& tx) {
    absl::Status stopped = tx.Query(kAll, {}, [&](const Row& outer) {
      if (outer.Int(0) == 3) return absl::CancelledError("enough");
      return tx.Query(kAll, {}, [&](const Row&) {
        ++pairs;
        return absl::OkStatus();
      });
    });
    EXPECT_THAT(stopped, StatusIs(absl::StatusCode::kCancelled, "enough"));
    return tx.Execute("INSERT INTO every (id) VALUES (4)").status();  // The transaction is still healthy.
  }),
              IsOk());
  EXPECT_EQ(pairs, 6);
  EXPECT_EQ(Ints(*db_, kAll).size(), 4u);
}

TEST_F(DatabaseTest, MoreStatementsThanTheCacheHolds) {
  for (int i = 0; i < 600; ++i) {
    ASSERT_THAT(Ints(*db_, "SELECT " + std::to_string(i)), ::testing::ElementsAre(i));
  }
}

TEST_F(DatabaseTest, PingChangesNothingThatAnyoneReads) {
  ASSERT_THAT(Exec(*db_, "INSERT INTO every (id) VALUES (1)"), IsOk());
  EXPECT_THAT(db_->Ping(), IsOk());
  EXPECT_THAT(db_->Ping(), IsOk());
  EXPECT_THAT(Ints(*db_, "SELECT id FROM every"), ::testing::ElementsAre(1));
}

}  // namespace
}  // namespace rapport::storage
