// The metrics of the feedback service, in one table: whether what clients said reaches the matcher.
#ifndef RAPPORT_SERVICES_FEEDBACK_METRIC_NAMES_H_
#define RAPPORT_SERVICES_FEEDBACK_METRIC_NAMES_H_

#include "services/runtime/metrics.h"

namespace rapport::feedback {

inline constexpr runtime::MetricName kOutboxDepth = {"rapport_feedback_outbox_depth",
                                                     "Feedback kept that the matcher has not got yet."};
inline constexpr runtime::MetricName kOutboxOldestSeconds = {
    "rapport_feedback_outbox_oldest_seconds", "Age of the oldest of it, in seconds; 0 when there is none."};
inline constexpr runtime::MetricName kDelivered = {"rapport_feedback_delivered_total",
                                                   "Feedback that the matcher took."};
inline constexpr runtime::MetricName kPostponed = {
    "rapport_feedback_postponed_total", "Deliveries that failed and are tried again, each try counted."};
inline constexpr runtime::MetricName kRefused = {"rapport_feedback_refused_total",
                                                 "Feedback that the matcher refused for good."};

inline constexpr runtime::MetricName kRiskOutboxDepth = {"rapport_feedback_risk_outbox_depth",
                                                         "Notes of a risk that the matcher has not got yet."};
inline constexpr runtime::MetricName kRiskRefused = {
    "rapport_feedback_risk_refused_total",
    "Notes that a person must look first, or need not, that the matcher refused for good."};

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_METRIC_NAMES_H_
