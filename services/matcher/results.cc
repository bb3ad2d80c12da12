#include "services/matcher/results.h"

#include <cmath>

#include "services/contract/calendar.h"
#include "services/contract/convert.h"
#include "services/matcher/etag.h"

namespace rapport::matcher_service {
namespace {

void FillTerm(const matcher::Term& term, matcher::v1::Term& message) {
  message.set_code(term.code);
  message.set_value(term.value);
  message.set_sentence(term.sentence);
}

void FillScore(const matcher::Score& score, const matcher::Explanation& explanation,
               matcher::v1::Score& message) {
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
  for (const matcher::Term& term : explanation.terms) FillTerm(term, *message.add_terms());
  for (const matcher::Term& term : explanation.bond_terms) FillTerm(term, *message.add_bond_terms());
}

matcher::v1::Rule RuleToProto(matcher::Rule rule) {
  return static_cast<matcher::v1::Rule>(rule);
}

}  // namespace

matcher::v1::ResultState StateToProto(const matcher::State& state) {
  matcher::v1::ResultState message;
  message.set_as_of(state.position);
  message.set_model_version(state.model.parameters().version);
  message.set_catalog_version(state.catalog->lists().version);
  return message;
}

matcher::v1::Evidence EvidenceToProto(const matcher::Evidence& evidence) {
  matcher::v1::Evidence message;
  message.set_therapist_fit_checks(evidence.therapist_fit_checks);
  message.set_therapist_clients(evidence.therapist_clients);
  message.set_client_fit_checks(evidence.client_fit_checks);
  message.set_offers(evidence.offers);
  message.set_prior_share(evidence.prior_share);
  return message;
}

matcher::v1::Candidate CandidateToProto(const matcher::Candidate& candidate, absl::Time now) {
  const matcher::Therapist& therapist = *candidate.listing->therapist;
  matcher::v1::Candidate message;
  message.set_therapist_id(therapist.id);
  message.set_display_name(therapist.display_name);
  message.set_title(therapist.title);
  FillScore(candidate.score, candidate.explanation, *message.mutable_score());
  *message.mutable_evidence() = EvidenceToProto(candidate.explanation.evidence);
  for (const std::string& sentence : candidate.explanation.sentences) message.add_sentences(sentence);
  message.set_seats_free(candidate.listing->SeatsFree(now));
  message.set_wait_weeks(therapist.wait_weeks);
  if (candidate.distance_km) message.set_distance_km(*candidate.distance_km);
  return message;
}

matcher::v1::RankTherapistsResponse RankingToProto(const matcher::Ranking& ranking, absl::Time now) {
  matcher::v1::RankTherapistsResponse message;
  for (const matcher::Candidate& candidate : ranking.candidates) {
    *message.add_candidates() = CandidateToProto(candidate, now);
  }
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
  return message;
}

therapist::v1::Therapist ListingToProto(const matcher::Catalog& catalog, const matcher::Listing& listing,
                                        absl::Time now) {
  therapist::v1::Therapist message = contract::ToProto(catalog, *listing.therapist);
  message.set_etag(EtagOf(listing));
  message.set_seats_free(listing.SeatsFree(now));
  return message;
}

}  // namespace rapport::matcher_service
