// See watch.h.
#include "tests/e2e/watch.h"

#include "services/runtime/errors.h"

namespace rapport::e2e {

Watch::Watch(const cli::Services& services, const std::string& referral_id) {
  services.SetDeadline(context_);
  intake::v1::WatchReferralRequest request;
  request.set_referral_id(referral_id);
  reader_ = services.Get<cli::IntakeStub>().WatchReferral(&context_, request);
  thread_ = std::thread([this] { ReadUntilEnd(); });
}

Watch::~Watch() {
  context_.TryCancel();
  thread_.join();
}

void Watch::ReadUntilEnd() {
  intake::v1::WatchReferralResponse response;
  while (reader_->Read(&response)) {
    std::lock_guard lock(mutex_);
    told_.push_back(std::move(*response.mutable_referral()));
    changed_.notify_all();
  }
  absl::Status end = runtime::FromGrpc(reader_->Finish());
  std::lock_guard lock(mutex_);
  end_ = std::move(end);
  changed_.notify_all();
}

// The stream's own deadline bounds both waits.
std::optional<intake::v1::Referral> Watch::WaitFor(
    const std::function<bool(const intake::v1::Referral&)>& wanted) {
  std::unique_lock lock(mutex_);
  for (size_t next = 0;; ++next) {
    changed_.wait(lock, [&] { return next < told_.size() || end_; });
    if (next == told_.size()) return std::nullopt;
    if (wanted(told_[next])) return told_[next];
  }
}

absl::Status Watch::WaitForEnd() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return end_.has_value(); });
  return *end_;
}

std::vector<intake::v1::Referral> Watch::Told() const {
  std::lock_guard lock(mutex_);
  return told_;
}

}  // namespace rapport::e2e
