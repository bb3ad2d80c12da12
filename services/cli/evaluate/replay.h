// A replay: meetings that took place, in the order of time, with what was known before each and what was
// answered after it. Read from a folder of CSV files (format: tests/evaluation/README.md).
#ifndef RAPPORT_SERVICES_CLI_EVALUATE_REPLAY_H_
#define RAPPORT_SERVICES_CLI_EVALUATE_REPLAY_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace rapport::evaluate {

// What is known of a person, by column; an empty cell is left out.
using Features = std::map<std::string, double>;

// What is known of a meeting beforehand.
struct Encounter {
  std::string client_id;
  std::string therapist_id;
  std::vector<std::string> concerns;  // what it was about
  Features circumstances;             // every other number that was known, by column
};

struct Meeting : Encounter {
  std::string id;
  std::int64_t t = 0;            // same t: at once; none of them is known when another is predicted
  std::string wave;              // a disjoint group of people
  std::optional<bool> accepted;  // the verdict
  Features answers;              // "bond" and each facet, without its prefix "rate_"
  bool scored = false;           // predicted and scored; otherwise only learned from
};

// A ranking to be made just before `t`; after all meetings where none is as late.
struct Ranked {
  std::string id;
  std::string kind;
  std::int64_t t = 0;
  std::string client_id;
  std::vector<std::string> concerns;  // what the client comes with; those of no meeting are left out
  std::vector<std::string> therapist_ids;
  std::vector<bool> accepted;  // the truth, in the order of therapist_ids
};

struct Replay {
  std::map<std::string, Features> clients;
  std::map<std::string, Features> therapists;
  std::vector<Meeting> meetings;  // by (t, place in the file)
  std::vector<Ranked> queries;    // by t
};

// Reads DIR/{clients,therapists,events}.csv and, where they are, DIR/{queries,truth}.csv. `split` names the
// column of events.csv whose value "test" marks what is scored. NOT_FOUND: a file is missing.
// INVALID_ARGUMENT: a file or a cell cannot be read, a person is not listed, an event or a query's candidate
// is there twice, there are more than kMostConcerns concerns; names the file and the line.
absl::StatusOr<Replay> ReadReplay(absl::string_view directory, absl::string_view split = "split");

// A folder has at most this many concerns.
constexpr std::size_t kMostConcerns = 200;

// Every facet that some meeting answers, sorted.
std::vector<std::string> FacetsOf(const Replay& replay);

}  // namespace rapport::evaluate

#endif  // RAPPORT_SERVICES_CLI_EVALUATE_REPLAY_H_
