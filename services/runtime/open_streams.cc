// See open_streams.h.
#include "services/runtime/open_streams.h"

#include <utility>

namespace rapport::runtime {

uint64_t OpenStreams::Add(std::function<void()> end) {
  std::lock_guard lock(mutex_);
  if (ended_) return 0;
  ends_.emplace(++last_ticket_, std::move(end));
  open_.Add(1);
  return last_ticket_;
}

void OpenStreams::Remove(uint64_t ticket) {
  std::function<void()> forgotten;  // destroyed without the lock: it may hold the last reference to a stream
  std::lock_guard lock(mutex_);
  if (const auto found = ends_.find(ticket); found != ends_.end()) {
    forgotten = std::move(found->second);
    ends_.erase(found);
    open_.Add(-1);
  }
}

void OpenStreams::EndAll() {
  std::map<uint64_t, std::function<void()>> ends;
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
    ends.swap(ends_);
    open_.Add(-static_cast<double>(ends.size()));
  }
  for (const auto& [ticket, end] : ends) end();
  if (others_ != nullptr) others_->EndAll();
}

}  // namespace rapport::runtime
