// Rows of `outbox` and their way from pending to delivered or refused.
#include "services/storage/outbox.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace rapport::storage::outbox {
namespace {

absl::Duration RetryDelay(int64_t failures) {
  constexpr int64_t kMaxDoublings = 20;  // Beyond it the delay is capped anyway, and 2^n stays small.
  return std::min(kLongestRetry,
                  kFirstRetry * (int64_t{1} << std::clamp<int64_t>(failures - 1, 0, kMaxDoublings)));
}

State StateFrom(absl::string_view word) {
  if (word == "delivered") return State::kDelivered;
  if (word == "refused") return State::kRefused;
  return State::kPending;
}

absl::Status NotPending(int64_t id) {
  return absl::NotFoundError(absl::StrCat("outbox message ", id, " is not pending"));
}

// OK when the statement changed the one message it is about.
absl::Status ChangedOne(const absl::StatusOr<int64_t>& changed, int64_t id) {
  if (!changed.ok()) return changed.status();
  return *changed == 1 ? absl::OkStatus() : NotPending(id);
}

}  // namespace

absl::Status Enqueue(Transaction& tx, const NewMessage& message, absl::Time now) {
  absl::StatusOr<int64_t> added = tx.Execute(
      "INSERT INTO outbox (network, topic, key, payload, state, attempts, next_attempt_at, last_error, "
      "created_at) "
      "VALUES ($1, $2, $3, $4, 'pending', 0, $5, '', $5) ON CONFLICT (network, topic, key) DO NOTHING",
      {message.network, message.topic, message.key, Bytes{message.payload}, absl::ToUnixMicros(now)});
  if (!added.ok()) return added.status();
  if (*added == 1) return absl::OkStatus();
  return absl::AlreadyExistsError(
      absl::StrCat("the outbox has a message with this key for topic ", message.topic));
}

absl::StatusOr<std::vector<Message>> Due(const Database& db, absl::string_view topic, absl::Time now,
                                         int limit) {
  std::vector<Message> due;
  absl::Status status = db.Read([&](Transaction& tx) {
    return tx.Query(
        // What lies further ahead than any retry was written by a clock that ran ahead.
        "SELECT id, network, key, payload, attempts, created_at FROM outbox "
        "WHERE state = 'pending' AND topic = $1 AND (next_attempt_at <= $2 OR next_attempt_at > $3) "
        "ORDER BY next_attempt_at, id LIMIT $4",
        {std::string(topic), absl::ToUnixMicros(now), absl::ToUnixMicros(now + 2 * kLongestRetry), limit},
        [&](const Row& row) {
          due.push_back({row.Int(0), row.Text(1), row.Text(2), row.Blob(3), static_cast<int>(row.Int(4)),
                         absl::FromUnixMicros(row.Int(5))});
          return absl::OkStatus();
        });
  });
  if (!status.ok()) return status;
  return due;
}

absl::Status MarkDelivered(Transaction& tx, int64_t id, absl::Time now) {
  return ChangedOne(
      tx.Execute("UPDATE outbox SET state = 'delivered', settled_at = $2, payload = $3, last_error = '' "
                 "WHERE id = $1 AND state = 'pending'",
                 {id, absl::ToUnixMicros(now), Bytes{}}),
      id);
}

absl::Status MarkRetry(Transaction& tx, int64_t id, absl::Time now, absl::string_view error_code,
                       absl::Duration longest) {
  int64_t failures = 0;
  absl::Status status = tx.Query("SELECT attempts + 1 FROM outbox WHERE id = $1 AND state = 'pending'", {id},
                                 [&](const Row& row) {
                                   failures = row.Int(0);
                                   return absl::OkStatus();
                                 });
  if (!status.ok()) return status;
  if (failures == 0) return NotPending(id);
  return tx
      .Execute("UPDATE outbox SET attempts = $2, next_attempt_at = $3, last_error = $4 WHERE id = $1",
               {id, failures, absl::ToUnixMicros(now + std::min(RetryDelay(failures), longest)),
                std::string(error_code)})
      .status();
}

absl::Status MarkRefused(Transaction& tx, int64_t id, absl::Time now, absl::string_view reason) {
  return ChangedOne(tx.Execute("UPDATE outbox SET state = 'refused', settled_at = $2, last_error = $3 "
                               "WHERE id = $1 AND state = 'pending'",
                               {id, absl::ToUnixMicros(now), std::string(reason)}),
                    id);
}

absl::StatusOr<int64_t> Depth(const Database& db, absl::string_view topic) {
  int64_t depth = 0;
  absl::Status status = db.Read([&](Transaction& tx) {
    return tx.Query("SELECT COUNT(*) FROM outbox WHERE state = 'pending' AND topic = $1",
                    {std::string(topic)}, [&](const Row& row) {
                      depth = row.Int(0);
                      return absl::OkStatus();
                    });
  });
  if (!status.ok()) return status;
  return depth;
}

absl::StatusOr<std::optional<Standing>> StateOf(Transaction& tx, absl::string_view network,
                                                absl::string_view topic, absl::string_view key) {
  std::optional<Standing> standing;
  absl::Status status = tx.Query(
      "SELECT state, attempts, last_error FROM outbox WHERE network = $1 AND topic = $2 AND key = $3",
      {std::string(network), std::string(topic), std::string(key)}, [&](const Row& row) {
        standing = Standing{StateFrom(row.Text(0)), static_cast<int>(row.Int(1)), row.Text(2)};
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return standing;
}

absl::StatusOr<int64_t> Prune(Transaction& tx, absl::string_view topic, absl::Time older_than) {
  return tx.Execute(
      "DELETE FROM outbox WHERE id IN "
      "(SELECT id FROM outbox WHERE topic = $1 AND settled_at < $2 ORDER BY settled_at LIMIT $3)",
      {std::string(topic), absl::ToUnixMicros(older_than), kPruneBatch});
}

}  // namespace rapport::storage::outbox
