// rapport feedback fit-check, instrument, list.
#include <memory>

#include "services/cli/commands/bindings.h"
#include "services/cli/commands/pages.h"
#include "services/cli/flags.h"
#include "services/cli/import/cell_values.h"
#include "services/cli/json.h"
#include "services/cli/views/advice.h"
#include "services/cli/views/feedback.h"

namespace rapport::cli {
namespace {

Words<matcher::v1::Verdict> Verdicts() {
  return {{"would-continue", matcher::v1::VERDICT_WOULD_CONTINUE},
          {"unsure", matcher::v1::VERDICT_UNSURE},
          {"would-not-continue", matcher::v1::VERDICT_WOULD_NOT_CONTINUE}};
}

// Flags of both kinds of feedback.
struct Common {
  std::string client_id;
  std::string therapist_id;
  std::string referral_id;
  int32_t session_number = 0;
  std::string at;
  std::string request_id;
};

void AddCommon(CLI::App& app, Common& common) {
  app.add_option("--client", common.client_id, "Pseudonymous id of the client")->required();
  app.add_option("--therapist", common.therapist_id, "Id of the therapist");
  app.add_option("--referral", common.referral_id, "Id of the referral, where there is one");
  app.add_option("--session", common.session_number, "1 for the first session; default: not known");
  AddDay(app, common.at, "When the session was held");
  AddRequestId(app, common.request_id,
               "; default: the content's own, so the same command again on the same day takes effect once");
}

template <typename Message>
absl::Status SetCommon(const Common& common, Session& session, Message& message) {
  const absl::StatusOr<google::protobuf::Timestamp> at = DayOr(common.at, session);
  if (!at.ok()) return at.status();
  message.set_client_id(common.client_id);
  message.set_therapist_id(common.therapist_id);
  message.set_referral_id(common.referral_id);
  message.set_session_number(common.session_number);
  *message.mutable_occurred_at() = *at;
  return absl::OkStatus();
}

}  // namespace

Action BindFeedbackFitCheck(CLI::App& app) {
  struct Flags {
    Common common;
    matcher::v1::Verdict verdict = matcher::v1::VERDICT_UNSPECIFIED;
    std::vector<std::string> answers;
    std::vector<std::string> facets;
    std::vector<std::string> frictions;
  };
  auto flags = std::make_shared<Flags>();
  AddCommon(app, flags->common);
  app.get_option("--therapist")->required();
  app.add_option("--verdict", flags->verdict, "would-continue, unsure or would-not-continue")
      ->required()
      ->transform(OneOf(Verdicts()));
  app.add_option("--answer", flags->answers, "QUESTION=0..10; repeatable")->allow_extra_args(false);
  app.add_option("--facet", flags->facets, "FACET=0..10, a felt quality; repeatable")
      ->allow_extra_args(false);
  app.add_option("--friction", flags->frictions, "What got in the way, by catalog id; repeatable")
      ->allow_extra_args(false);
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    feedback::v1::RecordFitCheckRequest request;
    feedback::v1::FitCheck& check = *request.mutable_fit_check();
    if (auto status = SetCommon(flags->common, session, check); !status.ok()) return status;
    if (auto status = ParseAnswers("--answer", flags->answers, *check.mutable_answers()); !status.ok())
      return status;
    if (auto status = ParseAnswers("--facet", flags->facets, *check.mutable_facets()); !status.ok())
      return status;
    for (const std::string& friction : flags->frictions) check.add_frictions(friction);
    check.set_verdict(flags->verdict);
    request.set_request_id(RequestIdOf(flags->common.request_id, request));
    const auto response = services.Call(&FeedbackStub::RecordFitCheck, request);
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
    } else {
      session.out << response->feedback_id() << ": "
                  << DeliveryInWords(response->delivery(), response->position()) << "\n";
      if (response->triage_advised()) {
        session.out << "\nA person must look at this client first; so there is no advice.\n";
      }
      if (response->has_advice()) {
        session.out << "\n";
        PrintAdvice(session.out, response->advice());
      }
    }
    return ExitCode::kOk;
  });
}

Action BindFeedbackInstrument(CLI::App& app) {
  struct Flags {
    Common common;
    std::string instrument;
    std::vector<std::string> scores;
  };
  auto flags = std::make_shared<Flags>();
  AddCommon(app, flags->common);
  app.add_option("--instrument", flags->instrument, "Questionnaire, by catalog id")->required();
  app.add_option("--score", flags->scores, "SCALE=SCORE; repeatable")->required()->allow_extra_args(false);
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    feedback::v1::RecordInstrumentRequest request;
    feedback::v1::InstrumentScores& scores = *request.mutable_scores();
    if (auto status = SetCommon(flags->common, session, scores); !status.ok()) return status;
    if (auto status = ParseAnswers("--score", flags->scores, *scores.mutable_scores()); !status.ok())
      return status;
    scores.set_instrument(flags->instrument);
    request.set_request_id(RequestIdOf(flags->common.request_id, request));
    const auto response = services.Call(&FeedbackStub::RecordInstrument, request);
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
      return ExitCode::kOk;
    }
    if (response->triage_advised()) session.out << "A person should look now: a score asks for triage.\n";
    session.out << response->feedback_id() << ": "
                << DeliveryInWords(response->delivery(), response->position()) << "\n";
    for (const auto& reading : response->readings()) {
      session.out << "  " << reading.scale() << " " << FormatNumber(reading.score())
                  << (reading.beyond_cut_off() ? ", beyond the published cut-off" : "") << "\n";
    }
    return ExitCode::kOk;
  });
}

Action BindFeedbackList(CLI::App& app) {
  auto request = std::make_shared<feedback::v1::ListFeedbackRequest>();
  auto limit = std::make_shared<int>(50);
  app.add_option("--client", *request->mutable_client_id(), "Only of this client");
  app.add_option("--therapist", *request->mutable_therapist_id(), "Only about this therapist");
  app.add_option("--limit", *limit, "At most so many")
      ->check(CLI::Range(1, kMostListed))
      ->capture_default_str();
  return Online([request, limit](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    const auto response =
        FirstOf(services, &FeedbackStub::ListFeedback, *request, *limit,
                [](feedback::v1::ListFeedbackResponse& page) { return page.feedback_size(); });
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
      return ExitCode::kOk;
    }
    PrintFeedback(session.out, response->feedback());
    if (!response->next_page_token().empty()) session.out << "(there are more: --limit)\n";
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
