// The model's parameters: what they are, and estimating them anew beside serving.
//
// A refit reads every fit check of the network from the log, estimates (matcher/fit/refit.h), folds the whole
// log again with the new parameters, and takes the new state's place in one commit, in which the last few
// events are caught up with. So serving goes on from the old state until that commit, and afterwards
// everybody's numbers are those that a restart would give.
#ifndef RAPPORT_SERVICES_MATCHER_REFITTING_H_
#define RAPPORT_SERVICES_MATCHER_REFITTING_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "matcher/domain/catalog.h"
#include "matcher/fit/parameters.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "services/matcher/log_writer.h"
#include "services/matcher/networks.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"
#include "services/runtime/server_stream.h"
#include "services/storage/database.h"

namespace rapport::matcher_service {

using RefitWriter = runtime::StreamWriter<matcher::v1::RefitModelResponse>;

// Thread-safe. Errors are those of the RPCs (rapport/matcher/v1/matcher.proto).
class Refitting {
 public:
  // All must outlive this.
  Refitting(std::shared_ptr<const matcher::Catalog> catalog, const storage::Database& database,
            const Networks& networks, LogWriter& writer, const runtime::Clock& clock);
  ~Refitting();

  absl::StatusOr<matcher::v1::GetModelResponse> Get(const runtime::Call& call,
                                                    const matcher::v1::GetModelRequest& request) const;

  // Begins the work on a thread of its own, one at a time in this process, and returns. `writer` is told the
  // progress and the end; when its stream is over, the work ends soon and publishes nothing.
  absl::Status Start(const runtime::Call& call, const matcher::v1::RefitModelRequest& request,
                     RefitWriter writer);

  // Ends what is under way, and begins nothing more.
  void Stop();

 private:
  // One refit.
  struct Job {
    runtime::Call call;
    matcher::v1::RefitModelRequest request;
    RefitWriter writer;
    std::shared_ptr<std::atomic<bool>> cancelled;
  };

  absl::StatusOr<matcher::v1::RefitOutcome> Run(const Job& job);
  absl::StatusOr<std::optional<matcher::v1::RefitOutcome>> Answered(const Job& job) const;
  absl::StatusOr<matcher::v1::FitModel> Estimate(const Job& job, const matcher::Parameters& serving) const;
  absl::StatusOr<matcher::v1::FitModel> Earlier(const std::string& network, std::int64_t version) const;
  absl::StatusOr<matcher::v1::RefitOutcome> Publish(const Job& job, std::int64_t replaced,
                                                    matcher::v1::FitModel model);

  const std::shared_ptr<const matcher::Catalog> catalog_;
  const storage::Database& database_;
  const Networks& networks_;
  LogWriter& writer_;
  const runtime::Clock& clock_;
  std::mutex mutex_;  // guards what follows
  bool stopped_ = false;
  bool running_ = false;
  std::shared_ptr<std::atomic<bool>> cancel_running_;
  std::thread thread_;
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_REFITTING_H_
