// What the feedback service does, without gRPC: validate, keep once, hand to the matcher, list.
#ifndef RAPPORT_SERVICES_FEEDBACK_COMMANDS_H_
#define RAPPORT_SERVICES_FEEDBACK_COMMANDS_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "matcher/domain/catalog.h"
#include "rapport/feedback/v1/feedback.pb.h"
#include "services/feedback/delivery.h"
#include "services/feedback/matcher_client.h"
#include "services/feedback/records.h"
#include "services/feedback/risk_notes.h"
#include "services/runtime/call.h"
#include "services/runtime/page_token.h"
#include "services/runtime/server_core.h"
#include "services/storage/database.h"

namespace rapport::feedback {

// Reason of ALREADY_EXISTS: the request_id was used before with other content.
inline constexpr char kRequestIdReused[] = "REQUEST_ID_REUSED";

// Thread-safe. Errors of each function: those of its RPC in feedback.proto, and those of the database. An
// error of a write means that nothing was kept, but for a database that fails after the commit: a retry with
// the same request_id has one effect either way.
class Commands {
 public:
  // Borrowed; each must outlive the commands. `wake` makes the delivery loop look for work now; it must not
  // block.
  struct Parts {
    storage::Database& database;
    std::shared_ptr<const matcher::Catalog> catalog;
    const MatcherClient& matcher;
    Delivery& delivery;
    RiskNotes& risk_notes;
    runtime::ServerCore& core;
    std::function<void()> wake;
  };

  // `page_token_key`: as PageTokens asks.
  Commands(Parts parts, std::string page_token_key);

  absl::StatusOr<v1::RecordFitCheckResponse> RecordFitCheck(const runtime::Call& call,
                                                            const v1::RecordFitCheckRequest& request);
  absl::StatusOr<v1::RecordInstrumentResponse> RecordInstrument(const runtime::Call& call,
                                                                const v1::RecordInstrumentRequest& request);
  absl::StatusOr<v1::ListFeedbackResponse> ListFeedback(const runtime::Call& call,
                                                        const v1::ListFeedbackRequest& request);

 private:
  struct Submission;

  // Keeps the submission unless it was kept before, sends what is to be sent, and completes `answer` (what
  // does not depend on the id or on the delivery). One that was kept before gets the answer it got then, with
  // the delivery as it now is.
  template <typename Response>
  absl::StatusOr<Response> Keep(const runtime::Call& call, Submission& submission, Response answer);

  // OK when the therapist is known, or nobody is named, or (with `matcher_away` set) nobody can tell now.
  absl::Status CheckTherapist(const runtime::Call& call, Submission& submission) const;

  // Writes feedback, answer, lesson, and what scores say of risk, in one transaction; or, when the same
  // request was faster on another thread, writes nothing and sets `given` to the answer that it got.
  absl::Status Write(const Submission& submission, const v1::Feedback& feedback,
                     const std::optional<matcher::v1::RecordFitRequest>& lesson, const std::string& answer,
                     std::optional<std::string>& given);

  // What a client's scores of late ask for: whether the last of some scale asks for a person to look, and
  // whether the matcher has been told of all scores that did.
  struct ScoresAsk {
    bool for_triage = false;
    bool matcher_knows = true;
  };
  absl::StatusOr<ScoresAsk> AskScores(const runtime::Call& call, const std::string& client_id) const;

  // How far the feedback has come, after an attempt to bring it further where that makes sense.
  absl::StatusOr<records::Standing> Deliver(const runtime::Call& call, Submission& submission,
                                            absl::string_view feedback_id);

  const Parts parts_;
  const runtime::PageTokens page_tokens_;
};

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_COMMANDS_H_
