// What a client may do after a session: the numbers of staying and of changing, from one state.
#ifndef RAPPORT_SERVICES_MATCHER_ADVISING_H_
#define RAPPORT_SERVICES_MATCHER_ADVISING_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "matcher/domain/catalog.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "services/matcher/networks.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"

namespace rapport::matcher_service {

// Thread-safe. Never touches the database.
class Advising {
 public:
  Advising(std::shared_ptr<const matcher::Catalog> catalog, const Networks& networks,
           const runtime::Clock& clock)
      : catalog_(std::move(catalog)), networks_(networks), clock_(clock) {}

  // Errors are those of the RPC (rapport/matcher/v1/matcher.proto).
  absl::StatusOr<matcher::v1::AdviseNextStepResponse> Advise(
      const runtime::Call& call, const matcher::v1::AdviseNextStepRequest& request) const;

 private:
  const std::shared_ptr<const matcher::Catalog> catalog_;
  const Networks& networks_;
  const runtime::Clock& clock_;
};

}  // namespace rapport::matcher_service

#endif  // RAPPORT_SERVICES_MATCHER_ADVISING_H_
