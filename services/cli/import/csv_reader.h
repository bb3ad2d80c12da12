// CSV records with the physical line on which each begins, so that a person finds the row in an editor even
// after quoted line breaks. Memory: one record.
#ifndef RAPPORT_SERVICES_CLI_IMPORT_CSV_READER_H_
#define RAPPORT_SERVICES_CLI_IMPORT_CSV_READER_H_

#include <cstdint>
#include <deque>
#include <istream>
#include <memory>
#include <string>
#include <vector>

struct csv_parser;

namespace rapport::cli {

// A record without end is a quote that was never closed: the registry's widest rows have some 20 KiB.
inline constexpr size_t kMaxRecordBytes = 1 << 20;

struct CsvRecord {
  int64_t line = 0;  // from 1
  std::vector<std::string> fields;
  std::string problem;  // why it could not be read; then there are no fields
};

// RFC 4180 as found in the wild: LF or CRLF, a byte order mark, spaces around fields, empty lines. Not
// thread-safe.
class CsvReader {
 public:
  // `in` must outlive the reader.
  explicit CsvReader(std::istream& in);
  ~CsvReader();

  // The next record into `record`; false at the end. A record that cannot be read has a `problem`, and the
  // ones after it are read again.
  bool Next(CsvRecord& record);

 private:
  bool NextLine(std::string& line);
  void Feed(const std::string& line);
  void Finish();
  void Restart();
  static void OnField(void* text, size_t size, void* self);
  static void OnRecord(int end, void* self);

  std::istream& in_;
  std::unique_ptr<csv_parser> parser_;
  int64_t line_ = 0;         // last line read
  size_t record_bytes_ = 0;  // fed since the record began
  bool ended_ = false;
  CsvRecord current_;
  std::deque<CsvRecord> ready_;
};

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_IMPORT_CSV_READER_H_
