// Where a field stands in a request. Put into words only where something is wrong there: nearly all requests
// are right, and a text for each of their fields took longer than checking them.
#ifndef RAPPORT_SERVICES_RUNTIME_FIELD_PATH_H_
#define RAPPORT_SERVICES_RUNTIME_FIELD_PATH_H_

#include <string>

#include "absl/strings/string_view.h"

namespace rapport::runtime {

// A view: `above` and names must outlive it, so `above` must have a name of its own.
//
//   const FieldPath hours(path, "hours");              // path is "needs"
//   violations.Add(FieldPath(hours, 2), "overlaps");   // "needs.hours[2]"
class FieldPath {
 public:
  // A field of the request; "" is the request itself. Implicit, as a name is a path.
  FieldPath(absl::string_view name) : name_(name) {}   // NOLINT(google-explicit-constructor)
  FieldPath(const char* name) : name_(name) {}         // NOLINT(google-explicit-constructor)
  FieldPath(const std::string& name) : name_(name) {}  // NOLINT(google-explicit-constructor)
  // A field, "above.name", and an entry of a list, "above[index]".
  FieldPath(const FieldPath& above, absl::string_view name) : above_(&above), name_(name) {}
  FieldPath(const FieldPath& above, int index) : above_(&above), index_(index) {}
  FieldPath(const FieldPath&& above, absl::string_view name) = delete;
  FieldPath(const FieldPath&& above, int index) = delete;

  std::string ToString() const;

 private:
  const FieldPath* above_ = nullptr;
  absl::string_view name_;
  int index_ = -1;  // of an entry; else negative
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_FIELD_PATH_H_
