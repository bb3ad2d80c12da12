// Quoting is libcsv's; whether to quote is decided here.
#include "services/cli/import/csv_writer.h"

#include <csv.h>

#include "services/cli/import/cell_values.h"
#include "services/cli/import/profile_columns.h"

namespace rapport::cli {
namespace {

std::string Quoted(const std::string& field) {
  const bool needs_quotes = field.find_first_of(",\"\r\n") != std::string::npos ||
                            (!field.empty() && (field.front() == ' ' || field.back() == ' '));
  if (!needs_quotes) return field;
  std::string quoted(field.size() * 2 + 2, '\0');
  quoted.resize(csv_write(quoted.data(), quoted.size(), field.data(), field.size()));
  return quoted;
}

}  // namespace

void WriteCsvRow(std::ostream& out, const std::vector<std::string>& fields) {
  const char* separator = "";
  for (const std::string& field : fields) {
    out << separator << Quoted(field);
    separator = ",";
  }
  out << "\n";
}

void WriteProfileHeader(std::ostream& out) {
  std::vector<std::string> names;
  for (const ProfileColumn& column : ProfileColumns()) names.emplace_back(column.name);
  WriteCsvRow(out, names);
}

void WriteProfile(std::ostream& out, const therapist::v1::Therapist& profile) {
  std::vector<std::string> cells;
  for (const ProfileColumn& column : ProfileColumns()) cells.push_back(GuardCell(column.get(profile)));
  WriteCsvRow(out, cells);
}

}  // namespace rapport::cli
