// Text for people, one JSON object for programs.
#include "services/cli/import/import_report.h"

#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/cli/json.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/table.h"

namespace rapport::cli {
namespace {

// Bytes that are not UTF-8 are replaced.
std::string Dumped(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

ImportReport::ImportReport(std::ostream& out, const Options& options) : out_(out), options_(options) {
  if (options_.json) out_ << "{\"refused_rows\": [";
}

void ImportReport::Count(const directory::v1::RowResult& row) {
  switch (row.verdict()) {
    case directory::v1::UPSERT_VERDICT_ADDED:
      ++added_;
      break;
    case directory::v1::UPSERT_VERDICT_CHANGED:
      ++changed_;
      break;
    case directory::v1::UPSERT_VERDICT_UNCHANGED:
      ++unchanged_;
      break;
    default:
      Refuse(row);
  }
}

void ImportReport::Withdraw(const directory::v1::RowResult& row, const std::string& reason) {
  const int64_t count = ++withdrawn_[reason];
  if (options_.json || count > options_.refused_shown) return;
  out_ << "line " << row.line() << " (" << row.therapist_id() << "): " << reason << "\n";
}

void ImportReport::Refuse(const directory::v1::RowResult& row) {
  ++refused_;
  if (options_.json) {
    out_ << (refused_ > 1 ? ",\n" : "\n") << ToJsonLine(row);
    return;
  }
  if (refused_ > options_.refused_shown) return;
  const std::string who = row.therapist_id().empty() ? "" : absl::StrCat(" (", row.therapist_id(), ")");
  for (const auto& violation : row.violations()) {
    const std::string field = violation.field().empty() ? "" : absl::StrCat(violation.field(), ": ");
    out_ << "line " << row.line() << who << ": " << field << violation.description() << "\n";
  }
}

int64_t ImportReport::rows() const {
  int64_t rows = added_ + changed_ + unchanged_ + refused_;
  for (const auto* others : {&skipped_, &withdrawn_}) {
    for (const auto& [reason, count] : *others) rows += count;
  }
  return rows;
}

void ImportReport::Finish(const std::string& format, double seconds, int64_t position, bool interrupted) {
  if (options_.json) {
    const nlohmann::json skipped(skipped_);
    const nlohmann::json withdrawn(withdrawn_);
    out_ << "],\n\"format\": \"" << format << "\", \"dry_run\": " << (options_.dry_run ? "true" : "false")
         << ", \"rows\": " << rows() << ", \"added\": " << added_ << ", \"changed\": " << changed_
         << ", \"unchanged\": " << unchanged_ << ", \"withdrawn\": " << Dumped(withdrawn)
         << ", \"refused\": " << refused_ << ", \"skipped\": " << Dumped(skipped)
         << ", \"position\": " << position << (interrupted ? ", \"interrupted\": true" : "") << "}\n";
    return;
  }
  if (refused_ > options_.refused_shown) {
    out_ << "... and " << Grouped(refused_ - options_.refused_shown)
         << " more refused rows (--all shows them)\n";
  }
  if (refused_ > 0 || !withdrawn_.empty()) out_ << "\n";
  out_ << Counted(rows(), "row") << " (" << format << ") in " << absl::StrFormat("%.1f s", seconds)
       << (options_.dry_run ? ", read and checked; nothing was sent" : "")
       << (interrupted ? ", and then it stopped" : "") << "\n";
  Table table({{"", Align::kLeft}, {"", Align::kRight}, {"", Align::kLeft}});
  table.Add({options_.dry_run ? "in order" : "added", Grouped(added_), ""});
  if (!options_.dry_run) {
    table.Add({"changed", Grouped(changed_), ""});
    table.Add({"unchanged", Grouped(unchanged_), ""});
  }
  for (const auto& [reason, count] : withdrawn_) table.Add({"withdrawn", Grouped(count), reason});
  table.Add({"refused", Grouped(refused_), ""});
  for (const auto& [reason, count] : skipped_) table.Add({"skipped", Grouped(count), reason});
  table.Print(out_, 2);
}

}  // namespace rapport::cli
