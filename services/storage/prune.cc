// See prune.h.
#include "services/storage/prune.h"

namespace rapport::storage {

absl::Status PruneAll(Database& db, int64_t batch,
                      absl::FunctionRef<absl::StatusOr<int64_t>(Transaction&)> prune) {
  int64_t removed = batch;
  while (removed == batch) {
    absl::Status done = db.Write([&](Transaction& tx) {
      absl::StatusOr<int64_t> count = prune(tx);
      if (count.ok()) removed = *count;
      return count.status();
    });
    if (!done.ok()) return done;
  }
  return absl::OkStatus();
}

}  // namespace rapport::storage
