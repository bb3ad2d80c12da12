// What the matcher must be told at least once: what became of an offer, that a seat is free again, and what
// became known of a client's risk. A notice is written in the transaction of the change that it tells of, and
// delivered afterwards, as often as it takes.
#ifndef RAPPORT_SERVICES_INTAKE_NOTICES_H_
#define RAPPORT_SERVICES_INTAKE_NOTICES_H_

#include <atomic>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "services/intake/matcher_client.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"
#include "services/runtime/ids.h"
#include "services/runtime/log.h"
#include "services/runtime/metrics.h"
#include "services/storage/database.h"
#include "services/storage/outbox.h"

namespace rapport::intake {

// The outbox's topics. The key of a message is the reservation, and of one about risk the referral and when
// it was asked about: each is told of once in each.
inline constexpr char kRiskTopic[] = "intake.record_risk";
inline constexpr char kReachTopic[] = "intake.record_reach";
inline constexpr char kReleaseTopic[] = "intake.release_slot";

// Adds a notice to the transaction; a second one of the same kind with the same key has no effect.
// Errors of the database.
absl::Status TellReach(storage::Transaction& tx, absl::string_view network, absl::string_view therapist_id,
                       absl::string_view reservation_id, matcher::v1::ReachOutcome outcome, absl::Time now);
absl::Status TellRelease(storage::Transaction& tx, absl::string_view network,
                         absl::string_view reservation_id, absl::Time now);
absl::Status TellRisk(storage::Transaction& tx, absl::string_view network, absl::string_view key,
                      const matcher::v1::RecordRiskRequest& request, absl::Time now);

// Delivers them. Thread-safe: two deliveries of one notice at once have one effect, its request id is always
// the same. A release waits until the answer to the offer is told, so that the answer never comes to a seat
// already given back. A notice that the matcher will never take (RESERVATION_ENDED, for one; what it does not
// know, after kUnknownPatience) is kept as refused, logged and counted.
class Notices {
 public:
  // Borrowed; each must outlive this.
  struct Parts {
    storage::Database& db;
    MatcherClient& matcher;
    const runtime::Clock& clock;
    runtime::IdSource& ids;
    runtime::Log& log;
    runtime::Metrics& metrics;
  };

  explicit Notices(const Parts& parts);

  // Tries what is due under one key, as far as the deadline of `call` allows. What fails stays in the outbox.
  void TryNow(const runtime::Call& call, absl::string_view key);

  // Delivers what is due, up to kNoticeBatch of each topic, and stops at the first sign that the matcher is
  // away; from then on all that waits is due, until it was delivered. One thread calls it: the loop, or a
  // test. Result: how many were settled.
  int Step();

  // Lets a Step under way end early.
  void Stop() { stopping_ = true; }

 private:
  enum class Outcome { kSettled, kPostponed, kMatcherAway };

  Outcome Deliver(const runtime::Call& call, absl::string_view topic,
                  const storage::outbox::Message& message);
  absl::Status Send(const runtime::Call& call, absl::string_view topic,
                    const storage::outbox::Message& message);
  bool WaitsForReach(absl::string_view topic, const storage::outbox::Message& message);
  void Settle(absl::string_view topic, const storage::outbox::Message& message, const absl::Status& sent,
              bool refused);

  const Parts parts_;
  std::atomic<bool> stopping_ = false;
  // The matcher was away, and not all that waited is told; at the start nobody knows.
  bool catching_up_ = true;
};

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_NOTICES_H_
