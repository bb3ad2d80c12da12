// Layout of explanations. The sums shown are added up here from the terms, beside what the server says they
// are.
#include "services/cli/views/explanation.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_format.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/rules.h"
#include "services/cli/views/shortlist.h"
#include "services/cli/views/table.h"

namespace rapport::cli {
namespace {

std::string Exact(double value) {
  return absl::StrFormat("%+.4f", value == 0 ? 0. : value);  // no "-0.0000"
}

void PrintSum(std::ostream& out, const google::protobuf::RepeatedPtrField<matcher::v1::Term>& terms,
              absl::string_view name) {
  int code_width = 0;
  for (const auto& term : terms) code_width = std::max(code_width, static_cast<int>(term.code().size()));
  double sum = 0;
  for (const auto& term : terms) {
    sum += term.value();
    const std::string before =
        absl::StrFormat("    %s  %-*s  ", Exact(term.value()), code_width, term.code());
    Wrap(out, term.sentence(), before, std::string(before.size(), ' '));
  }
  out << "  = " << Exact(sum) << "  " << name << "\n";
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
  out << "\nIt rests on " << Counted(evidence.therapist_fit_checks(), "fit check") << " of "
      << Counted(evidence.therapist_clients(), "client") << " about this therapist, "
      << Counted(evidence.client_fit_checks(), "fit check") << " of this client, and "
      << Counted(evidence.offers(), "offer") << ".\n";
}

}  // namespace rapport::cli
