// Comparison of two rankings.
#include "services/cli/walkthrough/what_changed.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/table.h"

namespace rapport::cli {
namespace {

constexpr double kWorthTelling = .005;
constexpr size_t kTermsShown = 2;

int PlaceOf(const Candidates& candidates, const std::string& therapist_id) {
  for (int i = 0; i < candidates.size(); ++i) {
    if (candidates[i].therapist_id() == therapist_id) return i;
  }
  return -1;
}

}  // namespace

std::vector<MovedTerm> MovedTerms(const matcher::v1::Score& before, const matcher::v1::Score& after) {
  std::map<std::string, MovedTerm> terms;
  for (const auto& term : before.bond_terms()) {
    terms[term.code()].before += term.value();
    terms[term.code()].sentence = term.sentence();
  }
  for (const auto& term : after.bond_terms()) {
    terms[term.code()].after += term.value();
    terms[term.code()].sentence = term.sentence();
  }
  std::vector<MovedTerm> moved;
  for (auto& [code, term] : terms) {
    term.code = code;
    if (std::abs(term.after - term.before) >= kWorthTelling) moved.push_back(term);
  }
  std::stable_sort(moved.begin(), moved.end(), [](const MovedTerm& a, const MovedTerm& b) {
    return std::abs(a.after - a.before) > std::abs(b.after - b.before);
  });
  return moved;
}

void PrintWhatChanged(std::ostream& out, const Candidates& before, const Candidates& after, int shown) {
  Table table({{"now", Align::kRight},
               {"before", Align::kRight},
               {"therapist", Align::kLeft, 28},
               {"bond before"},
               {"bond now"}});
  for (int i = 0; i < std::min(shown, after.size()); ++i) {
    const int place = PlaceOf(before, after[i].therapist_id());
    table.Add({absl::StrCat(i + 1), place < 0 ? "–" : absl::StrCat(place + 1), after[i].display_name(),
               place < 0 ? "–" : Probability(before[place].score().p_bond()),
               Probability(after[i].score().p_bond())});
  }
  table.Print(out, 2);
  out << "\nWhy, in the terms of the sum (before → now):\n";
  for (int i = 0; i < std::min(shown, after.size()); ++i) {
    const int place = PlaceOf(before, after[i].therapist_id());
    if (place < 0) continue;
    out << "  " << after[i].display_name() << "\n";
    std::vector<MovedTerm> moved = MovedTerms(before[place].score(), after[i].score());
    if (moved.size() > kTermsShown) moved.resize(kTermsShown);
    for (const MovedTerm& term : moved) {
      Wrap(out, absl::StrCat(Signed(term.before), " → ", Signed(term.after), "  ", term.sentence), "    ",
           "                   ");
    }
  }
}

}  // namespace rapport::cli
