// Who watches which referral: each change committed in this process is handed to the streams that asked for
// it.
#ifndef RAPPORT_SERVICES_INTAKE_HUB_H_
#define RAPPORT_SERVICES_INTAKE_HUB_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "rapport/intake/v1/intake.pb.h"
#include "services/runtime/metrics.h"
#include "services/runtime/server_stream.h"

namespace rapport::intake {

// Thread-safe. Must outlive the server whose streams it feeds.
class Hub {
 public:
  using Writer = runtime::StreamWriter<v1::WatchReferralResponse>;

  explicit Hub(size_t max_watchers, runtime::Gauge open = {}) : max_watchers_(max_watchers), open_(open) {}

  // Sends `writer` the present referral (read by `present`) and later ones published, each revision at
  // most once, in order, the newest always, and only those after `after_revision`. A closed referral is the
  // last, and ends the stream with OK. Errors: RESOURCE_EXHAUSTED TOO_MANY_WATCHERS; those of `present`.
  absl::Status Subscribe(absl::string_view network, absl::string_view referral_id, int64_t after_revision,
                         Writer writer, absl::FunctionRef<absl::StatusOr<v1::Referral>()> present);

  // Tells all who watch this referral. Never blocks on them. A revision older than one already published is
  // passed over: watchers only ever see a referral move on.
  void Publish(absl::string_view network, const v1::Referral& referral);

 private:
  struct Watcher {
    Watcher(Writer w, int64_t after) : writer(std::move(w)), known(after) {}
    void Send(const v1::Referral& referral);

    const Writer writer;
    std::mutex mutex;
    int64_t known;  // newest revision sent
  };
  using Key = std::pair<std::string, std::string>;  // network, referral id

  absl::Status Add(const Key& key, const std::shared_ptr<Watcher>& watcher);
  void Remove(const Key& key, const Watcher* watcher);

  const size_t max_watchers_;
  runtime::Gauge open_;
  std::mutex mutex_;
  size_t watchers_open_ = 0;
  std::map<Key, std::vector<std::shared_ptr<Watcher>>> watchers_;
};

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_HUB_H_
