// Plain text tables: columns as wide as they need, no colours, no lines. Lengths count characters, not bytes.
#ifndef RAPPORT_SERVICES_CLI_VIEWS_TABLE_H_
#define RAPPORT_SERVICES_CLI_VIEWS_TABLE_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace rapport::cli {

enum class Align { kLeft, kRight };

class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::kLeft;
    size_t max_width = 100;  // longer cells are cut, with "…"
  };

  explicit Table(std::vector<Column> columns);

  // REQUIRES: as many cells as columns.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // Two spaces between columns, `indent` before each line, no spaces at line ends. Titles only where one is
  // not empty.
  void Print(std::ostream& out, int indent = 0) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Characters of UTF-8 text.
size_t Width(absl::string_view text);

// `text` in lines of at most `width` characters, broken at spaces; the first line after `first`, the others
// after `rest`. Ends with a new line.
void Wrap(std::ostream& out, absl::string_view text, absl::string_view first = "",
          absl::string_view rest = "", size_t width = 100);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_VIEWS_TABLE_H_
