// The RPCs of this service by their full names: for metrics, logs and the request ledger.
#ifndef RAPPORT_SERVICES_FEEDBACK_METHODS_H_
#define RAPPORT_SERVICES_FEEDBACK_METHODS_H_

#include "services/runtime/rpc.h"

namespace rapport::feedback {

inline constexpr char kServiceName[] = "rapport.feedback.v1.FeedbackService";
inline constexpr runtime::Method kRecordFitCheck{"rapport.feedback.v1.FeedbackService/RecordFitCheck"};
inline constexpr runtime::Method kRecordInstrument{"rapport.feedback.v1.FeedbackService/RecordInstrument"};
inline constexpr runtime::Method kListFeedback{"rapport.feedback.v1.FeedbackService/ListFeedback"};

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_METHODS_H_
