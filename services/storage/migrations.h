// Numbered schema migrations. Each service (component) gives its own list, so that several can share one
// database file or keep one each; the table schema_version remembers what was applied for whom.
//
//     const std::vector<Migration> kMigrations = {{1, "event log", event_log::kSqliteSchema}, {2, "...",
//     kMore}}; absl::Status done = Migrate(db, "matcher", kMigrations);
#ifndef RAPPORT_SERVICES_STORAGE_MIGRATIONS_H_
#define RAPPORT_SERVICES_STORAGE_MIGRATIONS_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/storage/database.h"

namespace rapport::storage {

// One step. The texts must outlive the call; a step that was ever released is never edited again.
struct Migration {
  int version = 0;           // 1, 2, 3 ... without gaps.
  absl::string_view name;    // A few words, kept in schema_version.
  absl::string_view sqlite;  // Statements for SQLite, separated by semicolons.
};

// Applies what is missing, each step in a transaction of its own: a failing step leaves the ones before it
// applied and nothing of itself. Applied twice: no effect. Errors:
//   FAILED_PRECONDITION  the database is at a newer version than this program knows
//   INVALID_ARGUMENT     the versions are not 1, 2, 3 ...
//   and those of Database::Write.
// Thread-safe.
absl::Status Migrate(Database& db, absl::string_view component, absl::Span<const Migration> migrations);

// For readiness: OK when `component` is exactly at the last of `migrations`.
//   FAILED_PRECONDITION  older (run the migrations) or newer (run the newer program)
//   and those of Database::Read.
// Thread-safe; changes nothing.
absl::Status CheckSchema(const Database& db, absl::string_view component,
                         absl::Span<const Migration> migrations);

}  // namespace rapport::storage

#endif  // RAPPORT_SERVICES_STORAGE_MIGRATIONS_H_
