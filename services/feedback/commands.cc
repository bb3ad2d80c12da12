// See commands.h.
#include "services/feedback/commands.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/util/time_util.h"
#include "services/contract/convert.h"
#include "services/contract/limits.h"
#include "services/contract/triage.h"
#include "services/feedback/lesson.h"
#include "services/feedback/methods.h"
#include "services/feedback/readings.h"
#include "services/feedback/records.h"
#include "services/feedback/validate.h"
#include "services/runtime/errors.h"
#include "services/storage/outbox.h"
#include "services/storage/request_ledger.h"

namespace rapport::feedback {
namespace {

namespace ledger = storage::request_ledger;
namespace outbox = storage::outbox;
using runtime::Call;
using storage::Transaction;

// No client has more feedback in contract::kTriageRecalled than these pages hold.
constexpr int kTriagePage = 64, kTriagePages = 16;

// Sets `given` to the answer recorded for `key` before, if any.
absl::Status FindAnswer(Transaction& tx, const ledger::Key& key, absl::string_view fingerprint,
                        std::optional<std::string>& given) {
  absl::StatusOr<std::optional<std::string>> found = ledger::Find(tx, key, fingerprint);
  if (absl::IsAlreadyExists(found.status())) {
    return runtime::Error(absl::StatusCode::kAlreadyExists, kRequestIdReused,
                          absl::StrCat("request_id ", key.request_id, " was used before with other content"),
                          {{"request_id", key.request_id}});
  }
  if (found.ok()) given = *std::move(found);
  return found.status();
}

// Where a page ended, as its token carries it: "microseconds/feedback_id".
std::string ToPosition(const v1::Feedback& last) {
  return absl::StrCat(google::protobuf::util::TimeUtil::TimestampToMicroseconds(last.recorded_at()), "/",
                      last.feedback_id());
}

std::optional<records::Place> FromPosition(absl::string_view position) {
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(position, absl::MaxSplits('/', 1));
  records::Place place{0, std::string(parts.second)};
  if (!absl::SimpleAtoi(parts.first, &place.recorded_at_us)) return std::nullopt;
  return place;
}

// Adds a client's scores of late.
absl::Status AddRecent(Transaction& tx, const std::string& network, const std::string& client_id,
                       absl::Time now, LastScores& scores) {
  const absl::Time oldest = now - contract::kTriageRecalled;
  std::optional<records::Place> after;
  for (int page = 0; page < kTriagePages; ++page) {
    absl::StatusOr<std::vector<v1::Feedback>> newest =
        records::List(tx, network, {client_id, ""}, after, kTriagePage);
    if (!newest.ok()) return newest.status();
    for (const v1::Feedback& feedback : *newest) {
      if (contract::ToTime(feedback.recorded_at()) < oldest) return absl::OkStatus();
      if (feedback.has_instrument()) scores.Add(feedback.instrument());
    }
    if (newest->size() < static_cast<std::size_t>(kTriagePage)) break;
    after = FromPosition(ToPosition(newest->back()));
  }
  return absl::OkStatus();
}

// Where the scores of `feedback` ask for a person to look, or end what earlier ones asked for, the matcher is
// to be told.
absl::Status NoteRiskOf(Transaction& tx, const matcher::Catalog& catalog, const std::string& network,
                        const v1::Feedback& feedback, absl::Time now) {
  if (!feedback.has_instrument()) return absl::OkStatus();
  const std::string& client_id = feedback.instrument().client_id();
  LastScores scores;
  if (absl::Status read = AddRecent(tx, network, client_id, now, scores); !read.ok()) return read;
  const bool before = scores.AskForTriage(catalog);
  scores.Add(feedback.instrument());
  const bool after = scores.AskForTriage(catalog);
  if (!before && !after) return absl::OkStatus();
  return NoteRisk(tx, network, feedback.feedback_id(), client_id, after, now);
}

}  // namespace

// One write, as all kinds of feedback have it.
struct Commands::Submission {
  ledger::Key key;
  std::string fingerprint;
  std::string client_id;
  std::string therapist_id;  // empty: about nobody
  v1::Feedback feedback;     // its content; the rest is filled in when it is kept
};

Commands::Commands(Parts parts, std::string page_token_key)
    : parts_(std::move(parts)), page_tokens_(std::move(page_token_key)) {}

absl::StatusOr<v1::RecordFitCheckResponse> Commands::RecordFitCheck(
    const Call& call, const v1::RecordFitCheckRequest& request) {
  const runtime::Violations violations = Validate(*parts_.catalog, request, parts_.core.clock().Now());
  if (!violations.empty()) return violations.ToStatus();
  Submission submission{{call.identity.network, kRecordFitCheck.full_name, request.request_id()},
                        ledger::Fingerprint(request.SerializeAsString()),
                        request.fit_check().client_id(),
                        request.fit_check().therapist_id(),
                        {}};
  *submission.feedback.mutable_fit_check() = request.fit_check();
  absl::StatusOr<v1::RecordFitCheckResponse> answer = Keep(call, submission, v1::RecordFitCheckResponse());
  if (!answer.ok()) return answer;
  // A person looks first: no calculation sends this client anywhere.
  const absl::StatusOr<bool> triage = TriageAdvised(call, submission.client_id);
  if (triage.ok()) answer->set_triage_advised(*triage);
  if (!triage.ok() || *triage || answer->delivery() != v1::DELIVERY_DELIVERED) return answer;
  // The fit check is kept and counts, whatever becomes of this.
  absl::StatusOr<matcher::v1::Advice> advice =
      parts_.matcher.AdviseNextStep(call, submission.client_id, submission.therapist_id, answer->position());
  if (advice.ok()) *answer->mutable_advice() = *std::move(advice);
  if (runtime::ReasonOf(advice.status()) == kNeedsTriage) answer->set_triage_advised(true);
  return answer;
}

absl::StatusOr<bool> Commands::TriageAdvised(const Call& call, const std::string& client_id) const {
  LastScores scores;
  absl::Status read = parts_.database.Read([&](Transaction& tx) {
    return AddRecent(tx, call.identity.network, client_id, parts_.core.clock().Now(), scores);
  });
  if (!read.ok()) return read;
  return scores.AskForTriage(*parts_.catalog);
}

absl::StatusOr<v1::RecordInstrumentResponse> Commands::RecordInstrument(
    const Call& call, const v1::RecordInstrumentRequest& request) {
  const runtime::Violations violations = Validate(*parts_.catalog, request, parts_.core.clock().Now());
  if (!violations.empty()) return violations.ToStatus();
  Submission submission{{call.identity.network, kRecordInstrument.full_name, request.request_id()},
                        ledger::Fingerprint(request.SerializeAsString()),
                        request.scores().client_id(),
                        request.scores().therapist_id(),
                        {}};
  *submission.feedback.mutable_instrument() = request.scores();
  absl::StatusOr<v1::RecordInstrumentResponse> answer =
      Keep(call, submission, ReadScores(*parts_.catalog, request.scores()));
  if (answer.ok()) parts_.risk_notes.TryNow(call, answer->feedback_id());
  return answer;
}

template <typename Response>
absl::StatusOr<Response> Commands::Keep(const Call& call, const Submission& submission, Response answer) {
  std::optional<std::string> given;
  absl::Status status = parts_.database.Read(
      [&](Transaction& tx) { return FindAnswer(tx, submission.key, submission.fingerprint, given); });
  if (!status.ok()) return status;

  bool matcher_away = false;
  if (!given) {
    status = CheckTherapist(call, submission.therapist_id, matcher_away);
    if (!status.ok()) return status;
    v1::Feedback feedback = submission.feedback;
    feedback.DiscardUnknownFields();  // Nobody has checked them.
    feedback.set_feedback_id(parts_.core.ids().NewId("feedback"));
    *feedback.mutable_recorded_at() = contract::ToTimestamp(parts_.core.clock().Now());
    const std::optional<matcher::v1::RecordFitRequest> lesson = LessonOf(*parts_.catalog, feedback);
    feedback.set_delivery(lesson ? v1::DELIVERY_PENDING : v1::DELIVERY_NOT_NEEDED);
    answer.set_feedback_id(feedback.feedback_id());
    status = Write(submission, feedback, lesson, answer.SerializeAsString(), given);
    if (!status.ok()) return status;
  }
  if (given && !answer.ParseFromString(*given)) {
    return absl::DataLossError("an answer of the request ledger is not readable");
  }

  const absl::StatusOr<records::Standing> standing =
      Deliver(call, submission.client_id, answer.feedback_id(), matcher_away);
  if (!standing.ok()) return standing.status();
  answer.set_delivery(standing->delivery);
  answer.set_position(standing->position);
  return answer;
}

absl::Status Commands::CheckTherapist(const Call& call, const std::string& therapist_id,
                                      bool& matcher_away) const {
  if (therapist_id.empty()) return absl::OkStatus();
  const absl::StatusOr<bool> known = parts_.matcher.KnowsTherapist(call, therapist_id);
  matcher_away = !known.ok();
  if (matcher_away || *known) return absl::OkStatus();
  return runtime::Error(absl::StatusCode::kNotFound, kUnknownTherapist,
                        absl::StrCat("the directory has no therapist ", therapist_id),
                        {{"therapist_id", therapist_id}});
}

absl::Status Commands::Write(const Submission& submission, const v1::Feedback& feedback,
                             const std::optional<matcher::v1::RecordFitRequest>& lesson,
                             const std::string& answer, std::optional<std::string>& given) {
  const std::string& network = submission.key.network;
  const absl::Time now = contract::ToTime(feedback.recorded_at());
  return parts_.database.Write([&](Transaction& tx) {
    absl::Status written = FindAnswer(tx, submission.key, submission.fingerprint, given);
    if (!written.ok() || given) return written;
    written.Update(NoteRiskOf(tx, *parts_.catalog, network, feedback, now));
    written.Update(records::Insert(tx, network, feedback));
    written.Update(ledger::Record(tx, submission.key, submission.fingerprint, answer, now));
    if (lesson) {
      written.Update(outbox::Enqueue(
          tx, {network, std::string(records::kTopic), feedback.feedback_id(), lesson->SerializeAsString()},
          now));
    }
    return written;
  });
}

absl::StatusOr<records::Standing> Commands::Deliver(const Call& call, absl::string_view client_id,
                                                    absl::string_view feedback_id, bool matcher_away) {
  records::Standing standing;
  const auto ask = [&] {
    return parts_.database.Read([&](Transaction& tx) {
      absl::StatusOr<records::Standing> found = records::StandingOf(tx, call.identity.network, feedback_id);
      if (found.ok()) standing = *std::move(found);
      return found.status();
    });
  };
  absl::Status status = ask();
  if (status.ok() && standing.delivery == v1::DELIVERY_PENDING && !matcher_away) {
    Call patient = call;
    patient.deadline = std::min(
        call.deadline, parts_.core.clock().Now() + parts_.matcher.patience().record_fit + kAnswerMargin);
    // Whatever hinders it is no fault of the caller's: what was kept stays in the outbox.
    (void)parts_.delivery.DeliverClient(patient, client_id);
    status = ask();
  }
  if (!status.ok()) return status;
  if (standing.delivery == v1::DELIVERY_PENDING) parts_.wake();
  return standing;
}

absl::StatusOr<v1::ListFeedbackResponse> Commands::ListFeedback(const Call& call,
                                                                const v1::ListFeedbackRequest& request) {
  // Neither ids nor networks contain line breaks, so this names one list only.
  const std::string query =
      absl::StrJoin({absl::string_view(kListFeedback.full_name), absl::string_view(call.identity.network),
                     absl::string_view(request.client_id()), absl::string_view(request.therapist_id())},
                    "\n");
  runtime::Violations violations = Validate(request);
  std::optional<records::Place> after;
  if (!request.page_token().empty()) {
    const absl::StatusOr<std::string> position = page_tokens_.Decode(request.page_token(), query);
    if (position.ok()) after = FromPosition(*position);
    if (!after) violations.Add("page_token", "must be the next_page_token of this very list");
  }
  if (!violations.empty()) return violations.ToStatus();

  const int page_size = request.page_size() == 0 ? contract::kDefaultPageSize : request.page_size();
  v1::ListFeedbackResponse response;
  absl::Status status = parts_.database.Read([&](Transaction& tx) -> absl::Status {
    // One more than asked for tells whether another page follows.
    absl::StatusOr<std::vector<v1::Feedback>> list = records::List(
        tx, call.identity.network, {request.client_id(), request.therapist_id()}, after, page_size + 1);
    if (!list.ok()) return list.status();
    const bool more = list->size() > static_cast<size_t>(page_size);
    if (more) list->pop_back();
    if (more) response.set_next_page_token(page_tokens_.Encode(ToPosition(list->back()), query));
    for (v1::Feedback& feedback : *list) *response.add_feedback() = std::move(feedback);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return response;
}

}  // namespace rapport::feedback
