#include <sqlite3.h>

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/bench/peers/peer.h"
#include "tests/bench/peers/sql.h"

namespace rapport::bench {
namespace {

class Sqlite : public Peer {
 public:
  ~Sqlite() override { Close(); }
  std::string name() const override { return "SQLite"; }
  void Load(const std::vector<Row>& rows) override {
    Close();
    if (sqlite3_open(":memory:", &database_) != SQLITE_OK) Fail("SQLite does not open");
    Execute(CreateTable("real"));
    Execute("begin");
    std::string marks = "?";
    for (int i = 1; i < kColumns; ++i) marks += ",?";
    sqlite3_stmt* insert = Prepare(absl::StrCat("insert into t values (", marks, ")"));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::vector<std::string> values = absl::StrSplit(absl::StripSuffix(Csv(i, rows[i]), "\n"), ',');
      for (std::size_t k = 0; k < values.size(); ++k) {
        const int place = static_cast<int>(k) + 1;
        if (k < kWholeColumns) {
          sqlite3_bind_int64(insert, place, std::stoll(values[k]));
        } else {
          sqlite3_bind_double(insert, place, std::stod(values[k]));
        }
      }
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
    Execute("commit");
    Execute("create index t_state on t (state)");
    Execute("analyze");
    for (const bool everywhere : {false, true})
      statements_[everywhere] = Prepare(absl::StrReplaceAll(Statement(everywhere), {{"$", "?"}}));
  }
  Ids Top(const Search& search, const std::vector<std::uint8_t>&) override {
    sqlite3_stmt* statement = statements_[search.everywhere];
    int place = 0;
    for (const std::int64_t number : Numbers(search)) sqlite3_bind_int64(statement, ++place, number);
    for (const double weight : Weights(search)) sqlite3_bind_double(statement, ++place, weight);
    for (const std::int64_t mask : search.masks) sqlite3_bind_int64(statement, ++place, mask);
    Ids ids;
    while (sqlite3_step(statement) == SQLITE_ROW) ids.push_back(sqlite3_column_int64(statement, 0));
    sqlite3_reset(statement);
    return ids;
  }

 private:
  void Close() {
    for (sqlite3_stmt*& statement : statements_) {
      sqlite3_finalize(statement);
      statement = nullptr;
    }
    sqlite3_close(database_);
    database_ = nullptr;
  }
  void Execute(const std::string& sql) {
    if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      Fail(sqlite3_errmsg(database_));
  }
  sqlite3_stmt* Prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
      Fail(sqlite3_errmsg(database_));
    return statement;
  }

  sqlite3* database_ = nullptr;
  std::array<sqlite3_stmt*, 2> statements_{};
};

}  // namespace

std::unique_ptr<Peer> MakeSqlite() {
  return std::make_unique<Sqlite>();
}

}  // namespace rapport::bench
