// rapport evaluate: the model and plain baselines on a folder of meetings that took place.
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/cli/commands/bindings.h"
#include "services/cli/evaluate/evaluate.h"
#include "services/cli/failure.h"

namespace rapport::cli {

Action BindEvaluate(CLI::App& app) {
  struct Flags {
    std::string directory, split = "split", diagram;
  };
  auto flags = std::make_shared<Flags>();
  app.add_option(
         "DIR", flags->directory,
         "Folder with events.csv, clients.csv and therapists.csv (format: tests/evaluation/README.md)")
      ->required();
  app.add_option("--split", flags->split, "Column of events.csv that marks with \"test\" what is scored");
  app.add_option("--diagram", flags->diagram, "Writes the model's reliability diagram there (SVG)");
  return Offline([flags](Session& session) -> absl::StatusOr<ExitCode> {
    const absl::StatusOr<evaluate::Replay> replay = evaluate::ReadReplay(flags->directory, flags->split);
    if (!replay.ok()) return FromFile(replay.status());
    if (!evaluate::AnythingToScore(*replay)) {
      return absl::InvalidArgumentError(
          absl::StrCat(flags->directory,
                       "/events.csv: nothing to score: no event with a verdict or a bond is marked "
                       "\"test\" in the column \"",
                       flags->split, "\""));
    }
    const absl::StatusOr<evaluate::World> world = evaluate::World::Create(*replay);
    if (!world.ok()) return world.status();
    const std::vector<evaluate::Record> records = evaluate::EvaluateAll(*replay, *world);
    session.out << evaluate::KnownBefore(*replay) << evaluate::ReportTable(records);
    if (!flags->diagram.empty()) {
      std::ofstream file(flags->diagram);
      if (!(file << evaluate::ReliabilityDiagram(records.back()) << std::flush)) {
        return absl::InvalidArgumentError(flags->diagram + ": cannot be written");
      }
    }
    return ExitCode::kOk;
  });
}

}  // namespace rapport::cli
