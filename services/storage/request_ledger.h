// Idempotent writes: remembers the answer to each request_id, so that the same request twice has one effect.
// Find and Record run in the transaction of the write itself: effect and record are kept together or not at
// all.
#ifndef RAPPORT_SERVICES_STORAGE_REQUEST_LEDGER_H_
#define RAPPORT_SERVICES_STORAGE_REQUEST_LEDGER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/storage/database.h"

namespace rapport::storage::request_ledger {

// The table, to be listed among a component's migrations. Components that share a file share the table (rows
// are apart by method).
inline constexpr absl::string_view kSqliteSchema = R"sql(
CREATE TABLE IF NOT EXISTS request_ledger (
  network TEXT NOT NULL,
  method TEXT NOT NULL,
  request_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  response BLOB NOT NULL,
  recorded_at INTEGER NOT NULL, -- microseconds since the Unix epoch
  PRIMARY KEY (network, method, request_id)
) STRICT;
CREATE INDEX IF NOT EXISTS request_ledger_by_age ON request_ledger (recorded_at);
)sql";

// Rows removed by one Prune at most, so that it holds up other writers for milliseconds only.
inline constexpr int64_t kPruneBatch = 1000;

struct Key {
  std::string network;
  std::string method;  // Full name of the RPC.
  std::string request_id;
};

// 32 hexadecimal digits (the first 128 bits of SHA-256), the same in every run and on every machine. The
// caller gives bytes that are equal for equal requests, e.g. deterministic serialization. O(bytes),
// thread-safe.
std::string Fingerprint(absl::string_view bytes);

// The response recorded for `key`, or nullopt when the request is new.
//   ALREADY_EXISTS  the id was used before with different content; does not doom the transaction
//   and the errors of Transaction::Query.
absl::StatusOr<std::optional<std::string>> Find(Transaction& tx, const Key& key,
                                                absl::string_view fingerprint);

// Keeps the response. ALREADY_EXISTS when the key is taken (call Find first); else errors of
// Transaction::Execute.
absl::Status Record(Transaction& tx, const Key& key, absl::string_view fingerprint,
                    absl::string_view response, absl::Time now);

// Forgets up to kPruneBatch records made before `older_than`, oldest first. Result: how many; repeat, each
// time in a new transaction, while it is kPruneBatch. Errors of Transaction::Execute.
absl::StatusOr<int64_t> Prune(Transaction& tx, absl::Time older_than);

}  // namespace rapport::storage::request_ledger

#endif  // RAPPORT_SERVICES_STORAGE_REQUEST_LEDGER_H_
