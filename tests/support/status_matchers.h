// What tests of services say most of a result: that it must be there, or how it was refused.
#ifndef RAPPORT_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define RAPPORT_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/runtime/errors.h"

namespace rapport::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// The value, or a failed test and an empty one.
template <typename T>
T Must(absl::StatusOr<T> result) {
  if (result.ok()) return *std::move(result);
  ADD_FAILURE() << result.status();
  return T{};
}

// The field paths of a BadRequest, in order.
inline std::vector<std::string> Paths(const absl::Status& status) {
  std::vector<std::string> paths;
  for (const runtime::Violations::Item& item : runtime::ViolationsOf(status))
    paths.push_back(item.field_path);
  return paths;
}

MATCHER(IsOk, "") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).ok();
}

// A status, or a result without a value, of this code and with this reason in its ErrorInfo.
MATCHER_P2(Refused, code, reason, "") {
  *result_listener << StatusOf(arg);
  return StatusOf(arg).code() == code && runtime::ReasonOf(StatusOf(arg)) == reason;
}

}  // namespace rapport::testing

#endif  // RAPPORT_TESTS_SUPPORT_STATUS_MATCHERS_H_
