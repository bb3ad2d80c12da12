// Records, their physical lines, and records that cannot be read.
#include "services/cli/import/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <sstream>
#include <utility>

#include "services/cli/import/csv_writer.h"
#include "tests/services/cli/failing_file.h"

namespace rapport::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[2].line, 3);
  EXPECT_THAT(records[2].problem, HasSubstr("never closed"));
  EXPECT_THAT(records[2].fields, IsEmpty());
  EXPECT_THAT(records[3].fields, ElementsAre("4", "5")) << "the row behind it is a good one";
  EXPECT_EQ(records[3].line, 4);
}

TEST(CsvReader, AStrayQuoteCostsItsOwnRowOnly) {
  const auto records = ReadAll("a,b\n\"Best therapist\" of Boston 2024,1\n2,\"x\ny\"\n3,4\n");
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[1].line, 2);
  EXPECT_THAT(records[1].problem, HasSubstr("followed by neither a separator nor the end of the line"));
  EXPECT_EQ(records[1].text, "\"Best therapist\" of Boston 2024,1\n");
  EXPECT_THAT(records[2].fields, ElementsAre("2", "x\ny"));
  EXPECT_EQ(records[2].line, 3);
  EXPECT_EQ(records[2].last_line, 4);
  EXPECT_EQ(records[3].line, 5);
}

TEST(CsvReader, AnOpenQuoteThatMeetsALaterRowsQuotesCostsItsOwnRowOnly) {
  const auto records = ReadAll("a,b\n1,\"open\n2,plain\n3,\"Ana\"\n4,\"Ben\"\n");
  ASSERT_EQ(records.size(), 5u);
  EXPECT_EQ(records[1].line, 2);
  EXPECT_THAT(records[1].problem, HasSubstr("not closed before line 4"));
  EXPECT_THAT(records[2].fields, ElementsAre("2", "plain"));
  EXPECT_THAT(records[3].fields, ElementsAre("3", "Ana"));
  EXPECT_THAT(records[4].fields, ElementsAre("4", "Ben"));
  EXPECT_EQ(records[4].line, 5);
}

TEST(CsvReader, AQuoteInsideAFieldWithoutQuotesIsACharacter) {
  const auto records = ReadAll("a,b\n5\" tall,say \"hi\"\n1,2\n");
  ASSERT_EQ(records.size(), 3u);
  EXPECT_THAT(records[1].fields, ElementsAre("5\" tall", "say \"hi\""));
  EXPECT_EQ(records[1].problem, "");
}

TEST(CsvReader, RowsBehindTheLimitAndBeforeItAreReadAgain) {
  std::string text = "a,b\n\"open,0\n";
  const size_t rows = kMaxRecordBytes / 4 + 1000;
  for (size_t i = 0; i < rows; ++i) text += "1,2\n";
  const auto records = ReadAll(text);
  ASSERT_EQ(records.size(), rows + 2);
  EXPECT_THAT(records[1].problem, HasSubstr("no end within 1024 KiB"));
  EXPECT_EQ(records[2].line, 3);
  EXPECT_THAT(records.back().fields, ElementsAre("1", "2"));
  EXPECT_EQ(records.back().line, static_cast<int64_t>(rows) + 2);
}

// Every line leaves a quote open, whether it begins a record or stands within one. Read again from each line
// on to the limit, these would be hundreds of gigabytes.
TEST(CsvReader, LinesThatAllLeaveAQuoteOpenAreEachTold) {
  std::string text;
  const int64_t rows = 400'000;
  for (int64_t i = 0; i < rows; ++i) text += "a\",\"\n";
  std::istringstream in(text);
  CsvReader reader(in);
  int64_t read = 0;
  for (CsvRecord record; reader.Next(record);) {
    ASSERT_EQ(record.line, ++read);
    ASSERT_THAT(record.problem, Not(IsEmpty()));
  }
  EXPECT_EQ(read, rows);
}

// What the reader should give, in so many words: from each line on, the shortest run of lines after which no
// quote is open is a record.
TEST(CsvReader, IsWhatAPlainReaderGives) {
  // Of lines: what is left open, or nothing where a closing quote is followed by something else.
  auto open_after = [](const std::string& text) -> std::optional<bool> {
    enum { kBegin, kPlain, kQuoted, kClosed } state = kBegin;
    for (const char c : text) {
      if (state == kQuoted) {
        if (c == '"') state = kClosed;
      } else if (state == kClosed && c == '"') {
        state = kQuoted;
      } else if (c == ',' || c == '\n') {
        state = kBegin;
      } else if (state == kClosed) {
        return std::nullopt;
      } else {
        state = state == kBegin && c == '"' ? kQuoted : kPlain;
      }
    }
    return state == kQuoted;
  };
  std::mt19937 random(1);
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> lines(1 + random() % 8, "x");  // none is empty
    std::string text;
    for (std::string& line : lines) {
      for (auto n = random() % 6; n > 0; --n) {
        line.insert(random() % 2 * line.size(), 1, "a,\"\""[random() % 4]);
      }
      text += line += '\n';
    }
    std::vector<std::pair<int64_t, int64_t>> expected;  // lines of each record; 0: told
    for (size_t begin = 0; begin < lines.size();) {
      std::string joined;
      std::optional<bool> open = true;
      size_t end = begin;
      while (end < lines.size() && open == std::optional(true)) open = open_after(joined += lines[end++]);
      const bool whole = open == std::optional(false);
      if (!whole) end = begin + 1;
      expected.emplace_back(begin + 1, whole ? end : 0);
      begin = end;
    }
    std::vector<std::pair<int64_t, int64_t>> given;
    for (const CsvRecord& record : ReadAll(text)) {
      given.emplace_back(record.line, record.problem.empty() ? record.last_line : 0);
    }
    ASSERT_EQ(given, expected) << text;
  }
}

TEST(CsvReader, ACarriageReturnAloneEndsALine) {
  const auto records = ReadAll("a,b\r\"x\" y,1\r2,3\r");
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[1].line, 2);
  EXPECT_THAT(records[1].problem, Not(IsEmpty()));
  EXPECT_THAT(records[2].fields, ElementsAre("2", "3"));
  EXPECT_EQ(records[2].line, 3);
}

TEST(CsvReader, AFileThatCannotBeReadFurtherIsToldAndIsNoEnd) {
  FailingFile file("a,b\n1,2\n\"3,");
  std::istream in(&file);
  CsvReader reader(in);
  CsvRecord record;
  EXPECT_TRUE(reader.Next(record));
  EXPECT_TRUE(reader.Next(record));
  EXPECT_TRUE(reader.status().ok());
  EXPECT_FALSE(reader.Next(record));
  EXPECT_EQ(reader.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(reader.status().message()), HasSubstr("from line 3 on: Input/output error"));
}

TEST(CsvReader, RefusesARowWithoutEndAndReadsOn) {
  std::string endless(2 * kMaxRecordBytes, 'x');
  endless.front() = '"';
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

// Two quotes that have nothing to do with each other must not swallow the rows between them.
TEST(CsvReader, QuotesThatMeetOverRowsDoNotSwallowThem) {
  const std::string text =
      "a,\"tall,c,d\n"
      "1,2,3,4\n"
      "5,6,7,8\n"
      "e,f,said hi\",h\n"
      "9,10,11,12\n";
  std::istringstream in(text);
  CsvReader reader(in);
  reader.ExpectFields(4);
  std::vector<int64_t> refused, read;
  CsvRecord record;
  while (reader.Next(record)) (record.problem.empty() ? read : refused).push_back(record.line);
  EXPECT_THAT(refused, ElementsAre(1));
  EXPECT_THAT(read, ElementsAre(2, 3, 4, 5)) << "a quote inside a field without quotes is a character";

  // Text over several lines is one field all the same.
  std::istringstream letter("a,\"Dear all,\nwe are, as ever,\nyours\",c,d\n1,2,3,4\n");
  CsvReader letters(letter);
  letters.ExpectFields(4);
  ASSERT_TRUE(letters.Next(record));
  EXPECT_THAT(record.fields, ElementsAre("a", "Dear all,\nwe are, as ever,\nyours", "c", "d"));
  ASSERT_TRUE(letters.Next(record));
  EXPECT_EQ(record.line, 4);
}

}  // namespace
}  // namespace rapport::cli
