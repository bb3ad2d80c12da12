#include "services/matcher/ranking.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "matcher/eligibility/sentences.h"
#include "matcher/ranking/rank.h"
#include "services/contract/convert.h"
#include "services/contract/limits.h"
#include "services/contract/validate.h"
#include "services/matcher/directory.h"
#include "services/matcher/metric_names.h"
#include "services/matcher/results.h"
#include "services/matcher/risk.h"
#include "services/runtime/errors.h"

namespace rapport::matcher_service {
namespace {

using runtime::Violations;

void ValidateMinAsOf(std::int64_t min_as_of, Violations& violations) {
  if (min_as_of < 0) violations.Add("min_as_of", "must not be negative");
}

// A search as both RankTherapists and ExplainMatch describe it.
template <typename Request>
void ValidateSearch(const matcher::Catalog& catalog, const Request& request, Violations& violations) {
  contract::ValidateId(request.client_id(), "client_id", violations);
  contract::ValidateNeeds(catalog, request.needs(), "needs", violations);
  contract::ValidateIds(request.tried_therapist_ids(), contract::kMaxTriedTherapists, "tried_therapist_ids",
                        violations);
  ValidateMinAsOf(request.min_as_of(), violations);
}

template <typename Request>
absl::Status CheckNotedRisk(const matcher::State& state, const Request& request, absl::Time now) {
  return matcher_service::CheckNotedRisk(state, request.client_id(), AskedAt(request.needs().risk(), now),
                                         now);
}

template <typename Request>
matcher::RankRequest SearchOf(const matcher::Catalog& catalog, const Request& request, absl::Time now) {
  matcher::RankRequest search;
  search.client_id = request.client_id();
  search.needs = contract::ToDomain(catalog, request.needs());
  search.tried_therapist_ids.assign(request.tried_therapist_ids().begin(),
                                    request.tried_therapist_ids().end());
  search.now = now;
  return search;
}

}  // namespace

Ranking::Ranking(std::shared_ptr<const matcher::Catalog> catalog, const Networks& networks,
                 const runtime::Clock& clock, runtime::Metrics& metrics)
    : catalog_(std::move(catalog)),
      networks_(networks),
      clock_(clock),
      shortlist_size_(metrics.HistogramOf(kShortlistSize, kCountBounds)),
      candidates_scored_(metrics.HistogramOf(kCandidatesScored, kCountBounds)) {
  for (const matcher::Rule rule : matcher::kRulesInOrder) {
    exclusions_[matcher::IndexOf(rule)] = metrics.CounterOf(
        kExclusions, {{"rule", matcher::v1::Rule_Name(static_cast<matcher::v1::Rule>(rule))}});
  }
}

absl::Status Ranking::Rank(const runtime::Call& call, const matcher::v1::RankTherapistsRequest& request,
                           runtime::MessageWriter& answer) const {
  Violations violations;
  ValidateSearch(*catalog_, request, violations);
  if (request.shortlist_size() < 0 || request.shortlist_size() > contract::kMaxShortlistSize) {
    violations.Add("shortlist_size", absl::StrCat("must be 1 to ", contract::kMaxShortlistSize, ", or 0 for ",
                                                  contract::kDefaultShortlistSize));
  }
  if (!matcher::v1::Plan_IsValid(request.plan())) violations.Add("plan", "is not a known plan");
  if (!violations.empty()) return violations.ToStatus();
  if (absl::Status risk = CheckStatedRisk(*catalog_, request.needs().risk()); !risk.ok()) return risk;
  const auto state = networks_.HeadAtLeast(call.identity.network, request.min_as_of());
  if (!state.ok()) return state.status();

  const absl::Time now = clock_.Now();
  if (absl::Status risk = CheckNotedRisk(**state, request, now); !risk.ok()) return risk;
  matcher::RankRequest search = SearchOf(*catalog_, request, now);
  search.shortlist_size = static_cast<std::size_t>(
      request.shortlist_size() == 0 ? contract::kDefaultShortlistSize : request.shortlist_size());
  search.with_relaxations = !request.omit_relaxations();
  if (request.plan() == matcher::v1::PLAN_TRY_PLAN) search.plan = matcher::Plan::kTryPlan;
  search.seed = static_cast<std::uint64_t>(request.seed());
  const matcher::Ranking ranking = matcher::Rank(**state, std::move(search));

  shortlist_size_.Observe(static_cast<double>(ranking.candidates.size()));
  candidates_scored_.Observe(static_cast<double>(ranking.eligible));
  for (const matcher::Rule rule : matcher::kRulesInOrder) {
    const std::size_t index = matcher::IndexOf(rule);
    const std::int64_t excluded = ranking.first_failed[index];
    if (excluded > 0) exclusions_[index].Add(static_cast<double>(excluded));  // an atomic, even for 0
  }
  std::vector<std::string> learned;
  if (const matcher::ClientState* client = (*state)->model.Client(request.client_id()); client != nullptr)
    learned = matcher::LearnedInWords(**state, *client);
  WriteRanking(**state, ranking, learned, now, answer);
  return absl::OkStatus();
}

absl::StatusOr<matcher::v1::ExplainMatchResponse> Ranking::Explain(
    const runtime::Call& call, const matcher::v1::ExplainMatchRequest& request) const {
  Violations violations;
  ValidateSearch(*catalog_, request, violations);
  contract::ValidateId(request.therapist_id(), "therapist_id", violations);
  if (!violations.empty()) return violations.ToStatus();
  if (absl::Status risk = CheckStatedRisk(*catalog_, request.needs().risk()); !risk.ok()) return risk;
  const auto state = networks_.HeadAtLeast(call.identity.network, request.min_as_of());
  if (!state.ok()) return state.status();
  const absl::Time now = clock_.Now();
  if (absl::Status risk = CheckNotedRisk(**state, request, now); !risk.ok()) return risk;
  const matcher::Listing* listing = (*state)->directory.Find(request.therapist_id());
  if (listing == nullptr) return MissingTherapist(**state, request.therapist_id());

  const matcher::RankRequest search = SearchOf(*catalog_, request, now);
  const matcher::Query query = matcher::QueryOf(**state, search);
  const matcher::ClientView client = (*state)->model.View(search.client_id, search.needs.context);
  matcher::v1::ExplainMatchResponse response;
  const matcher::RuleSet failed = matcher::FailedRules(query, *listing);
  response.set_eligible(failed.none());
  for (const matcher::Rule rule : matcher::kRulesInOrder) {
    const bool passed = !failed.test(matcher::IndexOf(rule));
    matcher::v1::RuleVerdict& verdict = *response.add_rules();
    verdict.set_rule(static_cast<matcher::v1::Rule>(rule));
    verdict.set_passed(passed);
    verdict.set_sentence(matcher::RuleSentence(rule, *catalog_, query, *listing, passed));
  }
  matcher::TextPool text;
  runtime::MessageWriter writer;
  WriteCandidate(matcher::Describe(**state, query, client, *listing, text), now, writer);
  if (!response.mutable_candidate()->ParseFromArray(writer.bytes().data(),
                                                    static_cast<int>(writer.bytes().size()))) {
    return absl::InternalError("a candidate does not parse");
  }
  FillState(**state, *response.mutable_state());
  return response;
}

absl::StatusOr<matcher::v1::PredictFitResponse> Ranking::Predict(
    const runtime::Call& call, const matcher::v1::PredictFitRequest& request) const {
  Violations violations;
  contract::ValidateId(request.client_id(), "client_id", violations);
  contract::ValidateContext(*catalog_, request.needs().concerns(), request.needs().wishes(), "needs",
                            violations);
  contract::ValidateOwn(*catalog_, request.needs().own_tags(), request.needs().attributes(), "needs",
                        violations);
  contract::ValidateIds(request.therapist_ids(), contract::kMaxPredictions, "therapist_ids", violations);
  if (request.therapist_ids().empty()) violations.Add("therapist_ids", "at least one is required");
  ValidateMinAsOf(request.min_as_of(), violations);
  if (!violations.empty()) return violations.ToStatus();
  const auto state = networks_.HeadAtLeast(call.identity.network, request.min_as_of());
  if (!state.ok()) return state.status();

  const matcher::ClientView client =
      (*state)->model.View(request.client_id(), contract::ToContext(*catalog_, request.needs()));
  matcher::v1::PredictFitResponse response;
  for (const std::string& therapist_id : request.therapist_ids()) {
    const matcher::Listing* listing = (*state)->directory.Find(therapist_id);
    if (listing == nullptr) return MissingTherapist(**state, therapist_id);
    const matcher::LatentBond bond =
        (*state)->model.Predict(client, *listing->therapist, [](matcher::BondPart, int, double) {});
    matcher::v1::FitPrediction& prediction = *response.add_predictions();
    prediction.set_therapist_id(therapist_id);
    prediction.set_p_bond(bond.Probability());
    prediction.set_p_bond_low(bond.Low());
    prediction.set_p_bond_high(bond.High());
    FillEvidence(matcher::EvidenceOf(**state, client, *listing), *prediction.mutable_evidence());
  }
  FillState(**state, *response.mutable_state());
  return response;
}

}  // namespace rapport::matcher_service
