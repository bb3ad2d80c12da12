// What all formats share.
#include "services/cli/import/row_format.h"

namespace rapport::cli {

directory::v1::RowViolation Violation(absl::string_view field, absl::string_view description) {
  directory::v1::RowViolation violation;
  violation.set_field(std::string(field));
  violation.set_description(std::string(description));
  return violation;
}

}  // namespace rapport::cli
