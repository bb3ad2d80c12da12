// rapport export therapists: the directory, page by page, as our own CSV.
#include <memory>
#include <optional>
#include <utility>

#include "services/cli/commands/bindings.h"
#include "services/cli/commands/therapist_pages.h"
#include "services/cli/import/csv_writer.h"
#include "services/cli/output_file.h"

namespace rapport::cli {

Action BindExportTherapists(CLI::App& app) {
  auto file_name = std::make_shared<std::string>();
  app.add_option("--output", *file_name,
                 "File to write, replaced when all is written; default: standard output");
  return Online([file_name](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    std::optional<OutputFile> file;
    if (!file_name->empty()) {
      absl::StatusOr<OutputFile> opened = OutputFile::Open(*file_name);
      if (!opened.ok()) return opened.status();
      file.emplace(*std::move(opened));
    }
    std::ostream& out = file.has_value() ? file->stream() : session.out;
    WriteProfileHeader(out);
    absl::Status status = ForEachTherapist(
        services, [&](const therapist::v1::Therapist& profile) { WriteProfile(out, profile); });
    if (status.ok() && file.has_value()) status = file->Commit();
    if (!status.ok()) return status;
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
