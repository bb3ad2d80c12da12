// Rows of `events`. The checksum covers every column, so that no flipped bit is ever folded into state.
#include "services/storage/event_log.h"

#include "absl/strings/str_cat.h"
#include "services/storage/checksum.h"

namespace rapport::storage::event_log {
namespace {

int64_t ChecksumOf(absl::string_view network, const Event& event) {
  return Checksum()
      .Add(network)
      .AddInt(event.position)
      .AddInt(absl::ToUnixMicros(event.recorded_at))
      .Add(event.kind)
      .AddInt(event.source_key.has_value())
      .Add(event.source_key.value_or(""))
      .Add(event.payload)
      .value();
}

// In every SELECT here, in this order.
constexpr char kColumns[] = "position, recorded_at, kind, source_key, payload, checksum";

Event EventOf(const Row& row) {
  Event event;
  event.position = row.Int(0);
  event.recorded_at = absl::FromUnixMicros(row.Int(1));
  event.kind = row.Text(2);
  if (!row.IsNull(3)) event.source_key = row.Text(3);
  event.payload = row.Blob(4);
  return event;
}

// Errors: a bit of the row is not as it was written. `where`: what the message begins with.
absl::Status CheckIntact(absl::string_view where, absl::string_view network, const Event& event,
                         const Row& row) {
  if (ChecksumOf(network, event) == row.Int(5)) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(where, "the log of network '", network, "' is corrupt at position ",
                                          event.position, "; restore a backup"));
}

// The one event that `condition` leaves.
absl::StatusOr<std::optional<Event>> FindOne(Transaction& tx, absl::string_view network,
                                             absl::string_view condition, const std::vector<Value>& binds) {
  std::optional<Event> found;
  absl::Status status = tx.Query(absl::StrCat("SELECT ", kColumns, " FROM events WHERE ", condition), binds,
                                 [&](const Row& row) {
                                   found = EventOf(row);
                                   return CheckIntact("", network, *found, row);
                                 });
  if (!status.ok()) return status;
  return found;
}

}  // namespace

absl::StatusOr<int64_t> Head(Transaction& tx, absl::string_view network) {
  int64_t head = 0;
  absl::Status status = tx.Query("SELECT COALESCE(MAX(position), 0) FROM events WHERE network = $1",
                                 {std::string(network)}, [&](const Row& row) {
                                   head = row.Int(0);
                                   return absl::OkStatus();
                                 });
  if (!status.ok()) return status;
  return head;
}

absl::StatusOr<int64_t> Append(Transaction& tx, absl::string_view network, int64_t expected_head,
                               const std::vector<NewEvent>& events) {
  absl::StatusOr<int64_t> head = Head(tx, network);
  if (!head.ok()) return head;
  if (*head != expected_head) {
    return absl::AbortedError(absl::StrCat("the log of network '", network, "' is at position ", *head,
                                           ", expected ", expected_head,
                                           "; validate against the new head and try again"));
  }
  for (const NewEvent& next : events) {
    const Event event{++*head, next.recorded_at, next.kind, next.source_key, next.payload};
    const Value source_key = event.source_key ? Value(*event.source_key) : Value();
    absl::Status status = tx.Execute(
                                "INSERT INTO events "
                                "(network, position, recorded_at, kind, source_key, payload, checksum) "
                                "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                                {std::string(network), event.position, absl::ToUnixMicros(event.recorded_at),
                                 event.kind, source_key, Bytes{event.payload}, ChecksumOf(network, event)})
                              .status();
    if (!status.ok()) return status;
  }
  return head;
}

absl::StatusOr<std::optional<Event>> FindBySourceKey(Transaction& tx, absl::string_view network,
                                                     absl::string_view source_key) {
  return FindOne(tx, network, "network = $1 AND source_key = $2",
                 {std::string(network), std::string(source_key)});
}

absl::StatusOr<std::optional<Event>> FindLastBySourceKey(Transaction& tx, absl::string_view network,
                                                         absl::string_view first, absl::string_view end) {
  return FindOne(tx, network,
                 "network = $1 AND source_key >= $2 AND source_key < $3 ORDER BY source_key DESC LIMIT 1",
                 {std::string(network), std::string(first), std::string(end)});
}

namespace {

// `where`: what the messages begin with.
absl::Status ReadRows(Transaction& tx, absl::string_view where, absl::string_view network,
                      int64_t after_position, int64_t limit,
                      absl::FunctionRef<absl::Status(const Event&)> each) {
  if (limit < 1 || after_position < 0) {
    return absl::InvalidArgumentError("reading the event log needs limit >= 1 and after_position >= 0");
  }
  int64_t expected = after_position;
  const auto verified = [&](const Row& row) {
    const Event event = EventOf(row);
    if (event.position != ++expected) {
      return absl::DataLossError(absl::StrCat(where, "the log of network '", network, "' has no position ",
                                              expected, "; restore a backup"));
    }
    if (absl::Status intact = CheckIntact(where, network, event, row); !intact.ok()) return intact;
    return each(event);
  };
  return tx.Query(
      absl::StrCat("SELECT ", kColumns,
                   " FROM events WHERE network = $1 AND position > $2 ORDER BY position LIMIT $3"),
      {std::string(network), after_position, limit}, verified);
}

}  // namespace

absl::Status Read(const Database& db, absl::string_view network, int64_t after_position, int64_t limit,
                  absl::FunctionRef<absl::Status(const Event&)> each) {
  const std::string where = absl::StrCat("database ", db.name(), ": ");
  return db.Read([&](Transaction& tx) { return ReadRows(tx, where, network, after_position, limit, each); });
}

absl::Status ReadWithin(Transaction& tx, absl::string_view network, int64_t after_position, int64_t limit,
                        absl::FunctionRef<absl::Status(const Event&)> each) {
  return ReadRows(tx, "", network, after_position, limit, each);
}

}  // namespace rapport::storage::event_log
