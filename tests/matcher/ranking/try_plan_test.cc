// Plans of tries: never worse than the best by score, the same for the same seed, and different where two
// candidates are good for the same reason.
#include "matcher/ranking/try_plan.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "matcher/ranking/rank.h"
#include "tests/support/random_history.h"

namespace rapport::matcher {
namespace {

std::vector<std::string> Ids(const Ranking& ranking) {
  std::vector<std::string> ids;
  for (const Candidate& candidate : ranking.candidates) ids.push_back(candidate.listing->therapist->id);
  return ids;
}

class TryPlanTest : public ::testing::Test {
 protected:
  TryPlanTest() : network_(23), state_(SmallCatalog()) {
    for (const Event& event : RandomHistory(network_, 800, 6000)) Apply(event, state_);
  }

  RankRequest MakeRequest() {
    RankRequest request;
    request.client_id = absl::StrCat("c", network_.Below(60));
    request.needs.musts.location = network_.MakeNeeds().musts.location;
    request.needs.context = network_.MakeNeeds().context;
    request.shortlist_size = 3;
    request.now = RandomNetwork::Now();
    request.plan = Plan::kTryPlan;
    request.seed = 7;
    return request;
  }

  RandomNetwork network_;
  State state_;
};

TEST_F(TryPlanTest, NeverWorseThanTheBestByScore) {
  int planned = 0;
  int other = 0;
  for (int i = 0; i < 400; ++i) {
    RankRequest request = MakeRequest();
    const Ranking plan = Rank(state_, request);
    request.plan = Plan::kBestFirst;
    const Ranking best = Rank(state_, request);
    EXPECT_FALSE(best.at_least_one_good.has_value());
    ASSERT_EQ(plan.candidates.size(), best.candidates.size());
    if (plan.candidates.empty()) continue;
    EXPECT_EQ(plan.candidates[0].listing, best.candidates[0].listing) << "the first try is the best";
    const std::vector<std::string> ids = Ids(plan);
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), ids.size()) << "nobody twice";
    // The same draws for the best by score.
    std::vector<Try> tries;
    for (const Candidate& candidate : best.candidates) tries.push_back({candidate.listing, candidate.score});
    const ClientView client = state_.model.View(request.client_id, request.needs.context);
    const TryPlan by_score = PlanTries(state_, client, tries, tries.size(), request.seed);
    // A greedy choice may lose to another in theory; what it may not is lose noticeably.
    EXPECT_GE(*plan.at_least_one_good, by_score.at_least_one_good - 1e-3);
    EXPECT_GT(*plan.at_least_one_good, best.candidates[0].score.Good() - .05);
    EXPECT_LE(*plan.at_least_one_good, 1);
    ++planned;
    other += Ids(plan) != Ids(best);
  }
  EXPECT_GT(planned, 30);
  EXPECT_GT(other, 3) << "plans that are always the best by score need no plan";
}

// Tries that shared nothing would fail together as often as their chances say; what is shared makes it more.
TEST_F(TryPlanTest, WhatIsSharedMakesTriesFailTogether) {
  RankRequest request = MakeRequest();
  request.client_id = "a client never heard of";
  request.plan = Plan::kBestFirst;
  const Ranking best = Rank(state_, request);
  ASSERT_EQ(best.candidates.size(), 3u);
  std::vector<Try> tries;
  double apart = 1;
  for (const Candidate& candidate : best.candidates) {
    tries.push_back({candidate.listing, candidate.score});
    apart *= 1 - candidate.score.Good();
  }
  const ClientView client = state_.model.View(request.client_id, request.needs.context);
  const TryPlan plan = PlanTries(state_, client, tries, 3, 1);
  EXPECT_LT(plan.at_least_one_good, 1 - apart);
  // One try alone: the score's own probability, but for the draws.
  EXPECT_NEAR(PlanTries(state_, client, {tries[0]}, 1, 1).at_least_one_good, tries[0].score.Good(), .02);
}

// However steep the calibration map is, one try alone is as good as its score says.
TEST_F(TryPlanTest, ASteepCalibrationMapMakesNoPlanWorseThanItsFirstTry) {
  for (const double slope : {.5, 1.3, 1.5, 3.}) {
    Calibration steep = state_.model.calibration();
    steep.mean = {.1, slope};
    state_.model.SetCalibration(steep);
    RankRequest request = MakeRequest();
    request.client_id = "a client never heard of";
    request.plan = Plan::kBestFirst;
    const Ranking best = Rank(state_, request);
    ASSERT_FALSE(best.candidates.empty());
    const std::vector<Try> one = {{best.candidates[0].listing, best.candidates[0].score}};
    const ClientView client = state_.model.View(request.client_id, request.needs.context);
    double sum = 0;
    constexpr int kSeeds = 40;
    for (int seed = 0; seed < kSeeds; ++seed)
      sum += PlanTries(state_, client, one, 1, static_cast<std::uint64_t>(seed)).at_least_one_good;
    EXPECT_NEAR(sum / kSeeds, one[0].score.Good(), .005) << slope;
  }
}

TEST_F(TryPlanTest, TheSameSeedGivesTheSamePlan) {
  for (int i = 0; i < 10; ++i) {
    const RankRequest request = MakeRequest();
    const Ranking first = Rank(state_, request);
    const Ranking again = Rank(State(state_), request);
    EXPECT_EQ(Ids(first), Ids(again));
    EXPECT_EQ(first.at_least_one_good, again.at_least_one_good);
  }
}

TEST_F(TryPlanTest, OfNobodyIsNobody) {
  const ClientView client = state_.model.View("c", {});
  EXPECT_TRUE(PlanTries(state_, client, {}, 3, 1).order.empty());
  RankRequest request = MakeRequest();
  request.needs.musts.location.region = "nowhere";
  EXPECT_TRUE(Rank(state_, request).candidates.empty());
  EXPECT_EQ(Rank(state_, request).at_least_one_good, 0);
}

}  // namespace
}  // namespace rapport::matcher
