// From record to profile.
#include "services/cli/import/profile_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/cli/import/cell_values.h"
#include "services/cli/import/profile_columns.h"
#include "services/contract/text.h"

namespace rapport::cli {
namespace {

absl::StatusOr<std::vector<std::string>> ParseDefaults(const std::vector<std::string>& defaults) {
  std::vector<std::string> cells(ProfileColumns().size());
  for (const std::string& text : defaults) {
    const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
    const std::optional<size_t> column = FindProfileColumn(parts.first);
    if (!column.has_value() || parts.second.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--default ", text, ": COLUMN=VALUE expected, for instance seats=0"));
    }
    therapist::v1::Therapist scratch;
    if (absl::Status status = ProfileColumns()[*column].set(parts.second, scratch); !status.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("--default ", text, ": ", status.message()));
    }
    cells[*column] = parts.second;
  }
  return cells;
}

FileFormat Detect(const Header& header, const ReaderOptions& options) {
  if (options.format != FileFormat::kAuto) return options.format;
  if (options.mapping.has_value()) return FileFormat::kMapped;
  return LooksLikeNppes(header) ? FileFormat::kNppes : FileFormat::kRapport;
}

// What a header that was refused seems to be, and what to do; empty where nothing is to be seen.
std::string SeparatorHint(absl::string_view header) {
  const auto commas = std::count(header.begin(), header.end(), ',');
  for (const auto& [separator, name] : {std::pair(';', "semicolons"), std::pair('\t', "tabs")}) {
    if (std::count(header.begin(), header.end(), separator) > commas) {
      return absl::StrCat("the columns seem to be separated by ", name,
                          ": save the file with commas between them");
    }
  }
  return "";
}

}  // namespace

absl::StatusOr<ProfileReader> ProfileReader::Create(std::istream& in, const ReaderOptions& options) {
  ProfileReader reader;
  absl::StatusOr<std::vector<std::string>> defaults = ParseDefaults(options.defaults);
  if (!defaults.ok()) return defaults.status();
  reader.defaults_ = *std::move(defaults);
  if (!options.confirmed_on.empty()) {
    if (auto time = ParseTime(options.confirmed_on); !time.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("--confirmed-on: ", time.status().message()));
    }
    reader.confirmed_on_ = options.confirmed_on;
  }
  reader.csv_ = std::make_unique<CsvReader>(in);
  CsvRecord header;
  if (!reader.csv_->Next(header)) {
    if (!reader.status().ok()) return reader.status();
    return absl::InvalidArgumentError("the file is empty: a header is needed");
  }
  const std::string text = header.problem.empty() ? absl::StrJoin(header.fields, ",") : header.text;
  auto refused = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat("line ", header.line, ": ", why));
  };
  if (absl::StartsWith(text, "\xFF\xFE") || absl::StartsWith(text, "\xFE\xFF")) {
    return refused("the file seems to be UTF-16: save it as UTF-8 (spreadsheets call that CSV UTF-8)");
  }
  const std::string hint = SeparatorHint(text);
  if (!header.problem.empty()) return refused(hint.empty() ? header.problem : hint);
  reader.header_size_ = header.fields.size();
  reader.csv_->ExpectFields(reader.header_size_);

  absl::StatusOr<std::unique_ptr<RowFormat>> format;
  switch (Detect(header.fields, options)) {
    case FileFormat::kNppes:
      reader.format_name_ = "nppes";
      format = NppesFormat(header.fields);
      break;
    case FileFormat::kMapped:
      if (!options.mapping.has_value()) {
        return absl::InvalidArgumentError("--format mapped needs a --mapping file");
      }
      reader.format_name_ = "mapped";
      format = MappedFormat(header.fields, *options.mapping);
      break;
    case FileFormat::kAuto:
    case FileFormat::kRapport:
      reader.format_name_ = "rapport";
      format = RapportFormat(header.fields);
      break;
  }
  if (!format.ok()) return hint.empty() ? format.status() : refused(hint);
  reader.format_ = *std::move(format);
  return reader;
}

bool ProfileReader::Next(ProfileRow& row) {
  row = ProfileRow();
  CsvRecord record;
  if (!csv_->Next(record)) return false;
  row.line = record.line;
  if (!record.problem.empty()) {
    row.violations.push_back(Violation("", record.problem));
    return true;
  }
  if (record.fields.size() != header_size_) {
    // A quote too many that meets another one makes a row of many.
    const std::string reach = record.last_line == record.line
                                  ? ""
                                  : absl::StrCat(", which reaches to line ", record.last_line, ",");
    row.violations.push_back(
        Violation("", absl::StrCat("the row", reach, " has ", record.fields.size(), " fields, the header ",
                                   header_size_, ": is a quote or a separator missing?")));
    return true;
  }
  RowText text = format_->Read(record.fields);
  row.skipped_because = std::move(text.skipped_because);
  row.violations = std::move(text.violations);
  row.withdrawn_because = std::move(text.withdrawn_because);
  if (!row.skipped_because.empty() || !row.violations.empty()) return true;
  for (size_t i = 0; i < text.cells.size(); ++i) {
    const ProfileColumn& column = ProfileColumns()[i];
    // What is stated for all rows is not stated of somebody who is withdrawn.
    if (!row.withdrawn_because.empty() && text.cells[i].empty()) continue;
    const bool confirms = !confirmed_on_.empty() && absl::string_view(column.name) == "last_confirmed";
    const std::string& cell = confirms ? confirmed_on_ : text.cells[i].empty() ? defaults_[i] : text.cells[i];
    if (cell.empty()) continue;
    if (!contract::IsUtf8(cell)) {  // no message can hold it: one such cell would fail the rows beside it too
      row.violations.push_back(Violation(column.name, "is not UTF-8: save the file as UTF-8"));
      continue;
    }
    if (absl::Status status = column.set(cell, row.profile); !status.ok()) {
      row.violations.push_back(Violation(column.name, status.message()));
    }
  }
  return true;
}

}  // namespace rapport::cli
