#include "services/matcher/advising.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "matcher/advice/advice.h"
#include "matcher/ranking/rank.h"
#include "services/contract/convert.h"
#include "services/contract/limits.h"
#include "services/contract/validate.h"
#include "services/matcher/directory.h"
#include "services/matcher/reasons.h"
#include "services/matcher/results.h"
#include "services/matcher/risk.h"
#include "services/runtime/errors.h"

namespace rapport::matcher_service {
namespace {

absl::Status Validate(const matcher::Catalog& catalog, const matcher::v1::AdviseNextStepRequest& request) {
  runtime::Violations violations;
  contract::ValidateId(request.client_id(), "client_id", violations);
  contract::ValidateId(request.therapist_id(), "therapist_id", violations);
  contract::ValidateIds(request.tried_therapist_ids(), contract::kMaxTriedTherapists, "tried_therapist_ids",
                        violations);
  if (request.has_needs()) contract::ValidateNeeds(catalog, request.needs(), "needs", violations);
  if (request.min_as_of() < 0) violations.Add("min_as_of", "must not be negative");
  if (!violations.empty()) return violations.ToStatus();
  return request.has_needs() ? CheckStatedRisk(catalog, request.needs().risk()) : absl::OkStatus();
}

// What this client has said of this therapist.
std::vector<matcher::FitCheck> Earlier(const matcher::State& state,
                                       const matcher::v1::AdviseNextStepRequest& request) {
  std::vector<matcher::FitCheck> earlier;
  const matcher::FitCheckList* said = state.fit_checks.Find(request.client_id());
  if (said == nullptr) return earlier;
  for (const auto& fit_check : *said) {
    if (fit_check->therapist_id == request.therapist_id()) earlier.push_back(*fit_check);
  }
  return earlier;
}

// Others who are asked in turn, at most: as many as a shortlist shows.
constexpr int kAsked = contract::kDefaultShortlistSize;

// The best other therapists for these needs now, best first. Those who did not take this client are not asked
// again.
std::vector<matcher::Alternative> BestOthers(const matcher::State& state,
                                             const matcher::v1::AdviseNextStepRequest& request,
                                             const matcher::Needs& needs, absl::Time now) {
  matcher::RankRequest search;
  search.client_id = request.client_id();
  search.needs = needs;
  search.tried_therapist_ids.assign(request.tried_therapist_ids().begin(),
                                    request.tried_therapist_ids().end());
  search.tried_therapist_ids.push_back(request.therapist_id());
  if (const std::vector<std::string>* declined = state.declined.Find(request.client_id())) {
    search.tried_therapist_ids.insert(search.tried_therapist_ids.end(), declined->begin(), declined->end());
  }
  search.shortlist_size = kAsked;
  search.with_relaxations = false;
  search.with_reasons = false;
  search.now = now;
  std::vector<matcher::Alternative> others;
  for (const matcher::Candidate& candidate : matcher::Rank(state, search).candidates) {
    others.push_back({candidate.listing->therapist->id, candidate.score.bond, candidate.score.log_reach,
                      candidate.score.log_start, candidate.listing->therapist->wait_weeks});
  }
  return others;
}

void FillAdvice(const matcher::Advice& advice, const std::vector<matcher::Alternative>& others,
                matcher::v1::Advice& message) {
  message.set_next_step(static_cast<matcher::v1::NextStep>(advice.step));
  message.set_rule(std::string(matcher::CodeOf(advice.rule)));
  message.set_p_bond_if_stay(advice.stay.Probability());
  message.set_p_bond_if_stay_low(advice.stay.Low());
  message.set_p_bond_if_stay_high(advice.stay.High());
  if (!others.empty()) message.set_alternative_therapist_id(others.front().therapist_id);
  message.set_p_good_of_alternative(advice.alternative_good.value_or(0));
  message.set_switch_cost(advice.switch_cost);
  message.set_gain(advice.gain);
  message.set_p_place_given(advice.place_given);
  for (const std::string& sentence : advice.sentences) message.add_sentences(sentence);
}

}  // namespace

absl::StatusOr<matcher::v1::AdviseNextStepResponse> Advising::Advise(
    const runtime::Call& call, const matcher::v1::AdviseNextStepRequest& request) const {
  if (absl::Status valid = Validate(*catalog_, request); !valid.ok()) return valid;
  const auto state = networks_.HeadAtLeast(call.identity.network, request.min_as_of());
  if (!state.ok()) return state.status();
  const absl::Time now = clock_.Now();
  const absl::Time asked_at =
      request.has_needs() ? AskedAt(request.needs().risk(), now) : absl::InfinitePast();
  if (absl::Status risk = CheckNotedRisk(**state, request.client_id(), asked_at, now); !risk.ok())
    return risk;
  std::shared_ptr<const matcher::Listing> present = (*state)->directory.Share(request.therapist_id());
  if (present == nullptr) present = (*state)->departed.Share(request.therapist_id());
  if (present == nullptr) return UnknownTherapist(request.therapist_id());

  matcher::Needs needs;
  if (request.has_needs()) {
    needs = contract::ToDomain(*catalog_, request.needs());
  } else if (const matcher::Needs* known = (*state)->needs.Find(request.client_id()); known != nullptr) {
    needs = *known;
  } else {
    return runtime::Error(absl::StatusCode::kFailedPrecondition, kNeedsUnknown,
                          absl::StrCat("no needs of client ", request.client_id(),
                                       " came with a reservation: send them with this request"),
                          {{"client_id", request.client_id()}});
  }

  const std::vector<matcher::Alternative> others = BestOthers(**state, request, needs, now);
  const matcher::ClientView client = (*state)->model.View(request.client_id(), needs.context);
  const matcher::Advice advice = matcher::AdviseNextStep(
      *catalog_, (*state)->model, client, *present->therapist, Earlier(**state, request), others);
  matcher::v1::AdviseNextStepResponse response;
  FillAdvice(advice, others, *response.mutable_advice());
  FillState(**state, *response.mutable_state());
  return response;
}

}  // namespace rapport::matcher_service
