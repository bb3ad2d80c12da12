// Replays a folder of meetings and prints every learner's figures.
#include <cstdio>
#include <fstream>

#include "services/cli/evaluate/evaluate.h"

int main(int argc, char** argv) {
  using namespace rapport::evaluate;
  if (argc < 2) {
    std::fprintf(stderr, "usage: replay DIR [DIAGRAM.svg [SPLIT]]\n");
    return 2;
  }
  const absl::StatusOr<Replay> replay = ReadReplay(argv[1], argc > 3 ? argv[3] : "split");
  if (!replay.ok()) {
    std::fprintf(stderr, "%s\n", replay.status().ToString().c_str());
    return 1;
  }
  const absl::StatusOr<World> world = World::Create(*replay);
  if (!world.ok()) {
    std::fprintf(stderr, "%s\n", world.status().ToString().c_str());
    return 1;
  }
  const std::vector<Record> records = EvaluateAll(*replay, *world);
  std::fputs((KnownBefore(*replay) + ReportTable(records)).c_str(), stdout);
  if (argc > 2) std::ofstream(argv[2]) << ReliabilityDiagram(records.back());
}
