// See housekeeping.h.
#include "services/intake/housekeeping.h"

#include "services/intake/limits.h"
#include "services/intake/notices.h"
#include "services/storage/outbox.h"
#include "services/storage/prune.h"
#include "services/storage/request_ledger.h"

namespace rapport::intake {
absl::Status ForgetOld(storage::Database& db, absl::Time now) {
  absl::Status done = storage::PruneAll(
      db, storage::request_ledger::kPruneBatch,
      [&](storage::Transaction& tx) { return storage::request_ledger::Prune(tx, now - kLedgerKept); });
  for (const char* topic : {kReachTopic, kReleaseTopic, kRiskTopic}) {
    done.Update(storage::PruneAll(db, storage::outbox::kPruneBatch, [&](storage::Transaction& tx) {
      return storage::outbox::Prune(tx, topic, now - kNoticesKept);
    }));
  }
  return done;
}

}  // namespace rapport::intake
