#include "services/runtime/field_path.h"

#include "absl/strings/str_cat.h"

namespace rapport::runtime {

std::string FieldPath::ToString() const {
  std::string text = above_ == nullptr ? "" : above_->ToString();
  if (index_ >= 0) {
    absl::StrAppend(&text, "[", index_, "]");
  } else {
    absl::StrAppend(&text, text.empty() ? "" : ".", name_);
  }
  return text;
}

}  // namespace rapport::runtime
