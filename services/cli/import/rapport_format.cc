// Our own CSV: the header names profile columns, in any order, not necessarily all of them.
#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/import/cell_values.h"
#include "services/cli/import/profile_columns.h"
#include "services/cli/import/row_format.h"

namespace rapport::cli {
namespace {

class OwnColumns : public RowFormat {
 public:
  explicit OwnColumns(std::vector<size_t> columns) : columns_(std::move(columns)) {}

  RowText Read(const std::vector<std::string>& fields) const override {
    RowText row;
    row.cells.resize(ProfileColumns().size());
    for (size_t i = 0; i < columns_.size(); ++i) row.cells[columns_[i]] = UnguardCell(fields[i]);
    return row;
  }

 private:
  std::vector<size_t> columns_;  // by position in the file
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowFormat>> RapportFormat(const Header& header) {
  std::vector<size_t> columns;
  std::vector<std::string> unknown;
  for (const std::string& name : header) {
    const std::optional<size_t> column = FindProfileColumn(name);
    if (!column.has_value()) {
      const std::string small = absl::AsciiStrToLower(name);
      const std::string hint = FindProfileColumn(small) ? absl::StrCat(" (write ", small, ")") : "";
      unknown.push_back(absl::StrCat("\"", name, "\"", hint));
    } else if (std::find(columns.begin(), columns.end(), *column) != columns.end()) {
      return absl::InvalidArgumentError(absl::StrCat("line 1: the column ", name, " is there twice"));
    } else {
      columns.push_back(*column);
    }
  }
  if (!unknown.empty()) {
    const std::string known =
        absl::StrJoin(ProfileColumns(), ", ",
                      [](std::string* out, const ProfileColumn& c) { absl::StrAppend(out, c.name); });
    return absl::InvalidArgumentError(
        absl::StrCat("line 1: not columns of a Rapport CSV: ", absl::StrJoin(unknown, ", "),
                     ". Known are: ", known, ". For another file write a mapping (--mapping)."));
  }
  return std::make_unique<OwnColumns>(std::move(columns));
}

}  // namespace rapport::cli
