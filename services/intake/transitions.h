// What everybody is told when a referral was changed: the watchers, and the metrics.
#ifndef RAPPORT_SERVICES_INTAKE_TRANSITIONS_H_
#define RAPPORT_SERVICES_INTAKE_TRANSITIONS_H_

#include "rapport/intake/v1/intake.pb.h"
#include "services/intake/hub.h"
#include "services/intake/referral_store.h"
#include "services/runtime/metrics.h"

namespace rapport::intake {

// Thread-safe.
class Transitions {
 public:
  // Borrowed; each must outlive this.
  Transitions(Hub& hub, runtime::Metrics& metrics) : hub_(hub), metrics_(metrics) {}

  // Call after the commit, outside the transaction. `from` is the state before; unspecified for a new
  // referral.
  void Announce(v1::ReferralState from, const Record& now);

 private:
  Hub& hub_;
  runtime::Metrics& metrics_;
};

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_TRANSITIONS_H_
