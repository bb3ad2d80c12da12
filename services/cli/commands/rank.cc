// rapport rank, explain, predict: the matcher's three answers about a client.
#include <cstdint>
#include <limits>
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
  bool try_plan = false;
  std::int64_t seed = 0;
  std::vector<std::string> tried;
  std::string therapist_id;
  std::vector<std::string> therapist_ids;
  int64_t min_as_of = 0;
};

void AddMinAsOf(CLI::App& app, Flags& flags) {
  app.add_option("--min-as-of", flags.min_as_of, "Answer only from a state that includes this log position")
      ->check(IntegerFrom(0));
}

}  // namespace

Action BindRank(CLI::App& app) {
  auto flags = std::make_shared<Flags>();
  AddClient(app, flags->client);
  app.add_option("-k,--shortlist-size", flags->shortlist_size, "How many to propose")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  app.add_option("--tried", flags->tried, "Therapists already tried, never proposed again");
  auto* try_plan =
      app.add_flag("--try-plan", flags->try_plan,
                   "Those of whom at least one likely fits, tried in turn; not simply the best ones");
  app.add_option("--seed", flags->seed, "Of a try plan: the same seed, the same shortlist")
      ->check(IntegerFrom(std::numeric_limits<std::int64_t>::min()))
      ->needs(try_plan);
  AddMinAsOf(app, *flags);
  return Online([flags](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    absl::StatusOr<matcher::v1::Needs> needs = ReadNeeds(session, flags->client);
    if (!needs.ok()) return needs.status();
    matcher::v1::RankTherapistsRequest request;
    if (flags->try_plan) request.set_plan(matcher::v1::PLAN_TRY_PLAN);
    request.set_seed(flags->seed);
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
      if (response->has_at_least_one_good()) PrintPlan(session.out, *response);
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
