// The one seam between our services and a relational database: open a database, run SQL in a transaction.
// It knows no domain and no gRPC. Today's engine is SQLite; SQL is written so that PostgreSQL takes the same
// text.
//
//
//     auto db = Database::Open({.url = "sqlite:/var/lib/rapport/rapport.db"});
//     absl::Status done = (*db)->Write([&](Transaction& tx) {
//       return tx.Execute("INSERT INTO note (id, body) VALUES ($1, $2)", {7, "text"}).status();
//     });
#ifndef RAPPORT_SERVICES_STORAGE_DATABASE_H_
#define RAPPORT_SERVICES_STORAGE_DATABASE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

struct sqlite3_stmt;

namespace rapport::storage {

class Connection;
enum class Access { kRead, kWrite };

// A binary value, so that it cannot be taken for text. Any byte, NUL included, comes back as it went in.
struct Bytes {
  std::string data;
};

// What a parameter can hold. Text is UTF-8 without NUL; a double is not NaN (both engines must agree).
using Value = std::variant<std::monostate /*null*/, int64_t, double, std::string /*text*/, Bytes>;

// The current row of a query. Lives only during the callback that receives it; getters copy.
// REQUIRES: 0 <= column < number of columns. A null reads as 0, 0.0 or "": ask IsNull where null has a
// meaning.
class Row {
 public:
  int64_t Int(int column) const;
  double Real(int column) const;
  std::string Text(int column) const;
  std::string Blob(int column) const;
  bool IsNull(int column) const;

 private:
  friend class Connection;
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite3_stmt* statement_;
};

// An open transaction. Exists only inside the body given to Database::Write or Read; use it from that thread
// alone.
//
// A statement that fails dooms the transaction: every later statement returns the same error, and Write
// returns it and rolls back even if the body says OK. (PostgreSQL behaves so; to expect a conflict, write ON
// CONFLICT.)
//
// Errors of Query, Execute and ExecuteScript, all worded without any bound value:
//   ALREADY_EXISTS       a unique or primary key was violated
//   FAILED_PRECONDITION  a foreign key was violated
//   INVALID_ARGUMENT     a value that cannot be stored: NaN, text with a NUL byte, null or a type that the
//   column
//                        refuses, a failed CHECK, a value over the engine's size limit
//   RESOURCE_EXHAUSTED   disk or memory is full
//   UNAVAILABLE          I/O error, file or folder unreadable or unwritable, or locked longer than
//   busy_timeout DATA_LOSS            the file is corrupt or is not a database INTERNAL             a mistake
//   in our SQL or in its number of parameters; a write in a read transaction
class Transaction {
 public:
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  // Runs one statement that yields rows and calls `each` for each, in order. Parameters are $1..$n, binds[0]
  // is $1. A non-OK status of `each` ends the query and is returned; it does not doom the transaction. `each`
  // may run other statements, but must not change a table that this query reads.
  absl::Status Query(absl::string_view sql, const std::vector<Value>& binds,
                     absl::FunctionRef<absl::Status(const Row&)> each);

  // Runs one statement; result: the number of rows it inserted, updated or deleted (0 for DDL).
  absl::StatusOr<int64_t> Execute(absl::string_view sql, const std::vector<Value>& binds = {});

  // Runs several statements separated by semicolons, without parameters. For migrations.
  absl::Status ExecuteScript(absl::string_view sql);

 private:
  friend class Connection;
  Transaction(Connection& connection, Access access) : connection_(connection), access_(access) {}

  Connection& connection_;
  const Access access_;
  absl::Status failure_;  // The error that doomed the transaction; OK while it is healthy.
};

struct DatabaseOptions {
  // "sqlite:/path/file.db". The file is created when missing, readable by its user only (0600).
  std::string url = {};
  // Also create the file's folder when missing (0700).
  bool create_folder = false;
  // Read connections, 1 to 64: so many Reads run at once, further ones wait their turn.
  int readers = 4;
  // How long a transaction waits for a lock that another program's tool holds.
  absl::Duration busy_timeout = absl::Seconds(5);
  // Check the file's pages on a thread beside instead of before Open answers: await AwaitCheck before anybody
  // is served.
  bool check_beside = false;
  // Name of a registered SQLite VFS, for fault injection in tests. Empty: the engine's own.
  std::string vfs = {};
};

// An open database. Thread-safe: writes take turns, reads run beside them. Open it once in a process and
// share it.
class Database {
 public:
  // Opens or creates the database and takes it for this process until destruction. Cost O(file size): every
  // page is checked for sanity. Errors:
  //   INVALID_ARGUMENT     the url is not of a known engine, or readers is out of range
  //   FAILED_PRECONDITION  another process (or another Database of this one) has it open: SQLite serves one
  //   replica NOT_FOUND            the folder does not exist and create_folder is false DATA_LOSS the file is
  //   corrupt or is not a database UNAVAILABLE, RESOURCE_EXHAUSTED  the file system refused; the message says
  //   what to do
  static absl::StatusOr<std::unique_ptr<Database>> Open(const DatabaseOptions& options);

  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs `body` in a transaction that sees and keeps out all other writers. OK: what it wrote is on disk and
  // survives power loss. Otherwise nothing of it is visible, and the status is the body's own or one of those
  // above; later writes work again as soon as the cause is gone, without reopening. One case is open, as in
  // every database: when the commit itself failed by an I/O error and the process then dies before its next
  // write, the change may yet be found whole after the restart. A retry through the request ledger has one
  // effect either way. The body must not call Write or Read of this database (deadlock), nor wait for a
  // thread that does.
  absl::Status Write(absl::FunctionRef<absl::Status(Transaction&)> body);

  // Runs `body` on a consistent snapshot: all of it sees the same committed state, whatever is written
  // meanwhile. Waits while all `readers` are busy; the body must not call Read of this database again.
  absl::Status Read(absl::FunctionRef<absl::Status(Transaction&)> body) const;

  // What the check of the file found: OK, DATA_LOSS, or why it could not be made. Waits for its end where it
  // runs beside; later calls answer the same.
  absl::Status AwaitCheck();

  // For readiness: commits one harmless change to disk and reads through the pool. OK, or the error a caller
  // of Write or Read would get now; UNAVAILABLE also where the file, or its log, was removed or replaced
  // since it was opened. Cost: one fsync; waits its turn behind the current write.
  absl::Status Ping();

  // How messages name this database: its path, never a password.
  const std::string& name() const;

 private:
  struct Impl;
  explicit Database(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rapport::storage

#endif  // RAPPORT_SERVICES_STORAGE_DATABASE_H_
