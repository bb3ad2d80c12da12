// Forgets what has been kept long enough: answered requests, and notices that were settled.
#ifndef RAPPORT_SERVICES_INTAKE_HOUSEKEEPING_H_
#define RAPPORT_SERVICES_INTAKE_HOUSEKEEPING_H_

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/storage/database.h"

namespace rapport::intake {

// Removes, in small transactions, answers older than kLedgerKept and notices settled before kNoticesKept
// (limits.h). Errors of the database. Thread-safe.
absl::Status ForgetOld(storage::Database& db, absl::Time now);

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_HOUSEKEEPING_H_
