// From answers to numbers.
#include "matcher/fit/observation.h"

#include <cmath>

#include "gtest/gtest.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

class ObservationTest : public ::testing::Test {
 protected:
  int ChannelOf(const std::string& name) const {
    const auto& channels = catalog_->channels();
    return static_cast<int>(std::find(channels.begin(), channels.end(), name) - channels.begin());
  }
  std::optional<double> AnswerOn(const Observation& observation, const std::string& channel) const {
    return observation.answers.at(static_cast<std::size_t>(ChannelOf(channel)));
  }

  std::shared_ptr<const Catalog> catalog_ = SmallCatalog();
};

TEST_F(ObservationTest, StandardisesByTheNorm) {
  FitCheck fit_check;
  fit_check.answers = {{"bond", 9}, {"heard", 5}, {"wai.goal", 5.5}};
  const Observation observation = Observe(*catalog_, fit_check);
  EXPECT_DOUBLE_EQ(*AnswerOn(observation, "bond"), 1);
  EXPECT_DOUBLE_EQ(*AnswerOn(observation, "heard"), -1);
  EXPECT_DOUBLE_EQ(*AnswerOn(observation, "goals"), 0);
  EXPECT_FALSE(AnswerOn(observation, "safe").has_value());
  EXPECT_FALSE(observation.verdict.has_value());
}

TEST_F(ObservationTest, UnknownAnswersTeachNothing) {
  FitCheck fit_check;
  fit_check.answers = {{"of_another_catalog", 9}};
  EXPECT_TRUE(Observe(*catalog_, fit_check).empty());
}

TEST_F(ObservationTest, ExtremeAnswersAreCut) {
  FitCheck fit_check;
  fit_check.answers = {{"bond", -1000}};
  EXPECT_DOUBLE_EQ(*AnswerOn(Observe(*catalog_, fit_check), "bond"), -4);
}

TEST_F(ObservationTest, AFrictionSpeaksOfItsFacetUnlessTheClientDid) {
  FitCheck fit_check;
  fit_check.frictions = {*catalog_->FrictionWord("too_passive")};
  EXPECT_LT(*AnswerOn(Observe(*catalog_, fit_check), "heard"), 0);
  fit_check.answers = {{"heard", 9}};
  EXPECT_DOUBLE_EQ(*AnswerOn(Observe(*catalog_, fit_check), "heard"), 1);
}

// Else whoever gave low marks, and says why, would seem to have liked that part best.
TEST_F(ObservationTest, AFrictionIsNoPraiseAmongLowMarks) {
  FitCheck fit_check;
  fit_check.answers = {{"bond", -1000}};
  fit_check.frictions = {*catalog_->FrictionWord("too_passive")};
  EXPECT_DOUBLE_EQ(*AnswerOn(Observe(*catalog_, fit_check), "heard"), -4);
  fit_check.answers = {{"bond", 1000}};
  EXPECT_DOUBLE_EQ(*AnswerOn(Observe(*catalog_, fit_check), "heard"), -1);
}

TEST_F(ObservationTest, AFrictionHintsAtAWish) {
  FitCheck fit_check;
  fit_check.frictions = {*catalog_->FrictionWord("rushed")};
  const Eigen::VectorXd wish = HintedStyleWish(*catalog_, fit_check);
  EXPECT_EQ(wish[0], 0);
  EXPECT_LT(wish[*catalog_->Dimension("pace")], 0);
}

TEST_F(ObservationTest, UnsureIsBetweenTheOtherTwo) {
  FitCheck fit_check;
  fit_check.verdict = Verdict::kUnsure;
  const VerdictInterval unsure = *Observe(*catalog_, fit_check).verdict;
  EXPECT_EQ(unsure.high, 0);
  fit_check.verdict = Verdict::kWouldNotContinue;
  EXPECT_EQ(Observe(*catalog_, fit_check).verdict->high, unsure.low);
  fit_check.verdict = Verdict::kWouldContinue;
  EXPECT_EQ(Observe(*catalog_, fit_check).verdict->low, 0);
}

TEST_F(ObservationTest, WithoutAThirdAnswerUnsureIsNoBond) {
  CatalogLists lists = catalog_->lists();
  lists.settings.unsure_width = 0;
  const std::shared_ptr<const Catalog> two_answers = Catalog::Create(std::move(lists)).value();
  FitCheck fit_check;
  fit_check.verdict = Verdict::kUnsure;
  const VerdictInterval unsure = *Observe(*two_answers, fit_check).verdict;
  fit_check.verdict = Verdict::kWouldNotContinue;
  const VerdictInterval refusal = *Observe(*two_answers, fit_check).verdict;
  EXPECT_EQ(unsure.low, refusal.low);
  EXPECT_EQ(unsure.high, refusal.high);
  EXPECT_LT(unsure.low, unsure.high);
}

}  // namespace
}  // namespace rapport::matcher
