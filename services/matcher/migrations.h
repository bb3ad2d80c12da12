// The matcher's tables: the log that its state is a fold of, and the ledger of requests answered.
#ifndef RAPPORT_SERVICES_MATCHER_MIGRATIONS_H_
#define RAPPORT_SERVICES_MATCHER_MIGRATIONS_H_

#include "absl/types/span.h"
#include "services/storage/migrations.h"

namespace rapport::matcher_service {

inline constexpr char kComponent[] = "matcher";

absl::Span<const storage::Migration> Migrations();

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_MIGRATIONS_H_
