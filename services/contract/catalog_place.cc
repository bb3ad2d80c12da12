#include "services/contract/catalog_place.h"

#include <string>

namespace rapport::contract {

CatalogPlace CatalogPlace::At(absl::string_view field) const {
  return At(field, 0);
}

CatalogPlace CatalogPlace::At(absl::string_view field, int index) const {
  CatalogPlace place = *this;
  if (records_ == nullptr) return place;
  const google::protobuf::FieldDescriptor* descriptor = type_->FindFieldByName(std::string(field));
  const int recorded_index = descriptor->is_repeated() ? index : -1;
  auto location = records_->GetLocation(descriptor, recorded_index);
  // A list written in brackets is recorded as one value.
  if (location.line < 0 && index > 0) location = records_->GetLocation(descriptor, 0);
  if (location.line >= 0) {
    place.line_ = location.line;
    place.column_ = location.column;
  }
  place.type_ = descriptor->message_type();
  place.records_ = place.type_ == nullptr ? nullptr : records_->GetTreeForNested(descriptor, recorded_index);
  return place;
}

bool CatalogPlace::States(absl::string_view field) const {
  if (records_ == nullptr) return false;
  const google::protobuf::FieldDescriptor* descriptor = type_->FindFieldByName(std::string(field));
  return records_->GetLocation(descriptor, descriptor->is_repeated() ? 0 : -1).line >= 0;
}

}  // namespace rapport::contract
