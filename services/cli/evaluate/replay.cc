#include "services/cli/evaluate/replay.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace rapport::evaluate {
namespace {

constexpr absl::string_view kAnswerPrefix = "rate_";
constexpr absl::string_view kRateBond = "rate_bond";  // without the prefix it would be a second "bond"
// Columns of meetings that name what they were about: words with a space between, or one number of a kind.
constexpr absl::string_view kConcern = "concern", kConcernKinds[] = {"dept", "service"};
// Columns of meetings that say when they were, not what was known of them.
constexpr absl::string_view kOrder[] = {"wave", "round"};
constexpr double kMostNumber = 1e9;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

// A CSV file of plain cells: the format has no quotes.
struct Table {
  std::string path;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> lines;  // of each row in the file, from 1

  // Place of a column, or nothing.
  std::optional<std::size_t> Find(absl::string_view column) const {
    const auto found = std::find(columns.begin(), columns.end(), column);
    if (found == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(found - columns.begin());
  }
  absl::Status Error(std::size_t row, absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(path, ":", lines[row], ": ", what));
  }
};

// A cell's number. NaN and infinity would spread into every figure.
absl::StatusOr<double> ToNumber(const Table& table, std::size_t row, const std::string& cell) {
  double value = 0;
  if (!absl::SimpleAtod(cell, &value) || !(std::abs(value) <= kMostNumber)) {
    return table.Error(row, absl::StrCat("\"", cell, "\" is not a number between -1e9 and 1e9"));
  }
  return value;
}

constexpr absl::string_view kVerdictExpected = "accepted is 0 or 1";

// A verdict: 0 or 1, or as programs write numbers where some are missing. Nothing where it is neither.
std::optional<bool> ToVerdict(absl::string_view cell) {
  if (cell == "1" || cell == "1.0") return true;
  if (cell == "0" || cell == "0.0") return false;
  return std::nullopt;
}

// NOT_FOUND: there is no such file. INVALID_ARGUMENT: it is not as the format says, or cannot be read.
absl::StatusOr<Table> ReadTable(absl::string_view directory, absl::string_view name,
                                const std::vector<std::string>& needed) {
  Table table;
  table.path = absl::StrCat(directory, "/", name);
  std::error_code unknown;
  if (!std::filesystem::exists(table.path, unknown) && !unknown) {
    return absl::NotFoundError(absl::StrCat(table.path, ": is not there"));
  }
  std::ifstream file(table.path);
  std::string line;
  if (!std::getline(file, line)) {
    return absl::InvalidArgumentError(absl::StrCat(table.path, ": cannot be read, or is empty"));
  }
  table.columns = absl::StrSplit(absl::StripSuffix(absl::StripPrefix(line, kByteOrderMark), "\r"), ',');
  for (auto column = table.columns.begin(); column != table.columns.end(); ++column) {
    if (std::find(table.columns.begin(), column, *column) != column) {
      return absl::InvalidArgumentError(
          absl::StrCat(table.path, ": column \"", *column, "\" is there twice"));
    }
  }
  for (const std::string& column : needed) {
    if (!table.Find(column)) {
      return absl::InvalidArgumentError(absl::StrCat(table.path, ": column \"", column, "\" is missing"));
    }
  }
  for (std::size_t number = 2; std::getline(file, line); ++number) {
    const absl::string_view cells = absl::StripSuffix(line, "\r");
    if (cells.empty()) continue;
    table.rows.push_back(absl::StrSplit(cells, ','));
    table.lines.push_back(number);
    if (table.rows.back().size() != table.columns.size()) {
      return table.Error(table.rows.size() - 1, absl::StrCat(table.columns.size(), " cells are expected"));
    }
  }
  if (file.bad()) return absl::InvalidArgumentError(absl::StrCat(table.path, ": cannot be read to its end"));
  return table;
}

absl::StatusOr<std::map<std::string, Features>> ReadPeople(absl::string_view directory,
                                                           absl::string_view name, const std::string& id) {
  const absl::StatusOr<Table> table = ReadTable(directory, name, {id});
  if (!table.ok()) return table.status();
  const std::size_t id_place = *table->Find(id);
  std::map<std::string, Features> people;
  for (std::size_t r = 0; r < table->rows.size(); ++r) {
    const std::vector<std::string>& row = table->rows[r];
    const auto [person, is_new] = people.try_emplace(row[id_place]);
    if (!is_new) return table->Error(r, absl::StrCat(id, " ", row[id_place], " is there twice"));
    Features& features = person->second;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i == id_place || row[i].empty()) continue;
      const absl::StatusOr<double> value = ToNumber(*table, r, row[i]);
      if (!value.ok()) return value.status();
      features[table->columns[i]] = *value;
    }
  }
  return people;
}

std::vector<std::string> ConcernsOf(const Table& table, const std::vector<std::string>& row) {
  std::set<std::string> concerns;
  if (const auto column = table.Find(kConcern)) {
    for (const absl::string_view word : absl::StrSplit(row[*column], ' ', absl::SkipEmpty())) {
      concerns.emplace(word);
    }
  }
  for (const absl::string_view kind : kConcernKinds) {
    const auto column = table.Find(kind);
    if (column && !row[*column].empty()) concerns.insert(absl::StrCat(kind, "_", row[*column]));
  }
  return {concerns.begin(), concerns.end()};
}

// Columns of events.csv that hold numbers which were known before each meeting: all that have no meaning of
// their own here and hold nothing but numbers between −1e9 and 1e9.
std::vector<std::size_t> CircumstanceColumns(const Table& table) {
  std::vector<std::size_t> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const absl::string_view column = table.columns[i];
    const auto is_one_of = [column](const auto& names) {
      return std::find(std::begin(names), std::end(names), column) != std::end(names);
    };
    constexpr absl::string_view kOwn[] = {"event_id", "t", "client_id", "therapist_id", "accepted", "bond"};
    if (column.empty() || is_one_of(kOwn) || is_one_of(kOrder) || is_one_of(kConcernKinds) ||
        column == kConcern || absl::StartsWith(column, kAnswerPrefix) || absl::StartsWith(column, "split")) {
      continue;
    }
    if (std::all_of(table.rows.begin(), table.rows.end(), [i](const std::vector<std::string>& row) {
          double value = 0;
          return row[i].empty() || (absl::SimpleAtod(row[i], &value) && std::abs(value) <= kMostNumber);
        })) {
      columns.push_back(i);
    }
  }
  return columns;
}

absl::Status ReadMeetings(absl::string_view directory, absl::string_view split, Replay& replay) {
  const absl::StatusOr<Table> table =
      ReadTable(directory, "events.csv", {"event_id", "t", "client_id", "therapist_id", std::string(split)});
  if (!table.ok()) return table.status();
  if (table->Find(kRateBond)) {
    return absl::InvalidArgumentError(
        absl::StrCat(table->path, ": there is a column \"", kRateBond, "\": the bond stands in \"bond\""));
  }
  const std::size_t id = *table->Find("event_id"), t = *table->Find("t"), client = *table->Find("client_id"),
                    therapist = *table->Find("therapist_id"), split_place = *table->Find(split);
  const auto wave = table->Find("wave"), accepted = table->Find("accepted");
  const std::vector<std::size_t> circumstances = CircumstanceColumns(*table);
  absl::flat_hash_set<absl::string_view> seen;
  std::set<std::string> concerns;
  for (std::size_t r = 0; r < table->rows.size(); ++r) {
    const std::vector<std::string>& row = table->rows[r];
    if (!seen.insert(row[id]).second)
      return table->Error(r, absl::StrCat("event_id ", row[id], " is there twice"));
    Meeting meeting;
    meeting.id = row[id];
    meeting.client_id = row[client];
    meeting.therapist_id = row[therapist];
    meeting.scored = row[split_place] == "test";
    if (wave) meeting.wave = row[*wave];
    if (!absl::SimpleAtoi(row[t], &meeting.t)) return table->Error(r, "t is not a whole number");
    if (!replay.clients.contains(meeting.client_id) || !replay.therapists.contains(meeting.therapist_id)) {
      return table->Error(r, "the client or the therapist is not listed");
    }
    if (accepted && !row[*accepted].empty()) {
      meeting.accepted = ToVerdict(row[*accepted]);
      if (!meeting.accepted) return table->Error(r, kVerdictExpected);
    }
    for (const std::size_t i : circumstances) {
      if (row[i].empty()) continue;
      const absl::StatusOr<double> value = ToNumber(*table, r, row[i]);
      if (!value.ok()) return value.status();
      meeting.circumstances[table->columns[i]] = *value;
    }
    meeting.concerns = ConcernsOf(*table, row);
    concerns.insert(meeting.concerns.begin(), meeting.concerns.end());
    if (concerns.size() > kMostConcerns) {
      return table->Error(r, absl::StrCat("there are more than ", kMostConcerns, " concerns"));
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      const absl::string_view column = table->columns[i];
      if (row[i].empty() || !(column == "bond" || absl::StartsWith(column, kAnswerPrefix))) continue;
      const absl::StatusOr<double> value = ToNumber(*table, r, row[i]);
      if (!value.ok()) return value.status();
      if (!(*value >= 0 && *value <= 10)) {
        return table->Error(r, absl::StrCat(column, " is from 0 to 10: bring other scales to that first"));
      }
      meeting.answers[std::string(absl::StripPrefix(column, kAnswerPrefix))] = *value;
    }
    replay.meetings.push_back(std::move(meeting));
  }
  std::stable_sort(replay.meetings.begin(), replay.meetings.end(),
                   [](const Meeting& a, const Meeting& b) { return a.t < b.t; });
  return absl::OkStatus();
}

absl::Status ReadQueries(absl::string_view directory, Replay& replay) {
  const absl::StatusOr<Table> table =
      ReadTable(directory, "queries.csv", {"query_id", "kind", "t", "client_id", "candidates"});
  if (absl::IsNotFound(table.status())) return absl::OkStatus();
  if (!table.ok()) return table.status();
  const absl::StatusOr<Table> truth =
      ReadTable(directory, "truth.csv", {"query_id", "therapist_id", "accepted"});
  if (!truth.ok()) return truth.status();
  absl::flat_hash_map<std::pair<std::string, std::string>, bool> accepted;
  for (std::size_t r = 0; r < truth->rows.size(); ++r) {
    const std::vector<std::string>& row = truth->rows[r];
    const std::pair key(row[*truth->Find("query_id")], row[*truth->Find("therapist_id")]);
    const std::optional<bool> verdict = ToVerdict(row[*truth->Find("accepted")]);
    if (!verdict) return truth->Error(r, kVerdictExpected);
    if (!accepted.emplace(key, *verdict).second) {
      return truth->Error(r, absl::StrCat("query ", key.first, " has therapist ", key.second, " twice"));
    }
  }
  absl::flat_hash_set<absl::string_view> seen;
  for (std::size_t r = 0; r < table->rows.size(); ++r) {
    const std::vector<std::string>& row = table->rows[r];
    Ranked query;
    query.id = row[*table->Find("query_id")];
    if (!seen.insert(row[*table->Find("query_id")]).second)
      return table->Error(r, absl::StrCat("query_id ", query.id, " is there twice"));
    query.kind = row[*table->Find("kind")];
    query.client_id = row[*table->Find("client_id")];
    query.concerns = ConcernsOf(*table, row);
    if (!absl::SimpleAtoi(row[*table->Find("t")], &query.t)) {
      return table->Error(r, "t is not a whole number");
    }
    if (!replay.clients.contains(query.client_id)) return table->Error(r, "the client is not listed");
    absl::flat_hash_set<absl::string_view> candidates;
    for (const absl::string_view therapist :
         absl::StrSplit(row[*table->Find("candidates")], ' ', absl::SkipEmpty())) {
      const auto outcome = accepted.find(std::pair(query.id, std::string(therapist)));
      if (outcome == accepted.end() || !replay.therapists.contains(std::string(therapist))) {
        return table->Error(r, absl::StrCat("candidate ", therapist, " has no truth, or is not listed"));
      }
      if (!candidates.insert(therapist).second) {
        return table->Error(r, absl::StrCat("candidate ", therapist, " is there twice"));
      }
      query.therapist_ids.emplace_back(therapist);
      query.accepted.push_back(outcome->second);
    }
    replay.queries.push_back(std::move(query));
  }
  std::stable_sort(replay.queries.begin(), replay.queries.end(),
                   [](const Ranked& a, const Ranked& b) { return a.t < b.t; });
  return absl::OkStatus();
}

}  // namespace

std::vector<std::string> FacetsOf(const Replay& replay) {
  std::set<std::string> facets;
  for (const Meeting& meeting : replay.meetings) {
    for (const auto& [id, value] : meeting.answers) {
      if (id != "bond") facets.insert(id);
    }
  }
  return {facets.begin(), facets.end()};
}

absl::StatusOr<Replay> ReadReplay(absl::string_view directory, absl::string_view split) {
  Replay replay;
  absl::StatusOr<std::map<std::string, Features>> clients = ReadPeople(directory, "clients.csv", "client_id");
  if (!clients.ok()) return clients.status();
  replay.clients = *std::move(clients);
  absl::StatusOr<std::map<std::string, Features>> therapists =
      ReadPeople(directory, "therapists.csv", "therapist_id");
  if (!therapists.ok()) return therapists.status();
  replay.therapists = *std::move(therapists);
  if (absl::Status status = ReadMeetings(directory, split, replay); !status.ok()) return status;
  if (absl::Status status = ReadQueries(directory, replay); !status.ok()) return status;
  return replay;
}

}  // namespace rapport::evaluate
