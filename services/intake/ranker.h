// Ranks in the background what the matcher could not rank when it was submitted.
#ifndef RAPPORT_SERVICES_INTAKE_RANKER_H_
#define RAPPORT_SERVICES_INTAKE_RANKER_H_

#include <atomic>

#include "services/intake/ranking.h"
#include "services/intake/transitions.h"
#include "services/runtime/clock.h"
#include "services/runtime/ids.h"
#include "services/runtime/log.h"
#include "services/runtime/metrics.h"
#include "services/storage/database.h"

namespace rapport::intake {

// Thread-safe.
class Ranker {
 public:
  // Borrowed; each must outlive this.
  struct Parts {
    storage::Database& db;
    Ranking& ranking;
    Transitions& transitions;
    const runtime::Clock& clock;
    runtime::IdSource& ids;
    runtime::Log& log;
    runtime::Metrics& metrics;
  };

  explicit Ranker(const Parts& parts) : parts_(parts) {}

  // Ranks up to kRankBatch waiting referrals, longest due first, and stops at the first sign that the matcher
  // is away. A referral that changed while it was ranked is left as it is. The loop calls it; so does a test.
  // Result: how many were ranked.
  int Step();

  // Lets a Step under way end early.
  void Stop() { stopping_ = true; }

 private:
  bool Keep(Record& ranked);
  void Postpone(const Record& record, const absl::Status& error);

  const Parts parts_;
  std::atomic<bool> stopping_ = false;
};

}  // namespace rapport::intake

#endif  // RAPPORT_SERVICES_INTAKE_RANKER_H_
