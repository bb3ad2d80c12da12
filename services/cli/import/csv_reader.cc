// libcsv, fed line by line: between two lines we know whether a record is open.
#include "services/cli/import/csv_reader.h"

#include <csv.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace rapport::cli {

CsvReader::CsvReader(std::istream& in) : in_(in), parser_(std::make_unique<csv_parser>()) {
  csv_init(parser_.get(), 0);
}

CsvReader::~CsvReader() {
  csv_free(parser_.get());
}

bool CsvReader::Next(CsvRecord& record) {
  std::string line;
  while (ready_.empty() && !ended_) {
    if (NextLine(line)) {
      Feed(line);
    } else {
      Finish();
    }
  }
  if (ready_.empty()) return false;
  record = std::move(ready_.front());
  ready_.pop_front();
  return true;
}

// One physical line with its line break, cut at the limit: what is beyond it comes as a line that counts no
// further.
bool CsvReader::NextLine(std::string& line) {
  line.clear();
  int byte = 0;
  while (line.size() <= kMaxRecordBytes && (byte = in_.rdbuf()->sbumpc()) != std::char_traits<char>::eof()) {
    line += static_cast<char>(byte);
    if (byte == '\n') break;
  }
  if (line.empty()) return false;
  ++line_;
  if (line_ == 1 && absl::StartsWith(line, "\xEF\xBB\xBF")) line.erase(0, 3);
  return true;
}

void CsvReader::Feed(const std::string& line) {
  if (record_bytes_ == 0) {
    if (absl::StripAsciiWhitespace(line).empty()) return;
    current_.line = line_;
  }
  record_bytes_ += line.size();
  if (record_bytes_ > kMaxRecordBytes) {
    CsvRecord refused;
    refused.line = current_.line;
    refused.problem =
        absl::StrCat("the row has no end within ", kMaxRecordBytes >> 10, " KiB: is a quote not closed?");
    // The rest of an overlong line belongs to the row refused.
    if (line.back() != '\n') {
      for (int byte = 0; (byte = in_.rdbuf()->sbumpc()) != std::char_traits<char>::eof() && byte != '\n';) {
      }
    }
    Restart();
    ready_.push_back(std::move(refused));
    return;
  }
  csv_parse(parser_.get(), line.data(), line.size(), &OnField, &OnRecord, this);
}

void CsvReader::Finish() {
  ended_ = true;
  // Strict only now: in the middle stray quotes are taken as they are, at the end an open one has swallowed
  // rows.
  csv_set_opts(parser_.get(), CSV_STRICT | CSV_STRICT_FINI);
  if (csv_fini(parser_.get(), &OnField, &OnRecord, this) != 0) {
    CsvRecord refused;
    refused.line = current_.line;
    refused.problem = "a quote opened in this row is never closed";
    ready_.push_back(std::move(refused));
  }
}

void CsvReader::Restart() {
  csv_free(parser_.get());
  csv_init(parser_.get(), 0);
  current_ = CsvRecord();
  record_bytes_ = 0;
}

void CsvReader::OnField(void* text, size_t size, void* self) {
  static_cast<CsvReader*>(self)->current_.fields.emplace_back(static_cast<const char*>(text), size);
}

void CsvReader::OnRecord(int, void* self) {
  auto& reader = *static_cast<CsvReader*>(self);
  reader.ready_.push_back(std::move(reader.current_));
  reader.current_ = CsvRecord();
  reader.current_.line = reader.line_;
  reader.record_bytes_ = 0;
}

}  // namespace rapport::cli
