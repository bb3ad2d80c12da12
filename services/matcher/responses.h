// From a decision to its answer, and back from the bytes under which answers are remembered.
#ifndef RAPPORT_SERVICES_MATCHER_RESPONSES_H_
#define RAPPORT_SERVICES_MATCHER_RESPONSES_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "services/matcher/log_writer.h"

namespace rapport::matcher_service {

// A draft of one event.
template <typename Response>
Draft DraftOf(log::v1::Event event, const Response& response) {
  Draft draft;
  draft.events.push_back(std::move(event));
  draft.response = response.SerializeAsString();
  return draft;
}

// The answer that a write gave, now or the first time. DATA_LOSS: what was remembered is no such answer.
template <typename Response>
absl::StatusOr<Response> ParseResponse(const absl::StatusOr<std::string>& bytes) {
  if (!bytes.ok()) return bytes.status();
  Response response;
  if (!response.ParseFromString(*bytes)) return absl::DataLossError("a remembered answer cannot be read");
  return response;
}

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_RESPONSES_H_
