// What is kept: a row for each piece of feedback, with how far it has come. Beside it in the same database
// lie the answered requests (storage/request_ledger.h) and the messages to the matcher (storage/outbox.h).
// All SQL of this service is here.
#ifndef RAPPORT_SERVICES_FEEDBACK_RECORDS_H_
#define RAPPORT_SERVICES_FEEDBACK_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "rapport/feedback/v1/feedback.pb.h"
#include "services/storage/database.h"
#include "services/storage/migrations.h"

// Functions return the errors of Transaction::Query and Execute, and those stated.
namespace rapport::feedback::records {

inline constexpr absl::string_view kComponent = "feedback";
absl::Span<const storage::Migration> Migrations();

// The outbox topic. A message's key is the feedback's id, its payload a RecordFitRequest.
inline constexpr absl::string_view kTopic = "feedback.record_fit";

// How far a piece of feedback has come.
struct Standing {
  v1::Delivery delivery = v1::DELIVERY_PENDING;
  int64_t position = 0;  // of the matcher's log; 0 unless delivered
  std::string error;     // why it was refused, in codes; "" unless it was
};

// Keeps `feedback`, which has an id, a time, content and a delivery state. ALREADY_EXISTS: the id is taken.
absl::Status Insert(storage::Transaction& tx, absl::string_view network, const v1::Feedback& feedback);

// NOT_FOUND: there is no such feedback.
absl::StatusOr<Standing> StandingOf(storage::Transaction& tx, absl::string_view network,
                                    absl::string_view feedback_id);

absl::Status SetStanding(storage::Transaction& tx, absl::string_view network, absl::string_view feedback_id,
                         const Standing& standing);

// Whom it came from. NOT_FOUND: there is no such feedback.
absl::StatusOr<std::string> ClientOf(storage::Transaction& tx, absl::string_view network,
                                     absl::string_view feedback_id);

// A message that still has to reach the matcher.
struct Pending {
  int64_t outbox_id = 0;
  std::string feedback_id;
  std::string payload;
  absl::Time recorded_at;
};

// Up to `limit` pending messages of one client, oldest first, due or not.
absl::StatusOr<std::vector<Pending>> PendingOf(storage::Transaction& tx, absl::string_view network,
                                               absl::string_view client_id, int limit);

// All that is pending, of every network. O(pending).
struct Backlog {
  int64_t depth = 0;
  absl::Time oldest =
      absl::InfiniteFuture();  // when its oldest piece was recorded; infinite when there is none
};
absl::StatusOr<Backlog> BacklogOf(storage::Transaction& tx);

// Which feedback a list shows; an empty id: all.
struct Filter {
  std::string client_id;
  std::string therapist_id;
};

// A place in a list: after this piece of feedback.
struct Place {
  int64_t recorded_at_us = 0;
  std::string feedback_id;
};

// Up to `limit` pieces of feedback, newest first, after `after` where given. O(log n + limit).
absl::StatusOr<std::vector<v1::Feedback>> List(storage::Transaction& tx, absl::string_view network,
                                               const Filter& filter, const std::optional<Place>& after,
                                               int limit);

}  // namespace rapport::feedback::records

#endif  // RAPPORT_SERVICES_FEEDBACK_RECORDS_H_
