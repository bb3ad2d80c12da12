// See commands.h.
#include "services/feedback/commands.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
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

// Whether they were filled in too long ago to ask for anything.
bool IsLongAgo(const v1::InstrumentScores& scores, absl::Time now) {
  return contract::ToTime(scores.occurred_at()) < now - contract::kTriageRecalled;
}

// Calls visit(feedback) for a client's scores that were recorded of late, whenever they were filled in, the
// newest first, until it fails.
absl::Status ForEachRecent(Transaction& tx, const std::string& network, const std::string& client_id,
                           absl::Time now, absl::FunctionRef<absl::Status(const v1::Feedback&)> visit) {
  const absl::Time oldest = now - contract::kTriageRecalled;
  std::optional<records::Place> after;
  for (int page = 0; page < kTriagePages; ++page) {
    absl::StatusOr<std::vector<v1::Feedback>> newest =
        records::List(tx, network, {client_id, ""}, after, kTriagePage);
    if (!newest.ok()) return newest.status();
    for (const v1::Feedback& feedback : *newest) {
      if (contract::ToTime(feedback.recorded_at()) < oldest) return absl::OkStatus();
      if (!feedback.has_instrument()) continue;
      if (absl::Status visited = visit(feedback); !visited.ok()) return visited;
    }
    if (newest->size() < static_cast<std::size_t>(kTriagePage)) break;
    after = FromPosition(ToPosition(newest->back()));
  }
  return absl::OkStatus();
}

// Where these scores ask for a person to look, or end what the matcher was told last, it is told. Scores of
// long ago say nothing of today.
absl::Status NoteRiskOf(Transaction& tx, const matcher::Catalog& catalog, const std::string& network,
                        const v1::Feedback& feedback, absl::Time now) {
  if (!feedback.has_instrument() || IsLongAgo(feedback.instrument(), now)) return absl::OkStatus();
  const std::string& client_id = feedback.instrument().client_id();
  if (AskForTriage(catalog, feedback.instrument()))
    return NoteRisk(tx, network, feedback.feedback_id(), client_id, true, now);
  LastScores last;
  last.Add(feedback.instrument());  // of the same moment the newest counts
  std::optional<bool> told;         // the newest note: whether it asked for a look
  absl::Status read =
      ForEachRecent(tx, network, client_id, now, [&](const v1::Feedback& earlier) -> absl::Status {
        if (!IsLongAgo(earlier.instrument(), now)) last.Add(earlier.instrument());
        if (told) return absl::OkStatus();
        const absl::StatusOr<bool> noted = IsNoted(tx, network, earlier.feedback_id());
        if (!noted.ok()) return noted.status();
        if (*noted) told = AskForTriage(catalog, earlier.instrument());
        return absl::OkStatus();
      });
  if (!read.ok()) return read;
  if (!told.value_or(false) || last.AskForTriage(catalog)) return absl::OkStatus();
  return NoteRisk(tx, network, feedback.feedback_id(), client_id, false, now);
}

}  // namespace

// One write, as all kinds of feedback have it.
struct Commands::Submission {
  ledger::Key key;
  std::string fingerprint;
  std::string client_id;
  std::string therapist_id;   // empty: about nobody
  v1::Feedback feedback;      // its content; the rest is filled in when it is kept
  bool matcher_away = false;  // found on the way
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
  // A person looks first: no calculation sends this client anywhere. The matcher knows best: it has heard of
  // scores, of what needs state, and of looks. Where it cannot be asked, or has yet to hear of scores, they
  // speak for themselves. The fit check is kept and counts, whatever becomes of this.
  const absl::StatusOr<ScoresAsk> scores_ask = AskScores(call, submission.client_id);
  if (scores_ask.ok()) answer->set_triage_advised(scores_ask->for_triage);
  if (submission.matcher_away) return answer;
  if (scores_ask.ok() && scores_ask->for_triage && !scores_ask->matcher_knows) return answer;
  // Asked about risk also where it has not taken the fit check; its advice would be without it, and is not
  // passed on.
  const bool counts = answer->delivery() == v1::DELIVERY_DELIVERED;
  absl::StatusOr<matcher::v1::Advice> advice = parts_.matcher.AdviseNextStep(
      call, submission.client_id, submission.therapist_id, counts ? answer->position() : 0);
  if (runtime::ReasonOf(advice.status()) == kNeedsTriage) {
    answer->set_triage_advised(true);
  } else if (advice.ok() || runtime::ReasonOf(advice.status()) == kNeedsUnknown) {
    answer->set_triage_advised(false);
  }
  if (counts && advice.ok()) *answer->mutable_advice() = *std::move(advice);
  return answer;
}

absl::StatusOr<Commands::ScoresAsk> Commands::AskScores(const Call& call,
                                                        const std::string& client_id) const {
  LastScores scores;
  ScoresAsk result;
  const std::string& network = call.identity.network;
  absl::Status read = parts_.database.Read([&](Transaction& tx) {
    return ForEachRecent(
        tx, network, client_id, parts_.core.clock().Now(), [&](const v1::Feedback& feedback) -> absl::Status {
          if (IsLongAgo(feedback.instrument(), parts_.core.clock().Now())) return absl::OkStatus();
          scores.Add(feedback.instrument());
          if (!AskForTriage(*parts_.catalog, feedback.instrument())) return absl::OkStatus();
          const absl::StatusOr<bool> noted = HasBeenNoted(tx, network, feedback.feedback_id());
          if (!noted.ok()) return noted.status();
          result.matcher_knows &= *noted;
          return absl::OkStatus();
        });
  });
  if (!read.ok()) return read;
  result.for_triage = scores.AskForTriage(*parts_.catalog);
  return result;
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
absl::StatusOr<Response> Commands::Keep(const Call& call, Submission& submission, Response answer) {
  std::optional<std::string> given;
  absl::Status status = parts_.database.Read(
      [&](Transaction& tx) { return FindAnswer(tx, submission.key, submission.fingerprint, given); });
  if (!status.ok()) return status;

  if (!given) {
    status = CheckTherapist(call, submission);
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

  const absl::StatusOr<records::Standing> standing = Deliver(call, submission, answer.feedback_id());
  if (!standing.ok()) return standing.status();
  answer.set_delivery(standing->delivery);
  answer.set_position(standing->position);
  return answer;
}

absl::Status Commands::CheckTherapist(const Call& call, Submission& submission) const {
  const std::string& therapist_id = submission.therapist_id;
  if (therapist_id.empty()) return absl::OkStatus();
  const absl::StatusOr<bool> known = parts_.matcher.KnowsTherapist(call, therapist_id);
  submission.matcher_away = !known.ok();
  if (submission.matcher_away || *known) return absl::OkStatus();
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
    // By the clock as it is now: of two writers the later has the later note.
    written.Update(NoteRiskOf(tx, *parts_.catalog, network, feedback, parts_.core.clock().Now()));
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

absl::StatusOr<records::Standing> Commands::Deliver(const Call& call, Submission& submission,
                                                    absl::string_view feedback_id) {
  records::Standing standing;
  const auto ask = [&] {
    return parts_.database.Read([&](Transaction& tx) {
      absl::StatusOr<records::Standing> found = records::StandingOf(tx, call.identity.network, feedback_id);
      if (found.ok()) standing = *std::move(found);
      return found.status();
    });
  };
  absl::Status status = ask();
  if (status.ok() && standing.delivery == v1::DELIVERY_PENDING && !submission.matcher_away) {
    Call patient = call;
    patient.deadline = std::min(
        call.deadline, parts_.core.clock().Now() + parts_.matcher.patience().record_fit + kAnswerMargin);
    // Whatever hinders it is no fault of the caller's: what was kept stays in the outbox.
    submission.matcher_away = MatcherAway(parts_.delivery.DeliverClient(patient, submission.client_id));
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
