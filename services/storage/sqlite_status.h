// What SQLite's result codes mean to a caller of ours: one table from code to status and plain sentence.
#ifndef RAPPORT_SERVICES_STORAGE_SQLITE_STATUS_H_
#define RAPPORT_SERVICES_STORAGE_SQLITE_STATUS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

struct sqlite3;

namespace rapport::storage {

// The status for `code`, the result of the latest call on `db`. `database` names the database, `doing` says
// what was tried ("cannot write"). `db` may be null. The message never contains a bound value.
absl::Status SqliteError(sqlite3* db, int code, absl::string_view database, absl::string_view doing);

}  // namespace rapport::storage

#endif  // RAPPORT_SERVICES_STORAGE_SQLITE_STATUS_H_
