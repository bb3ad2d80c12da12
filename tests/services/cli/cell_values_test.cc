// Cells: what is written is read back, what is wrong is told.
#include "services/cli/import/cell_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rapport::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(CellValues, ListsDropEmptyItemsAndEscapeSeparators) {
  EXPECT_THAT(SplitList(" a ; b;;c "), ElementsAre("a", "b", "c"));
  EXPECT_THAT(SplitList(""), IsEmpty());
  const std::vector<std::string> odd = {"semi;colon", "back\\slash", "plain"};
  EXPECT_EQ(SplitList(JoinList(odd)), odd);
}

TEST(CellValues, CredentialsRoundTrip) {
  for (const char* text : {"US-MA:licence:active:2020-01-01:2027-01-01:12345:2026-01-31",
                           "CA-NL:compact:inactive::::", "US-RI:telehealth:active:::A:B:2026-01-31"}) {
    const auto credential = ParseCredential(text);
    ASSERT_TRUE(credential.ok()) << credential.status();
    EXPECT_EQ(FormatCredential(*credential), text);
  }
  const auto with_colon = ParseCredential("US-RI:telehealth:active:::A:B:2026-01-31");
  EXPECT_EQ(with_colon->code(), "A:B");
  EXPECT_EQ(with_colon->evidence_date(), "2026-01-31");
  EXPECT_TRUE(ParseCredential("US-MA:licence:active").ok());
}

TEST(CellValues, CredentialsTellWhatIsWrong) {
  EXPECT_THAT(std::string(ParseCredential("US-MA").status().message()), HasSubstr("not a credential like"));
  EXPECT_THAT(std::string(ParseCredential("US-MA:degree:active").status().message()),
              HasSubstr("not a kind"));
  EXPECT_THAT(std::string(ParseCredential("US-MA:licence:maybe").status().message()),
              HasSubstr("not a status"));
}

TEST(CellValues, HoursRoundTrip) {
  const auto hours = ParseHours("Thu  9-12");
  ASSERT_TRUE(hours.ok());
  EXPECT_EQ(FormatHours(*hours), "thu 9-12");
  for (const char* wrong : {"thu", "thursday 9-12", "thu 9", "9-12", "thu nine-ten"}) {
    EXPECT_FALSE(ParseHours(wrong).ok()) << wrong;
  }
}

TEST(CellValues, MoneyHasAsManyDecimalsAsItsCurrency) {
  const auto dollars = ParseMoney("120.5 USD");
  ASSERT_TRUE(dollars.ok());
  EXPECT_EQ(dollars->minor_units(), 12050);
  EXPECT_EQ(FormatMoney(*dollars), "120.50 USD");
  EXPECT_EQ(ParseMoney("9000 JPY")->minor_units(), 9000);
  EXPECT_EQ(FormatMoney(*ParseMoney("9000 JPY")), "9000 JPY");
  EXPECT_EQ(ParseMoney("5000 XOF")->minor_units(), 5000) << "as the rule on fees counts them";
  EXPECT_EQ(ParseMoney("0.005 KWD")->minor_units(), 5);
  EXPECT_EQ(FormatMoney(*ParseMoney("0.005 KWD")), "0.005 KWD");
  for (const char* wrong :
       {"120", "$120", "120.001 USD", "9000.5 JPY", "-5 USD", "99999999999999999999 USD", ".5x USD"}) {
    EXPECT_FALSE(ParseMoney(wrong).ok()) << wrong;
  }
}

TEST(CellValues, TimesAreDaysOrMoments) {
  EXPECT_EQ(FormatTime(*ParseTime("2026-01-31")), "2026-01-31");
  EXPECT_EQ(FormatTime(*ParseTime("2026-01-31T09:30:00+01:00")), "2026-01-31T08:30:00Z");
  EXPECT_EQ(FormatTime(*ParseTime("2026-01-31T09:30:00.25Z")), "2026-01-31T09:30:00.25Z");
  for (const char* early : {"0001-01-01", "0999-12-31T23:59:59.5Z"}) {
    EXPECT_EQ(FormatTime(*ParseTime(early)), early) << "years have four digits";
  }
  for (const char* wrong : {"2018", "01/31/2026", "2026-02-31", "yesterday"}) {
    EXPECT_FALSE(ParseTime(wrong).ok()) << wrong;
  }
}

TEST(CellValues, StylesAndAttributesRoundTripAndTellWhatIsWrong) {
  EXPECT_EQ(FormatStyle(ParseStyle(" pace = -0.4 ").value()), "pace=-0.4");
  EXPECT_EQ(FormatAttribute(ParseAttribute("age=46").value()), "age=46");
  EXPECT_FALSE(ParseStyle("pace").ok());
  for (const char* text : {"age", "age=", "age=old", "age=nan"}) {
    EXPECT_NE(ParseAttribute(text).status().message().find("an attribute like age=46"), std::string::npos)
        << text;
  }
}

TEST(CellValues, NumbersAreFiniteAndShortest) {
  EXPECT_EQ(FormatNumber(0.1), "0.1");
  EXPECT_EQ(*ParseNumber(FormatNumber(1.0 / 3)), 1.0 / 3);
  EXPECT_FALSE(ParseNumber("nan").ok());
  EXPECT_FALSE(ParseNumber("inf").ok());
  EXPECT_FALSE(ParseWhole("2.5").ok());
  EXPECT_TRUE(*ParseYesNo("TRUE"));
  EXPECT_FALSE(*ParseYesNo("no"));
  EXPECT_FALSE(ParseYesNo("perhaps").ok());
}

TEST(CellValues, NoCellBeginsLikeAFormulaAndEachReadsBack) {
  EXPECT_EQ(GuardCell("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
  EXPECT_EQ(GuardCell("-71.06"), "-71.06");
  EXPECT_EQ(GuardCell("O'Neil"), "O'Neil");
  for (const char* text : {"", "=1+1", "+1 555 0100", "-5", "-5+x", "@name", "'", "'quoted'", "'=1", "''=1",
                           "'-5", "+", "Ana", "1=1"}) {
    const std::string cell = GuardCell(text);
    EXPECT_EQ(UnguardCell(cell), text);
    EXPECT_TRUE(ParseNumber(cell).ok() || cell.find_first_of("=+-@") != 0) << cell;
  }
}

}  // namespace
}  // namespace rapport::cli
