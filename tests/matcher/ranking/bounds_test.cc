// Bounds against the formula itself: every exact score lies between its ends, on every instruction set that
// the machine has, and what is left open is little.
#include "matcher/ranking/bounds.h"

#include <cmath>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "hwy/targets.h"
#include "matcher/ranking/rank.h"
#include "tests/support/random_history.h"

namespace rapport::matcher {
namespace {

// Runs `test` once for each instruction set, from the plainest to the widest.
template <typename Test>
void OnEveryTarget(Test test) {
  int targets = 0;
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    test();
    ++targets;
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
  EXPECT_GT(targets, 0);
}

class BoundsTest : public ::testing::Test {
 protected:
  BoundsTest() : network_(17), state_(SmallCatalog()) {
    for (const Event& event : RandomHistory(network_, 500, 4000)) Apply(event, state_);
  }

  RankRequest MakeRequest() {
    RankRequest request;
    request.client_id = absl::StrCat("c", network_.Below(40));
    request.needs = network_.MakeNeeds();
    request.shortlist_size = 1 + network_.Below(20);
    request.now = RandomNetwork::Now() + absl::Hours(static_cast<int>(network_.Below(200)) - 100);
    return request;
  }

  RandomNetwork network_;
  State state_;
};

TEST_F(BoundsTest, EveryScoreLiesBetweenItsEnds) {
  std::vector<RankRequest> requests;
  for (int i = 0; i < 60; ++i) requests.push_back(MakeRequest());
  OnEveryTarget([&] {
    int bounded = 0;
    double width = 0;
    for (const RankRequest& request : requests) {
      const Query query = QueryOf(state_, request);
      const ClientView client = state_.model.View(request.client_id, request.needs.context);
      Bounds bounds(state_, query, client);
      Contest contest(10'000, -std::numeric_limits<float>::infinity());
      std::size_t entered = 0;
      state_.directory.Scan(query, {}, [&](const BlockMatch& match) {
        bounds.Enter(*match.columns, match.eligible, contest);
        entered += match.eligible.Count();
      });
      bounds.Finish(contest);
      const auto contenders = contest.Finish();
      ASSERT_EQ(contenders.size(), entered) << "nobody is out where there is room for all";
      for (const Contender& each : contenders) {
        const double exact =
            ScorePair(state_, client, each.listing(), query.now, [](BondPart, int, double) {}).log_score;
        ASSERT_LE(each.lower, exact) << each.listing().therapist->id;
        ASSERT_GE(each.upper, exact) << each.listing().therapist->id;
        if (std::isinf(each.upper)) continue;
        ++bounded;
        width += each.upper - each.lower;
      }
    }
    ASSERT_GT(bounded, 500);
    EXPECT_LT(width / bounded, .05) << "bounds that tell nobody apart are no use";
  });
}

TEST_F(BoundsTest, EveryTargetGivesTheSameShortlist) {
  std::vector<RankRequest> requests;
  for (int i = 0; i < 100; ++i) requests.push_back(MakeRequest());
  std::vector<Ranking> first;
  OnEveryTarget([&] {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      Ranking ranking = Rank(state_, requests[i]);
      if (first.size() <= i) {
        first.push_back(std::move(ranking));
        continue;
      }
      ASSERT_EQ(ranking.first_failed, first[i].first_failed);
      ASSERT_EQ(ranking.only_this_rule, first[i].only_this_rule);
      ASSERT_EQ(ranking.candidates.size(), first[i].candidates.size());
      for (std::size_t k = 0; k < ranking.candidates.size(); ++k) {
        ASSERT_EQ(ranking.candidates[k].listing, first[i].candidates[k].listing);
        ASSERT_EQ(ranking.candidates[k].score.log_score, first[i].candidates[k].score.log_score);
      }
      ASSERT_EQ(ranking.relaxations.size(), first[i].relaxations.size());
      for (std::size_t k = 0; k < ranking.relaxations.size(); ++k)
        ASSERT_EQ(ranking.relaxations[k].best_then, first[i].relaxations[k].best_then);
    }
  });
}

TEST(BondCurveTest, ItsEndsHoldEverywhere) {
  const BondCurve& curve = BondCurve::Standard();
  for (double z = -12; z < 12; z += .0137) {
    const double exact = std::log(LatentBond{z, 0}.Probability());
    const auto low = static_cast<float>(z - 1e-6);
    const auto high = static_cast<float>(z + 1e-6);
    ASSERT_LE(curve.Lower(low), exact) << z;
    ASSERT_GE(curve.Upper(high), exact) << z;
    if (z > -8 && z < 8) {
      ASSERT_LT(curve.Upper(high) - curve.Lower(low), .2) << z;
    }
  }
  EXPECT_EQ(curve.Upper(std::numeric_limits<float>::quiet_NaN()), std::numeric_limits<float>::infinity());
  EXPECT_EQ(curve.Lower(std::numeric_limits<float>::quiet_NaN()), -std::numeric_limits<float>::infinity());
}

// A map that is flat over long stretches, as isotonic regression gives.
TEST(BondCurveTest, ASteppedMapIsBoundedToo) {
  const auto steps = [](double z) { return std::min(-1e-3, std::floor(z) - 1); };
  const BondCurve curve(steps);
  for (double z = -7.9; z < 7.9; z += .0211) {
    ASSERT_LE(curve.Lower(static_cast<float>(z - 1e-6)), steps(z)) << z;
    ASSERT_GE(curve.Upper(static_cast<float>(z + 1e-6)), steps(z)) << z;
  }
}

// So little below a knot that the distance from the first one is rounded up to it.
TEST(BondCurveTest, JustBelowAStepIsBelowIt) {
  const auto steps = [](double z) { return std::min(-1e-3, std::floor(z) - 1); };
  const BondCurve curve(steps);
  for (const float below : {-1e-9f, -1e-8f, -2.3e-7f, -1e-6f}) {
    EXPECT_LE(curve.Lower(below), steps(below)) << below;
    EXPECT_GE(curve.Upper(below), steps(below)) << below;
  }
  for (float knot = -7; knot < 0; ++knot) {
    const float below = std::nextafter(knot, -10.f);
    EXPECT_LE(curve.Lower(below), steps(below)) << knot;
    EXPECT_GE(curve.Upper(-below), steps(-below)) << knot;
  }
}

}  // namespace
}  // namespace rapport::matcher
