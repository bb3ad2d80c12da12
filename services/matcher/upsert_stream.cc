#include "services/matcher/upsert_stream.h"

#include "absl/strings/str_cat.h"
#include "services/contract/limits.h"
#include "services/matcher/reasons.h"
#include "services/runtime/errors.h"

namespace rapport::matcher_service {
namespace {

// A commit costs a disk's flush: this many rows make it cheap a row, and hold up other writers for some
// milliseconds.
constexpr std::size_t kRowsInACommit = 512;
// Rows of a plausible size never reach this; what does is written sooner, so that no stream fills our memory.
constexpr std::size_t kBytesInACommit = 4 << 20;

}  // namespace

absl::Status UpsertStream::OnBatch(const runtime::Call& call,
                                   const std::vector<directory::v1::UpsertTherapistsRequest>& batch) {
  received_ += batch.size();
  if (received_ > contract::kMaxUpsertRows) {
    return runtime::Error(absl::StatusCode::kResourceExhausted, kTooManyRows,
                          absl::StrCat("a stream carries at most ", contract::kMaxUpsertRows,
                                       " rows; what was committed stays: send the rows again in several"));
  }
  gathered_.insert(gathered_.end(), batch.begin(), batch.end());
  for (const directory::v1::UpsertTherapistsRequest& row : batch) gathered_bytes_ += row.ByteSizeLong();
  const bool enough = gathered_.size() >= kRowsInACommit || gathered_bytes_ >= kBytesInACommit;
  return enough ? Flush(call) : absl::OkStatus();
}

absl::StatusOr<directory::v1::UpsertTherapistsResponse> UpsertStream::OnEnd(const runtime::Call& call) {
  if (absl::Status status = Flush(call); !status.ok()) return status;
  return verdicts_.response();
}

absl::Status UpsertStream::Flush(const runtime::Call& call) {
  absl::Status status = directory_.Upsert(call, gathered_, verdicts_);
  gathered_.clear();
  gathered_bytes_ = 0;
  return status;
}

}  // namespace rapport::matcher_service
