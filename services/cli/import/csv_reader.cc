// libcsv, fed line by line: between two lines we know whether a quote is open, and have the lines to read
// again if it turns out that it should not be.
#include "services/cli/import/csv_reader.h"

#include <csv.h>

#include <cstddef>
#include <ios>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace rapport::cli {
namespace {

// Text over several lines has a comma or two here and there; a line of so many fields is a row.
constexpr size_t kFieldsOfARow = 4;

std::string NoEnd() {
  return absl::StrCat("the row has no end within ", kMaxRecordBytes >> 10, " KiB: is a quote not closed?");
}

}  // namespace

class CsvReader::Parser {
 public:
  Parser() { csv_init(&parser_, CSV_STRICT); }
  ~Parser() { csv_free(&parser_); }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  // After kRecordEnded it stands at the beginning of a record again; after kStrayQuote it is of no more use.
  Left Feed(absl::string_view line) {
    ended_ = false;
    while (!line.empty()) {
      line.remove_prefix(csv_parse(&parser_, line.data(), line.size(), &OnField, &OnRecord, this));
      if (line.empty()) break;
      // Strictly a quote inside a field without quotes is wrong too; there it is a character like others.
      if (csv_error(&parser_) != CSV_EPARSE || parser_.quoted != 0) return Left::kStrayQuote;
      csv_set_opts(&parser_, 0);
      line.remove_prefix(csv_parse(&parser_, line.data(), 1, &OnField, &OnRecord, this));
      csv_set_opts(&parser_, CSV_STRICT);
    }
    return ended_ ? Left::kRecordEnded : Left::kQuoteOpen;
  }

  std::vector<std::string> TakeFields() { return std::exchange(fields_, {}); }

 private:
  static void OnField(void* text, size_t size, void* self) {
    static_cast<Parser*>(self)->fields_.emplace_back(static_cast<const char*>(text), size);
  }
  static void OnRecord(int, void* self) { static_cast<Parser*>(self)->ended_ = true; }

  csv_parser parser_;
  bool ended_ = false;
  std::vector<std::string> fields_;
};

CsvReader::CsvReader(std::istream& in) : in_(in), parser_(std::make_unique<Parser>()) {}

CsvReader::~CsvReader() = default;

bool CsvReader::Next(CsvRecord& record) {
  while (!lines_.empty() || ReadLine()) {
    record = CsvRecord();
    record.line = record.last_line = line_;
    const std::string& first = lines_.front();
    if (first.size() > kMaxRecordBytes) return Refuse(NoEnd(), record);
    if (absl::StripAsciiWhitespace(first).empty()) {
      Drop(1);
      continue;
    }
    const Left left = parser_->Feed(first);
    if (left == Left::kRecordEnded) {
      record.fields = parser_->TakeFields();
      Drop(1);
      return true;
    }
    parser_ = std::make_unique<Parser>();
    if (left == Left::kQuoteOpen) return ReadOn(record);
    return Refuse(
        "a closing quote is followed by neither a separator nor the end of the line: inside a quoted field a "
        "quote is written twice",
        record);
  }
  return false;
}

// The rest of a record whose first line leaves a quote open.
bool CsvReader::ReadOn(CsvRecord& record) {
  while (!then_.has_value()) {
    if (open_lines_ + 1 == lines_.size() && !ReadLine()) {
      return Refuse(status_.ok()
                        ? "a quote opened in this row is never closed"
                        : "a quote opened in this row is not closed before the file cannot be read any more",
                    record);
    }
    if (bytes_ > kMaxRecordBytes) return Refuse(NoEnd(), record);
    Parser in_quotes;
    in_quotes.Feed("\"");
    const Left left = in_quotes.Feed(lines_[open_lines_ + 1]);
    if (left == Left::kQuoteOpen) {
      Parser alone;
      const bool ends = alone.Feed(lines_[open_lines_ + 1]) == Left::kRecordEnded;
      rows_.push_back(ends && alone.TakeFields().size() == expected_fields_);
      row_lines_ += rows_.back() ? 1 : 0;
      ++open_lines_;
    } else {
      then_ = left;
    }
  }
  record.last_line = line_ + static_cast<int64_t>(open_lines_) + 1;
  if (*then_ == Left::kStrayQuote) {
    return Refuse(absl::StrCat("a quote opened in this row is not closed before line ", record.last_line,
                               ", and is followed there by neither a separator nor the end of the line"),
                  record);
  }
  if (expected_fields_ >= kFieldsOfARow && open_lines_ > 0 && 2 * row_lines_ >= open_lines_) {
    return Refuse(absl::StrCat("a quote opened in this row is closed on line ", record.last_line,
                               " only, over lines that look like rows: is a quote missing, or one too many?"),
                  record);
  }
  Parser whole;
  const size_t lines = open_lines_ + 2;
  for (size_t i = 0; i < lines; ++i) whole.Feed(lines_[i]);
  record.fields = whole.TakeFields();
  Drop(lines);
  return true;
}

bool CsvReader::Refuse(std::string problem, CsvRecord& record) {
  record.last_line = record.line;
  record.problem = std::move(problem);
  record.text = lines_.front();
  Drop(1);
  return true;
}

// Goes on to the line after the first `lines`, and keeps what is known of those behind it.
void CsvReader::Drop(size_t lines) {
  for (size_t i = 0; i < lines; ++i) {
    bytes_ -= lines_.front().size();
    lines_.pop_front();
  }
  line_ += static_cast<int64_t>(lines);
  if (lines <= open_lines_) {
    open_lines_ -= lines;
    for (size_t i = 0; i < lines; ++i) {
      row_lines_ -= rows_.front() ? 1 : 0;
      rows_.pop_front();
    }
  } else {
    open_lines_ = 0;
    rows_.clear();
    row_lines_ = 0;
    then_.reset();
  }
}

// One more physical line. Of one above the limit only so much is kept that it is seen to be; the last one
// gets the line break that it may lack. A CR alone ends a line, since libcsv ends a record there.
bool CsvReader::ReadLine() {
  if (ended_) return false;
  constexpr int kEnd = std::char_traits<char>::eof();
  const int64_t number = line_ + static_cast<int64_t>(lines_.size());
  std::string line;
  try {
    std::streambuf& in = *in_.rdbuf();
    int byte = 0;
    while ((byte = in.sbumpc()) != kEnd) {
      if (line.size() <= kMaxRecordBytes) line += static_cast<char>(byte);
      if (byte == '\n' || (byte == '\r' && in.sgetc() != '\n')) break;
    }
    ended_ = byte == kEnd;
  } catch (const std::ios_base::failure& failure) {  // a folder, or a disk that gives up
    ended_ = true;
    status_ = absl::InvalidArgumentError(
        absl::StrCat("cannot be read", number == 1 ? "" : absl::StrCat(" from line ", number, " on"), ": ",
                     failure.code().message()));
    return false;
  }
  if (line.empty()) return false;
  if (ended_ && line.size() <= kMaxRecordBytes) line += '\n';
  if (number == 1 && absl::StartsWith(line, "\xEF\xBB\xBF")) line.erase(0, 3);
  bytes_ += line.size();
  lines_.push_back(std::move(line));
  return true;
}

}  // namespace rapport::cli
