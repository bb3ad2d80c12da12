// Ranks one referral: triage first, then the matcher, then its answer folded into the referral. Nothing is
// stored here, and no lock or transaction is held.
#ifndef RAPPORT_SERVICES_INTAKE_RANKING_H_
#define RAPPORT_SERVICES_INTAKE_RANKING_H_

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "matcher/domain/catalog.h"
#include "services/intake/matcher_client.h"
#include "services/intake/referral_store.h"
#include "services/runtime/call.h"
#include "services/runtime/clock.h"
#include "services/runtime/log.h"
#include "services/runtime/metrics.h"

namespace rapport::intake {

// Makes `record` wait for a ranking (SUBMITTED, left to the present call for kForegroundRanking), or for a
// person (NEEDS_TRIAGE) where its needs show acute risk.
void AskForRanking(const rapport::matcher::Catalog& catalog, absl::Time now, Record& record);

// Thread-safe.
class Ranking {
 public:
  // Borrowed; each must outlive this.
  struct Parts {
    const rapport::matcher::Catalog& catalog;
    MatcherClient& matcher;
    const runtime::Clock& clock;
    runtime::Log& log;
    runtime::Metrics& metrics;
  };

  explicit Ranking(const Parts& parts) : parts_(parts) {}

  // `record`, which must be SUBMITTED, as SHORTLISTED, NO_MATCH or NEEDS_TRIAGE, to be saved by the caller;
  // or the matcher's error, logged and counted: then the referral goes on waiting, see NextTry.
  absl::StatusOr<Record> Rank(const runtime::Call& call, Record record);

  // When a referral that could not be ranked, because of `error`, is due again: at once where nobody can be
  // ranked now, a little later where it may be this referral's own fault, so that it does not hold up the
  // others.
  absl::Time NextTry(const absl::Status& error) const;

 private:
  const Parts parts_;
};

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_RANKING_H_
