#include "services/matcher/verdicts.h"

#include "absl/strings/str_cat.h"

namespace rapport::matcher_service {
namespace {

std::size_t ViolationsBytes(const directory::v1::RowResult& row) {
  std::size_t bytes = 0;
  for (const directory::v1::RowViolation& violation : row.violations()) bytes += violation.ByteSizeLong();
  return bytes;
}

}  // namespace

void Refuse(const runtime::Violations& violations, directory::v1::RowResult& result) {
  result.set_verdict(directory::v1::UPSERT_VERDICT_REFUSED);
  std::size_t bytes = 0;
  for (const runtime::Violations::Item& item : violations.items()) {
    bytes += item.field_path.size() + item.description.size();
    directory::v1::RowViolation& violation = *result.add_violations();
    if (bytes > kMaxRowViolationsBytes) {
      const std::size_t left =
          violations.items().size() - static_cast<std::size_t>(result.violations_size()) + 1;
      violation.set_description(absl::StrCat("and ", left, " more"));
      return;
    }
    violation.set_field(item.field_path);
    violation.set_description(item.description);
  }
}

void Verdicts::Add(const directory::v1::RowResult& row) {
  directory::v1::RowResult& result = *response_.add_rows();
  result = row;
  switch (row.verdict()) {
    case directory::v1::UPSERT_VERDICT_ADDED:
      return response_.set_added(response_.added() + 1);
    case directory::v1::UPSERT_VERDICT_CHANGED:
      return response_.set_changed(response_.changed() + 1);
    case directory::v1::UPSERT_VERDICT_UNCHANGED:
      return response_.set_unchanged(response_.unchanged() + 1);
    default:
      response_.set_refused(response_.refused() + 1);
  }
  const std::size_t bytes = ViolationsBytes(row);
  if (violations_bytes_ + bytes > kMaxStreamViolationsBytes) {
    result.clear_violations();
    result.add_violations()->set_description(
        absl::StrCat(row.violations_size(), " reasons: no room here, send this row again by itself"));
  } else {
    violations_bytes_ += bytes;
  }
}

}  // namespace rapport::matcher_service
