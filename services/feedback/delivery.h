// Brings lessons from the outbox to the matcher: at least once over the wire, exactly once in effect, because
// the matcher knows a fit check by its id. Sent right after the write where that is possible, and by Step()
// otherwise.
#ifndef RAPPORT_SERVICES_FEEDBACK_DELIVERY_H_
#define RAPPORT_SERVICES_FEEDBACK_DELIVERY_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/feedback/matcher_client.h"
#include "services/feedback/records.h"
#include "services/runtime/call.h"
#include "services/runtime/server_core.h"
#include "services/storage/database.h"

namespace rapport::feedback {

// Messages looked at in one step: bounds its memory, and how long a stop waits for it.
inline constexpr int kStepBatch = 256;
// Messages of one client sent in one go. More wait for the next step.
inline constexpr int kClientBatch = 64;
// How long a therapist whom the matcher does not know may still become known: feedback that was kept while it
// was away has not been checked, and a matcher that was started on the wrong file, or before its directory
// was imported, knows nobody.
inline constexpr absl::Duration kUnknownPatience = absl::Hours(24 * 7);

// Thread-safe. Two threads may send the same message at once; the first answer settles it.
class Delivery {
 public:
  // All must outlive this. Of `core` it uses clock, ids, metrics and log.
  Delivery(storage::Database& database, const MatcherClient& matcher, runtime::ServerCore& core);

  // Sends what is pending of one client, oldest first, due or not: an earlier session is learned before a
  // later one. Settles each as delivered, or as refused when the matcher will never take it
  // (INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION but for BEHIND). Stops at the first
  // that cannot be delivered now, postpones it and all later ones (storage/outbox.h), and returns its error;
  // DEADLINE_EXCEEDED when the call has no time left for sending; or an error of the database. Blocks at most
  // until call.deadline.
  absl::Status DeliverClient(const runtime::Call& call, absl::string_view client_id) {
    int settled = 0;
    return DeliverClient(call, client_id, settled);
  }

  // One round: every client with a message due, longest due first, up to kStepBatch messages. Ends early when
  // the matcher as a whole seems to be away; from then on all that waits is due, until a round settled none.
  // Then brings the gauges up to date. One thread calls it. Errors: the database's.
  absl::Status Step();

 private:
  // A client of a network.
  struct Sender {
    std::string network;
    std::string client_id;
    friend bool operator==(const Sender&, const Sender&) = default;
  };

  // The same; adds to `settled` how many were.
  absl::Status DeliverClient(const runtime::Call& call, absl::string_view client_id, int& settled);
  absl::StatusOr<std::vector<Sender>> SendersDue() const;
  absl::Status SendDue();
  absl::Status ReportBacklog();
  absl::Status Settle(absl::string_view network, const records::Pending& message,
                      const absl::StatusOr<int64_t>& position);

  storage::Database& database_;
  const MatcherClient& matcher_;
  runtime::ServerCore& core_;
  runtime::Gauge depth_;
  runtime::Gauge oldest_seconds_;
  runtime::Counter delivered_;
  runtime::Counter postponed_;
  runtime::Counter refused_;
  // The matcher was away, and not all that waited is sent; at the start nobody knows.
  bool catching_up_ = true;
};

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_DELIVERY_H_
