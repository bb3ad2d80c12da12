// Records, their physical lines, and records that cannot be read.
#include "services/cli/import/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "services/cli/import/csv_writer.h"

namespace rapport::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<CsvRecord> ReadAll(const std::string& text) {
  std::istringstream in(text);
  CsvReader reader(in);
  std::vector<CsvRecord> records;
  for (CsvRecord record; reader.Next(record);) records.push_back(record);
  return records;
}

TEST(CsvReader, GivesFieldsAndLines) {
  const auto records = ReadAll("a,b\n1,2\n3,4\n");
  ASSERT_EQ(records.size(), 3u);
  EXPECT_THAT(records[1].fields, ElementsAre("1", "2"));
  EXPECT_EQ(records[1].line, 2);
  EXPECT_EQ(records[2].line, 3);
}

TEST(CsvReader, CountsPhysicalLinesPastQuotedLineBreaksAndEmptyLines) {
  const auto records = ReadAll("a,b\n\"one\ntwo\r\nthree\",x\n\n  \n4,5\n");
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[1].line, 2);
  EXPECT_THAT(records[1].fields, ElementsAre("one\ntwo\r\nthree", "x"));
  EXPECT_EQ(records[2].line, 7);
}

TEST(CsvReader, TakesByteOrderMarkWindowsLinesQuotesAndNoLastLineBreak) {
  const auto records = ReadAll(
      "\xEF\xBB\xBF"
      "a,b\r\n\"x \"\"y\"\"\", z \r\nlast,");
  ASSERT_EQ(records.size(), 3u);
  EXPECT_THAT(records[0].fields, ElementsAre("a", "b"));
  EXPECT_THAT(records[1].fields, ElementsAre("x \"y\"", "z"));
  EXPECT_THAT(records[2].fields, ElementsAre("last", ""));
}

TEST(CsvReader, TellsAnUnclosedQuoteAtItsRow) {
  const auto records = ReadAll("a,b\n1,2\n\"open,3\n4,5\n");
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[2].line, 3);
  EXPECT_THAT(records[2].problem, HasSubstr("never closed"));
}

TEST(CsvReader, RefusesARowWithoutEndAndReadsOn) {
  const std::string endless = "\"" + std::string(2 * kMaxRecordBytes, 'x');
  const auto records = ReadAll("a,b\n" + endless + "\n1,2\n");
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[1].line, 2);
  EXPECT_THAT(records[1].problem, HasSubstr("quote not closed"));
  EXPECT_THAT(records[2].fields, ElementsAre("1", "2"));
  EXPECT_EQ(records[2].line, 3);
}

TEST(CsvReader, AnEmptyFileHasNoRecords) {
  EXPECT_TRUE(ReadAll("").empty());
  EXPECT_TRUE(ReadAll("\n\n").empty());
}

TEST(CsvWriter, QuotesOnlyWhereNeededAndIsReadBack) {
  const std::vector<std::string> fields = {
      "plain", "with, comma", "with \"quotes\"", "two\nlines", " spaces ", "", "é"};
  std::ostringstream out;
  WriteCsvRow(out, fields);
  EXPECT_THAT(out.str(), testing::StartsWith("plain,\"with, comma\",\"with \"\"quotes\"\"\""));
  const auto records = ReadAll(out.str());
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].fields, fields);
}

}  // namespace
}  // namespace rapport::cli
