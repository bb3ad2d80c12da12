// rapport rank, explain, predict: the matcher's three answers about a client.
#include <memory>

#include "services/cli/commands/bindings.h"
#include "services/cli/flags.h"
#include "services/cli/json.h"
#include "services/cli/views/explanation.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/shortlist.h"
#include "services/cli/views/table.h"

namespace rapport::cli {
namespace {

struct Flags {
  ClientFlags client;
  int shortlist_size = 5;
  std::vector<std::string> tried;
  std::string therapist_id;
  std::vector<std::string> therapist_ids;
  int64_t min_as_of = 0;
};

void AddMinAsOf(CLI::App& app, Flags& flags) {
  app.add_option("--min-as-of", flags.min_as_of, "Answer only from a state that includes this log position");
}

}  // namespace

Action BindRank(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  AddClient(app, flags->client);
  app.add_option("-k,--shortlist-size", flags->shortlist_size, "How many to propose")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--tried", flags->tried, "Therapists already tried, never proposed again");
  AddMinAsOf(app, *flags);
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    absl::StatusOr<matcher::v1::Needs> needs = ReadNeeds(session, flags->client);
    if (!needs.ok()) return needs.status();
    matcher::v1::RankTherapistsRequest request;
    request.set_client_id(flags->client.client_id);
    *request.mutable_needs() = *needs;
    request.set_shortlist_size(flags->shortlist_size);
    for (const std::string& id : flags->tried) request.add_tried_therapist_ids(id);
    request.set_min_as_of(flags->min_as_of);
    const auto response = services.Call(&MatcherStub::RankTherapists, request);
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
    } else {
      PrintShortlist(session.out, AsShortlist(*response), *needs);
    }
    return ExitCode::kOk;
  });
}

Action BindExplain(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  AddClient(app, flags->client);
  app.add_option("THERAPIST", flags->therapist_id, "Id of the therapist")->required();
  app.add_option("--tried", flags->tried, "A therapist already tried; repeatable")->allow_extra_args(false);
  AddMinAsOf(app, *flags);
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    absl::StatusOr<matcher::v1::Needs> needs = ReadNeeds(session, flags->client);
    if (!needs.ok()) return needs.status();
    matcher::v1::ExplainMatchRequest request;
    request.set_client_id(flags->client.client_id);
    *request.mutable_needs() = *needs;
    request.set_therapist_id(flags->therapist_id);
    for (const std::string& id : flags->tried) request.add_tried_therapist_ids(id);
    request.set_min_as_of(flags->min_as_of);
    const auto response = services.Call(&MatcherStub::ExplainMatch, request);
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
    } else {
      PrintExplanation(session.out, *response);
    }
    return ExitCode::kOk;
  });
}

Action BindPredict(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  AddClient(app, flags->client);
  app.add_option("THERAPIST", flags->therapist_ids, "Ids of therapists, up to 1,000")->required();
  AddMinAsOf(app, *flags);
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    absl::StatusOr<matcher::v1::Needs> needs = ReadNeeds(session, flags->client);
    if (!needs.ok()) return needs.status();
    matcher::v1::PredictFitRequest request;
    request.set_client_id(flags->client.client_id);
    *request.mutable_needs() = *needs;
    for (const std::string& id : flags->therapist_ids) request.add_therapist_ids(id);
    request.set_min_as_of(flags->min_as_of);
    const auto response = services.Call(&MatcherStub::PredictFit, request);
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(*response);
      return ExitCode::kOk;
    }
    Table table({{"therapist"}, {"bond"}, {"fit checks", Align::kRight}, {"clients", Align::kRight}});
    for (const auto& prediction : response->predictions()) {
      table.Add({prediction.therapist_id(),
                 Probability(prediction.p_bond()) + " " +
                     Interval(prediction.p_bond_low(), prediction.p_bond_high()),
                 Grouped(prediction.evidence().therapist_fit_checks()),
                 Grouped(prediction.evidence().therapist_clients())});
    }
    table.Print(session.out);
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
