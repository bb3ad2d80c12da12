// Feedback that was kept: what it says, and whether the matcher has heard it.
#ifndef RAPPORT_SERVICES_CLI_VIEWS_FEEDBACK_H_
#define RAPPORT_SERVICES_CLI_VIEWS_FEEDBACK_H_

#include <cstdint>
#include <ostream>
#include <string>

#include "google/protobuf/repeated_field.h"
#include "rapport/feedback/v1/feedback.pb.h"

namespace rapport::cli {

// What became of the lesson in feedback just recorded. `position`: from which rankings know it; 0: not known.
std::string DeliveryInWords(feedback::v1::Delivery delivery, int64_t position);

// A table; below it, why the matcher refused what it refused.
void PrintFeedback(std::ostream& out,
                   const google::protobuf::RepeatedPtrField<feedback::v1::Feedback>& feedback);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_VIEWS_FEEDBACK_H_
