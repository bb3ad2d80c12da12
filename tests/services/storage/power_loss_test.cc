// What was acknowledged is on disk: cut the power after every write, keep only what was synced and a random
// part of the rest, and open what is left. The same harness on a disk that ignores syncs must see losses, or
// it proves nothing.
#include "services/storage/migrations.h"
#include "tests/services/storage/scratch.h"
#include "tests/support/faulty_vfs.h"

namespace rapport::storage {
namespace {

using rapport::testing::FaultyVfs;

constexpr int kWrites = 60;

const std::vector<Migration> kNotes = {
    {1, "notes", "CREATE TABLE notes (n INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT"}};

struct Outcome {
  int cuts = 0;
  int lost = 0;        // Cuts after which an acknowledged row was missing.
  int unreadable = 0;  // Cuts after which the database did not open at all.
};

// Writes rows of `body_bytes`, cutting the power after each acknowledgement.
Outcome CutAfterEachWrite(FaultyVfs& vfs, size_t body_bytes) {
  Outcome outcome;
  Scratch scratch;
  auto db = OpenOrDie(scratch.url(), vfs.name());
  EXPECT_THAT(Migrate(*db, "test", kNotes), IsOk());
  for (int n = 1; n <= kWrites; ++n) {
    EXPECT_THAT(Exec(*db, "INSERT INTO notes VALUES ($1, $2)", {n, Bytes{std::string(body_bytes, 'x')}}),
                IsOk());
    // Every so often a clean close and reopen, which also moves the log into the main file.
    if (n % 20 == 0) {
      db = nullptr;
      db = OpenOrDie(scratch.url(), vfs.name());
    }
    Scratch after;
    vfs.LosePower(after.folder(), /*seed=*/static_cast<uint64_t>(n));
    ++outcome.cuts;
    auto left = Database::Open({.url = after.url(), .readers = 1});
    if (!left.ok()) {
      ++outcome.unreadable;
      continue;
    }
    int64_t rows = 0;
    absl::Status read = (*left)->Read([&](Transaction& tx) {
      return tx.Query("SELECT COUNT(*) FROM notes", {}, [&](const Row& row) {
        rows = row.Int(0);
        return absl::OkStatus();
      });
    });
    if (!read.ok() || rows != n) ++outcome.lost;
  }
  return outcome;
}

TEST(PowerLossTest, AcknowledgedRowsSurvive) {
  FaultyVfs vfs("power");
  const Outcome small = CutAfterEachWrite(vfs, 100);
  EXPECT_EQ(small.cuts, kWrites);
  EXPECT_EQ(small.lost, 0);
  EXPECT_EQ(small.unreadable, 0);
}

TEST(PowerLossTest, AcknowledgedRowsSurviveWhileTheLogIsBeingMovedIntoTheFile) {
  FaultyVfs vfs("power");
  // 400 kB a row: the log passes its threshold of 1000 pages every tenth write.
  const Outcome large = CutAfterEachWrite(vfs, 400'000);
  EXPECT_EQ(large.lost, 0);
  EXPECT_EQ(large.unreadable, 0);
}

TEST(PowerLossTest, HarnessSeesTheLossWhenSyncsAreIgnored) {
  FaultyVfs vfs("power");
  vfs.IgnoreSync();
  const Outcome mutant = CutAfterEachWrite(vfs, 100);
  EXPECT_GT(mutant.lost + mutant.unreadable, kWrites / 2);
}

TEST(PowerLossTest, UnacknowledgedChangeIsThereWholeOrNotAtAll) {
  FaultyVfs vfs("power");
  Scratch scratch;
  auto db = OpenOrDie(scratch.url(), vfs.name());
  ASSERT_THAT(Migrate(*db, "test", kNotes), IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO notes VALUES (1, x'00')"), IsOk());
  vfs.Arm({.operations = {rapport::testing::Operation::kSync}, .lasting = true});
  ASSERT_FALSE(
      db->Write([](Transaction& tx) {
          for (int n = 2; n <= 30; ++n) {
            absl::Status s =
                tx.Execute("INSERT INTO notes VALUES ($1, $2)", {n, Bytes{std::string(2000, 'y')}}).status();
            if (!s.ok()) return s;
          }
          return absl::OkStatus();
        }).ok());
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Scratch after;
    vfs.LosePower(after.folder(), seed);
    const size_t rows = Ints(*OpenOrDie(after.url()), "SELECT n FROM notes").size();
    EXPECT_TRUE(rows == 1 || rows == 30) << rows;
  }
}

}  // namespace
}  // namespace rapport::storage
