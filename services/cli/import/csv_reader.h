// CSV records with the physical line on which each begins, so that a person finds the row in an editor even
// after quoted line breaks. A record that cannot be read costs nobody else theirs: reading starts again at
// the line after the one on which it began.
#ifndef RAPPORT_SERVICES_CLI_IMPORT_CSV_READER_H_
#define RAPPORT_SERVICES_CLI_IMPORT_CSV_READER_H_

#include <cstdint>
#include <deque>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace rapport::cli {

// A record without end is a quote that was never closed: the registry's widest rows have some 20 KiB.
inline constexpr size_t kMaxRecordBytes = 1 << 20;

struct CsvRecord {
  int64_t line = 0;       // from 1
  int64_t last_line = 0;  // where it ends; a quoted field may have line breaks
  std::vector<std::string> fields;
  std::string problem;  // why it could not be read; then there are no fields, but
  std::string text;     // its first line as the file has it
};

// RFC 4180 as found in the wild: LF, CRLF or CR, a byte order mark, spaces around fields, empty lines, and
// quotes inside a field that does not begin with one. Not thread-safe.
//
// Memory: a record's lines and one more. Time: linear in the file, whatever stands in it, for no line is
// parsed more than four times: as the first of a record, as one within quotes and by itself (which is the
// same for whichever line opened them, and so is remembered), and as part of the whole record.
class CsvReader {
 public:
  // `in` must outlive the reader.
  explicit CsvReader(std::istream& in);
  ~CsvReader();

  // The next record into `record`; false at the end, and where the file cannot be read further. A record has
  // a `problem` where a closing quote is followed by anything but a separator or the end of a line, or an
  // open one is not closed within the limit or at all; or, once ExpectFields was told of four fields or more,
  // where half of the lines between its first and its last are rows by themselves, so that two quotes that
  // have nothing to do with each other have met. Then the next record begins on the line after its first.
  bool Next(CsvRecord& record);

  // A row has so many fields.
  void ExpectFields(size_t fields) { expected_fields_ = fields; }

  // INVALID_ARGUMENT once the file could not be read: from which line on, and why.
  const absl::Status& status() const { return status_; }

 private:
  class Parser;
  enum class Left { kRecordEnded, kQuoteOpen, kStrayQuote };  // what a line leaves behind it

  bool ReadLine();
  bool ReadOn(CsvRecord& record);
  bool Refuse(std::string problem, CsvRecord& record);
  void Drop(size_t lines);

  std::istream& in_;
  bool ended_ = false;
  absl::Status status_;
  std::unique_ptr<Parser> parser_;  // at the beginning of a record
  int64_t line_ = 1;                // number of the first of
  std::deque<std::string> lines_;   // read and not yet given, each with its line break
  size_t bytes_ = 0;                // of them
  // So many lines behind the first are known to leave a quote open that is open before them; and what the
  // line after those does. Nothing is read beyond that one.
  size_t open_lines_ = 0;
  std::deque<bool> rows_;  // of those, by line: whether it is a row by itself
  size_t row_lines_ = 0;   // how many are
  size_t expected_fields_ = 0;
  std::optional<Left> then_;
};

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_IMPORT_CSV_READER_H_
