// Layout of feedback.
#include "services/cli/views/feedback.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "services/cli/import/cell_values.h"
#include "services/cli/views/numbers.h"
#include "services/cli/views/table.h"

namespace rapport::cli {
namespace {

std::string Spoken(absl::string_view enum_name, absl::string_view prefix) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(absl::StripPrefix(enum_name, prefix)), {{"_", " "}});
}

std::string InWords(const google::protobuf::RepeatedPtrField<matcher::v1::Answer>& answers) {
  return absl::StrJoin(answers, " ", [](std::string* out, const matcher::v1::Answer& answer) {
    absl::StrAppend(out, answer.id(), "=", FormatNumber(answer.value()));
  });
}

std::string InWords(const feedback::v1::FitCheck& check) {
  std::string says = Spoken(matcher::v1::Verdict_Name(check.verdict()), "VERDICT_");
  for (const std::string& part :
       {InWords(check.answers()), InWords(check.facets()), absl::StrJoin(check.frictions(), " ")}) {
    if (!part.empty()) absl::StrAppend(&says, " ", part);
  }
  return says;
}

}  // namespace

std::string DeliveryInWords(feedback::v1::Delivery delivery, int64_t position) {
  switch (delivery) {
    case feedback::v1::DELIVERY_DELIVERED:
      return position == 0 ? "the matcher has learned from it"
                           : absl::StrCat("the matcher has learned from it (position ", position, ")");
    case feedback::v1::DELIVERY_PENDING:
      return "kept; the matcher has not heard it yet: wait before try-another, or the next shortlist does "
             "not know it";
    case feedback::v1::DELIVERY_REFUSED:
      return "kept; the matcher refused it (rapport feedback list says why)";
    case feedback::v1::DELIVERY_NOT_NEEDED:
      return "kept; the matcher does not learn from this scale";
    default:
      return "kept";
  }
}

void PrintFeedback(std::ostream& out,
                   const google::protobuf::RepeatedPtrField<feedback::v1::Feedback>& feedback) {
  Table table({{"recorded"}, {"client"}, {"therapist"}, {"delivery"}, {"says", Align::kLeft, 48}});
  for (const feedback::v1::Feedback& item : feedback) {
    const std::string delivery = Spoken(feedback::v1::Delivery_Name(item.delivery()), "DELIVERY_");
    if (item.has_fit_check()) {
      const feedback::v1::FitCheck& check = item.fit_check();
      table.Add(
          {Moment(item.recorded_at()), check.client_id(), check.therapist_id(), delivery, InWords(check)});
    } else {
      const feedback::v1::InstrumentScores& scores = item.instrument();
      table.Add({Moment(item.recorded_at()), scores.client_id(), scores.therapist_id(), delivery,
                 absl::StrCat(scores.instrument(), " ", InWords(scores.scores()))});
    }
  }
  table.Print(out);
  for (const feedback::v1::Feedback& item : feedback) {
    if (item.delivery() != feedback::v1::DELIVERY_REFUSED) continue;
    Wrap(out,
         absl::StrCat("refused by the matcher, ", Moment(item.recorded_at()), ", ",
                      item.has_fit_check() ? item.fit_check().client_id() : item.instrument().client_id(),
                      ": ", item.delivery_error()),
         "", "  ");
  }
}

}  // namespace rapport::cli
