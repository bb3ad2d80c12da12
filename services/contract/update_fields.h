// Changing some fields of a message: names of top-level fields, as update masks give them. The result of a
// change is validated whole, so a change can never leave an invalid message behind.
#ifndef RAPPORT_SERVICES_CONTRACT_UPDATE_FIELDS_H_
#define RAPPORT_SERVICES_CONTRACT_UPDATE_FIELDS_H_

#include <initializer_list>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_field.h"
#include "services/runtime/errors.h"

namespace rapport::contract {

// What the directory says of a masked row whose therapist it does not have, on the field therapist_id.
// Shared, since callers tell it from mistakes: a registry names many whom a network does not know.
inline constexpr char kMaskNeedsKnown[] = "an update mask needs a known therapist";

// Checks that each of `names` is a top-level field of `type`, none twice, and none of `fixed` (ids and
// outputs).
void ValidateUpdateFields(const google::protobuf::RepeatedPtrField<std::string>& names,
                          const google::protobuf::Descriptor& type,
                          std::initializer_list<absl::string_view> fixed, const runtime::FieldPath& path,
                          runtime::Violations& violations);

// Makes the fields `names` of `target` as they are in `source`: a field that `source` does not have is
// cleared. REQUIRES: both are of the same type, and `names` passed ValidateUpdateFields.
void CopyFields(const google::protobuf::RepeatedPtrField<std::string>& names,
                const google::protobuf::Message& source, google::protobuf::Message& target);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_UPDATE_FIELDS_H_
