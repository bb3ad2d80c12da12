#include "services/matcher/results.h"

#include <cmath>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/contract/calendar.h"
#include "services/contract/convert.h"
#include "services/matcher/etag.h"

namespace rapport::matcher_service {
namespace {

using runtime::MessageWriter;

void WriteTerms(int field, absl::Span<const matcher::Term> terms, MessageWriter& writer) {
  using Message = matcher::v1::Term;
  for (const matcher::Term& term : terms) {
    writer.AddMessage(field, [&] {
      writer.PutText(Message::kCodeFieldNumber, term.code);
      writer.PutNumber(Message::kValueFieldNumber, term.value);
      writer.PutText(Message::kSentenceFieldNumber, term.sentence);
    });
  }
}

void WriteScore(const matcher::Score& score, const matcher::Explanation& explanation, MessageWriter& writer) {
  using Message = matcher::v1::Score;
  writer.PutNumber(Message::kPGoodFieldNumber, score.Good());
  const matcher::Score::Interval good = score.GoodInterval();
  writer.PutNumber(Message::kPGoodLowFieldNumber, good.low);
  writer.PutNumber(Message::kPGoodHighFieldNumber, good.high);
  writer.PutNumber(Message::kPReachFieldNumber, std::exp(score.log_reach));
  writer.PutNumber(Message::kPStartFieldNumber, std::exp(score.log_start));
  const double p_bond = score.bond.Probability();
  writer.PutNumber(Message::kPBondFieldNumber, p_bond);
  writer.PutNumber(Message::kPBondLowFieldNumber, score.bond.Low(p_bond));
  writer.PutNumber(Message::kPBondHighFieldNumber, score.bond.High(p_bond));
  writer.PutNumber(Message::kPriceFieldNumber, score.price);
  writer.PutNumber(Message::kLogScoreFieldNumber, score.log_score);
  WriteTerms(Message::kTermsFieldNumber, explanation.terms, writer);
  writer.PutNumber(Message::kBondMeanFieldNumber, score.bond.mean);
  writer.PutNumber(Message::kBondVarianceFieldNumber, score.bond.variance);
  WriteTerms(Message::kBondTermsFieldNumber, explanation.bond_terms, writer);
}

void WriteEvidence(const matcher::Evidence& evidence, MessageWriter& writer) {
  using Message = matcher::v1::Evidence;
  writer.PutInteger(Message::kTherapistFitChecksFieldNumber, evidence.therapist_fit_checks);
  writer.PutInteger(Message::kTherapistClientsFieldNumber, evidence.therapist_clients);
  writer.PutInteger(Message::kClientFitChecksFieldNumber, evidence.client_fit_checks);
  writer.PutInteger(Message::kOffersFieldNumber, evidence.offers);
  writer.PutNumber(Message::kPriorShareFieldNumber, evidence.prior_share);
}

void WriteExclusions(const matcher::Ranking& ranking, MessageWriter& writer) {
  using Message = matcher::v1::Exclusion;
  for (const matcher::Rule rule : matcher::kRulesInOrder) {
    const std::size_t index = matcher::IndexOf(rule);
    if (ranking.first_failed[index] == 0 && ranking.only_this_rule[index] == 0) continue;
    writer.AddMessage(matcher::v1::RankTherapistsResponse::kExclusionsFieldNumber, [&] {
      writer.PutInteger(Message::kRuleFieldNumber, static_cast<int>(rule));
      writer.PutInteger(Message::kTherapistsFieldNumber, ranking.first_failed[index]);
      writer.PutInteger(Message::kOnlyThisRuleFieldNumber, ranking.only_this_rule[index]);
    });
  }
}

void WriteRelaxation(const matcher::Relaxation& relaxation, MessageWriter& writer) {
  using Message = matcher::v1::Relaxation;
  writer.PutInteger(Message::kRuleFieldNumber, static_cast<int>(relaxation.rule));
  writer.PutInteger(Message::kAdditionalFieldNumber, relaxation.additional);
  writer.PutNumber(Message::kBestNowFieldNumber, relaxation.best_now);
  writer.PutNumber(Message::kBestThenFieldNumber, relaxation.best_then);
  writer.PutText(Message::kSentenceFieldNumber, relaxation.sentence);
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

void WriteCandidate(const matcher::Candidate& candidate, absl::Time now, MessageWriter& writer) {
  using Message = matcher::v1::Candidate;
  const matcher::Therapist& therapist = *candidate.listing->therapist;
  const matcher::Explanation& explanation = candidate.explanation;
  writer.PutText(Message::kTherapistIdFieldNumber, therapist.id);
  writer.PutText(Message::kDisplayNameFieldNumber, therapist.display_name);
  writer.PutText(Message::kTitleFieldNumber, therapist.title);
  writer.AddMessage(Message::kScoreFieldNumber, [&] { WriteScore(candidate.score, explanation, writer); });
  writer.AddMessage(Message::kEvidenceFieldNumber, [&] { WriteEvidence(explanation.evidence, writer); });
  for (const absl::string_view sentence : explanation.sentences)
    writer.AddText(Message::kSentencesFieldNumber, sentence);
  writer.PutInteger(Message::kSeatsFreeFieldNumber, candidate.listing->SeatsFree(now));
  writer.PutNumber(Message::kWaitWeeksFieldNumber, therapist.wait_weeks);
  if (candidate.distance_km) writer.AddNumber(Message::kDistanceKmFieldNumber, *candidate.distance_km);
}

void WriteRanking(const matcher::State& state, const matcher::Ranking& ranking,
                  absl::Span<const std::string> learned, absl::Time now, MessageWriter& writer) {
  using Message = matcher::v1::RankTherapistsResponse;
  for (const matcher::Candidate& candidate : ranking.candidates)
    writer.AddMessage(Message::kCandidatesFieldNumber, [&] { WriteCandidate(candidate, now, writer); });
  writer.PutInteger(Message::kTherapistsFieldNumber, ranking.therapists);
  writer.PutInteger(Message::kEligibleFieldNumber, ranking.eligible);
  WriteExclusions(ranking, writer);
  for (const matcher::Relaxation& relaxation : ranking.relaxations)
    writer.AddMessage(Message::kRelaxationsFieldNumber, [&] { WriteRelaxation(relaxation, writer); });
  writer.AddMessage(Message::kStateFieldNumber, [&] {
    writer.PutInteger(matcher::v1::ResultState::kAsOfFieldNumber, state.position);
    writer.PutInteger(matcher::v1::ResultState::kModelVersionFieldNumber, state.model.parameters().version);
    writer.PutText(matcher::v1::ResultState::kCatalogVersionFieldNumber, state.catalog->lists().version);
  });
  for (const std::string& sentence : learned) writer.AddText(Message::kLearnedFieldNumber, sentence);
  if (ranking.at_least_one_good)
    writer.AddNumber(Message::kAtLeastOneGoodFieldNumber, *ranking.at_least_one_good);
}

therapist::v1::Therapist ListingToProto(const matcher::Catalog& catalog, const matcher::Listing& listing,
                                        absl::Time now) {
  therapist::v1::Therapist message = contract::ToProto(catalog, *listing.therapist);
  message.set_etag(EtagOf(listing));
  message.set_seats_free(listing.SeatsFree(now));
  return message;
}

}  // namespace rapport::matcher_service
