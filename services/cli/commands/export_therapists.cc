// rapport export therapists: the directory, page by page, as our own CSV.
#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "services/cli/commands/bindings.h"
#include "services/cli/commands/therapist_pages.h"
#include "services/cli/import/csv_writer.h"

namespace rapport::cli {

Action BindExportTherapists(CLI::App& app) {
  auto file_name = std::make_shared<std::string>();
  app.add_option("--output", *file_name, "File to write; default: standard output");
  return Online([file_name](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    std::ofstream file;
    if (!file_name->empty()) {
      file.open(*file_name, std::ios::binary);
      if (!file) return absl::NotFoundError(absl::StrCat("cannot write ", *file_name));
    }
    std::ostream& out = file_name->empty() ? session.out : file;
    WriteProfileHeader(out);
    absl::Status status = ForEachTherapist(
        services, [&](const therapist::v1::Therapist& profile) { WriteProfile(out, profile); });
    if (!status.ok()) return status;
    out.flush();
    if (!out) return absl::DataLossError("the output could not be written in full");
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
