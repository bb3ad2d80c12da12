// A rule's verdict on one therapist in words that a coordinator can read to a client.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_SENTENCES_H_
#define RAPPORT_MATCHER_ELIGIBILITY_SENTENCES_H_

#include <string>

#include "matcher/domain/catalog.h"
#include "matcher/domain/therapist.h"
#include "matcher/eligibility/rules.h"

namespace rapport::matcher {

// What `rule` found, in one clause without a full stop: "licensed in US-MA on 2026-11-22", "14.2 km away,
// limit 20 km". `passed` must be Passes(rule, query, listing). Words not in `catalog` (none, where the
// profile was checked against it) are shown as "#" and their number.
std::string RuleSentence(Rule rule, const Catalog& catalog, const Query& query, const Listing& listing,
                         bool passed);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_SENTENCES_H_
