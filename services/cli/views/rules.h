// The hard rules in words, for sentences that begin with a number of therapists.
#ifndef RAPPORT_SERVICES_CLI_VIEWS_RULES_H_
#define RAPPORT_SERVICES_CLI_VIEWS_RULES_H_

#include <string>

#include "rapport/matcher/v1/matcher.pb.h"
#include "rapport/matcher/v1/needs.pb.h"

namespace rapport::cli {

// What those excluded by `rule` lack, after "214": "not licensed in US-MA".
std::string WhyExcluded(matcher::v1::Rule rule, const matcher::v1::Needs& needs);

// The rule's name: "licence", "already tried".
std::string RuleName(matcher::v1::Rule rule);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_VIEWS_RULES_H_
