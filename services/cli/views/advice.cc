// Layout of advice.
#include "services/cli/views/advice.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/table.h"

namespace rapport::cli {
namespace {

const char* InWords(matcher::v1::NextStep step) {
  switch (step) {
    case matcher::v1::NEXT_STEP_STAY:
      return "Stay";
    case matcher::v1::NEXT_STEP_TALK_IT_THROUGH:
      return "Talk it through";
    case matcher::v1::NEXT_STEP_TRY_ANOTHER:
      return "Try another";
    default:
      return "No advice";
  }
}

}  // namespace

void PrintAdvice(std::ostream& out, const matcher::v1::Advice& advice) {
  out << "Advice: " << InWords(advice.next_step()) << " (" << absl::StrReplaceAll(advice.rule(), {{"_", " "}})
      << ")\n";
  for (const std::string& sentence : advice.sentences()) Wrap(out, sentence, "  ", "  ");
  // Two kinds of figure: the present place is held, one elsewhere has to be given and taken up first.
  Table table({{""}, {""}});
  table.Add({"bond where the client is",
             absl::StrCat(Probability(advice.p_bond_if_stay()), " ",
                          Interval(advice.p_bond_if_stay_low(), advice.p_bond_if_stay_high()))});
  if (advice.alternative_therapist_id().empty()) {
    table.Add({"best other therapist", "nobody is eligible now"});
  } else {
    table.Add({"best other therapist", advice.alternative_therapist_id()});
    table.Add({"a place, a start and a bond there", Probability(advice.p_good_of_alternative())});
    table.Add({"a place with one of the best others", Probability(advice.p_place_given())});
    table.Add({"cost of switching, a place given", Probability(advice.switch_cost())});
    table.Add({"expected gain, cost deducted", Signed(advice.gain())});
  }
  table.Print(out, 2);
  if (!advice.alternative_therapist_id().empty()) {
    Wrap(out,
         "(The two probabilities are not alike: where the client is, the place is held; elsewhere one has to "
         "be "
         "given and taken up first. A bond there, once a place is given, stands in the sentences above.)",
         "  ", "  ");
  }
}

}  // namespace rapport::cli
