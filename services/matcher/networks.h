// The newest state of each network, as readers see it: restored from the log at start, replaced whole after
// each commit.
#ifndef RAPPORT_SERVICES_MATCHER_NETWORKS_H_
#define RAPPORT_SERVICES_MATCHER_NETWORKS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "matcher/domain/catalog.h"
#include "matcher/state/state.h"
#include "services/matcher/snapshots.h"
#include "services/storage/database.h"

namespace rapport::matcher_service {

// Thread-safe.
class Networks {
 public:
  explicit Networks(std::shared_ptr<const matcher::Catalog> catalog);

  // Brings every network to the end of its log: from its newest snapshot, or by folding all of it, with the
  // parameters of its newest published model. DATA_LOSS: the log is damaged. FAILED_PRECONDITION: it holds
  // events of a newer program. Else as storage::Database::Read. O(events).
  absl::Status Restore(const storage::Database& database, const Snapshots& snapshots);

  // A published model that was made for other channels or features than this catalog's.
  struct SetAside {
    std::int64_t version = 0;
    std::string reason;  // in words
  };
  // By network, newest published models that were set aside: day-0 beliefs are in force there until a refit.
  // Set by Restore.
  const std::map<std::string, SetAside, std::less<>>& set_aside() const { return set_aside_; }

  // All networks that have an event, sorted.
  std::vector<std::string> Names() const;

  // The newest state; empty for a network that has no event yet. Hold it for one request.
  std::shared_ptr<const matcher::State> Head(absl::string_view network) const;

  // The same, FAILED_PRECONDITION BEHIND with a time to retry when it does not include log position
  // `min_as_of`.
  absl::StatusOr<std::shared_ptr<const matcher::State>> HeadAtLeast(absl::string_view network,
                                                                    std::int64_t min_as_of) const;

  // From now on `state` is the newest.
  void Publish(absl::string_view network, std::shared_ptr<const matcher::State> state);

 private:
  const std::shared_ptr<const matcher::State> empty_;
  std::map<std::string, SetAside, std::less<>> set_aside_;
  mutable std::mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<const matcher::State>> heads_;
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_NETWORKS_H_
