// The therapists of a network in the order of their ids, for lists that are read page by page: the directory
// itself is in the order of places. A look at everybody finds the ids of many pages, which are kept.
#ifndef RAPPORT_SERVICES_MATCHER_ID_ORDER_H_
#define RAPPORT_SERVICES_MATCHER_ID_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "matcher/state/state.h"

namespace rapport::matcher_service {

// Thread-safe.
class IdOrder {
 public:
  // `stretch`: ids that one look at everybody finds, above 0. A page has 500 at most, so 20,000 make the look
  // worth forty pages, and weigh a megabyte or two.
  explicit IdOrder(std::size_t stretch = 20'000) : stretch_(stretch) {}

  // Hands the therapists of `state` to `take`, ascending from the first id after `after`, until it says no
  // more. Mostly O(taken log therapists); O(therapists) once in a stretch of ids, and after somebody came or
  // left.
  void ForEachAfter(absl::string_view network, const matcher::State& state, absl::string_view after,
                    absl::FunctionRef<bool(const matcher::Listing&)> take);

 private:
  // Consecutive ids of the directory.
  struct Stretch {
    std::int64_t roster = 0;       // State::roster then
    std::string after;             // they come next after this one
    std::vector<std::string> ids;  // ascending
    bool last = false;             // there were no more
  };
  // More are forgotten: some 200 megabytes at most, with the longest ids.
  static constexpr std::size_t kMostNetworks = 64;

  std::shared_ptr<const Stretch> Find(absl::string_view network, const matcher::State& state,
                                      const std::string& after);

  const std::size_t stretch_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const Stretch>, std::less<>> newest_;  // by network
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_ID_ORDER_H_
