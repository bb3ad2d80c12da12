// A transaction remembers its first failure, because after one there is nothing sound left to build on.
#include "services/storage/database.h"
#include "services/storage/sqlite_connection.h"

namespace rapport::storage {

absl::Status Transaction::Query(absl::string_view sql, const std::vector<Value>& binds,
                                absl::FunctionRef<absl::Status(const Row&)> each) {
  if (!failure_.ok()) return failure_;
  absl::Status callers;
  failure_.Update(connection_.Query(access_, sql, binds, [&](const Row& row) {
    callers = each(row);
    return callers.ok();
  }));
  return failure_.ok() ? callers : failure_;
}

absl::StatusOr<int64_t> Transaction::Execute(absl::string_view sql, const std::vector<Value>& binds) {
  if (!failure_.ok()) return failure_;
  absl::StatusOr<int64_t> changed = connection_.Execute(access_, sql, binds);
  failure_.Update(changed.status());
  return changed;
}

absl::Status Transaction::ExecuteScript(absl::string_view sql) {
  if (!failure_.ok()) return failure_;
  failure_.Update(connection_.ExecuteScript(access_, sql));
  return failure_;
}

}  // namespace rapport::storage
