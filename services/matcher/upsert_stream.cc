#include "services/matcher/upsert_stream.h"

#include "absl/strings/str_cat.h"
#include "services/contract/limits.h"
#include "services/matcher/reasons.h"
#include "services/runtime/errors.h"

namespace rapport::matcher_service {
namespace {

// A commit costs a disk's flush: this many rows make it cheap a row, and hold up other writers for some milliseconds.
constexpr std::size_t kRowsInACommit = 512;

}  // namespace

absl::Status UpsertStream::OnBatch(const runtime::Call& call,
                                   const std::vector<directory::v1::UpsertTherapistsRequest>& batch) {
  received_ += batch.size();
  if (received_ > contract::kMaxUpsertRows) {
    return runtime::Error(absl::StatusCode::kResourceExhausted, kTooManyRows,
                          absl::StrCat("a stream carries at most ", contract::kMaxUpsertRows,
                                       " rows; what came before stays written: send the rest in another"));
  }
  gathered_.insert(gathered_.end(), batch.begin(), batch.end());
  return gathered_.size() < kRowsInACommit ? absl::OkStatus() : Flush(call);
}

absl::StatusOr<directory::v1::UpsertTherapistsResponse> UpsertStream::OnEnd(const runtime::Call& call) {
  if (absl::Status status = Flush(call); !status.ok()) return status;
  return response_;
}

absl::Status UpsertStream::Flush(const runtime::Call& call) {
  absl::Status status = directory_.Upsert(call, gathered_, response_);
  gathered_.clear();
  return status;
}

}  // namespace rapport::matcher_service
