// The bytes of an answer against the same answer as a message, filled in field by field: for random networks
// and searches, of every shape that an answer takes.
#include "services/matcher/results.h"

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "matcher/state/state.h"
#include "tests/support/random_history.h"

namespace rapport::matcher_service {
namespace {

using Terms = google::protobuf::RepeatedPtrField<matcher::v1::Term>;

void Fill(absl::Span<const matcher::Term> terms, Terms& messages) {
  for (const matcher::Term& term : terms) {
    matcher::v1::Term& message = *messages.Add();
    message.set_code(std::string(term.code));
    message.set_value(term.value);
    message.set_sentence(std::string(term.sentence));
  }
}

matcher::v1::Candidate Expected(const matcher::Candidate& candidate, absl::Time now) {
  matcher::v1::Candidate message;
  const matcher::Therapist& therapist = *candidate.listing->therapist;
  message.set_therapist_id(therapist.id);
  message.set_display_name(therapist.display_name);
  message.set_title(therapist.title);
  matcher::v1::Score& score = *message.mutable_score();
  score.set_p_good(candidate.score.Good());
  score.set_p_good_low(candidate.score.GoodInterval().low);
  score.set_p_good_high(candidate.score.GoodInterval().high);
  score.set_p_reach(std::exp(candidate.score.log_reach));
  score.set_p_start(std::exp(candidate.score.log_start));
  score.set_p_bond(candidate.score.bond.Probability());
  score.set_p_bond_low(candidate.score.bond.Low());
  score.set_p_bond_high(candidate.score.bond.High());
  score.set_price(candidate.score.price);
  score.set_log_score(candidate.score.log_score);
  score.set_bond_mean(candidate.score.bond.mean);
  score.set_bond_variance(candidate.score.bond.variance);
  Fill(candidate.explanation.terms, *score.mutable_terms());
  Fill(candidate.explanation.bond_terms, *score.mutable_bond_terms());
  FillEvidence(candidate.explanation.evidence, *message.mutable_evidence());
  for (const absl::string_view sentence : candidate.explanation.sentences)
    message.add_sentences(std::string(sentence));
  message.set_seats_free(candidate.listing->SeatsFree(now));
  message.set_wait_weeks(therapist.wait_weeks);
  if (candidate.distance_km) message.set_distance_km(*candidate.distance_km);
  return message;
}

matcher::v1::RankTherapistsResponse Expected(const matcher::State& state, const matcher::Ranking& ranking,
                                             const std::vector<std::string>& learned, absl::Time now) {
  matcher::v1::RankTherapistsResponse message;
  for (const matcher::Candidate& candidate : ranking.candidates)
    *message.add_candidates() = Expected(candidate, now);
  message.set_therapists(ranking.therapists);
  message.set_eligible(ranking.eligible);
  for (const matcher::Rule rule : matcher::kRulesInOrder) {
    const std::size_t index = matcher::IndexOf(rule);
    if (ranking.first_failed[index] == 0 && ranking.only_this_rule[index] == 0) continue;
    matcher::v1::Exclusion& exclusion = *message.add_exclusions();
    exclusion.set_rule(static_cast<matcher::v1::Rule>(rule));
    exclusion.set_therapists(ranking.first_failed[index]);
    exclusion.set_only_this_rule(ranking.only_this_rule[index]);
  }
  for (const matcher::Relaxation& relaxation : ranking.relaxations) {
    matcher::v1::Relaxation& each = *message.add_relaxations();
    each.set_rule(static_cast<matcher::v1::Rule>(relaxation.rule));
    each.set_additional(relaxation.additional);
    each.set_best_now(relaxation.best_now);
    each.set_best_then(relaxation.best_then);
    each.set_sentence(relaxation.sentence);
  }
  FillState(state, *message.mutable_state());
  for (const std::string& sentence : learned) message.add_learned(sentence);
  if (ranking.at_least_one_good) message.set_at_least_one_good(*ranking.at_least_one_good);
  return message;
}

TEST(ResultsTest, AnswersHoldWhatWasRanked) {
  int candidates = 0, relaxations = 0, plans = 0, empty = 0, distances = 0, heard = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    matcher::RandomNetwork network(seed);
    matcher::State state(matcher::SmallCatalog());
    for (matcher::Event& event : matcher::RandomHistory(network, 80, 400))
      matcher::Apply(std::move(event), state);
    for (int i = 0; i < 25; ++i) {
      matcher::RankRequest request;
      request.client_id = absl::StrCat("c", network.Below(8));
      request.needs = network.MakeNeeds();
      request.shortlist_size = 1 + network.Below(12);
      request.with_relaxations = network.Chance(60);
      request.with_reasons = network.Chance(90);
      if (network.Chance(30)) request.plan = matcher::Plan::kTryPlan;
      request.now = matcher::RandomNetwork::Now();
      const matcher::Ranking ranking = matcher::Rank(state, request);
      std::vector<std::string> learned;
      if (network.Chance(50)) learned = {"one", "", "another"};

      runtime::MessageWriter writer;
      WriteRanking(state, ranking, learned, request.now, writer);
      const matcher::v1::RankTherapistsResponse expected = Expected(state, ranking, learned, request.now);
      matcher::v1::RankTherapistsResponse written;
      ASSERT_TRUE(written.ParseFromArray(writer.bytes().data(), static_cast<int>(writer.bytes().size())));
      ASSERT_EQ(written.DebugString(), expected.DebugString()) << "seed " << seed << ", search " << i;
      ASSERT_EQ(writer.bytes(), expected.SerializeAsString()) << "seed " << seed << ", search " << i;

      candidates += expected.candidates_size();
      relaxations += expected.relaxations_size();
      plans += expected.has_at_least_one_good() ? 1 : 0;
      empty += ranking.candidates.empty() ? 1 : 0;
      for (const matcher::v1::Candidate& candidate : expected.candidates()) {
        distances += candidate.has_distance_km() ? 1 : 0;
        heard += candidate.evidence().therapist_fit_checks() > 0 ? 1 : 0;
      }
    }
  }
  // That there was something to differ in.
  EXPECT_GT(candidates, 1'000);
  EXPECT_GT(relaxations, 100);
  EXPECT_GT(plans, 100);
  EXPECT_GT(empty, 10);
  EXPECT_GT(distances, 100);
  EXPECT_GT(heard, 100);
}

}  // namespace
}  // namespace rapport::matcher_service
