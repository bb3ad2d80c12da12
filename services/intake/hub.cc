// See hub.h.
#include "services/intake/hub.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/intake/reasons.h"
#include "services/runtime/errors.h"

namespace rapport::intake {

void Hub::Watcher::Send(const v1::Referral& referral) {
  std::lock_guard lock(mutex);
  if (referral.revision() > known) {
    known = referral.revision();
    v1::WatchReferralResponse response;
    *response.mutable_referral() = referral;
    writer.Write(response);
  }
  if (referral.state() == v1::REFERRAL_STATE_CLOSED) writer.Finish(absl::OkStatus());
}

absl::Status Hub::Subscribe(absl::string_view network, absl::string_view referral_id, int64_t after_revision,
                            Writer writer, absl::FunctionRef<absl::StatusOr<v1::Referral>()> present) {
  const Key key(network, referral_id);
  auto watcher = std::make_shared<Watcher>(writer, after_revision);
  if (absl::Status added = Add(key, watcher); !added.ok()) return added;
  // Registered before it reads: a change in between is published to it, and one of the two is passed over.
  writer.SetOnDone([this, key, watcher = watcher.get()] { Remove(key, watcher); });
  absl::StatusOr<v1::Referral> referral = present();
  if (!referral.ok()) return referral.status();
  watcher->Send(*referral);
  return absl::OkStatus();
}

void Hub::Publish(absl::string_view network, const v1::Referral& referral) {
  std::vector<std::shared_ptr<Watcher>> watchers;
  {
    std::lock_guard lock(mutex_);
    const auto found = watchers_.find(Key(network, referral.referral_id()));
    if (found == watchers_.end()) return;
    watchers = found->second;
  }
  for (const std::shared_ptr<Watcher>& watcher : watchers) watcher->Send(referral);
}

absl::Status Hub::Add(const Key& key, const std::shared_ptr<Watcher>& watcher) {
  std::lock_guard lock(mutex_);
  if (watchers_open_ >= max_watchers_) {
    return runtime::Error(
        absl::StatusCode::kResourceExhausted, kTooManyWatchers,
        absl::StrCat("at most ", max_watchers_, " streams of WatchReferral are open at a time"),
        {{"limit", absl::StrCat(max_watchers_)}});
  }
  watchers_[key].push_back(watcher);
  ++watchers_open_;
  open_.Add(1);
  return absl::OkStatus();
}

void Hub::Remove(const Key& key, const Watcher* watcher) {
  std::lock_guard lock(mutex_);
  const auto found = watchers_.find(key);
  if (found == watchers_.end()) return;
  const size_t removed = std::erase_if(
      found->second, [&](const std::shared_ptr<Watcher>& other) { return other.get() == watcher; });
  if (found->second.empty()) watchers_.erase(found);
  watchers_open_ -= removed;
  open_.Add(-static_cast<double>(removed));
}

}  // namespace rapport::intake
