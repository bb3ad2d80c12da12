// The matcher's metrics, in one table.
#ifndef RAPPORT_SERVICES_MATCHER_METRIC_NAMES_H_
#define RAPPORT_SERVICES_MATCHER_METRIC_NAMES_H_

#include <vector>

#include "services/runtime/metrics.h"

namespace rapport::matcher_service {

inline constexpr runtime::MetricName kShortlistSize = {"rapport_matcher_shortlist_size",
                                                       "Therapists on a shortlist; 0: nobody was eligible."};
inline constexpr runtime::MetricName kCandidatesScored = {"rapport_matcher_candidates_scored",
                                                          "Eligible therapists scored for a shortlist."};
// Label rule.
inline constexpr runtime::MetricName kExclusions = {
    "rapport_matcher_exclusions_total", "Therapists excluded from shortlists, by the first rule failed."};

inline const std::vector<double> kCountBounds = {0,   1,   3,     5,      10,      30,
                                                 100, 300, 1'000, 10'000, 100'000, 1'000'000};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_METRIC_NAMES_H_
