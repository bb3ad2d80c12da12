// One pair in full: every rule, and both sums with all their terms.
#ifndef RAPPORT_SERVICES_CLI_VIEWS_EXPLANATION_H_
#define RAPPORT_SERVICES_CLI_VIEWS_EXPLANATION_H_

#include <ostream>

#include "rapport/matcher/v1/matcher.pb.h"

namespace rapport::cli {

void PrintExplanation(std::ostream& out, const matcher::v1::ExplainMatchResponse& explanation);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_VIEWS_EXPLANATION_H_
