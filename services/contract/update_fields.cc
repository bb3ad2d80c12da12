#include "services/contract/update_fields.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "services/contract/field_rules.h"
#include "services/contract/seen.h"

namespace rapport::contract {

using runtime::FieldPath;

void ValidateUpdateFields(const google::protobuf::RepeatedPtrField<std::string>& names,
                          const google::protobuf::Descriptor& type,
                          std::initializer_list<absl::string_view> fixed, const FieldPath& path,
                          runtime::Violations& violations) {
  if (names.size() > type.field_count()) {
    return violations.Add(path, absl::StrCat("must name each field of ", type.name(), " once at most"));
  }
  Seen<absl::string_view> seen;
  for (int i = 0; i < names.size(); ++i) {
    if (type.FindFieldByName(names[i]) == nullptr) {
      violations.Add(FieldPath(path, i), absl::StrCat("must be a top-level field of ", type.name()));
    } else if (std::find(fixed.begin(), fixed.end(), names[i]) != fixed.end()) {
      violations.Add(FieldPath(path, i), "names a field that cannot be changed");
    } else if (!seen.Insert(names[i])) {
      violations.Add(FieldPath(path, i), "is in the list already");
    }
  }
}

void CopyFields(const google::protobuf::RepeatedPtrField<std::string>& names,
                const google::protobuf::Message& source, google::protobuf::Message& target) {
  // What is named is cleared in a copy of the target, and everything else in a copy of the source: together
  // they are the result, whatever the fields' types.
  const google::protobuf::Reflection& reflection = *target.GetReflection();
  const google::protobuf::Descriptor& type = *target.GetDescriptor();
  std::unique_ptr<google::protobuf::Message> change(source.New());
  change->CopyFrom(source);
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = type.field(i);
    const bool named = std::find(names.begin(), names.end(), field->name()) != names.end();
    reflection.ClearField(named ? &target : change.get(), field);
  }
  target.MergeFrom(*change);
}

}  // namespace rapport::contract
