// Layout of explanations. The sums shown are added up here from the terms, beside what the server says they
// are.
#include "services/cli/views/explanation.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/rules.h"
#include "services/cli/views/shortlist.h"
#include "services/cli/views/table.h"

namespace rapport::cli {
namespace {

std::string Exact(double value) {
  return absl::StrFormat("%+.4f", value);
}

void PrintSum(std::ostream& out, const google::protobuf::RepeatedPtrField<matcher::v1::Term>& terms,
              absl::string_view name) {
  Table table({{"", Align::kRight}, {"", Align::kLeft}, {"", Align::kLeft, 64}});
  double sum = 0;
  for (const auto& term : terms) {
    sum += term.value();
    table.Add({Exact(term.value()), term.code(), term.sentence()});
  }
  table.Add({"= " + Exact(sum), std::string(name), ""});
  table.Print(out, 2);
}

}  // namespace

void PrintExplanation(std::ostream& out, const matcher::v1::ExplainMatchResponse& explanation) {
  const auto& candidate = explanation.candidate();
  const auto& score = candidate.score();
  out << NameOf(candidate) << " (" << candidate.therapist_id() << "): "
      << (explanation.eligible() ? "passes every rule" : "does not pass every rule, so is never proposed")
      << "\n\nRules\n";
  Table rules({{""}, {""}, {"", Align::kLeft, 76}});
  for (const auto& verdict : explanation.rules()) {
    rules.Add({verdict.passed() ? "✓" : "✗", RuleName(verdict.rule()), verdict.sentence()});
  }
  rules.Print(out, 2);
  out << "\nProbability of a good bond: " << Probability(score.p_good()) << " "
      << Interval(score.p_good_low(), score.p_good_high()) << " = reach " << Probability(score.p_reach())
      << " × start " << Probability(score.p_start()) << " × bond " << Probability(score.p_bond()) << "\n";
  if (!explanation.eligible()) out << "(It would count only if every rule were passed.)\n";
  out << "\nThe score, in logarithms\n";
  PrintSum(out, score.terms(), "score");
  out << "\nThe bond, in units of the spread between sessions\n";
  PrintSum(out, score.bond_terms(), "mean of the bond");
  out << "  with variance " << absl::StrFormat("%.4f", score.bond_variance()) << ", so the bond is "
      << Probability(score.p_bond()) << " " << Interval(score.p_bond_low(), score.p_bond_high()) << "\n";
  const auto& evidence = candidate.evidence();
  out << "\nIt rests on " << Grouped(evidence.therapist_fit_checks()) << " fit checks of "
      << Grouped(evidence.therapist_clients()) << " clients about this therapist, "
      << Grouped(evidence.client_fit_checks()) << " of this client, and " << Grouped(evidence.offers())
      << " offers.\n";
}

}  // namespace rapport::cli
