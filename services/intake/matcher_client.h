// The matcher as intake reaches it: gRPC, with a deadline on each call and its errors restored.
#ifndef RAPPORT_SERVICES_INTAKE_MATCHER_CLIENT_H_
#define RAPPORT_SERVICES_INTAKE_MATCHER_CLIENT_H_

#include <atomic>
#include <memory>
#include <mutex>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "rapport/directory/v1/directory.grpc.pb.h"
#include "rapport/matcher/v1/matcher.grpc.pb.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"

namespace rapport::intake {

// Knows a matcher that hangs. While one does, one call at a time asks it, and no more often than every
// kProbeInterval. Thread-safe.
class HangGuard {
 public:
  enum class Turn { kNotNow, kFree, kProbe };
  enum class Came {
    kAnswer,        // an answer of its own, whatever it is
    kNothing,       // within kHungAfter
    kTooSoonToSay,  // nothing, but there was less time than that
  };

  // kNotNow: do not ask, but where nothing may be settled on a guess. Whoever asks tells with Left what came.
  Turn Enter(absl::Time now);
  void Left(Turn turn, Came came, absl::Time now);

 private:
  std::mutex mutex_;
  bool hangs_ = false;
  bool asking_ = false;
  absl::Time next_;
};

// Thread-safe. Each function blocks until the earlier of the caller's deadline less a margin and a cap
// (limits.h), and answers the matcher's own error with its details, or DEADLINE_EXCEEDED. A call that a
// matcher cut off as it went (CANCELLED) is made once more, for each of them may be; then it is
// UNAVAILABLE MATCHER_AWAY. Never call one inside a transaction.
class MatcherClient {
 public:
  // `clock` must outlive this.
  MatcherClient(const std::shared_ptr<grpc::Channel>& channel, const runtime::Clock& clock);

  absl::StatusOr<matcher::v1::RankTherapistsResponse> RankTherapists(
      const runtime::Call& call, const matcher::v1::RankTherapistsRequest& request);
  // Asks even a matcher that has not answered of late: nothing is to be settled on a guess. Without an
  // answer: UNAVAILABLE or DEADLINE_EXCEEDED where it is away, UNAVAILABLE MATCHER_AWAY with RetryInfo where
  // it is there, and has too much to do, was given too little time, or is about to go.
  absl::StatusOr<matcher::v1::ExplainMatchResponse> ExplainMatch(
      const runtime::Call& call, const matcher::v1::ExplainMatchRequest& request);
  absl::StatusOr<directory::v1::Reservation> ReserveSlot(const runtime::Call& call,
                                                         const directory::v1::ReserveSlotRequest& request);
  absl::Status ReleaseSlot(const runtime::Call& call, const directory::v1::ReleaseSlotRequest& request);
  absl::Status RecordReach(const runtime::Call& call, const matcher::v1::RecordReachRequest& request);
  absl::Status RecordRisk(const runtime::Call& call, const matcher::v1::RecordRiskRequest& request);

 private:
  // Makes one call: ask(context, response). `insists`: whatever the guard says.
  template <typename Response, typename Ask>
  absl::StatusOr<Response> Make(const runtime::Call& call, absl::Duration margin, absl::Duration cap, Ask ask,
                                bool insists = false);

  const std::unique_ptr<matcher::v1::MatcherService::Stub> matcher_;
  const std::unique_ptr<directory::v1::DirectoryService::Stub> directory_;
  const runtime::Clock& clock_;
  HangGuard guard_;
  std::atomic<int> insisting_ = 0;  // calls that ask though the guard says not now
};

// Whether `status` says that the matcher cannot answer anybody now, rather than that it has something against
// this request: UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED.
bool MatcherAway(const absl::Status& status);

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_MATCHER_CLIENT_H_
