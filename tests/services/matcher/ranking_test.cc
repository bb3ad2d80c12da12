// RankTherapists, ExplainMatch and PredictFit: that the numbers add up, that musts hold, and what is refused.
#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {
namespace {

using matcher::v1::Candidate;
using matcher::v1::ExplainMatchRequest;
using matcher::v1::ExplainMatchResponse;
using matcher::v1::PredictFitRequest;
using matcher::v1::RankTherapistsRequest;
using matcher::v1::RankTherapistsResponse;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::Must;
using ::testing::Not;
using testing::Refused;
using testing::ValidTherapist;

constexpr int kTherapists = 300;

double Sum(const google::protobuf::RepeatedPtrField<matcher::v1::Term>& terms) {
  double sum = 0;
  for (const matcher::v1::Term& term : terms) sum += term.value();
  return sum;
}

template <typename List, typename Id>
bool Has(const List& list, const Id& id) {
  return std::find(list.begin(), list.end(), id) != list.end();
}

bool Meet(const google::protobuf::RepeatedPtrField<std::string>& wanted,
          const google::protobuf::RepeatedPtrField<std::string>& offered) {
  return wanted.empty() ||
         std::any_of(wanted.begin(), wanted.end(), [&](const std::string& id) { return Has(offered, id); });
}

// Those musts that can be said in a line each; the library's own tests hold the rest.
void ExpectMustsHold(const matcher::v1::Needs& needs, const therapist::v1::Therapist& therapist) {
  EXPECT_EQ(therapist.credentials(0).region(), needs.location().region());
  EXPECT_GE(therapist.credentials(0).valid_until(), needs.starts_on());
  EXPECT_TRUE(Meet(needs.payers(), therapist.payers()));
  EXPECT_TRUE(Meet(needs.languages(), therapist.languages()));
  EXPECT_TRUE(Meet(needs.modalities(), therapist.modalities()));
  EXPECT_TRUE(Has(therapist.age_groups(), needs.age_group()));
  EXPECT_TRUE(Has(therapist.formats(), needs.format()));
  if (needs.has_max_fee()) {
    EXPECT_TRUE(therapist.has_fee());
    EXPECT_LE(therapist.fee().minor_units(), needs.max_fee().minor_units());
  }
  for (const std::string& tag : needs.required_tags()) EXPECT_TRUE(Has(therapist.tags(), tag));
  for (const std::string& tag : needs.excluded_tags()) EXPECT_FALSE(Has(therapist.tags(), tag));
  for (const std::string& concern : needs.concerns())
    EXPECT_FALSE(Has(therapist.declined_concerns(), concern));
  EXPECT_GT(therapist.seats_free(), 0);
}

void ExpectAddsUp(const Candidate& candidate) {
  const matcher::v1::Score& score = candidate.score();
  EXPECT_NEAR(Sum(score.terms()), score.log_score(), 1e-9);
  EXPECT_NEAR(Sum(score.bond_terms()), score.bond_mean(), 1e-9);
  EXPECT_NEAR(std::log(score.p_good()) - score.price(), score.log_score(), 1e-9);
  EXPECT_NEAR(score.p_reach() * score.p_start() * score.p_bond(), score.p_good(), 1e-12);
  EXPECT_LE(score.p_good_low(), score.p_good());
  EXPECT_GE(score.p_good_high(), score.p_good());
  EXPECT_LE(score.p_bond_low(), score.p_bond());
  EXPECT_GE(score.p_bond_high(), score.p_bond());
  EXPECT_FALSE(candidate.sentences().empty());
  for (const auto& term : score.terms()) EXPECT_NE(term.sentence(), "") << term.code();
  for (const auto& term : score.bond_terms()) EXPECT_NE(term.sentence(), "") << term.code();
}

class RankingTest : public MatcherTest {
 protected:
  // A network of all sorts.
  void AddRandomTherapists() {
    std::mt19937_64 random(7);
    std::vector<therapist::v1::Therapist> therapists;
    for (int i = 0; i < kTherapists; ++i)
      therapists.push_back(testing::RandomTherapist(absl::StrCat("t", i), random));
    client_.Upsert(therapists);
  }
  RankTherapistsResponse Rank(const RankTherapistsRequest& request) { return Must(client_.Send(request)); }
};

TEST_F(RankingTest, MustsHoldAndEverybodyIsCountedOnce) {
  AddRandomTherapists();
  std::mt19937_64 random(8);
  int candidates = 0;
  int relaxations = 0;
  for (int i = 0; i < 60; ++i) {
    SCOPED_TRACE(i);
    RankTherapistsRequest request = RankRequest();
    *request.mutable_needs() = testing::RandomNeeds(random);
    request.set_shortlist_size(100);
    request.add_tried_therapist_ids("t5");
    const RankTherapistsResponse response = Rank(request);
    std::int64_t counted = response.eligible();
    int rule_before = 0;
    for (const matcher::v1::Exclusion& exclusion : response.exclusions()) {
      counted += exclusion.therapists();
      EXPECT_GT(exclusion.rule(), rule_before) << "not in order";
      rule_before = exclusion.rule();
    }
    EXPECT_EQ(counted, response.therapists());
    EXPECT_EQ(response.therapists(), kTherapists);
    EXPECT_EQ(response.candidates_size(), std::min<std::int64_t>(100, response.eligible()));
    double best = 0;
    for (const Candidate& candidate : response.candidates()) {
      ++candidates;
      EXPECT_TRUE(best == 0 || candidate.score().log_score() <= best) << "not best first";
      best = candidate.score().log_score();
      EXPECT_NE(candidate.therapist_id(), "t5");
      ExpectAddsUp(candidate);
      if (i < 10) ExpectMustsHold(request.needs(), client_.Get(candidate.therapist_id()));
    }
    for (const matcher::v1::Relaxation& relaxation : response.relaxations()) {
      ++relaxations;
      EXPECT_GT(relaxation.additional(), 0);
      EXPECT_GE(relaxation.best_then(), relaxation.best_now());
      EXPECT_NE(relaxation.sentence(), "");
      EXPECT_GT(relaxation.rule(), matcher::v1::RULE_CONCERN_DECLINED) << "law and safety are never offered";
    }
    request.set_omit_relaxations(true);
    EXPECT_THAT(Rank(request).relaxations(), IsEmpty());
  }
  EXPECT_GT(candidates, 100);
  EXPECT_GT(relaxations, 50);
}

TEST_F(RankingTest, TheSameRequestOnTheSameStateGivesTheSameBytes) {
  AddRandomTherapists();
  std::mt19937_64 random(9);
  RankTherapistsRequest request = RankRequest();
  *request.mutable_needs() = testing::RandomNeeds(random);
  const RankTherapistsResponse first = Rank(request);
  for (int i = 0; i < 5; ++i) EXPECT_THAT(Rank(request), SameMessage(first));
}

TEST_F(RankingTest, AnEmptyDirectoryGivesAnEmptyShortlist) {
  const RankTherapistsResponse response = Rank(RankRequest());
  EXPECT_THAT(response.candidates(), IsEmpty());
  EXPECT_THAT(response.exclusions(), IsEmpty());
  EXPECT_EQ(response.therapists(), 0);
  EXPECT_EQ(response.eligible(), 0);
  EXPECT_EQ(response.state().as_of(), 0);
  EXPECT_NE(response.state().catalog_version(), "");
}

TEST_F(RankingTest, AShortlistIsAsLongAsAskedFor) {
  std::vector<therapist::v1::Therapist> therapists;
  for (int i = 0; i < 120; ++i) therapists.push_back(ValidTherapist(absl::StrCat("t", i)));
  client_.Upsert(therapists);
  for (const int size : {1, 7, 100}) {
    RankTherapistsRequest request = RankRequest();
    request.set_shortlist_size(size);
    EXPECT_EQ(Rank(request).candidates_size(), size);
  }
  EXPECT_EQ(Rank(RankRequest()).candidates_size(), 5);
  EXPECT_EQ(Rank(RankRequest()).eligible(), 120);
}

TEST_F(RankingTest, ACandidateShowsWhatTheDirectoryShows) {
  therapist::v1::Therapist therapist = ValidTherapist("t1");
  client_.Upsert({therapist});
  Must(client_.Send(Reservation("r1")));
  const RankTherapistsResponse response = Rank(RankRequest());
  ASSERT_EQ(response.candidates_size(), 1);
  const Candidate& candidate = response.candidates(0);
  EXPECT_EQ(candidate.therapist_id(), "t1");
  EXPECT_EQ(candidate.display_name(), therapist.display_name());
  EXPECT_EQ(candidate.title(), therapist.title());
  EXPECT_EQ(candidate.seats_free(), 2);
  EXPECT_EQ(candidate.wait_weeks(), 1.5);
  EXPECT_NEAR(candidate.distance_km(), 8.2, .1);
  EXPECT_EQ(response.state().as_of(), 2);
}

TEST_F(RankingTest, AcuteRiskIsNeverRanked) {
  client_.Upsert({ValidTherapist("t1")});
  matcher::v1::Needs stated = testing::ValidNeeds();
  stated.mutable_risk()->set_level(matcher::v1::RISK_LEVEL_ACUTE);
  matcher::v1::Needs scored = testing::ValidNeeds();
  scored.mutable_risk()->mutable_screenings(0)->set_score(1);
  for (const matcher::v1::Needs& needs : {stated, scored}) {
    RankTherapistsRequest rank = RankRequest();
    *rank.mutable_needs() = needs;
    EXPECT_THAT(client_.Send(rank), Refused(absl::StatusCode::kFailedPrecondition, kNeedsTriage));
    ExplainMatchRequest explain = ExplainRequest();
    *explain.mutable_needs() = needs;
    EXPECT_THAT(client_.Send(explain), Refused(absl::StatusCode::kFailedPrecondition, kNeedsTriage));
  }
  RankTherapistsRequest elevated = RankRequest();
  elevated.mutable_needs()->mutable_risk()->set_level(matcher::v1::RISK_LEVEL_ELEVATED);
  EXPECT_EQ(Rank(elevated).candidates_size(), 1);
}

TEST_F(RankingTest, AReadMayAskForWhatWasWritten) {
  const std::int64_t written = client_.Upsert({ValidTherapist("t1")});
  RankTherapistsRequest rank = RankRequest();
  rank.set_min_as_of(written);
  EXPECT_EQ(Rank(rank).candidates_size(), 1);

  const auto behind = Refused(absl::StatusCode::kFailedPrecondition, kBehind);
  rank.set_min_as_of(written + 1);
  EXPECT_THAT(client_.Send(rank), behind);
  const auto retry_after = runtime::RetryAfterOf(client_.Send(rank).status());
  ASSERT_TRUE(retry_after.has_value());
  EXPECT_GT(*retry_after, absl::ZeroDuration());

  ExplainMatchRequest explain = ExplainRequest();
  explain.set_min_as_of(written + 1);
  EXPECT_THAT(client_.Send(explain), behind);
  PredictFitRequest predict;
  predict.set_client_id("client-1");
  predict.add_therapist_ids("t1");
  predict.set_min_as_of(written + 1);
  EXPECT_THAT(client_.Send(predict), behind);
}

TEST_F(RankingTest, ExplainSaysTheSameAsTheShortlist) {
  AddRandomTherapists();
  RankTherapistsRequest rank = RankRequest();
  rank.mutable_needs()->clear_hours();
  rank.mutable_needs()->clear_required_tags();
  rank.set_shortlist_size(100);
  const RankTherapistsResponse shortlist = Rank(rank);
  std::map<std::string, const Candidate*> listed;
  for (const Candidate& candidate : shortlist.candidates()) listed[candidate.therapist_id()] = &candidate;
  ASSERT_GT(listed.size(), 3u);
  std::map<int, std::int64_t> first_failed;
  for (int i = 0; i < kTherapists; ++i) {
    SCOPED_TRACE(i);
    ExplainMatchRequest request = ExplainRequest(absl::StrCat("t", i));
    *request.mutable_needs() = rank.needs();
    const ExplainMatchResponse explained = Must(client_.Send(request));
    ASSERT_EQ(explained.rules_size(), 16);
    int first = 0;
    for (int rule = 0; rule < 16; ++rule) {
      EXPECT_EQ(explained.rules(rule).rule(), rule + 1);
      EXPECT_NE(explained.rules(rule).sentence(), "");
      if (!explained.rules(rule).passed() && first == 0) first = rule + 1;
    }
    EXPECT_EQ(explained.eligible(), first == 0);
    EXPECT_EQ(explained.eligible(), listed.contains(request.therapist_id()));
    if (explained.eligible()) {
      EXPECT_THAT(explained.candidate(), SameMessage(*listed[request.therapist_id()]));
    } else {
      ++first_failed[first];
    }
    ExpectAddsUp(explained.candidate());
    EXPECT_THAT(explained.state(), SameMessage(shortlist.state()));
  }
  for (const auto& exclusion : shortlist.exclusions()) {
    EXPECT_EQ(exclusion.therapists(), first_failed[exclusion.rule()])
        << matcher::v1::Rule_Name(exclusion.rule());
  }
  EXPECT_THAT(client_.Send(ExplainRequest("nobody")),
              Refused(absl::StatusCode::kNotFound, kUnknownTherapist));
}

TEST_F(RankingTest, ExplainKnowsWhoWasTriedAndExcluded) {
  client_.Upsert({ValidTherapist("t1")});
  ExplainMatchRequest request = ExplainRequest();
  EXPECT_TRUE(Must(client_.Send(request)).eligible());
  request.add_tried_therapist_ids("t1");
  request.mutable_needs()->add_excluded_therapist_ids("t1");
  const ExplainMatchResponse explained = Must(client_.Send(request));
  EXPECT_FALSE(explained.eligible());
  EXPECT_FALSE(explained.rules(matcher::v1::RULE_ALREADY_TRIED - 1).passed());
  EXPECT_FALSE(explained.rules(matcher::v1::RULE_EXCLUDED_BY_CLIENT - 1).passed());
}

TEST_F(RankingTest, PredictGivesTheBondOfTheShortlistForEverybody) {
  AddRandomTherapists();
  PredictFitRequest request;
  request.set_client_id("client-1");
  *request.mutable_needs()->mutable_concerns() = testing::ValidNeeds().concerns();
  *request.mutable_needs()->mutable_wishes() = testing::ValidNeeds().wishes();
  for (int i = kTherapists - 1; i >= 0; --i) request.add_therapist_ids(absl::StrCat("t", i));
  const auto response = Must(client_.Send(request));
  ASSERT_EQ(response.predictions_size(), kTherapists);
  for (int i = 0; i < kTherapists; ++i) {
    const matcher::v1::FitPrediction& prediction = response.predictions(i);
    EXPECT_EQ(prediction.therapist_id(), request.therapist_ids(i));
    EXPECT_LT(prediction.p_bond_low(), prediction.p_bond());
    EXPECT_GT(prediction.p_bond_high(), prediction.p_bond());
    if (i % 10 != 0) continue;
    const Candidate explained = Must(client_.Send(ExplainRequest(prediction.therapist_id()))).candidate();
    EXPECT_EQ(prediction.p_bond(), explained.score().p_bond());
    EXPECT_EQ(prediction.p_bond_low(), explained.score().p_bond_low());
    EXPECT_THAT(prediction.evidence(), SameMessage(explained.evidence()));
  }
  request.add_therapist_ids("nobody");
  EXPECT_THAT(client_.Send(request), Refused(absl::StatusCode::kNotFound, kUnknownTherapist));
}

TEST_F(RankingTest, MetricsAndLogsTellNothingOfTheClient) {
  client_.Upsert({ValidTherapist("t1")});
  RankTherapistsRequest request = RankRequest("secret-client");
  request.mutable_needs()->add_concerns("self_harm");
  Rank(request);
  request.mutable_needs()->set_age_group("teen");
  Rank(request);
  request.mutable_needs()->mutable_risk()->mutable_screenings(0)->set_score(2);
  EXPECT_FALSE(client_.Send(request).ok());
  const std::string metrics = process_->surroundings().MetricsText();
  EXPECT_THAT(metrics, HasSubstr("rapport_matcher_exclusions_total{rule=\"RULE_AGE_GROUP\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("rapport_matcher_shortlist_size_count 2"));
  EXPECT_THAT(metrics, Not(HasSubstr("secret-client")));
  const std::string log = process_->StopAndReadLog();
  EXPECT_THAT(log, HasSubstr("RankTherapists"));
  EXPECT_THAT(log, Not(HasSubstr("secret-client")));
  EXPECT_THAT(log, Not(HasSubstr("self_harm")));
  EXPECT_THAT(log, Not(HasSubstr("item9")));
}

TEST_F(RankingTest, APlanOfTriesIsTheSameForTheSameSeed) {
  std::vector<therapist::v1::Therapist> therapists;
  for (int i = 0; i < 8; ++i) therapists.push_back(ValidTherapist(absl::StrCat("p", i)));
  client_.Upsert(therapists);
  RankTherapistsRequest request = RankRequest();
  request.set_shortlist_size(3);
  request.set_plan(matcher::v1::PLAN_TRY_PLAN);
  request.set_seed(7);
  const RankTherapistsResponse planned = Must(client_.Send(request));
  EXPECT_EQ(planned.candidates_size(), 3);
  EXPECT_THAT(Must(client_.Send(request)), SameMessage(planned));
  // Known to what the draws tell: above any one of them, below all of them added up.
  ASSERT_TRUE(planned.has_at_least_one_good());
  double sum = 0;
  for (const auto& candidate : planned.candidates()) {
    EXPECT_GT(planned.at_least_one_good(), candidate.score().p_good() + .02);
    sum += candidate.score().p_good();
  }
  EXPECT_LT(planned.at_least_one_good(), std::min(1.0, sum));
  RankTherapistsRequest one_try = request;
  one_try.set_shortlist_size(1);
  const RankTherapistsResponse one = Must(client_.Send(one_try));
  EXPECT_EQ(one.at_least_one_good(), one.candidates(0).score().p_good());
  one_try.mutable_needs()->clear_languages();
  one_try.mutable_needs()->add_languages("cy");
  const RankTherapistsResponse nobody = Must(client_.Send(one_try));
  EXPECT_EQ(nobody.candidates_size(), 0);
  EXPECT_EQ(nobody.at_least_one_good(), 0);

  request.set_plan(matcher::v1::PLAN_BEST_FIRST);
  EXPECT_FALSE(Must(client_.Send(request)).has_at_least_one_good());
  RankTherapistsRequest unstated = request;
  unstated.clear_plan();
  EXPECT_THAT(Must(client_.Send(request)), SameMessage(Must(client_.Send(unstated))));
  request.set_plan(static_cast<matcher::v1::Plan>(9));
  EXPECT_EQ(client_.Send(request).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace rapport::matcher_service
