// See transitions.h.
#include "services/intake/transitions.h"

#include "services/intake/metric_names.h"
#include "services/intake/referral_machine.h"

namespace rapport::intake {

void Transitions::Announce(v1::ReferralState from, const Record& now) {
  const std::string before = from == v1::REFERRAL_STATE_UNSPECIFIED ? "NONE" : NameOf(from);
  metrics_.CounterOf(kTransitions, {{"from", before}, {"to", NameOf(now.referral.state())}}).Add();
  hub_.Publish(now.network, now.referral);
}

}  // namespace rapport::intake
