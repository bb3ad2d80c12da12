// SQLite's own way of testing: let each I/O call fail once, in turn, and look at what is left.
#include <filesystem>
#include <set>

#include "services/storage/migrations.h"
#include "tests/services/storage/scratch.h"
#include "tests/support/faulty_vfs.h"

namespace rapport::storage {
namespace {

using rapport::testing::Fault;
using rapport::testing::FaultyVfs;
using rapport::testing::Operation;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// Every change is a pair of rows n and -n, so that a half-written one shows.
const std::vector<Migration> kPairs = {
    {1, "pairs", "CREATE TABLE pairs (n INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT"}};

absl::Status AddPair(Database& db, int64_t n) {
  return db.Write([&](Transaction& tx) {
    for (int64_t half : {n, -n}) {
      absl::Status s = tx.Execute("INSERT INTO pairs VALUES ($1, $2)",
                                  {half, std::string(3000, static_cast<char>('a' + n % 26))})
                           .status();
      if (!s.ok()) return s;
    }
    return absl::OkStatus();
  });
}

std::multiset<int64_t> Positive(const Database& db) {
  return Ints(db, "SELECT n FROM pairs WHERE n > 0");
}

// The numbers of whole pairs, after checking that there are no halves.
std::multiset<int64_t> WholePairs(const Database& db) {
  const std::multiset<int64_t> pairs = Positive(db);
  EXPECT_EQ(Ints(db, "SELECT -n FROM pairs WHERE n < 0"), pairs);
  return pairs;
}

// No status that a caller would take for its own mistake.
bool BlamesTheDisk(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsResourceExhausted(status) || absl::IsDataLoss(status);
}

// A service's life: open, migrate, write, read, close. Returns the pairs that were acknowledged.
std::multiset<int64_t> Live(const std::string& url, const FaultyVfs& vfs) {
  std::multiset<int64_t> acknowledged;
  auto db = Database::Open({.url = url, .readers = 1, .vfs = vfs.name()});
  if (!db.ok()) {
    EXPECT_TRUE(BlamesTheDisk(db.status())) << db.status();
    return acknowledged;
  }
  absl::Status migrated = Migrate(**db, "test", kPairs);
  if (!migrated.ok()) {
    EXPECT_TRUE(BlamesTheDisk(migrated)) << migrated;
    return acknowledged;
  }
  for (int64_t n = 1; n <= 4; ++n) {
    absl::Status added = AddPair(**db, n);
    if (added.ok()) acknowledged.insert(n);
    EXPECT_TRUE(added.ok() || BlamesTheDisk(added)) << added;
    int64_t rows = 0;
    absl::Status read = (*db)->Read([&](Transaction& tx) {
      return tx.Query("SELECT COUNT(*) FROM pairs", {}, [&](const Row& row) {
        rows = row.Int(0);
        return absl::OkStatus();
      });
    });
    EXPECT_TRUE(read.ok() || BlamesTheDisk(read)) << read;
    EXPECT_TRUE(!read.ok() || rows == static_cast<int64_t>(2 * acknowledged.size())) << rows;
  }
  return acknowledged;
}

class AnomalyTest : public ::testing::TestWithParam<int> {};

TEST_P(AnomalyTest, EachCallFailingOnceLosesAndInventsNothing) {
  FaultyVfs vfs("faulty");
  int failures = 0;
  for (int64_t nth = 1;; ++nth) {
    SCOPED_TRACE(nth);
    Scratch scratch;
    vfs.Arm({.nth = nth, .code = GetParam()});
    const std::multiset<int64_t> acknowledged = Live(scratch.url(), vfs);
    vfs.Disarm();
    if (!vfs.fired()) break;
    ++failures;
    auto db = OpenOrDie(scratch.url());
    ASSERT_THAT(Migrate(*db, "test", kPairs), IsOk());
    ASSERT_EQ(WholePairs(*db), acknowledged);
    ASSERT_THAT(AddPair(*db, 100), IsOk());
  }
  EXPECT_GT(failures, 50);  // Else the workload reached no disk.
}

TEST_P(AnomalyTest, DiskThatStaysBrokenLosesNothingAcknowledged) {
  FaultyVfs vfs("faulty");
  int failures = 0;
  for (int64_t nth = 1;; ++nth) {
    SCOPED_TRACE(nth);
    Scratch scratch;
    vfs.Arm({.nth = nth, .code = GetParam(), .lasting = true});
    const std::multiset<int64_t> acknowledged = Live(scratch.url(), vfs);
    vfs.Disarm();
    if (!vfs.fired()) break;
    ++failures;
    auto db = OpenOrDie(scratch.url());
    ASSERT_THAT(Migrate(*db, "test", kPairs), IsOk());
    // A commit that failed at its sync, with no good write after it, may turn up whole (see Database::Write).
    std::multiset<int64_t> found = WholePairs(*db);
    for (int64_t n : acknowledged) ASSERT_EQ(found.count(n), 1u);
    ASSERT_LE(found.size(), acknowledged.size() + 1);
  }
  EXPECT_GT(failures, 50);
}

INSTANTIATE_TEST_SUITE_P(Codes, AnomalyTest, ::testing::Values(0, SQLITE_FULL),
                         [](const auto& param) { return param.param == 0 ? "OwnError" : "DiskFull"; });

class BrokenDiskTest : public ::testing::Test {
 protected:
  BrokenDiskTest() {
    EXPECT_THAT(Migrate(*db_, "test", kPairs), IsOk());
    EXPECT_THAT(AddPair(*db_, 1), IsOk());
  }

  FaultyVfs vfs_{"faulty"};
  Scratch scratch_;
  std::unique_ptr<Database> db_ = OpenOrDie(scratch_.url(), vfs_.name());
};

TEST_F(BrokenDiskTest, FullDiskIsAClearStatusAndHealsWithoutReopening) {
  vfs_.Arm({.operations = {Operation::kWrite}, .code = SQLITE_FULL, .lasting = true});
  for (int64_t n = 2; n <= 4; ++n) {
    EXPECT_THAT(AddPair(*db_, n),
                StatusIs(absl::StatusCode::kResourceExhausted,
                         AllOf(HasSubstr(scratch_.file()), HasSubstr("disk full"), Not(HasSubstr("ccc")))));
    EXPECT_EQ(WholePairs(*db_).size(), 1u);  // Reading goes on.
  }
  EXPECT_EQ(db_->Ping().code(), absl::StatusCode::kResourceExhausted);
  vfs_.Disarm();
  EXPECT_THAT(db_->Ping(), IsOk());
  EXPECT_THAT(AddPair(*db_, 2), IsOk());
  EXPECT_EQ(WholePairs(*db_), (std::multiset<int64_t>{1, 2}));
}

TEST_F(BrokenDiskTest, FailingSyncIsNotAcknowledgedAndHealsWithoutReopening) {
  vfs_.Arm({.operations = {Operation::kSync}, .lasting = true});
  EXPECT_THAT(AddPair(*db_, 2), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("I/O error")));
  EXPECT_EQ(db_->Ping().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(WholePairs(*db_), (std::multiset<int64_t>{1}));
  vfs_.Disarm();
  EXPECT_THAT(AddPair(*db_, 3), IsOk());
  EXPECT_EQ(WholePairs(*db_), (std::multiset<int64_t>{1, 3}));
  db_.reset();
  EXPECT_EQ(WholePairs(*OpenOrDie(scratch_.url())), (std::multiset<int64_t>{1, 3}));
}

// What is written to a file that nobody will find again must not look well.
TEST_F(BrokenDiskTest, AFileThatWasRemovedOrReplacedIsNoticed) {
  const std::string aside = scratch_.file() + ".aside";
  std::filesystem::rename(scratch_.file(), aside);
  EXPECT_EQ(db_->Ping().code(), absl::StatusCode::kUnavailable);
  std::filesystem::copy_file(aside, scratch_.file());
  EXPECT_EQ(db_->Ping().code(), absl::StatusCode::kUnavailable) << "a copy in its place";
  std::filesystem::rename(aside, scratch_.file());
  EXPECT_THAT(db_->Ping(), IsOk());
  std::filesystem::rename(scratch_.file() + "-wal", aside);
  EXPECT_EQ(db_->Ping().code(), absl::StatusCode::kUnavailable) << "its log";
  std::filesystem::rename(aside, scratch_.file() + "-wal");
  EXPECT_THAT(db_->Ping(), IsOk());
}

TEST_F(BrokenDiskTest, TransactionThatSpillsToDiskRollsBackWhole) {
  // More than the page cache holds, so pages reach the log before the commit, and the error comes mid-way.
  const auto bulk = [&] {
    return db_->Write([](Transaction& tx) {
      for (int64_t n = 1000; n < 3000; ++n) {
        absl::Status s =
            tx.Execute("INSERT INTO pairs VALUES ($1, $2)", {n, std::string(3000, 'z')}).status();
        if (!s.ok()) return s;
      }
      return tx.Execute("INSERT INTO pairs SELECT -n, body FROM pairs WHERE n >= 1000").status();
    });
  };
  vfs_.Arm({.operations = {Operation::kWrite}, .nth = 500, .code = SQLITE_FULL, .lasting = true});
  EXPECT_EQ(bulk().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(vfs_.fired());
  vfs_.Disarm();
  EXPECT_EQ(WholePairs(*db_), (std::multiset<int64_t>{1}));
  EXPECT_THAT(bulk(), IsOk());
  EXPECT_EQ(WholePairs(*db_).size(), 2001u);
}

TEST_F(BrokenDiskTest, UnreadableDiskFailsReadsAndHeals) {
  db_ = nullptr;
  db_ = OpenOrDie(scratch_.url(), vfs_.name());
  ASSERT_THAT(AddPair(*db_, 2), IsOk());
  vfs_.Arm({.operations = {Operation::kRead}, .lasting = true});
  EXPECT_THAT(db_->Read([](Transaction& tx) {
    return tx.Query("SELECT body FROM pairs", {}, [](const Row&) { return absl::OkStatus(); });
  }),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("cannot read")));
  EXPECT_FALSE(db_->Ping().ok());
  vfs_.Disarm();
  EXPECT_THAT(db_->Ping(), IsOk());
  EXPECT_EQ(WholePairs(*db_).size(), 2u);
}

TEST_F(BrokenDiskTest, LockHeldByAnotherProgramIsUnavailable) {
  db_ = nullptr;
  auto impatient = Database::Open({.url = scratch_.url(), .busy_timeout = absl::ZeroDuration()});
  ASSERT_THAT(impatient.status(), IsOk());
  sqlite3* tool = nullptr;  // As an operator's shell would: it does not know of our lock file.
  ASSERT_EQ(sqlite3_open(scratch_.file().c_str(), &tool), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(tool, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_THAT(AddPair(**impatient, 2),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("locked by another program")));
  EXPECT_EQ(WholePairs(**impatient).size(), 1u);
  ASSERT_EQ(sqlite3_exec(tool, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_THAT(AddPair(**impatient, 2), IsOk());
  sqlite3_close(tool);
}

}  // namespace
}  // namespace rapport::storage
