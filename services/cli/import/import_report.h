// What became of the rows of an import: counted as they come, refused ones told with their lines.
#ifndef RAPPORT_SERVICES_CLI_IMPORT_IMPORT_REPORT_H_
#define RAPPORT_SERVICES_CLI_IMPORT_IMPORT_REPORT_H_

#include <cstdint>
#include <map>
#include <ostream>
#include <string>

#include "rapport/directory/v1/directory.pb.h"

namespace rapport::cli {

// Writes refused rows at once and keeps only counts, so that memory does not grow with the file. Not
// thread-safe.
class ImportReport {
 public:
  struct Options {
    bool json = false;
    bool dry_run = false;
    int64_t refused_shown = 20;  // as text; JSON has all
  };

  // `out` must outlive the report.
  ImportReport(std::ostream& out, const Options& options);

  void Skip(const std::string& reason) { ++skipped_[reason]; }
  void Count(const directory::v1::RowResult& row);
  // A row that took a known therapist's credentials away: told with its line, as refused rows are.
  void Withdraw(const directory::v1::RowResult& row, const std::string& reason);

  int64_t rows() const;
  int64_t refused() const { return refused_; }

  // The summary. Once, at the end; `interrupted`: before that of the file.
  void Finish(const std::string& format, double seconds, int64_t position, bool interrupted = false);

 private:
  void Refuse(const directory::v1::RowResult& row);

  std::ostream& out_;
  const Options options_;
  int64_t added_ = 0;
  int64_t changed_ = 0;
  int64_t unchanged_ = 0;
  int64_t refused_ = 0;
  std::map<std::string, int64_t> skipped_;    // by reason
  std::map<std::string, int64_t> withdrawn_;  // by reason
};

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_IMPORT_IMPORT_REPORT_H_
