#include "matcher/fit/sample.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>

#include "matcher/versioned/map.h"

namespace rapport::matcher {

bool HeardSample::Belongs(const Heard& heard, int halvings) {
  const std::uint64_t among = (std::uint64_t{1} << halvings) - 1;
  return (StableHash()(heard.fit_check->client_id) & among) == 0;
}

void HeardSample::Add(Heard heard) {
  ++added_;
  if (!Belongs(heard, halvings_)) return;
  int& held_of_client = of_client_[heard.fit_check->client_id];
  if (held_of_client == kMostOfAClient) return;
  ++held_of_client;
  heard_.push_back(std::move(heard));
  while (heard_.size() > most_) {
    const auto stays = [this](const Heard& held) { return Belongs(held, halvings_ + 1); };
    if (std::none_of(heard_.begin(), heard_.end(), stays)) return;
    ++halvings_;
    const auto stays_now = [this](const Heard& held) { return Belongs(held, halvings_); };
    marked_ = static_cast<std::size_t>(
        std::count_if(heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(marked_), stays_now));
    std::erase_if(heard_, std::not_fn(stays_now));
  }
}

}  // namespace rapport::matcher
