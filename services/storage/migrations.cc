// schema_version has one row for each applied step; the highest is where a component stands.
#include "services/storage/migrations.h"

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace rapport::storage {
namespace {

constexpr absl::string_view kSchemaVersion = R"sql(
CREATE TABLE IF NOT EXISTS schema_version (
  component TEXT NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  applied_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000000), -- microseconds since the Unix epoch
  PRIMARY KEY (component, version)
) STRICT;
)sql";

absl::Status CheckNumbers(absl::Span<const Migration> migrations) {
  for (size_t i = 0; i < migrations.size(); ++i) {
    if (migrations[i].version != static_cast<int>(i) + 1) {
      return absl::InvalidArgumentError(absl::StrCat("migration '", migrations[i].name, "' has version ",
                                                     migrations[i].version, ", expected ", i + 1));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> FirstInt(Transaction& tx, absl::string_view sql, const std::vector<Value>& binds) {
  int64_t value = 0;
  absl::Status status = tx.Query(sql, binds, [&](const Row& row) {
    value = row.Int(0);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return value;
}

absl::StatusOr<int64_t> VersionOf(Transaction& tx, absl::string_view component) {
  return FirstInt(tx, "SELECT COALESCE(MAX(version), 0) FROM schema_version WHERE component = $1",
                  {std::string(component)});
}

absl::Status TooNew(const Database& db, absl::string_view component, int64_t version, size_t known) {
  return absl::FailedPreconditionError(absl::StrCat("database ", db.name(), " is at version ", version,
                                                    " of '", component, "', this program knows up to ", known,
                                                    ": run the newer program"));
}

}  // namespace

absl::Status Migrate(Database& db, absl::string_view component, absl::Span<const Migration> migrations) {
  if (absl::Status numbered = CheckNumbers(migrations); !numbered.ok()) return numbered;
  bool done = false;
  while (!done) {
    absl::Status status = db.Write([&](Transaction& tx) {
      if (absl::Status s = tx.ExecuteScript(kSchemaVersion); !s.ok()) return s;
      absl::StatusOr<int64_t> version = VersionOf(tx, component);
      if (!version.ok()) return version.status();
      const size_t applied = static_cast<size_t>(*version);
      if (applied > migrations.size()) return TooNew(db, component, *version, migrations.size());
      done = applied == migrations.size();
      if (done) return absl::OkStatus();
      const Migration& next = migrations[applied];
      if (absl::Status s = tx.ExecuteScript(next.sqlite); !s.ok()) return s;
      return tx
          .Execute("INSERT INTO schema_version (component, version, name) VALUES ($1, $2, $3)",
                   {std::string(component), next.version, std::string(next.name)})
          .status();
    });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckSchema(const Database& db, absl::string_view component,
                         absl::Span<const Migration> migrations) {
  int64_t version = 0;
  absl::Status status = db.Read([&](Transaction& tx) {
    // A database that was never migrated has no schema_version at all.
    absl::StatusOr<int64_t> exists = FirstInt(
        tx, "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version'", {});
    if (!exists.ok()) return exists.status();
    if (*exists == 0) return absl::OkStatus();
    absl::StatusOr<int64_t> found = VersionOf(tx, component);
    if (found.ok()) version = *found;
    return found.status();
  });
  if (!status.ok()) return status;
  const int64_t needed = static_cast<int64_t>(migrations.size());
  if (version > needed) return TooNew(db, component, version, migrations.size());
  if (version == needed) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("database ", db.name(), " is at version ", version,
                                                    " of '", component, "', this program needs ", needed,
                                                    ": run the migrations"));
}

}  // namespace rapport::storage
