// A file format: how the fields of one CSV record become the texts of profile columns.
#ifndef RAPPORT_SERVICES_CLI_IMPORT_ROW_FORMAT_H_
#define RAPPORT_SERVICES_CLI_IMPORT_ROW_FORMAT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "rapport/directory/v1/directory.pb.h"
#include "services/cli/import/mapping.h"

namespace rapport::cli {

// What a format makes of a record. A row that is skipped is no mistake; one with violations is. A row that
// withdraws says of a therapist only the id, and that no credential holds any more.
struct RowText {
  std::vector<std::string> cells;  // by ProfileColumns; empty: the row does not say
  std::vector<directory::v1::RowViolation> violations;
  std::string skipped_because;    // not empty: not meant for this network
  std::string withdrawn_because;  // not empty: takes the credentials away, and says nothing else
};

class RowFormat {
 public:
  virtual ~RowFormat() = default;

  // `fields` has as many items as the header.
  virtual RowText Read(const std::vector<std::string>& fields) const = 0;
};

using Header = std::vector<std::string>;

// Each takes the file's first row and answers INVALID_ARGUMENT where it does not fit.
absl::StatusOr<std::unique_ptr<RowFormat>> RapportFormat(const Header& header);
absl::StatusOr<std::unique_ptr<RowFormat>> NppesFormat(const Header& header);
absl::StatusOr<std::unique_ptr<RowFormat>> MappedFormat(const Header& header, Mapping mapping);

// True for the header of a file of the United States' provider registry (NPPES).
bool LooksLikeNppes(const Header& header);

directory::v1::RowViolation Violation(absl::string_view field, absl::string_view description);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_IMPORT_ROW_FORMAT_H_
