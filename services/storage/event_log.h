// The ordered log of one network's events: gapless positions from 1, in commit order. State is a fold of it,
// so each row carries a checksum that is verified whenever it is read.
#ifndef RAPPORT_SERVICES_STORAGE_EVENT_LOG_H_
#define RAPPORT_SERVICES_STORAGE_EVENT_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/storage/database.h"

namespace rapport::storage::event_log {

// The table, to be listed among the owning component's migrations. One component of a file may own it.
inline constexpr absl::string_view kSqliteSchema = R"sql(
CREATE TABLE events (
  network TEXT NOT NULL,
  position INTEGER NOT NULL CHECK (position > 0),
  recorded_at INTEGER NOT NULL, -- microseconds since the Unix epoch
  kind TEXT NOT NULL,
  source_key TEXT,
  payload BLOB NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY (network, position)
) STRICT;
CREATE UNIQUE INDEX events_by_source_key ON events (network, source_key) WHERE source_key IS NOT NULL;
)sql";

struct NewEvent {
  std::string kind;  // The owner's word for the payload's type.
  std::optional<std::string>
      source_key;          // Names what caused it; unique in the network, so that it is logged once.
  std::string payload;     // Any bytes.
  absl::Time recorded_at;  // Kept to the microsecond.
};

struct Event {
  int64_t position = 0;
  absl::Time recorded_at;
  std::string kind;
  std::optional<std::string> source_key;
  std::string payload;
};

// The last position of `network`, 0 when it has no event. Errors of Transaction::Query. O(log n).
absl::StatusOr<int64_t> Head(Transaction& tx, absl::string_view network);

// Appends all events, in order, at expected_head + 1 ...; result: the new head.
//   ABORTED         the head is not `expected_head`: something was appended since; validate again and retry
//   ALREADY_EXISTS  a source_key is in the log; dooms the transaction (ask FindBySourceKey first)
//   and the errors of Transaction::Execute.
absl::StatusOr<int64_t> Append(Transaction& tx, absl::string_view network, int64_t expected_head,
                               const std::vector<NewEvent>& events);

// The event with this source_key, or nullopt. Its checksum is not looked at. Errors of Transaction::Query.
// O(log n).
absl::StatusOr<std::optional<Event>> FindBySourceKey(Transaction& tx, absl::string_view network,
                                                     absl::string_view source_key);

// The event with the greatest source_key from `first` up to below `end`, or nullopt. As FindBySourceKey.
absl::StatusOr<std::optional<Event>> FindLastBySourceKey(Transaction& tx, absl::string_view network,
                                                         absl::string_view first, absl::string_view end);

// Calls `each` for up to `limit` events after `after_position`, in order, from one snapshot. Fewer than
// `limit`: that was the end of the log. A non-OK status of `each` ends the reading and is returned. `each`
// must not use `db`.
//   DATA_LOSS         a row's checksum does not match or a position is missing; names network and position
//   INVALID_ARGUMENT  limit < 1 or after_position < 0
//   and the errors of Database::Read.
// Thread-safe.
absl::Status Read(const Database& db, absl::string_view network, int64_t after_position, int64_t limit,
                  absl::FunctionRef<absl::Status(const Event&)> each);

// The same within a transaction, which `each` must not use.
absl::Status ReadWithin(Transaction& tx, absl::string_view network, int64_t after_position, int64_t limit,
                        absl::FunctionRef<absl::Status(const Event&)> each);

}  // namespace rapport::storage::event_log

#endif  // RAPPORT_SERVICES_STORAGE_EVENT_LOG_H_
