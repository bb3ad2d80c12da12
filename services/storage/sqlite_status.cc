// The one table from SQLite's result codes to ours.
#include "services/storage/sqlite_status.h"

#include <sqlite3.h>

#include <cstring>

#include "absl/strings/str_cat.h"

namespace rapport::storage {
namespace {

// Which detail of SQLite's helps the reader and holds no stored value.
enum class Detail { kNone, kSystem /* errno */, kEngine /* its text: names of columns, pieces of our SQL */ };

struct Meaning {
  int code;  // An extended code, or a primary one for all its extended codes that are not listed before it.
  absl::StatusCode status;
  Detail detail;
  const char* sentence;
};

constexpr Meaning kMeanings[] = {
    {SQLITE_CONSTRAINT_UNIQUE, absl::StatusCode::kAlreadyExists, Detail::kEngine,
     "a row with this key exists"},
    {SQLITE_CONSTRAINT_PRIMARYKEY, absl::StatusCode::kAlreadyExists, Detail::kEngine,
     "a row with this key exists"},
    {SQLITE_CONSTRAINT_ROWID, absl::StatusCode::kAlreadyExists, Detail::kEngine,
     "a row with this key exists"},
    {SQLITE_CONSTRAINT_FOREIGNKEY, absl::StatusCode::kFailedPrecondition, Detail::kEngine,
     "a row that this one refers to, or that refers to it, stands against the change"},
    {SQLITE_CONSTRAINT, absl::StatusCode::kInvalidArgument, Detail::kEngine,
     "a column does not allow this value"},
    {SQLITE_MISMATCH, absl::StatusCode::kInvalidArgument, Detail::kNone,
     "a key column does not allow this type"},
    {SQLITE_TOOBIG, absl::StatusCode::kInvalidArgument, Detail::kNone,
     "a value is larger than the engine allows"},
    {SQLITE_FULL, absl::StatusCode::kResourceExhausted, Detail::kNone,
     "disk full; free space or raise the quota, no restart is needed"},
    {SQLITE_NOMEM, absl::StatusCode::kResourceExhausted, Detail::kNone,
     "out of memory; raise the memory limit"},
    {SQLITE_IOERR_CORRUPTFS, absl::StatusCode::kDataLoss, Detail::kSystem,
     "the file system is corrupt; check the disk and restore a backup"},
    {SQLITE_IOERR_NOMEM, absl::StatusCode::kResourceExhausted, Detail::kNone,
     "out of memory; raise the memory limit"},
    {SQLITE_IOERR, absl::StatusCode::kUnavailable, Detail::kSystem,
     "I/O error; check the disk, no restart is needed once it works"},
    {SQLITE_CANTOPEN, absl::StatusCode::kUnavailable, Detail::kSystem,
     "the file cannot be opened; check that its folder exists and may be written by this user"},
    {SQLITE_READONLY, absl::StatusCode::kUnavailable, Detail::kNone,
     "the file or its folder is read-only; make both writable by this user"},
    {SQLITE_PERM, absl::StatusCode::kUnavailable, Detail::kNone,
     "access was denied; make the file writable by this user"},
    {SQLITE_BUSY, absl::StatusCode::kUnavailable, Detail::kNone,
     "locked by another program for too long; end that program's transaction"},
    {SQLITE_LOCKED, absl::StatusCode::kUnavailable, Detail::kNone,
     "locked by another transaction of this program; try again"},
    {SQLITE_CORRUPT, absl::StatusCode::kDataLoss, Detail::kNone, "the file is corrupt; restore a backup"},
    {SQLITE_NOTADB, absl::StatusCode::kDataLoss, Detail::kNone,
     "the file is not a database; check the path or restore a backup"},
};

constexpr Meaning kOther = {SQLITE_ERROR, absl::StatusCode::kInternal, Detail::kEngine,
                            "a statement of this program failed"};

const Meaning& MeaningOf(int code) {
  for (const Meaning& meaning : kMeanings) {
    if (meaning.code == code || meaning.code == (code & 0xff)) return meaning;
  }
  return kOther;
}

}  // namespace

absl::Status SqliteError(sqlite3* db, int code, absl::string_view database, absl::string_view doing) {
  const Meaning& meaning = MeaningOf(code);
  std::string detail;
  if (db != nullptr && meaning.detail == Detail::kEngine)
    detail = absl::StrCat(" (", sqlite3_errmsg(db), ")");
  if (db != nullptr && meaning.detail == Detail::kSystem && sqlite3_system_errno(db) != 0) {
    detail = absl::StrCat(" (", std::strerror(sqlite3_system_errno(db)), ")");
  }
  return absl::Status(meaning.status, absl::StrCat("database ", database, ": ", doing, ": ", meaning.sentence,
                                                   detail, " [SQLite ", code, "]"));
}

}  // namespace rapport::storage
