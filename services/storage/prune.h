// Forgetting what has been kept long enough, in small transactions, so that no writer waits long for it.
#ifndef RAPPORT_SERVICES_STORAGE_PRUNE_H_
#define RAPPORT_SERVICES_STORAGE_PRUNE_H_

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/storage/database.h"

namespace rapport::storage {

// Repeats `prune` (request_ledger::Prune, outbox::Prune), each time in a transaction of its own, until it
// removes fewer than `batch` rows. Errors: those of `prune` and of Database::Write. Thread-safe.
absl::Status PruneAll(Database& db, int64_t batch,
                      absl::FunctionRef<absl::StatusOr<int64_t>(Transaction&)> prune);

}  // namespace rapport::storage

#endif  // RAPPORT_SERVICES_STORAGE_PRUNE_H_
