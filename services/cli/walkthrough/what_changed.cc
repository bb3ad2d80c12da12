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

// Takes out the terms that moved in the same way in every list that is not empty.
std::vector<MovedTerm> TakeCommon(std::vector<std::vector<MovedTerm>>& lists) {
  auto find = [](const std::vector<MovedTerm>& list, const MovedTerm& term) {
    return std::find_if(list.begin(), list.end(), [&](const MovedTerm& other) {
      return other.code == term.code && std::abs(other.before - term.before) < kWorthTelling &&
             std::abs(other.after - term.after) < kWorthTelling;
    });
  };
  std::vector<MovedTerm> common;
  const auto first = std::find_if(lists.begin(), lists.end(), [](const auto& list) { return !list.empty(); });
  if (first == lists.end()) return common;
  for (const MovedTerm& term : *first) {
    const bool in_all = std::all_of(
        first, lists.end(), [&](const auto& list) { return list.empty() || find(list, term) != list.end(); });
    if (in_all) common.push_back(term);
  }
  for (const MovedTerm& term : common) {
    for (auto& list : lists) {
      if (!list.empty()) list.erase(find(list, term));
    }
  }
  return common;
}

void PrintTerms(std::ostream& out, const std::vector<MovedTerm>& terms) {
  for (size_t i = 0; i < std::min(kTermsShown, terms.size()); ++i) {
    const std::string moved =
        absl::StrCat("    ", Signed(terms[i].before), " → ", Signed(terms[i].after), "  ");
    Wrap(out, terms[i].sentence, moved, std::string(Width(moved), ' '));
  }
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
  shown = std::min(shown, after.size());
  for (int i = 0; i < shown; ++i) {
    const int place = PlaceOf(before, after[i].therapist_id());
    table.Add({absl::StrCat(i + 1), place < 0 ? "–" : absl::StrCat(place + 1), after[i].display_name(),
               place < 0 ? "–" : Probability(before[place].score().p_bond()),
               Probability(after[i].score().p_bond())});
  }
  table.Print(out, 2);
  std::vector<std::vector<MovedTerm>> moved;
  for (int i = 0; i < shown; ++i) {
    const int place = PlaceOf(before, after[i].therapist_id());
    moved.push_back(place < 0 ? std::vector<MovedTerm>()
                              : MovedTerms(before[place].score(), after[i].score()));
  }
  const std::vector<MovedTerm> common = TakeCommon(moved);
  out << "\nWhy, in the terms of the bond (before → now):\n";
  if (!common.empty()) {
    out << "  everybody alike, so it moves nobody's place\n";
    PrintTerms(out, common);
  }
  for (int i = 0; i < shown; ++i) {
    if (moved[i].empty()) continue;
    out << "  " << after[i].display_name() << "\n";
    PrintTerms(out, moved[i]);
  }
}

}  // namespace rapport::cli
