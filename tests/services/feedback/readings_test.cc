// What scores say by their cut-offs, on either side and on the cut-off itself.
#include "services/feedback/readings.h"

#include "gtest/gtest.h"
#include "tests/services/feedback/bench.h"

namespace rapport::feedback {
namespace {

v1::RecordInstrumentResponse Read(const std::string& instrument,
                                  const std::vector<std::pair<std::string, double>>& scores) {
  return ReadScores(*TestCatalog(), GoodScores("r1", instrument, scores).scores());
}

TEST(ReadScoresTest, LowerIsBetterAsksForCareFromTheCutOffUp) {
  EXPECT_FALSE(Read("phq9", {{"total", 9}}).readings(0).beyond_cut_off());
  EXPECT_TRUE(Read("phq9", {{"total", 10}}).readings(0).beyond_cut_off());
  EXPECT_TRUE(Read("phq9", {{"total", 27}}).readings(0).beyond_cut_off());
}

TEST(ReadScoresTest, HigherIsBetterAsksForCareFromTheCutOffDown) {
  EXPECT_FALSE(Read("srs", {{"total", 36.1}}).readings(0).beyond_cut_off());
  EXPECT_TRUE(Read("srs", {{"total", 36}}).readings(0).beyond_cut_off());
  EXPECT_TRUE(Read("srs", {{"total", 0}}).readings(0).beyond_cut_off());
}

TEST(ReadScoresTest, NothingIsBeyondACutOffThatIsNotPublished) {
  EXPECT_FALSE(Read("wai", {{"total", 12}}).readings(0).beyond_cut_off());
  EXPECT_FALSE(Read("phq9", {{"item9", 3}}).readings(0).beyond_cut_off());
}

TEST(ReadScoresTest, AStatedThoughtOfSelfHarmAsksForAPerson) {
  EXPECT_FALSE(Read("phq9", {{"total", 27}, {"item9", 0}}).triage_advised());
  EXPECT_TRUE(Read("phq9", {{"total", 3}, {"item9", 1}}).triage_advised());
}

TEST(ReadScoresTest, KeepsTheOrderOfTheScores) {
  const v1::RecordInstrumentResponse response = Read("phq9", {{"item9", 2}, {"total", 11.5}});
  ASSERT_EQ(response.readings_size(), 2);
  EXPECT_EQ(response.readings(0).scale(), "item9");
  EXPECT_EQ(response.readings(0).score(), 2);
  EXPECT_EQ(response.readings(1).scale(), "total");
  EXPECT_EQ(response.readings(1).score(), 11.5);
}

TEST(LastScoresTest, AScaleThatTheCatalogNoLongerHasAsksForNobody) {
  v1::InstrumentScores scores;
  scores.set_instrument("of an earlier catalog");
  matcher::v1::Answer& score = *scores.add_scores();
  score.set_id("total");
  score.set_value(3);
  LastScores last;
  last.Add(scores);
  EXPECT_FALSE(last.AskForTriage(*TestCatalog()));
}

}  // namespace
}  // namespace rapport::feedback
