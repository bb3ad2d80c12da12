// The matcher as feedback needs it: is this therapist known, take this lesson, note this risk, and what may
// the client do next. The only file pair that calls another service.
#ifndef RAPPORT_SERVICES_FEEDBACK_MATCHER_CLIENT_H_
#define RAPPORT_SERVICES_FEEDBACK_MATCHER_CLIENT_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "rapport/directory/v1/directory.grpc.pb.h"
#include "rapport/matcher/v1/matcher.grpc.pb.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"

namespace rapport::feedback {

// The matcher's reason for not looking at a client whom a person must look at first.
inline constexpr char kNeedsTriage[] = "NEEDS_TRIAGE";
// Its reason for no advice where it has been told no needs; of a risk it would have said so first.
inline constexpr char kNeedsUnknown[] = "NEEDS_UNKNOWN";

// The matcher's reason for a therapist that its directory does not have; callers of ours get the same.
inline constexpr char kUnknownTherapist[] = "UNKNOWN_THERAPIST";

// What a call to the matcher must leave of the caller's time: for a commit and for the answer.
inline constexpr absl::Duration kAnswerMargin = absl::Milliseconds(200);
// How long the matcher may take at most, whatever time the caller has.
struct MatcherPatience {
  // Asking is a courtesy to the caller, who learns of a mistyped id at once: it may not cost much.
  absl::Duration knows_therapist = absl::Milliseconds(500);
  // A matcher that needs longer for one record is as good as away: the record waits in the outbox.
  absl::Duration record_fit = absl::Seconds(2);
  // Advice takes as long as a ranking; it can be asked for again.
  absl::Duration advise = absl::Seconds(1);
};

// Thread-safe. Calls block until they are answered or their time is over.
class MatcherClient {
 public:
  // `clock` must outlive this.
  MatcherClient(const std::shared_ptr<grpc::Channel>& channel, const runtime::Clock& clock,
                const MatcherPatience& patience);

  const MatcherPatience& patience() const { return patience_; }

  // Whether the directory of the caller's network has the therapist. Any error: it could not be asked.
  absl::StatusOr<bool> KnowsTherapist(const runtime::Call& call, absl::string_view therapist_id) const;

  // The log position from which the lesson counts. Errors: the matcher's own, see RecordFit in
  // rapport/matcher/v1/matcher.proto, or those of a call that did not get through.
  absl::StatusOr<int64_t> RecordFit(const runtime::Call& call,
                                    const matcher::v1::RecordFitRequest& lesson) const;

  // Notes a client's risk. Errors: as RecordFit.
  absl::Status RecordRisk(const runtime::Call& call, const matcher::v1::RecordRiskRequest& note) const;

  // What the client may do next, from a state that includes `position`. Errors: the matcher's own, see
  // AdviseNextStep in rapport/matcher/v1/matcher.proto, or those of a call that did not get through.
  absl::StatusOr<matcher::v1::Advice> AdviseNextStep(const runtime::Call& call, absl::string_view client_id,
                                                     absl::string_view therapist_id, int64_t position) const;

 private:
  const runtime::Clock& clock_;
  const MatcherPatience patience_;
  const std::unique_ptr<directory::v1::DirectoryService::StubInterface> directory_;
  const std::unique_ptr<matcher::v1::MatcherService::StubInterface> matcher_;
};

// Whether `status` says something about the matcher as a whole, rather than about one message.
bool MatcherAway(const absl::Status& status);

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_MATCHER_CLIENT_H_
