// rapport model show, refit: the fit model's parameters, and estimating them anew.
#include <cmath>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/cli/commands/bindings.h"
#include "services/cli/flags.h"
#include "services/cli/json.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/table.h"

namespace rapport::cli {
namespace {

double Diagonal(const matcher::v1::Matrix& matrix, int i) {
  return matrix.values(i * matrix.columns() + i);
}

// Where an answer's variance lies, by channel, and what the features do to the verdict.
void PrintModel(std::ostream& out, const matcher::v1::FitModel& model) {
  // An estimate that was not published has no number, as day 0 has none; but it was made from answers.
  out << (model.version() > 0
              ? absl::StrCat("Model ", model.version(), ", published ", Moment(model.published_at()))
          : model.fit_checks() > 0 ? "A new estimate"
                                   : "Day 0: what the catalog believes before anybody has answered")
      << " (catalog " << model.catalog_version() << ")\n";
  if (model.fit_checks() > 0) {
    out << "Estimated from " << Counted(model.fit_checks(), "fit check")
        << absl::StrFormat("; log-loss on those held out %.4f, before %.4f", model.held_out_log_loss(),
                           model.held_out_log_loss_before())
        << "\n";
  }
  out << "\nWhose variance an answer is\n";
  Table shares(
      {{"channel"}, {"client", Align::kRight}, {"therapist", Align::kRight}, {"the rest", Align::kRight}});
  for (int j = 0; j < model.channels_size(); ++j) {
    const double client = Diagonal(model.client(), j);
    const double therapist = Diagonal(model.therapist(), j);
    const double all = client + therapist + Diagonal(model.error(), j);
    shares.Add({model.channels(j), Probability(client / all), Probability(therapist / all),
                Probability(1 - (client + therapist) / all)});
  }
  shares.Print(out, 2);
  out << "\nEffects on the latent verdict, in units of the spread between sessions\n";
  Table effects({{"feature"}, {"effect", Align::kRight}, {"± 1 sd", Align::kRight}});
  for (int i = 0; i < model.features_size(); ++i) {
    effects.Add({model.features(i), Signed(model.effect_mean().values(i * model.effect_mean().columns())),
                 absl::StrFormat("%.2f", std::sqrt(Diagonal(model.effect_covariance(0), i)))});
  }
  effects.Print(out, 2);
}

}  // namespace

Action BindModelShow(CLI::App& app) {
  auto version = std::make_shared<int64_t>(-1);
  app.add_option("--version", *version, "Number of a published model, 0 for day 0; default: the one in force")
      ->check(IntegerFrom(0));
  return Online([version](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    matcher::v1::GetModelRequest request;
    if (*version >= 0) request.set_version(*version);
    const auto response = services.Call(&MatcherStub::GetModel, request);
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
    } else {
      if (response->set_aside_version() > 0) {
        Wrap(session.out,
             absl::StrCat(
                 "Model ", response->set_aside_version(), " was set aside: ", response->set_aside_reason(),
                 ". In force are day 0's beliefs and what was learned from every answer since; rapport model "
                 "refit estimates a new model."),
             "", "  ");
        session.out << "\n";
      }
      PrintModel(session.out, response->model());
    }
    return ExitCode::kOk;
  });
}

Action BindModelRefit(CLI::App& app) {
  struct Flags {
    std::string request_id;
    int64_t republish = -1;
    bool dry_run = false;
  };
  auto flags = std::make_shared<Flags>();
  AddRequestId(app, flags->request_id);
  app.add_option("--republish", flags->republish, "Publish this earlier model again instead; 0 for day 0")
      ->check(IntegerFrom(0));
  app.add_flag("--dry-run", flags->dry_run, "Estimate and judge, and publish nothing");
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    matcher::v1::RefitModelRequest request;
    request.set_request_id(RequestIdOr(flags->request_id, session));
    if (flags->republish >= 0) request.set_republish_version(flags->republish);
    request.set_validate_only(flags->dry_run);
    grpc::ClientContext context;  // a refit takes as long as it takes; Ctrl-C ends it
    const auto stream = services.Get<MatcherStub>().RefitModel(&context, request);
    matcher::v1::RefitModelResponse response;
    matcher::v1::RefitOutcome outcome;
    while (stream->Read(&response)) {
      if (response.has_outcome()) outcome = response.outcome();
      if (!session.err_is_terminal || !response.has_progress()) continue;
      session.err << absl::StrFormat("\r%s %3.0f %%   ", response.progress().stage(),
                                     100 * response.progress().done())
                  << std::flush;
    }
    if (session.err_is_terminal) session.err << "\r" << std::string(40, ' ') << "\r";
    const grpc::Status status = stream->Finish();
    if (!status.ok()) return FromCall(status);
    if (session.json) {
      session.out << ToJson(outcome);
      return ExitCode::kOk;
    }
    session.out << (outcome.published()
                        ? absl::StrCat("Published as model ", outcome.model().version(),
                                       ", in force from log position ", outcome.position(), ".\n\n")
                        : "Not published: a dry run.\n\n");
    PrintModel(session.out, outcome.model());
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
