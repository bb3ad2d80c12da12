// What amounts of money are written in: profiles and needs hold minor units, people read major ones.
#ifndef RAPPORT_MATCHER_DOMAIN_CURRENCY_H_
#define RAPPORT_MATCHER_DOMAIN_CURRENCY_H_

#include "absl/strings/string_view.h"

namespace rapport::matcher {

// Decimal places of a currency's minor unit, by its code "USD" (ISO 4217, list one): 2 but for those that
// differ.
int DecimalPlaces(absl::string_view currency);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_DOMAIN_CURRENCY_H_
