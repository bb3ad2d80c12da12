#include "services/matcher/id_order.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace rapport::matcher_service {

void IdOrder::ForEachAfter(absl::string_view network, const matcher::State& state, absl::string_view after,
                           absl::FunctionRef<bool(const matcher::Listing&)> take) {
  std::string reached(after);
  while (true) {
    const std::shared_ptr<const Stretch> stretch = Find(network, state, reached);
    const std::vector<std::string>& ids = stretch->ids;
    for (auto id = std::upper_bound(ids.begin(), ids.end(), reached); id != ids.end(); ++id) {
      const matcher::Listing* listing = state.directory.Find(*id);
      if (listing != nullptr && !take(*listing)) return;
    }
    if (stretch->last) return;
    reached = ids.back();
  }
}

std::shared_ptr<const IdOrder::Stretch> IdOrder::Find(absl::string_view network, const matcher::State& state,
                                                      const std::string& after) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = newest_.find(network);
    if (found != newest_.end()) {
      const Stretch& known = *found->second;
      const bool holds = known.roster == state.roster && known.after <= after &&
                         (known.last || (!known.ids.empty() && after < known.ids.back()));
      if (holds) return found->second;
    }
  }
  std::vector<const std::string*> later;
  state.directory.ForEach([&](const std::shared_ptr<const matcher::Listing>& listing) {
    if (listing->therapist->id > after) later.push_back(&listing->therapist->id);
  });
  const auto by_id = [](const std::string* a, const std::string* b) { return *a < *b; };
  auto stretch = std::make_shared<Stretch>();
  stretch->roster = state.roster;
  stretch->after = after;
  stretch->last = later.size() <= stretch_;
  if (!stretch->last) {
    std::nth_element(later.begin(), later.begin() + static_cast<std::ptrdiff_t>(stretch_), later.end(),
                     by_id);
    later.resize(stretch_);
  }
  std::sort(later.begin(), later.end(), by_id);
  stretch->ids.reserve(later.size());
  for (const std::string* id : later) stretch->ids.push_back(*id);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (newest_.size() >= kMostNetworks && !newest_.contains(network)) newest_.clear();
  newest_.insert_or_assign(std::string(network), stretch);
  return stretch;
}

}  // namespace rapport::matcher_service
