// Layout of shortlists.
#include "services/cli/views/shortlist.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/rules.h"
#include "services/cli/views/table.h"

namespace rapport::cli {
namespace {

constexpr int kReasonsShown = 3;

}  // namespace

intake::v1::Shortlist AsShortlist(const matcher::v1::RankTherapistsResponse& ranking) {
  intake::v1::Shortlist shortlist;
  *shortlist.mutable_candidates() = ranking.candidates();
  shortlist.set_therapists(ranking.therapists());
  shortlist.set_eligible(ranking.eligible());
  *shortlist.mutable_exclusions() = ranking.exclusions();
  *shortlist.mutable_relaxations() = ranking.relaxations();
  *shortlist.mutable_state() = ranking.state();
  *shortlist.mutable_learned() = ranking.learned();
  return shortlist;
}

// Of the table's id column.
constexpr std::size_t kIdWidth = 10;

std::string NameOf(const matcher::v1::Candidate& candidate) {
  if (candidate.title().empty()) return candidate.display_name();
  return absl::StrCat(candidate.display_name(), ", ", candidate.title());
}

void PrintCandidates(std::ostream& out, const intake::v1::Shortlist& shortlist) {
  Table table({{"#", Align::kRight},
               {"therapist", Align::kLeft, 18},
               {"id", Align::kLeft, kIdWidth},
               {"good bond"},
               {"reach"},
               {"start"},
               {"bond"},
               {"wait"},
               {"way", Align::kRight},
               {"seats", Align::kRight},
               {"clients", Align::kRight}});
  int rank = 0;
  for (const auto& candidate : shortlist.candidates()) {
    const auto& score = candidate.score();
    table.Add(
        {absl::StrCat(++rank), candidate.display_name(), candidate.therapist_id(),
         absl::StrCat(Probability(score.p_good()), " ", Interval(score.p_good_low(), score.p_good_high())),
         Probability(score.p_reach()), Probability(score.p_start()), Probability(score.p_bond()),
         Weeks(candidate.wait_weeks()),
         candidate.has_distance_km() ? Kilometres(candidate.distance_km()) : "–",
         absl::StrCat(candidate.seats_free()), Grouped(candidate.evidence().therapist_clients())});
  }
  table.Print(out);
}

void PrintReasons(std::ostream& out, const intake::v1::Shortlist& shortlist) {
  int rank = 0;
  for (const auto& candidate : shortlist.candidates()) {
    out << ++rank << "  " << NameOf(candidate);
    // Whoever goes on with them needs all of it.
    if (Width(candidate.therapist_id()) > kIdWidth) out << "  " << candidate.therapist_id();
    out << "\n";
    const int shown = std::min(kReasonsShown, candidate.sentences_size());
    for (int i = 0; i < shown; ++i) Wrap(out, candidate.sentences(i), "   ", "     ");
  }
}

void PrintOthers(std::ostream& out, const intake::v1::Shortlist& shortlist, const matcher::v1::Needs& needs) {
  out << "Of " << Grouped(shortlist.therapists()) << " therapists, " << Grouped(shortlist.eligible())
      << (shortlist.eligible() == 1 ? " passes" : " pass")
      << " every rule. The others, by the first rule they miss:\n";
  Table exclusions({{"", Align::kRight}, {"", Align::kLeft}});
  for (const auto& exclusion : shortlist.exclusions()) {
    if (exclusion.therapists() == 0) continue;
    std::string why = WhyExcluded(exclusion.rule(), needs);
    if (exclusion.only_this_rule() > 0) {
      absl::StrAppend(&why, " (", Grouped(exclusion.only_this_rule()), " for this alone)");
    }
    exclusions.Add({Grouped(exclusion.therapists()), why});
  }
  exclusions.Print(out, 2);
  if (shortlist.relaxations().empty()) return;
  out << "What giving up one rule would bring:\n";
  for (const auto& relaxation : shortlist.relaxations()) Wrap(out, relaxation.sentence(), "  - ", "    ");
}

void PrintPlan(std::ostream& out, const matcher::v1::RankTherapistsResponse& ranking) {
  out << "Tried one after another, at least one is a good bond with probability "
      << Probability(ranking.at_least_one_good()) << ".\n\n";
}

void PrintShortlist(std::ostream& out, const intake::v1::Shortlist& shortlist,
                    const matcher::v1::Needs& needs) {
  for (const std::string& sentence : shortlist.learned()) Wrap(out, sentence, "Learned: ", "         ");
  if (!shortlist.learned().empty()) out << "\n";
  if (shortlist.candidates().empty()) {
    out << "Nobody passes every rule.\n";
  } else {
    PrintCandidates(out, shortlist);
    out << "\n";
    PrintReasons(out, shortlist);
  }
  out << "\n";
  PrintOthers(out, shortlist, needs);
}

}  // namespace rapport::cli
