// rapport catalog check, show.

#include <memory>

#include "services/cli/commands/bindings.h"
#include "services/cli/failure.h"
#include "services/cli/json.h"
#include "services/contract/catalog_file.h"

namespace rapport::cli {
namespace {

void Summarise(const catalog::v1::Catalog& catalog, std::ostream& out) {
  out << "catalog " << catalog.version() << ": " << catalog.style_dimensions_size() << " style dimensions, "
      << catalog.facets_size() << " facets, " << catalog.frictions_size() << " frictions, "
      << catalog.concerns_size() << " concerns, " << catalog.approaches_size() << " approaches, "
      << catalog.tags_size() << " tags, " << catalog.payers_size() << " payers, "
      << catalog.instruments_size() << " instruments, " << catalog.fit_questions_size() << " fit questions\n";
}

}  // namespace

Action BindCatalogCheck(CLI::App& app) {
  auto file = std::make_shared<std::string>();
  app.add_option("FILE", *file, "Catalog in protobuf text format")->required();
  return Offline([file](Session& session) -> absl::StatusOr<ExitCode> {
    const absl::StatusOr<contract::LoadedCatalog> loaded = contract::LoadCatalog(*file);
    if (!loaded.ok()) return FromFile(loaded.status());
    if (session.json) {
      session.out << ToJson(loaded->message);
    } else {
      session.out << "in order: ";
      Summarise(loaded->message, session.out);
    }
    return ExitCode::kOk;
  });
}

Action BindCatalogShow(CLI::App& app) {
  auto built_in = std::make_shared<bool>(false);
  app.add_flag("--built-in", *built_in,
               "The catalog that comes with Rapport, as a file to begin one's own with");
  return Online([built_in](Session& session, const Services& services) -> absl::StatusOr<ExitCode> {
    if (*built_in) {
      session.out << contract::DefaultCatalogText();
      return ExitCode::kOk;
    }
    const auto response = services.Call(&DirectoryStub::GetCatalog, {});
    if (!response.ok()) return response.status();
    if (session.json) {
      session.out << ToJson(response->catalog());
      return ExitCode::kOk;
    }
    session.out << contract::CatalogText(response->catalog());
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
