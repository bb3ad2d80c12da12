// A mapping file: how the columns of somebody's CSV become the columns of ours. One statement a line; the
// language is documented in README.md.
#ifndef RAPPORT_SERVICES_CLI_IMPORT_MAPPING_H_
#define RAPPORT_SERVICES_CLI_IMPORT_MAPPING_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace rapport::cli {

// "US-{state}": literal text, then perhaps a column, and so on.
struct TemplatePart {
  std::string literal;
  std::string column;     // empty: literal only
  bool optional = false;  // "{name?}": an empty column does not empty the whole text
};

// FIELD = "TEMPLATE", or FIELD = each "TEMPLATE".
struct Assignment {
  int line = 0;
  size_t field = 0;   // position in ProfileColumns
  bool each = false;  // once for every item of the lists in it
  std::vector<TemplatePart> parts;
};

// refuse|skip "COLUMN" is [not] "VALUE" ... because "REASON".
struct Condition {
  int line = 0;
  bool refuse = false;  // else skip
  std::string column;
  bool is_not = false;
  std::vector<std::string> values;
  std::string reason;
};

// map FIELD "FROM" -> "TO", map FIELD otherwise "TO".
struct Translation {
  std::map<std::string, std::string> words;
  std::optional<std::string> otherwise;
};

// list "COLUMN" split "SEPARATOR".
struct ListColumn {
  int line = 0;
  std::string separator;
};

struct Mapping {
  std::string file_name;
  std::vector<Assignment> assignments;
  std::vector<Condition> conditions;           // the first that holds decides
  std::map<size_t, Translation> translations;  // by field
  std::map<std::string, ListColumn> lists;     // by column

  // INVALID_ARGUMENT: one line for each mistake, "file:line: what is wrong".
  static absl::StatusOr<Mapping> Parse(absl::string_view text, absl::string_view file_name);
};

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_IMPORT_MAPPING_H_
