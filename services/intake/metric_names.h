// Intake's metrics, in one table.
#ifndef RAPPORT_SERVICES_INTAKE_METRIC_NAMES_H_
#define RAPPORT_SERVICES_INTAKE_METRIC_NAMES_H_

#include "services/runtime/metrics.h"

namespace rapport::intake {

// Labels from and to: states, "NONE" before the first.
inline constexpr runtime::MetricName kTransitions = {"rapport_intake_transitions_total",
                                                     "Writes of referrals, by state before and after."};
inline constexpr runtime::MetricName kWaiting = {"rapport_intake_submitted_waiting",
                                                 "Referrals that wait for a ranking."};
// Label code: the matcher's status.
inline constexpr runtime::MetricName kRankingFailures = {"rapport_intake_ranking_failures_total",
                                                         "Rankings that the matcher did not give, by code."};
// Label topic.
inline constexpr runtime::MetricName kOutboxDepth = {"rapport_intake_outbox_depth",
                                                     "Notices to the matcher not delivered yet."};
inline constexpr runtime::MetricName kOutboxRefused = {"rapport_intake_outbox_refused_total",
                                                       "Notices that the matcher will never take."};
inline constexpr runtime::MetricName kWatchers = {"rapport_intake_watchers",
                                                  "Streams of WatchReferral open now."};

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_METRIC_NAMES_H_
