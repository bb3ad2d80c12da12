// See records.h.
#include "services/feedback/records.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "services/storage/outbox.h"
#include "services/storage/request_ledger.h"

namespace rapport::feedback::records {
namespace {

using google::protobuf::util::TimeUtil;
using storage::Bytes;
using storage::Row;
using storage::Transaction;
using storage::Value;

constexpr absl::string_view kSchema = R"sql(
CREATE TABLE feedback (
  network TEXT NOT NULL,
  feedback_id TEXT NOT NULL,
  client_id TEXT NOT NULL,
  therapist_id TEXT NOT NULL, -- empty where the feedback is about nobody
  recorded_at INTEGER NOT NULL, -- microseconds since the Unix epoch
  kind TEXT NOT NULL CHECK (kind IN ('fit_check', 'instrument')),
  payload BLOB NOT NULL, -- rapport.feedback.v1.Feedback without what stands in the columns below
  delivery TEXT NOT NULL CHECK (delivery IN ('pending', 'delivered', 'refused', 'not_needed')),
  position INTEGER NOT NULL, -- in the matcher's log; 0 unless delivered
  delivery_error TEXT NOT NULL,
  PRIMARY KEY (network, feedback_id)
) STRICT;
CREATE INDEX feedback_by_time ON feedback (network, recorded_at, feedback_id);
CREATE INDEX feedback_by_client ON feedback (network, client_id, recorded_at, feedback_id);
CREATE INDEX feedback_by_therapist ON feedback (network, therapist_id, recorded_at, feedback_id);
CREATE INDEX feedback_pending ON feedback (network, client_id, recorded_at) WHERE delivery = 'pending';
)sql";

constexpr std::array<storage::Migration, 3> kMigrations = {{
    {1, "answered requests", storage::request_ledger::kSqliteSchema},
    {2, "messages to the matcher", storage::outbox::kSqliteSchema},
    {3, "feedback", kSchema},
}};

const char* WordOf(v1::Delivery delivery) {
  switch (delivery) {
    case v1::DELIVERY_DELIVERED:
      return "delivered";
    case v1::DELIVERY_REFUSED:
      return "refused";
    case v1::DELIVERY_NOT_NEEDED:
      return "not_needed";
    default:
      return "pending";
  }
}

v1::Delivery DeliveryFrom(absl::string_view word) {
  if (word == "delivered") return v1::DELIVERY_DELIVERED;
  if (word == "refused") return v1::DELIVERY_REFUSED;
  if (word == "not_needed") return v1::DELIVERY_NOT_NEEDED;
  return v1::DELIVERY_PENDING;
}

Value Text(absl::string_view text) {
  return std::string(text);
}

absl::Status NoSuchFeedback() {
  return absl::NotFoundError("there is no such feedback");
}

}  // namespace

absl::Span<const storage::Migration> Migrations() {
  return kMigrations;
}

absl::Status Insert(Transaction& tx, absl::string_view network, const v1::Feedback& feedback) {
  const bool fit_check = feedback.has_fit_check();
  v1::Feedback payload = feedback;
  payload.clear_delivery();
  payload.clear_delivery_error();
  return tx
      .Execute(
          "INSERT INTO feedback (network, feedback_id, client_id, therapist_id, recorded_at, kind, payload, "
          "delivery, position, delivery_error) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '')",
          {Text(network), feedback.feedback_id(),
           fit_check ? feedback.fit_check().client_id() : feedback.instrument().client_id(),
           fit_check ? feedback.fit_check().therapist_id() : feedback.instrument().therapist_id(),
           TimeUtil::TimestampToMicroseconds(feedback.recorded_at()),
           Text(fit_check ? "fit_check" : "instrument"), Bytes{payload.SerializeAsString()},
           Text(WordOf(feedback.delivery()))})
      .status();
}

absl::StatusOr<Standing> StandingOf(Transaction& tx, absl::string_view network,
                                    absl::string_view feedback_id) {
  std::optional<Standing> standing;
  absl::Status status = tx.Query(
      "SELECT delivery, position, delivery_error FROM feedback WHERE network = $1 AND feedback_id = $2",
      {Text(network), Text(feedback_id)}, [&](const Row& row) {
        standing = Standing{DeliveryFrom(row.Text(0)), row.Int(1), row.Text(2)};
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  if (!standing) return NoSuchFeedback();
  return *std::move(standing);
}

absl::Status SetStanding(Transaction& tx, absl::string_view network, absl::string_view feedback_id,
                         const Standing& standing) {
  return tx
      .Execute(
          "UPDATE feedback SET delivery = $3, position = $4, delivery_error = $5 "
          "WHERE network = $1 AND feedback_id = $2",
          {Text(network), Text(feedback_id), Text(WordOf(standing.delivery)), standing.position,
           standing.error})
      .status();
}

absl::StatusOr<std::string> ClientOf(Transaction& tx, absl::string_view network,
                                     absl::string_view feedback_id) {
  std::optional<std::string> client_id;
  absl::Status status = tx.Query("SELECT client_id FROM feedback WHERE network = $1 AND feedback_id = $2",
                                 {Text(network), Text(feedback_id)}, [&](const Row& row) {
                                   client_id = row.Text(0);
                                   return absl::OkStatus();
                                 });
  if (!status.ok()) return status;
  if (!client_id) return NoSuchFeedback();
  return *std::move(client_id);
}

absl::StatusOr<std::vector<Pending>> PendingOf(Transaction& tx, absl::string_view network,
                                               absl::string_view client_id, int limit) {
  std::vector<Pending> pending;
  // The outbox knows keys, not clients; ids of its rows are in the order of commits.
  absl::Status status = tx.Query(
      "SELECT outbox.id, outbox.key, outbox.payload, feedback.recorded_at FROM feedback JOIN outbox ON "
      "outbox.network = "
      "feedback.network AND outbox.topic = $3 AND outbox.key = feedback.feedback_id "
      "WHERE feedback.network = $1 AND feedback.client_id = $2 AND feedback.delivery = 'pending' "
      "AND outbox.state = 'pending' ORDER BY outbox.id LIMIT $4",
      {Text(network), Text(client_id), Text(kTopic), limit}, [&](const Row& row) {
        pending.push_back({row.Int(0), row.Text(1), row.Blob(2), absl::FromUnixMicros(row.Int(3))});
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return pending;
}

absl::StatusOr<Backlog> BacklogOf(Transaction& tx) {
  Backlog backlog;
  absl::Status status = tx.Query("SELECT COUNT(*), MIN(recorded_at) FROM feedback WHERE delivery = 'pending'",
                                 {}, [&](const Row& row) {
                                   backlog.depth = row.Int(0);
                                   if (!row.IsNull(1)) backlog.oldest = absl::FromUnixMicros(row.Int(1));
                                   return absl::OkStatus();
                                 });
  if (!status.ok()) return status;
  return backlog;
}

absl::StatusOr<std::vector<v1::Feedback>> List(Transaction& tx, absl::string_view network,
                                               const Filter& filter, const std::optional<Place>& after,
                                               int limit) {
  // Conditions are left out where they do not filter, so that each form of the list reads its own index.
  std::string sql = "SELECT payload, delivery, delivery_error FROM feedback WHERE network = $1";
  std::vector<Value> binds = {Text(network)};
  const auto bind = [&binds](Value value) {
    binds.push_back(std::move(value));
    return absl::StrCat("$", binds.size());
  };
  if (!filter.client_id.empty()) absl::StrAppend(&sql, " AND client_id = ", bind(filter.client_id));
  if (!filter.therapist_id.empty()) absl::StrAppend(&sql, " AND therapist_id = ", bind(filter.therapist_id));
  if (after) {
    const std::string time = bind(after->recorded_at_us);
    absl::StrAppend(&sql, " AND (recorded_at, feedback_id) < (", time, ", ", bind(after->feedback_id), ")");
  }
  absl::StrAppend(&sql, " ORDER BY recorded_at DESC, feedback_id DESC LIMIT ", bind(limit));

  std::vector<v1::Feedback> list;
  absl::Status status = tx.Query(sql, binds, [&](const Row& row) {
    v1::Feedback& feedback = list.emplace_back();
    if (!feedback.ParseFromString(row.Blob(0))) return absl::DataLossError("a kept feedback is not readable");
    feedback.set_delivery(DeliveryFrom(row.Text(1)));
    feedback.set_delivery_error(row.Text(2));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return list;
}

}  // namespace rapport::feedback::records
