#include "services/cli/evaluate/evaluate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace rapport::evaluate {
namespace {

std::string Show(const Estimate& estimate) {
  return absl::StrFormat("%.3f [%.3f, %.3f]", estimate.value, estimate.low, estimate.high);
}

double MeanHit(const std::vector<RankFigures>& figures) {
  double sum = 0;
  for (const RankFigures& one : figures) sum += one.hit_1;
  return sum / static_cast<double>(figures.size());
}

double MeanNdcg(const std::vector<RankFigures>& figures) {
  double sum = 0;
  for (const RankFigures& one : figures) sum += one.ndcg_5;
  return sum / static_cast<double>(figures.size());
}

// Whether a ranking can be right or wrong: both outcomes are there.
bool HasBoth(const Ranked& query) {
  const auto yes = std::count(query.accepted.begin(), query.accepted.end(), true);
  return yes > 0 && static_cast<std::size_t>(yes) < query.accepted.size();
}

template <int kTries>
double Within(const std::vector<Search>& searches) {
  double found = 0;
  for (const Search& search : searches) found += search.found && search.tries <= kTries ? 1 : 0;
  return found / static_cast<double>(searches.size());
}

double MeanTries(const std::vector<Search>& searches) {
  double tries = 0;
  for (const Search& search : searches) tries += search.tries;
  return tries / static_cast<double>(searches.size());
}

}  // namespace

bool AnythingToScore(const Replay& replay) {
  const bool any_meeting =
      std::any_of(replay.meetings.begin(), replay.meetings.end(), [](const Meeting& meeting) {
        return meeting.scored && (meeting.accepted || meeting.answers.contains("bond"));
      });
  return any_meeting || std::any_of(replay.queries.begin(), replay.queries.end(), HasBoth);
}

std::vector<Record> Run(const Replay& replay, const std::vector<std::unique_ptr<Learner>>& learners) {
  std::vector<Record> records(learners.size());
  for (std::size_t i = 0; i < learners.size(); ++i) records[i].name = learners[i]->name();
  absl::flat_hash_map<std::string, int> groups;
  const auto group_of = [&groups](const std::string& client_id) {
    return groups.try_emplace(client_id, static_cast<int>(groups.size())).first->second;
  };
  std::size_t query = 0;
  const auto rank_until = [&](std::int64_t t) {
    for (; query < replay.queries.size() && replay.queries[query].t <= t; ++query) {
      const Ranked& asked = replay.queries[query];
      if (!HasBoth(asked)) continue;
      for (std::size_t i = 0; i < learners.size(); ++i) {
        std::vector<double> scores;
        for (const std::string& therapist : asked.therapist_ids) {
          scores.push_back(learners[i]->Predict({asked.client_id, therapist, asked.concerns, {}}));
        }
        RankFigures figures = FiguresOf(scores, asked.accepted, query);
        figures.group = group_of(asked.client_id);
        records[i].rankings[asked.kind].push_back(figures);
      }
    }
  };
  bool any_scored = false;
  for (std::size_t begin = 0; begin < replay.meetings.size();) {
    std::size_t end = begin;
    bool scored = false;
    for (; end < replay.meetings.size() && replay.meetings[end].t == replay.meetings[begin].t; ++end) {
      scored = scored || replay.meetings[end].scored;
    }
    const bool first_scored = scored && !any_scored;
    any_scored = any_scored || scored;
    if (first_scored || begin == 0 || replay.meetings[begin].wave != replay.meetings[begin - 1].wave) {
      for (const auto& learner : learners) learner->StartWave();
    }
    rank_until(replay.meetings[begin].t);
    for (std::size_t m = begin; m < end; ++m) {
      const Meeting& meeting = replay.meetings[m];
      if (!meeting.scored) continue;
      const auto bond = meeting.answers.find("bond");
      for (std::size_t i = 0; i < learners.size(); ++i) {
        if (meeting.accepted) {
          records[i].outcomes.push_back(
              {learners[i]->Predict(meeting), *meeting.accepted, group_of(meeting.client_id)});
        }
        if (bond != meeting.answers.end()) {
          records[i].bonds.push_back(
              {bond->second - learners[i]->PredictBond(meeting), group_of(meeting.client_id)});
        }
      }
    }
    for (std::size_t m = begin; m < end; ++m) {
      for (const auto& learner : learners) learner->Learn(replay.meetings[m]);
    }
    begin = end;
  }
  rank_until(std::numeric_limits<std::int64_t>::max());  // those after all meetings
  return records;
}

std::vector<Record> EvaluateAll(const Replay& replay, const World& world) {
  std::vector<Record> records = Run(replay, AllLearners(world));
  const std::vector<std::unique_ptr<Learner>> learners = AllLearners(world);
  for (std::size_t i = 0; i < learners.size(); ++i) records[i].searches = TryAgain(replay, *learners[i]);
  return records;
}

std::string KnownBefore(const Replay& replay) {
  const MeetingWords words = WordsOf(replay);
  std::vector<std::string> columns;
  for (const auto& [column, norm] : words.circumstances) columns.push_back(column);
  if (words.concerns.empty() && columns.empty()) return {};
  constexpr std::size_t kMostNamed = 10;
  const std::size_t more = columns.size() - std::min(columns.size(), kMostNamed);
  columns.resize(columns.size() - more);
  if (more > 0) columns.push_back(absl::StrCat(more, " more"));
  return absl::StrCat("known before a meeting: ", words.concerns.size(),
                      words.concerns.size() == 1 ? " concern" : " concerns",
                      columns.empty() ? "" : absl::StrCat(", ", absl::StrJoin(columns, ", ")), "\n");
}

std::string ReportTable(const std::vector<Record>& records) {
  std::string table;
  for (const Record& record : records) {
    absl::StrAppendFormat(&table, "%s\n", record.name);
    const std::vector<Outcome>& outcomes = record.outcomes;
    if (!outcomes.empty()) {
      const Estimate auc = Bootstrap<Outcome>(outcomes, Auc);
      const std::string shown = std::isfinite(auc.value) ? absl::StrCat("AUC ", Show(auc), ", ") : "";
      absl::StrAppendFormat(&table, "  %d verdicts: %slog-loss %s, ECE %s\n", outcomes.size(), shown,
                            Show(Bootstrap<Outcome>(outcomes, LogLoss)),
                            Show(Bootstrap<Outcome>(outcomes, CalibrationError)));
    }
    for (const auto& [kind, figures] : record.rankings) {
      absl::StrAppendFormat(&table, "  %d %s rankings: NDCG@5 %s, hit@1 %s\n", figures.size(), kind,
                            Show(Bootstrap<RankFigures>(figures, MeanNdcg)),
                            Show(Bootstrap<RankFigures>(figures, MeanHit)));
    }
    if (!record.searches.empty()) {
      absl::StrAppendFormat(&table,
                            "  try another, %d searches: found at first %s, within three %s, tries %s\n",
                            record.searches.size(), Show(Bootstrap<Search>(record.searches, Within<1>)),
                            Show(Bootstrap<Search>(record.searches, Within<3>)),
                            Show(Bootstrap<Search>(record.searches, MeanTries)));
    }
    if (!record.bonds.empty()) {
      const Estimate error = Bootstrap<BondError>(record.bonds, RootMeanSquare);
      absl::StrAppendFormat(&table, "  %d bonds: RMSE %.4f [%.4f, %.4f]\n", record.bonds.size(), error.value,
                            error.low, error.high);
    }
  }
  return table;
}

std::string ReliabilityDiagram(const Record& record) {
  constexpr double kSide = 360, kMargin = 48;
  const auto x = [](double p) { return kMargin + kSide * p; };
  const auto y = [](double p) { return kMargin + kSide * (1 - p); };
  std::string svg = absl::StrFormat(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
      kSide + 2 * kMargin, kSide + 2 * kMargin);
  absl::StrAppendFormat(&svg, "<text x=\"%g\" y=\"24\" font-size=\"14\">%s: foretold and happened</text>\n",
                        kMargin, record.name);
  absl::StrAppendFormat(&svg,
                        "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"none\" stroke=\"#999\"/>\n"
                        "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"#999\" "
                        "stroke-dasharray=\"4\"/>\n",
                        x(0), y(1), kSide, kSide, x(0), y(0), x(1), y(1));
  for (const double tick : {0.0, .25, .5, .75, 1.0}) {
    absl::StrAppendFormat(&svg, "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%g</text>\n", x(tick),
                          y(0) + 18, tick);
    absl::StrAppendFormat(&svg, "<text x=\"%g\" y=\"%g\" text-anchor=\"end\">%g</text>\n", x(0) - 6,
                          y(tick) + 4, tick);
  }
  for (const Bin& bin : Reliability(record.outcomes)) {
    if (bin.count == 0) continue;
    const double spread = 1.96 * std::sqrt(bin.accepted * (1 - bin.accepted) / bin.count);
    absl::StrAppendFormat(&svg, "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"#3366aa\"/>\n",
                          x(bin.mean_p), y(std::fmin(1, bin.accepted + spread)), x(bin.mean_p),
                          y(std::fmax(0, bin.accepted - spread)));
    absl::StrAppendFormat(&svg,
                          "<circle cx=\"%g\" cy=\"%g\" r=\"5\" fill=\"#3366aa\"><title>%d meetings: foretold "
                          "%.3f, happened %.3f</title></circle>\n",
                          x(bin.mean_p), y(bin.accepted), bin.count, bin.mean_p, bin.accepted);
  }
  absl::StrAppend(&svg, "</svg>\n");
  return svg;
}

}  // namespace rapport::evaluate
