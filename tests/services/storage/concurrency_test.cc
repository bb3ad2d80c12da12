// Many readers beside one writer. The invariant of a bank: money moves, its sum never changes.
#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/services/storage/scratch.h"

namespace rapport::storage {
namespace {

constexpr int64_t kTotal = 1000;

TEST(ConcurrencyTest, EveryReadSeesOneConsistentState) {
  Scratch scratch;
  auto db = OpenOrDie(scratch.url());
  ASSERT_THAT(Exec(*db, "CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL) STRICT"),
              IsOk());
  ASSERT_THAT(Exec(*db, "INSERT INTO account VALUES (1, $1), (2, 0)", {kTotal}), IsOk());

  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> reads = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {  // Twice as many as read connections.
    readers.emplace_back([&] {
      while (!done) {
        int64_t sum = 0;
        // Two statements: only a transaction makes them see the same state.
        absl::Status status = db->Read([&](Transaction& tx) {
          for (int id : {1, 2}) {
            absl::Status s = tx.Query("SELECT balance FROM account WHERE id = $1", {id}, [&](const Row& row) {
              sum += row.Int(0);
              return absl::OkStatus();
            });
            if (!s.ok()) return s;
          }
          return absl::OkStatus();
        });
        if (!status.ok() || sum != kTotal) ++wrong;
        ++reads;
      }
    });
  }
  std::vector<std::thread> writers;
  for (int i = 0; i < 2; ++i) {
    writers.emplace_back([&] {
      for (int n = 0; n < 100; ++n) {
        absl::Status status = db->Write([](Transaction& tx) {
          absl::Status s = tx.Execute("UPDATE account SET balance = balance - 1 WHERE id = 1").status();
          if (!s.ok()) return s;
          return tx.Execute("UPDATE account SET balance = balance + 1 WHERE id = 2").status();
        });
        if (!status.ok()) ++wrong;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(reads, 0);
  EXPECT_THAT(Ints(*db, "SELECT balance FROM account WHERE id = 2"), ::testing::ElementsAre(200));
}

TEST(ConcurrencyTest, ReadGoesOnWhileAWriteIsOpenAndSeesNoneOfIt) {
  Scratch scratch;
  auto db = OpenOrDie(scratch.url());
  ASSERT_THAT(Exec(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT"), IsOk());
  ASSERT_THAT(db->Write([&](Transaction& tx) {
    EXPECT_TRUE(tx.Execute("INSERT INTO t VALUES (1)").ok());
    std::thread reader([&] { EXPECT_TRUE(Ints(*db, "SELECT id FROM t").empty()); });
    reader.join();  // Would hang here if reads waited for writes.
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_EQ(Ints(*db, "SELECT id FROM t").size(), 1u);
}

}  // namespace
}  // namespace rapport::storage
