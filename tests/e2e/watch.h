// Follows one referral through WatchReferral, on a thread of its own, and keeps every revision it is told of:
// how a test waits for what services do by themselves.
#ifndef RAPPORT_TESTS_E2E_WATCH_H_
#define RAPPORT_TESTS_E2E_WATCH_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "rapport/intake/v1/intake.pb.h"
#include "services/cli/services.h"

namespace rapport::e2e {

class Watch {
 public:
  // `services` must outlive this.
  Watch(const cli::Services& services, const std::string& referral_id);

  // Leaves.
  ~Watch();

  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // The first revision told for which `wanted` holds, waited for; nothing when the stream ends without it.
  std::optional<intake::v1::Referral> WaitFor(const std::function<bool(const intake::v1::Referral&)>& wanted);

  // Waits for the end of the stream; the server's status.
  absl::Status WaitForEnd();

  // Everything told so far, in the order of telling.
  std::vector<intake::v1::Referral> Told() const;

 private:
  void ReadUntilEnd();

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<intake::v1::WatchReferralResponse>> reader_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<intake::v1::Referral> told_;  // guarded by mutex_
  std::optional<absl::Status> end_;         // guarded by mutex_
  std::thread thread_;
};

}  // namespace rapport::e2e

#endif  // RAPPORT_TESTS_E2E_WATCH_H_
