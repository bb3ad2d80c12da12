#include "services/contract/triage.h"

#include "gmock/gmock.h"
#include "tests/services/contract/samples.h"

namespace rapport::contract {
namespace {

using testing::ElementsAre;

std::vector<std::string> Codes(const std::string& risk) {
  std::vector<std::string> codes;
  for (const auto& reason : TriageReasons(DefaultCatalog(), Parse<matcher::v1::Risk>(risk))) {
    EXPECT_FALSE(reason.sentence().empty());
    codes.push_back(reason.code());
  }
  return codes;
}

TEST(Triage, AStatedAcuteRiskIsAReason) {
  EXPECT_THAT(Codes("level: RISK_LEVEL_ACUTE"), ElementsAre("RISK_STATED"));
  EXPECT_THAT(Codes("level: RISK_LEVEL_ELEVATED"), ElementsAre());
  EXPECT_THAT(Codes("level: RISK_LEVEL_NONE"), ElementsAre());
}

TEST(Triage, AScoreIsAReasonWhateverTheLevelSays) {
  EXPECT_THAT(Codes("level: RISK_LEVEL_NONE screenings { instrument: 'phq9' scale: 'item9' score: 0 }"),
              ElementsAre());
  EXPECT_THAT(Codes("level: RISK_LEVEL_NONE screenings { instrument: 'phq9' scale: 'item9' score: 1 }"),
              ElementsAre("SCREENING_SCORE"));
  EXPECT_THAT(Codes("level: RISK_LEVEL_ACUTE screenings { instrument: 'phq9' scale: 'item9' score: 3 }"),
              ElementsAre("RISK_STATED", "SCREENING_SCORE"));
}

TEST(Triage, ScalesWithoutATriageLimitAskForNobody) {
  EXPECT_THAT(Codes("level: RISK_LEVEL_NONE screenings { instrument: 'phq9' scale: 'total' score: 27 } "
                    "screenings { instrument: 'unknown' scale: 'total' score: 27 }"),
              ElementsAre());
}

TEST(Triage, ALimitIsOnTheSideThatIsWorse) {
  matcher::Scale wellbeing;
  wellbeing.higher_is_better = true;
  wellbeing.triage_at = 10;
  EXPECT_TRUE(AsksForTriage(wellbeing, 3));
  EXPECT_TRUE(AsksForTriage(wellbeing, 10));
  EXPECT_FALSE(AsksForTriage(wellbeing, 35));
}

TEST(Triage, TheSideOfTheCutOffFollowsTheDirection) {
  const matcher::Scale* phq9 = FindScale(DefaultCatalog(), "phq9", "total");
  const matcher::Scale* srs = FindScale(DefaultCatalog(), "srs", "total");
  const matcher::Scale* ors = FindScale(DefaultCatalog(), "ors", "total");
  EXPECT_EQ(FindScale(DefaultCatalog(), "phq9", "item1"), nullptr);
  EXPECT_EQ(FindScale(DefaultCatalog(), "phq", "total"), nullptr);
  EXPECT_FALSE(BeyondCutOff(*phq9, 9));
  EXPECT_TRUE(BeyondCutOff(*phq9, 10));
  EXPECT_TRUE(BeyondCutOff(*srs, 36));
  EXPECT_FALSE(BeyondCutOff(*srs, 36.5));
  EXPECT_FALSE(BeyondCutOff(*ors, 0));
}

}  // namespace
}  // namespace rapport::contract
