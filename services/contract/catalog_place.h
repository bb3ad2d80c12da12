// Where things stand in a text-format file: a walk down the parser's records, message by message.
#ifndef RAPPORT_SERVICES_CONTRACT_CATALOG_PLACE_H_
#define RAPPORT_SERVICES_CONTRACT_CATALOG_PLACE_H_

#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/text_format.h"

namespace rapport::contract {

// The place of one message, or of one value, of a file. Cheap to copy; valid while the parser's records are.
class CatalogPlace {
 public:
  using Records = google::protobuf::TextFormat::ParseInfoTree;

  // The whole file, a message of `type`.
  CatalogPlace(const google::protobuf::Descriptor& type, const Records& records)
      : type_(&type), records_(&records) {}

  // The value of `field`, or this place itself where the file does not state it.
  // REQUIRES: this is the place of a message that has such a field.
  CatalogPlace At(absl::string_view field) const;
  // An entry of a list.
  CatalogPlace At(absl::string_view field, int index) const;
  // True when the file states `field`, be it with a value that is the same as leaving it out.
  bool States(absl::string_view field) const;

  int line() const { return line_; }
  int column() const { return column_; }

 private:
  const google::protobuf::Descriptor* type_;  // null at a plain value
  const Records* records_;                    // null where nothing below was recorded
  int line_ = 0;
  int column_ = 0;
};

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_CATALOG_PLACE_H_
