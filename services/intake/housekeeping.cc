// See housekeeping.h.
#include "services/intake/housekeeping.h"

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "services/intake/limits.h"
#include "services/intake/notices.h"
#include "services/storage/outbox.h"
#include "services/storage/request_ledger.h"

namespace rapport::intake {
namespace {

// Repeats `prune`, each time in a transaction of its own, until it removes less than a full batch.
absl::Status UntilDone(storage::Database& db, int64_t batch,
                       absl::FunctionRef<absl::StatusOr<int64_t>(storage::Transaction&)> prune) {
  int64_t removed = batch;
  while (removed == batch) {
    absl::Status done = db.Write([&](storage::Transaction& tx) {
      absl::StatusOr<int64_t> count = prune(tx);
      if (count.ok()) removed = *count;
      return count.status();
    });
    if (!done.ok()) return done;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ForgetOld(storage::Database& db, absl::Time now) {
  absl::Status done = UntilDone(db, storage::request_ledger::kPruneBatch, [&](storage::Transaction& tx) {
    return storage::request_ledger::Prune(tx, now - kLedgerKept);
  });
  for (const char* topic : {kReachTopic, kReleaseTopic}) {
    done.Update(UntilDone(db, storage::outbox::kPruneBatch, [&](storage::Transaction& tx) {
      return storage::outbox::Prune(tx, topic, now - kNoticesKept);
    }));
  }
  return done;
}

}  // namespace rapport::intake
