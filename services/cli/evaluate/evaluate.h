// Prequential evaluation: every learner predicts what comes, then learns it, in the order of time; what
// happens at one time is predicted before any of it is learned.
#ifndef RAPPORT_SERVICES_CLI_EVALUATE_EVALUATE_H_
#define RAPPORT_SERVICES_CLI_EVALUATE_EVALUATE_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/cli/evaluate/learner.h"
#include "services/cli/evaluate/metrics.h"
#include "services/cli/evaluate/replay.h"
#include "services/cli/evaluate/try_again.h"
#include "services/cli/evaluate/world.h"

namespace rapport::evaluate {

// What one learner foretold, and what came.
struct Record {
  std::string name;
  std::vector<Outcome> outcomes;                             // scored meetings with a verdict
  std::map<std::string, std::vector<RankFigures>> rankings;  // by kind of query
  std::vector<BondError> bonds;                              // scored meetings with a bond
  std::vector<Search> searches;  // "try another", where the replay has the choices for it
};

// Whether Run would give any figure: a meeting to score that has a verdict or a bond, or a query that a
// ranking can get right or wrong.
bool AnythingToScore(const Replay& replay);

// Replays for all learners at once.
std::vector<Record> Run(const Replay& replay, const std::vector<std::unique_ptr<Learner>>& learners);

// All that is known of all learners: Run with new ones, and TryAgain with new ones.
std::vector<Record> EvaluateAll(const Replay& replay, const World& world);

// What the replay says of meetings beforehand, in a line for whoever reads the figures; empty where it says
// nothing.
std::string KnownBefore(const Replay& replay);

// A table of all figures with their intervals, one line a learner. A figure that these outcomes do not have
// (an AUC of one class) is left out.
std::string ReportTable(const std::vector<Record>& records);

// The reliability diagram of a record: foretold against happened, with counts. SVG.
std::string ReliabilityDiagram(const Record& record);

}  // namespace rapport::evaluate

#endif  // RAPPORT_SERVICES_CLI_EVALUATE_EVALUATE_H_
