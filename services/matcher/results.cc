#include "services/matcher/results.h"

#include <cmath>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/contract/calendar.h"
#include "services/contract/convert.h"
#include "services/matcher/etag.h"

namespace rapport::matcher_service {
namespace {

void FillTerms(absl::Span<const matcher::Term> terms,
               google::protobuf::RepeatedPtrField<matcher::v1::Term>& messages) {
  messages.Reserve(static_cast<int>(terms.size()));
  for (const matcher::Term& term : terms) {
    matcher::v1::Term& message = *messages.Add();
    message.set_code(term.code.data(), term.code.size());
    message.set_value(term.value);
    message.set_sentence(term.sentence.data(), term.sentence.size());
  }
}

void FillScore(const matcher::Score& score, matcher::v1::Score& message) {
  message.set_p_good(score.Good());
  message.set_p_good_low(score.GoodLow());
  message.set_p_good_high(score.GoodHigh());
  message.set_p_reach(std::exp(score.log_reach));
  message.set_p_start(std::exp(score.log_start));
  message.set_p_bond(score.bond.Probability());
  message.set_p_bond_low(score.bond.Low());
  message.set_p_bond_high(score.bond.High());
  message.set_price(score.price);
  message.set_log_score(score.log_score);
  message.set_bond_mean(score.bond.mean);
  message.set_bond_variance(score.bond.variance);
}

matcher::v1::Rule RuleToProto(matcher::Rule rule) {
  return static_cast<matcher::v1::Rule>(rule);
}

}  // namespace

void FillState(const matcher::State& state, matcher::v1::ResultState& message) {
  message.set_as_of(state.position);
  message.set_model_version(state.model.parameters().version);
  message.set_catalog_version(state.catalog->lists().version);
}

void FillEvidence(const matcher::Evidence& evidence, matcher::v1::Evidence& message) {
  message.set_therapist_fit_checks(evidence.therapist_fit_checks);
  message.set_therapist_clients(evidence.therapist_clients);
  message.set_client_fit_checks(evidence.client_fit_checks);
  message.set_offers(evidence.offers);
  message.set_prior_share(evidence.prior_share);
}

void FillCandidate(const matcher::Candidate& candidate, absl::Time now, matcher::v1::Candidate& message) {
  const matcher::Therapist& therapist = *candidate.listing->therapist;
  message.set_therapist_id(therapist.id);
  message.set_display_name(therapist.display_name);
  message.set_title(therapist.title);
  FillScore(candidate.score, *message.mutable_score());
  FillTerms(candidate.explanation.terms, *message.mutable_score()->mutable_terms());
  FillTerms(candidate.explanation.bond_terms, *message.mutable_score()->mutable_bond_terms());
  FillEvidence(candidate.explanation.evidence, *message.mutable_evidence());
  for (const absl::string_view sentence : candidate.explanation.sentences)
    message.add_sentences(sentence.data(), sentence.size());
  message.set_seats_free(candidate.listing->SeatsFree(now));
  message.set_wait_weeks(therapist.wait_weeks);
  if (candidate.distance_km) message.set_distance_km(*candidate.distance_km);
}

void FillRanking(const matcher::Ranking& ranking, absl::Time now,
                 matcher::v1::RankTherapistsResponse& message) {
  message.mutable_candidates()->Reserve(static_cast<int>(ranking.candidates.size()));
  for (const matcher::Candidate& candidate : ranking.candidates)
    FillCandidate(candidate, now, *message.add_candidates());
  if (ranking.at_least_one_good) message.set_at_least_one_good(*ranking.at_least_one_good);
  message.set_therapists(ranking.therapists);
  message.set_eligible(ranking.eligible);
  for (const matcher::Rule rule : matcher::kRulesInOrder) {
    const std::size_t index = matcher::IndexOf(rule);
    if (ranking.first_failed[index] == 0 && ranking.only_this_rule[index] == 0) continue;
    matcher::v1::Exclusion& exclusion = *message.add_exclusions();
    exclusion.set_rule(RuleToProto(rule));
    exclusion.set_therapists(ranking.first_failed[index]);
    exclusion.set_only_this_rule(ranking.only_this_rule[index]);
  }
  for (const matcher::Relaxation& relaxation : ranking.relaxations) {
    matcher::v1::Relaxation& each = *message.add_relaxations();
    each.set_rule(RuleToProto(relaxation.rule));
    each.set_additional(relaxation.additional);
    each.set_best_now(relaxation.best_now);
    each.set_best_then(relaxation.best_then);
    each.set_sentence(relaxation.sentence);
  }
}

therapist::v1::Therapist ListingToProto(const matcher::Catalog& catalog, const matcher::Listing& listing,
                                        absl::Time now) {
  therapist::v1::Therapist message = contract::ToProto(catalog, *listing.therapist);
  message.set_etag(EtagOf(listing));
  message.set_seats_free(listing.SeatsFree(now));
  return message;
}

}  // namespace rapport::matcher_service
