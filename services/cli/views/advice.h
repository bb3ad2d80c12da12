// Advice after a session, as words and the numbers behind them.
#ifndef RAPPORT_SERVICES_CLI_VIEWS_ADVICE_H_
#define RAPPORT_SERVICES_CLI_VIEWS_ADVICE_H_

#include <ostream>

#include "rapport/matcher/v1/matcher.pb.h"

namespace rapport::cli {

void PrintAdvice(std::ostream& out, const matcher::v1::Advice& advice);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_VIEWS_ADVICE_H_
