// One sentence a rule.
#include "services/cli/views/rules.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "services/cli/import/cell_values.h"
#include "services/cli/views/numbers.h"

namespace rapport::cli {

std::string WhyExcluded(matcher::v1::Rule rule, const matcher::v1::Needs& needs) {
  auto any_of = [](const auto& words) { return absl::StrJoin(words, " or "); };
  switch (rule) {
    case matcher::v1::RULE_LICENCE:
      return absl::StrCat("not licensed in ", needs.location().region());
    case matcher::v1::RULE_ALREADY_TRIED:
      return "already tried by this client";
    case matcher::v1::RULE_EXCLUDED_BY_CLIENT:
      return "left out on request";
    case matcher::v1::RULE_CONCERN_DECLINED:
      return absl::StrCat("do not take ", any_of(needs.concerns()));
    case matcher::v1::RULE_AGE_GROUP:
      return absl::StrCat("do not treat this age group (", needs.age_group(), ")");
    case matcher::v1::RULE_FORMAT:
      return absl::StrCat("do not offer this format (", needs.format(), ")");
    case matcher::v1::RULE_LANGUAGE:
      return absl::StrCat("do not speak ", any_of(needs.languages()));
    case matcher::v1::RULE_PAYER:
      return absl::StrCat("do not accept ", any_of(needs.payers()));
    case matcher::v1::RULE_MODALITY:
      return absl::StrCat("do not meet by ", any_of(needs.modalities()));
    case matcher::v1::RULE_DISTANCE:
      if (!needs.location().has_latitude()) {
        return "at a distance unknown: the client's coordinates are missing";
      }
      return absl::StrCat("farther than ", Kilometres(needs.max_distance_km()), ", or place not known");
    case matcher::v1::RULE_HOURS:
      return "no hour of the week in common, or hours not known";
    case matcher::v1::RULE_FEE:
      return absl::StrCat("fee above ", FormatMoney(needs.max_fee()), ", in another currency, or not known");
    case matcher::v1::RULE_REQUIRED_TAG:
      return absl::StrCat("do not state ", absl::StrJoin(needs.required_tags(), " and "));
    case matcher::v1::RULE_EXCLUDED_TAG:
      return absl::StrCat("state ", any_of(needs.excluded_tags()));
    case matcher::v1::RULE_SEAT:
      return "no free seat";
    case matcher::v1::RULE_CONFIRMED:
      return "not confirmed recently enough";
    default:
      return RuleName(rule);
  }
}

std::string RuleName(matcher::v1::Rule rule) {
  std::string name = absl::AsciiStrToLower(matcher::v1::Rule_Name(rule));
  return absl::StrReplaceAll(name.substr(name.find('_') + 1), {{"_", " "}});
}

}  // namespace rapport::cli
