// Messages that must reach another service at least once: written in the same transaction as the change they
// tell of, delivered later. The loop that delivers belongs to the service; this keeps the queue and its retry
// times.
#ifndef RAPPORT_SERVICES_STORAGE_OUTBOX_H_
#define RAPPORT_SERVICES_STORAGE_OUTBOX_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/storage/database.h"

namespace rapport::storage::outbox {

// The table, to be listed among a component's migrations. Components that share a file share it, apart by
// topic.
inline constexpr absl::string_view kSqliteSchema = R"sql(
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, even after Prune
  network TEXT NOT NULL,
  topic TEXT NOT NULL,
  key TEXT NOT NULL,
  payload BLOB NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'refused')),
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER NOT NULL, -- times are microseconds since the Unix epoch
  last_error TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  settled_at INTEGER, -- when it was delivered or refused
  UNIQUE (network, topic, key)
) STRICT;
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (topic, next_attempt_at, id) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS outbox_by_age ON outbox (topic, settled_at) WHERE settled_at IS NOT NULL;
)sql";

// The n-th failure waits kFirstRetry * 2^(n-1), at most kLongestRetry: quick after a blip, and an hour's
// outage costs the receiver no more than one call a minute for each message.
inline constexpr absl::Duration kFirstRetry = absl::Seconds(1);
inline constexpr absl::Duration kLongestRetry = absl::Minutes(1);

// Rows removed by one Prune at most, so that it holds up other writers for milliseconds only.
inline constexpr int64_t kPruneBatch = 1000;

enum class State { kPending, kDelivered, kRefused };

struct NewMessage {
  std::string network;
  std::string topic;    // Names sender and purpose, e.g. "feedback.record_fit".
  std::string key;      // Unique within network and topic; also serves the receiver to drop repeats.
  std::string payload;  // Any bytes.
};

struct Message {
  int64_t id = 0;
  std::string network;
  std::string key;
  std::string payload;
  int attempts = 0;  // Failed deliveries so far.
  absl::Time created_at;
};

struct Standing {
  State state = State::kPending;
  int attempts = 0;
  std::string last_error;
};

// Adds a pending message, due at once. ALREADY_EXISTS when network, topic and key are taken (does not doom
// the transaction); else errors of Transaction::Execute.
absl::Status Enqueue(Transaction& tx, const NewMessage& message, absl::Time now);

// Up to `limit` pending messages whose time has come, longest due first. Errors of Database::Read.
// Thread-safe.
absl::StatusOr<std::vector<Message>> Due(const Database& db, absl::string_view topic, absl::Time now,
                                         int limit);

// Settle or postpone a pending message. NOT_FOUND when `id` is not pending (any more); else as
// Transaction::Execute. Delivered: the payload is dropped. Refused: the receiver will never take it; kept,
// with the reason, until Prune. `error_code` and `reason` are codes such as "UNAVAILABLE", never text that
// could hold personal data.
absl::Status MarkDelivered(Transaction& tx, int64_t id, absl::Time now);
// `longest`: the next try comes no later than after this.
absl::Status MarkRetry(Transaction& tx, int64_t id, absl::Time now, absl::string_view error_code,
                       absl::Duration longest = kLongestRetry);
absl::Status MarkRefused(Transaction& tx, int64_t id, absl::Time now, absl::string_view reason);

// The number of pending messages, due or not. Errors of Database::Read. Thread-safe. O(pending).
absl::StatusOr<int64_t> Depth(const Database& db, absl::string_view topic);

// How it stands with a message, or nullopt when there is none. Errors of Transaction::Query.
absl::StatusOr<std::optional<Standing>> StateOf(Transaction& tx, absl::string_view network,
                                                absl::string_view topic, absl::string_view key);

// Forgets up to kPruneBatch messages of `topic` delivered or refused before `older_than`. Result: how many;
// repeat, each time in a new transaction, while it is kPruneBatch. Errors of Transaction::Execute.
absl::StatusOr<int64_t> Prune(Transaction& tx, absl::string_view topic, absl::Time older_than);

}  // namespace rapport::storage::outbox

#endif  // RAPPORT_SERVICES_STORAGE_OUTBOX_H_
