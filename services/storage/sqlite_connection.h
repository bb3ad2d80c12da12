// One connection to SQLite: runs transactions and keeps prepared statements. Everything that touches sqlite3
// while a database is in use is here, so a second engine has one class to stand beside.
#ifndef RAPPORT_SERVICES_STORAGE_SQLITE_CONNECTION_H_
#define RAPPORT_SERVICES_STORAGE_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/storage/database.h"

namespace rapport::storage {

// Not thread-safe: the owner gives it to one thread at a time.
class Connection {
 public:
  // Opens `path` (creating it) with our settings. Errors as Database::Open. `vfs` as in DatabaseOptions.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& path, const std::string& vfs,
                                                          absl::Duration busy_timeout);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Runs `body` between BEGIN and COMMIT, or ROLLBACK when it or any statement failed.
  absl::Status Run(Access access, absl::FunctionRef<absl::Status(Transaction&)> body);

  // What Transaction promises, without its memory of failures. In a read transaction, refuses what would
  // write. `each` returns false to end the query early, which is no error.
  absl::Status Query(Access access, absl::string_view sql, const std::vector<Value>& binds,
                     absl::FunctionRef<bool(const Row&)> each);
  absl::StatusOr<int64_t> Execute(Access access, absl::string_view sql, const std::vector<Value>& binds);
  absl::Status ExecuteScript(Access access, absl::string_view sql);

  // DATA_LOSS unless every page is sane. O(file size).
  absl::Status CheckIntegrity();

  // Commits a change that nobody reads, to learn whether the disk takes it.
  absl::Status Touch();

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  Connection(sqlite3* db, const std::string& path) : db_(db), path_(path) {}

  absl::Status Configure(absl::Duration busy_timeout);
  absl::StatusOr<Statement> Prepare(Access access, absl::string_view sql, const std::vector<Value>& binds);
  absl::Status Bind(sqlite3_stmt* statement, const std::vector<Value>& binds);
  void Keep(absl::string_view sql, Statement statement);
  absl::Status Error(Access access, int code) const;
  absl::Status Misuse(absl::string_view sentence, absl::string_view sql) const;

  sqlite3* const db_;
  const std::string path_;
  absl::flat_hash_map<std::string, Statement> idle_;  // By SQL text. A statement in use is not in here.
};

}  // namespace rapport::storage

#endif  // RAPPORT_SERVICES_STORAGE_SQLITE_CONNECTION_H_
