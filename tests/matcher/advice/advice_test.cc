// Advice: each rule in a situation of its own, and what must hold in all of them.
#include "matcher/advice/advice.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AdviceTest : public ::testing::Test {
 protected:
  AdviceTest() : catalog_(SmallCatalog()), model_(catalog_), network_(11) {
    present_ = *network_.MakeListing("t1")->therapist;
  }

  FitCheck Check(std::optional<Verdict> verdict, std::vector<Answer> answers = {}) const {
    FitCheck fit_check;
    fit_check.id = "f";
    fit_check.client_id = "c1";
    fit_check.therapist_id = present_.id;
    fit_check.verdict = verdict;
    fit_check.answers = std::move(answers);
    return fit_check;
  }

  // Advice after the model has learned from `checks`.
  Advice After(const std::vector<FitCheck>& checks, const std::vector<Alternative>& others) const {
    Model model = model_;
    for (const FitCheck& fit_check : checks) model.Learn(fit_check, &present_);
    return AdviseNextStep(*catalog_, model, model.View("c1", {}), present_, checks, others);
  }
  // Five who are all alike.
  Advice After(const std::vector<FitCheck>& checks, const Alternative& other) const {
    return After(checks, std::vector<Alternative>(5, other));
  }

  static Alternative Other(double bond_mean, double wait_weeks = 1) {
    return {"t2", LatentBond{bond_mean, .2}, std::log(.5), std::log(.8), wait_weeks};
  }

  static inline const std::vector<Alternative> kNobody;
  std::shared_ptr<const Catalog> catalog_;
  Model model_;
  RandomNetwork network_;
  Therapist present_;
};

TEST_F(AdviceTest, SilenceIsNotABadMatch) {
  const Advice advice = After({Check({})}, Other(3));
  EXPECT_EQ(advice.step, NextStep::kStay);
  EXPECT_EQ(advice.rule, AdviceRule::kNothingHeard);
  EXPECT_THAT(After({Check({})}, Other(-3)).sentences.front(), HasSubstr("nothing speaks for a change"));
  const Advice tempted = After({Check({})}, {"t2", LatentBond{5, .2}, std::log(.95), std::log(.99), 0});
  EXPECT_GT(tempted.gain, 0);
  EXPECT_EQ(tempted.step, NextStep::kStay);
  EXPECT_THAT(tempted.sentences.front(), HasSubstr("would rather see you with somebody else"));
}

TEST_F(AdviceTest, NobodyWhoWouldContinueIsSentAway) {
  const Advice advice = After({Check(Verdict::kWouldContinue)}, Other(5, 0));
  EXPECT_EQ(advice.step, NextStep::kStay);
  EXPECT_EQ(advice.rule, AdviceRule::kClientWouldContinue);
}

TEST_F(AdviceTest, WhoWouldContinueDespiteAFrictionIsToldToSayIt) {
  FitCheck fit_check = Check(Verdict::kWouldContinue);
  fit_check.frictions = {1};
  const Advice advice = After({fit_check}, Other(5, 0));
  EXPECT_EQ(advice.step, NextStep::kTalkItThrough);
  EXPECT_EQ(advice.rule, AdviceRule::kContinueAndSayWhat);
  EXPECT_THAT(advice.sentences.front(), HasSubstr("Rushed"));
}

TEST_F(AdviceTest, AGoodAlternativeIsWorthAChangeAfterARefusal) {
  const Advice advice = After({Check(Verdict::kWouldNotContinue, {{"bond", 2}, {"heard", 1}})}, Other(1.5));
  EXPECT_EQ(advice.step, NextStep::kTryAnother);
  EXPECT_EQ(advice.rule, AdviceRule::kGainBeyondCost);
  EXPECT_GT(advice.gain, 0);
}

TEST_F(AdviceTest, AnAlternativeThatIsNoBetterIsNot) {
  const Advice advice = After({Check(Verdict::kUnsure)}, Other(.1));
  EXPECT_EQ(advice.step, NextStep::kTalkItThrough);
  EXPECT_EQ(advice.rule, AdviceRule::kCostBeyondGain);
  EXPECT_LE(advice.gain, 0);
}

TEST_F(AdviceTest, ALongWaitTurnsAGainIntoACost) {
  const std::vector<FitCheck> checks = {Check(Verdict::kWouldNotContinue)};
  EXPECT_EQ(After(checks, Other(1, 1)).rule, AdviceRule::kGainBeyondCost);
  EXPECT_EQ(After(checks, Other(1, 60)).rule, AdviceRule::kCostBeyondGain);
}

TEST_F(AdviceTest, WithNobodyElseThereIsStillTalking) {
  const Advice advice = After({Check(Verdict::kWouldNotContinue)}, kNobody);
  EXPECT_EQ(advice.step, NextStep::kTalkItThrough);
  EXPECT_EQ(advice.rule, AdviceRule::kNobodyElse);
  EXPECT_FALSE(advice.alternative_good);
  EXPECT_EQ(advice.switch_cost, 0);
}

// The present place is given up by asking for another.
TEST_F(AdviceTest, WhoIsHardToReachIsNoReasonToGiveAPlaceUp) {
  const std::vector<FitCheck> checks = {Check(Verdict::kUnsure)};
  Alternative hard_to_reach = Other(1.5);
  hard_to_reach.log_reach = std::log(.05);
  EXPECT_EQ(After(checks, std::vector<Alternative>(3, Other(1.5))).step, NextStep::kTryAnother);
  const Advice one = After(checks, std::vector<Alternative>{hard_to_reach});
  EXPECT_EQ(one.rule, AdviceRule::kCostBeyondGain);
  EXPECT_NEAR(one.place_given, .05, 1e-12);
  const Advice many = After(checks, std::vector<Alternative>(60, hard_to_reach));
  EXPECT_EQ(many.step, NextStep::kTryAnother);
  EXPECT_GT(many.place_given, .95);
}

TEST_F(AdviceTest, TheLastWordCounts) {
  FitCheck first = Check(Verdict::kWouldNotContinue), second = Check(Verdict::kWouldContinue);
  second.occurred_at = first.occurred_at + absl::Hours(168);
  const Advice advice = After({second, first}, Other(5));
  EXPECT_EQ(advice.rule, AdviceRule::kClientWouldContinue);
  EXPECT_GT(advice.gain, 0);
  EXPECT_THAT(advice.sentences[0], HasSubstr("your own word counts for more than the figures"));
  EXPECT_THAT(advice.sentences[1], Not(HasSubstr("One session")));
  EXPECT_THAT(After({second}, Other(-1)).sentences[0], HasSubstr("the figures agree"));
  EXPECT_THAT(After({second}, Other(-1)).sentences[1], HasSubstr("One session shows a part of it only"));
}

// A scale that is filled in after the session has no verdict, and takes none back.
TEST_F(AdviceTest, AVerdictCountsUntilTheNext) {
  const FitCheck verdict = Check(Verdict::kWouldContinue);
  FitCheck scale = Check(std::nullopt, {{"bond", 1}});
  for (const absl::Duration after : {absl::Hours(0), absl::Hours(2), -absl::Hours(2)}) {
    scale.occurred_at = verdict.occurred_at + after;
    for (const std::vector<FitCheck>& checks : {std::vector{verdict, scale}, std::vector{scale, verdict}}) {
      EXPECT_EQ(After(checks, Other(5)).rule, AdviceRule::kClientWouldContinue);
      EXPECT_EQ(After(checks, kNobody).rule, AdviceRule::kClientWouldContinue);
    }
  }
  scale.occurred_at = verdict.occurred_at + absl::Hours(168);
  scale.frictions = {0};
  const Advice named = After({verdict, scale}, Other(5));
  EXPECT_EQ(named.rule, AdviceRule::kContinueAndSayWhat) << "what got in the way since is said";
  FitCheck again = verdict;
  again.occurred_at = scale.occurred_at + absl::Hours(168);
  EXPECT_EQ(After({verdict, scale, again}, Other(5)).rule, AdviceRule::kClientWouldContinue) << "it is over";
  EXPECT_EQ(After({scale}, Other(5)).rule, AdviceRule::kGainBeyondCost) << "with no verdict at all";
}

TEST_F(AdviceTest, NobodyElseIsNothingToAgreeWith) {
  EXPECT_EQ(After({Check(Verdict::kWouldContinue)}, kNobody).sentences[0], "You would continue: stay.");
}

TEST_F(AdviceTest, PartsOfASessionAreOneSession) {
  FitCheck verdict = Check(Verdict::kUnsure, {{"heard", 2}}), scale = Check(std::nullopt, {{"bond", 1}});
  FitCheck whole = Check(Verdict::kUnsure, {{"heard", 2}, {"bond", 1}});
  for (FitCheck* each : {&verdict, &scale, &whole}) each->session_number = 1;
  const auto advise = [&](const std::vector<FitCheck>& checks) {
    return AdviseNextStep(*catalog_, model_, model_.View("c1", {}), present_, checks, {});
  };
  const Advice parts = advise({verdict, scale}), at_once = advise({whole});
  EXPECT_EQ(parts.stay.mean, at_once.stay.mean);
  EXPECT_EQ(parts.stay.variance, at_once.stay.variance);
  EXPECT_THAT(parts.sentences[1], HasSubstr("One session shows a part of it only"));
  scale.session_number = 2;
  EXPECT_THAT(advise({verdict, scale}).sentences[1], Not(HasSubstr("One session")));
}

TEST_F(AdviceTest, TheNumbersAreThoseOfItsParts) {
  const Alternative best = Other(1.5, 3), next = Other(1, 0);
  const Advice advice = After({Check(Verdict::kUnsure, {{"bond", 5}})}, std::vector<Alternative>{best, next});
  const double taken = .8 * best.bond.Probability(), later = .8 * next.bond.Probability();
  EXPECT_NEAR(*advice.alternative_good, .5 * taken, 1e-12);
  EXPECT_NEAR(advice.switch_cost, .1 * taken + .03, 1e-12);
  EXPECT_NEAR(advice.place_given, .75, 1e-12);
  EXPECT_NEAR(advice.gain,
              .5 * (taken - advice.switch_cost) + .25 * (later - .1 * later) - advice.stay.Probability(),
              1e-12);
}

TEST_F(AdviceTest, FirstAnswersRegressToTheMeanAndSecondOnesSayMore) {
  const double unheard = After({}, kNobody).stay.Probability();
  const FitCheck bad = Check(Verdict::kWouldNotContinue, {{"bond", 1}, {"heard", 1}, {"safe", 1}});
  const double once = After({bad}, kNobody).stay.Probability();
  const double twice = After({bad, bad}, kNobody).stay.Probability();
  EXPECT_LT(once, unheard - .2);
  EXPECT_LT(twice, once);
  EXPECT_GT(once, .01) << "one bad session is no certainty";
  const FitCheck good = Check(Verdict::kWouldContinue, {{"bond", 10}, {"heard", 10}});
  EXPECT_GT(After({good}, kNobody).stay.Probability(), unheard + .1);
}

TEST_F(AdviceTest, NobodyIsBlamed) {
  for (const auto verdict : {Verdict::kWouldContinue, Verdict::kUnsure, Verdict::kWouldNotContinue}) {
    for (const auto& others : {kNobody, std::vector(1, Other(-1)), std::vector(3, Other(4))}) {
      for (const bool friction : {false, true}) {
        FitCheck fit_check = Check(verdict);
        if (friction) fit_check.frictions = {0};
        for (const std::string& sentence : After({fit_check}, others).sentences) {
          for (const char* word :
               {"fault", "fail", "blame", "bad therapist", "wrong", "should have", "difficult"})
            EXPECT_THAT(sentence, Not(HasSubstr(word)));
        }
      }
    }
  }
}

}  // namespace
}  // namespace rapport::matcher
