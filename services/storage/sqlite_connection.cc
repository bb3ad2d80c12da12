// SQLite's side of the seam: settings, statements, transactions.
#include "services/storage/sqlite_connection.h"

#include <cmath>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/storage/sqlite_status.h"

namespace rapport::storage {
namespace {

// Services have a few dozen statements each; more than this means that somebody builds SQL text from values.
constexpr size_t kMaxIdleStatements = 256;

// FULL: a commit is on disk before it is acknowledged. secure_delete: what is erased leaves no copy in free
// pages. temp_store: nothing personal goes to temporary files. journal_size_limit: a long read does not leave
// a huge log.
constexpr char kSettings[] =
    "PRAGMA synchronous = FULL;"
    "PRAGMA foreign_keys = ON;"
    "PRAGMA secure_delete = ON;"
    "PRAGMA temp_store = MEMORY;"
    "PRAGMA cell_size_check = ON;"
    "PRAGMA journal_size_limit = 67108864;";

// Keeps the first column of the last row in the std::string that `text` points to.
int KeepText(void* text, int, char** columns, char**) {
  if (columns[0] != nullptr) *static_cast<std::string*>(text) = columns[0];
  return 0;
}

int BindValue(sqlite3_stmt* statement, int index, const Value& value) {
  switch (value.index()) {
    case 0:
      return sqlite3_bind_null(statement, index);
    case 1:
      return sqlite3_bind_int64(statement, index, std::get<1>(value));
    case 2:
      return sqlite3_bind_double(statement, index, std::get<2>(value));
    case 3: {
      const std::string& text = std::get<3>(value);
      return sqlite3_bind_text64(statement, index, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    default: {
      const std::string& data = std::get<Bytes>(value).data;
      return sqlite3_bind_blob64(statement, index, data.data(), data.size(), SQLITE_STATIC);
    }
  }
}

// What SQLite would take but change or PostgreSQL would refuse: better refused by both.
bool Storable(const Value& value) {
  if (const double* real = std::get_if<double>(&value)) return !std::isnan(*real);
  if (const std::string* text = std::get_if<std::string>(&value))
    return text->find('\0') == std::string::npos;
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& path, const std::string& vfs,
                                                             absl::Duration busy_timeout) {
  // NOMUTEX: the owner serializes. NOFOLLOW is not asked for: an operator may put the file behind a link.
  constexpr int kFlags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, kFlags, vfs.empty() ? nullptr : vfs.c_str());
  if (db == nullptr) return SqliteError(nullptr, SQLITE_NOMEM, path, "cannot open");
  std::unique_ptr<Connection> connection(new Connection(db, path));
  if (code != SQLITE_OK) return SqliteError(db, code, path, "cannot open");
  if (absl::Status configured = connection->Configure(busy_timeout); !configured.ok()) return configured;
  return connection;
}

Connection::~Connection() {
  idle_.clear();
  sqlite3_close(db_);
}

absl::Status Connection::Configure(absl::Duration busy_timeout) {
  sqlite3_busy_timeout(db_, static_cast<int>(absl::ToInt64Milliseconds(busy_timeout)));
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // "x" is a column and never a string, as in PostgreSQL.
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  std::string journal;
  int code = sqlite3_exec(db_, "PRAGMA journal_mode = WAL", KeepText, &journal, nullptr);
  if (code == SQLITE_OK) code = sqlite3_exec(db_, kSettings, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return SqliteError(db_, code, path_, "cannot open");
  if (journal == "wal") return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("database ", path_,
                   ": cannot open: its file system has no shared memory for a write-ahead "
                   "log; put the file on a local disk"));
}

absl::Status Connection::Run(Access access, absl::FunctionRef<absl::Status(Transaction&)> body) {
  const char* begin = access == Access::kWrite ? "BEGIN IMMEDIATE" : "BEGIN";
  if (absl::Status begun = Execute(access, begin, {}).status(); !begun.ok()) return begun;
  absl::Cleanup end = [this] {
    // Some errors make SQLite roll back by itself. After any ROLLBACK the connection is fit for use again.
    if (!sqlite3_get_autocommit(db_)) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
  };
  if (access == Access::kRead) {
    // A plain BEGIN takes its snapshot only at the first read. Taken here, an I/O error is told as one; met
    // while a statement is prepared, SQLite may mistake it for "no such table".
    absl::Status snapshot = Execute(access, "SELECT 1 FROM sqlite_schema LIMIT 1", {}).status();
    if (!snapshot.ok()) return snapshot;
  }
  Transaction tx(*this, access);
  absl::Status status = body(tx);
  status.Update(tx.failure_);
  if (status.ok()) status = Execute(access, "COMMIT", {}).status();
  return status;
}

absl::Status Connection::Query(Access access, absl::string_view sql, const std::vector<Value>& binds,
                               absl::FunctionRef<bool(const Row&)> each) {
  absl::StatusOr<Statement> statement = Prepare(access, sql, binds);
  if (!statement.ok()) return statement.status();
  int code;
  while ((code = sqlite3_step(statement->get())) == SQLITE_ROW) {
    if (!each(Row(statement->get()))) break;
  }
  absl::Status status = code == SQLITE_DONE || code == SQLITE_ROW ? absl::OkStatus() : Error(access, code);
  Keep(sql, *std::move(statement));
  return status;
}

absl::StatusOr<int64_t> Connection::Execute(Access access, absl::string_view sql,
                                            const std::vector<Value>& binds) {
  const sqlite3_int64 before = sqlite3_total_changes64(db_);
  absl::Status status = Query(access, sql, binds, [](const Row&) { return true; });
  if (!status.ok()) return status;
  // sqlite3_changes64 counts the last statement that changed rows, which need not be this one.
  return sqlite3_total_changes64(db_) == before ? 0 : sqlite3_changes64(db_);
}

absl::Status Connection::ExecuteScript(Access access, absl::string_view sql) {
  if (access == Access::kRead) return Misuse("a script in a read transaction", sql);
  const int code = sqlite3_exec(db_, std::string(sql).c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Error(access, code);
}

absl::Status Connection::CheckIntegrity() {
  std::string verdict;
  const int code = sqlite3_exec(db_, "PRAGMA quick_check(1)", KeepText, &verdict, nullptr);
  if (code != SQLITE_OK) return SqliteError(db_, code, path_, "cannot open");
  if (verdict == "ok") return absl::OkStatus();
  verdict.erase(0, verdict.rfind('\n') + 1);  // A heading may stand before the finding.
  return absl::DataLossError(absl::StrCat(
      "database ", path_, ": cannot open: the file is corrupt; restore a backup (", verdict, ")"));
}

absl::Status Connection::Touch() {
  // user_version is ours to set and nothing reads it; setting it always writes the first page.
  return Execute(Access::kWrite, "PRAGMA user_version = 1", {}).status();
}

absl::StatusOr<Connection::Statement> Connection::Prepare(Access access, absl::string_view sql,
                                                          const std::vector<Value>& binds) {
  Statement statement;
  if (auto idle = idle_.find(sql); idle != idle_.end()) {
    statement = std::move(idle->second);
    idle_.erase(idle);
  } else {
    sqlite3_stmt* prepared = nullptr;
    const char* tail = nullptr;
    const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &prepared, &tail);
    statement.reset(prepared);
    if (code != SQLITE_OK) return Error(access, code);
    const absl::string_view rest(tail, static_cast<size_t>(sql.data() + sql.size() - tail));
    if (prepared == nullptr || !absl::StripAsciiWhitespace(rest).empty()) {
      return Misuse("not exactly one statement", sql);
    }
  }
  if (access == Access::kRead && !sqlite3_stmt_readonly(statement.get())) {
    return Misuse("a write in a read transaction", sql);
  }
  if (absl::Status bound = Bind(statement.get(), binds); !bound.ok()) return bound;
  return statement;
}

absl::Status Connection::Bind(sqlite3_stmt* statement, const std::vector<Value>& binds) {
  if (static_cast<size_t>(sqlite3_bind_parameter_count(statement)) != binds.size()) {
    return Misuse(
        absl::StrCat(binds.size(), " values for ", sqlite3_bind_parameter_count(statement), " parameters"),
        sqlite3_sql(statement));
  }
  for (size_t i = 0; i < binds.size(); ++i) {
    const std::string parameter = absl::StrCat("$", i + 1);
    const int index = sqlite3_bind_parameter_index(statement, parameter.c_str());
    if (index == 0) return Misuse(absl::StrCat("no parameter ", parameter), sqlite3_sql(statement));
    if (!Storable(binds[i])) {
      return absl::InvalidArgumentError(absl::StrCat("database ", path_, ": the value for ", parameter,
                                                     " cannot be stored: NaN, or text with a NUL byte"));
    }
    if (const int code = BindValue(statement, index, binds[i]); code != SQLITE_OK)
      return Error(Access::kWrite, code);
  }
  return absl::OkStatus();
}

void Connection::Keep(absl::string_view sql, Statement statement) {
  sqlite3_reset(statement.get());
  sqlite3_clear_bindings(statement.get());
  if (idle_.size() >= kMaxIdleStatements) idle_.clear();
  idle_.try_emplace(std::string(sql), std::move(statement));
}

absl::Status Connection::Error(Access access, int code) const {
  return SqliteError(db_, code, path_, access == Access::kWrite ? "cannot write" : "cannot read");
}

absl::Status Connection::Misuse(absl::string_view sentence, absl::string_view sql) const {
  return absl::InternalError(
      absl::StrCat("database ", path_, ": a statement of this program is wrong: ", sentence, " in: ", sql));
}

}  // namespace rapport::storage
