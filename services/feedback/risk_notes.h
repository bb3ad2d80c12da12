// What scores say of a client's risk, brought to the matcher: that a person must look first, or need not any
// more; no score, and no reason. At least once over the wire; the matcher keeps the newest. Sent right after
// the write where that is possible, and by Step() otherwise.
#ifndef RAPPORT_SERVICES_FEEDBACK_RISK_NOTES_H_
#define RAPPORT_SERVICES_FEEDBACK_RISK_NOTES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/feedback/matcher_client.h"
#include "services/runtime/call.h"
#include "services/runtime/server_core.h"
#include "services/storage/database.h"
#include "services/storage/outbox.h"

namespace rapport::feedback {

// The outbox topic. A message's key is the feedback's id, its payload a RecordRiskRequest.
inline constexpr absl::string_view kRiskTopic = "feedback.record_risk";

// Adds a note to the transaction of the feedback that it is of. Errors of the database.
absl::Status NoteRisk(storage::Transaction& tx, absl::string_view network, absl::string_view feedback_id,
                      absl::string_view client_id, bool look_first, absl::Time known_at);

// Whether there is a note of a piece of feedback, taken or not. Errors of the database.
absl::StatusOr<bool> IsNoted(storage::Transaction& tx, absl::string_view network,
                             absl::string_view feedback_id);

// Whether the matcher has taken the note of a piece of feedback. Errors of the database.
absl::StatusOr<bool> HasBeenNoted(storage::Transaction& tx, absl::string_view network,
                                  absl::string_view feedback_id);

// Thread-safe.
class RiskNotes {
 public:
  // All must outlive this. Of `core` it uses clock, ids, metrics and log.
  RiskNotes(storage::Database& database, const MatcherClient& matcher, runtime::ServerCore& core);

  // Sends the note of one piece of feedback, if there is one and it is due, as far as the deadline of `call`
  // allows. What fails stays in the outbox.
  void TryNow(const runtime::Call& call, absl::string_view feedback_id);

  // Sends what is due, up to kStepBatch; ends early when the matcher seems to be away. Errors: the
  // database's.
  absl::Status Step();

 private:
  // Sends one, and settles or postpones it. Result: what came of sending.
  absl::Status Send(const runtime::Call& call, const storage::outbox::Message& message);

  storage::Database& database_;
  const MatcherClient& matcher_;
  runtime::ServerCore& core_;
  runtime::Gauge depth_;
  runtime::Counter refused_;
};

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_RISK_NOTES_H_
