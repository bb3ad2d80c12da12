// A folder for one test, gone when the test ends, and short words for what storage tests say most.
#ifndef RAPPORT_TESTS_SERVICES_STORAGE_SCRATCH_H_
#define RAPPORT_TESTS_SERVICES_STORAGE_SCRATCH_H_

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/storage/database.h"

namespace rapport::storage {

class Scratch {
 public:
  Scratch() : folder_(std::filesystem::temp_directory_path() / "storage_test_XXXXXX") {
    if (mkdtemp(folder_.data()) == nullptr) std::abort();
  }
  ~Scratch() { std::filesystem::remove_all(folder_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& folder() const { return folder_; }
  std::string file() const { return folder_ + "/test.db"; }
  std::string url() const { return "sqlite:" + file(); }

 private:
  std::string folder_;
};

// The database that must open.
inline std::unique_ptr<Database> OpenOrDie(const std::string& url, const std::string& vfs = "") {
  auto db = Database::Open({.url = url, .vfs = vfs});
  if (!db.ok()) {
    ADD_FAILURE() << db.status();
    std::abort();
  }
  return *std::move(db);
}

// One statement in a transaction of its own.
inline absl::Status Exec(Database& db, absl::string_view sql, const std::vector<Value>& binds = {}) {
  return db.Write([&](Transaction& tx) { return tx.Execute(sql, binds).status(); });
}

// The first column of all rows.
inline std::multiset<int64_t> Ints(const Database& db, absl::string_view sql) {
  std::multiset<int64_t> ints;
  absl::Status status = db.Read([&](Transaction& tx) {
    return tx.Query(sql, {}, [&](const Row& row) {
      ints.insert(row.Int(0));
      return absl::OkStatus();
    });
  });
  EXPECT_TRUE(status.ok()) << status;
  return ints;
}

MATCHER_P2(StatusIs, code, message, "") {
  *result_listener << arg;
  return arg.code() == code &&
         ::testing::Value(std::string(arg.message()), ::testing::SafeMatcherCast<std::string>(message));
}

MATCHER(IsOk, "") {
  *result_listener << arg;
  return arg.ok();
}

}  // namespace rapport::storage

#endif  // RAPPORT_TESTS_SERVICES_STORAGE_SCRATCH_H_
