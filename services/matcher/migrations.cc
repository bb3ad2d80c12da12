#include "services/matcher/migrations.h"

#include "services/matcher/snapshots.h"
#include "services/storage/event_log.h"
#include "services/storage/request_ledger.h"

namespace rapport::matcher_service {

absl::Span<const storage::Migration> Migrations() {
  static constexpr storage::Migration kMigrations[] = {
      {1, "event log", storage::event_log::kSqliteSchema},
      {2, "request ledger", storage::request_ledger::kSqliteSchema},
      {3, "snapshots", kSnapshotSchema},
  };
  return kMigrations;
}

}  // namespace rapport::matcher_service
