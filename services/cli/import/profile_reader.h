// Profiles out of a CSV file in any format: header, rows, defaults, and for each row what is wrong with it.
#ifndef RAPPORT_SERVICES_CLI_IMPORT_PROFILE_READER_H_
#define RAPPORT_SERVICES_CLI_IMPORT_PROFILE_READER_H_

#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/cli/import/csv_reader.h"
#include "services/cli/import/row_format.h"

namespace rapport::cli {

enum class FileFormat { kAuto, kRapport, kNppes, kMapped };

struct ReaderOptions {
  FileFormat format = FileFormat::kAuto;  // kAuto: mapped where there is a mapping, else as the header looks
  std::optional<Mapping> mapping;
  std::vector<std::string> defaults;  // "seats=0": for columns that a row leaves empty
  std::string confirmed_on;           // not empty: for all rows, whatever the file says
};

// One row of the file. `skipped_because` or `violations` not empty: `profile` is not to be used.
// `withdrawn_because` not empty: `profile` has the id alone, and its credentials are to be taken away.
struct ProfileRow {
  int64_t line = 0;
  therapist::v1::Therapist profile;
  std::vector<directory::v1::RowViolation> violations;
  std::string skipped_because;
  std::string withdrawn_because;
};

// Not thread-safe.
class ProfileReader {
 public:
  // Reads the header of `in`, which must outlive the reader. Errors: INVALID_ARGUMENT (options that do not
  // fit each other, a header that does not fit the format, a file that is empty or cannot be read).
  static absl::StatusOr<ProfileReader> Create(std::istream& in, const ReaderOptions& options);

  // The next row into `row`; false at the end of the file, and where it cannot be read further.
  bool Next(ProfileRow& row);

  // INVALID_ARGUMENT once the file could not be read: from which line on, and why.
  const absl::Status& status() const { return csv_->status(); }

  // What format the file was read in: "rapport", "nppes" or "mapped".
  const std::string& format_name() const { return format_name_; }

 private:
  ProfileReader() = default;

  std::unique_ptr<CsvReader> csv_;
  std::unique_ptr<RowFormat> format_;
  std::string format_name_;
  size_t header_size_ = 0;
  std::vector<std::string> defaults_;  // by ProfileColumns
  std::string confirmed_on_;
};

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_IMPORT_PROFILE_READER_H_
