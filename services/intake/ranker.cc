// See ranker.h.
#include "services/intake/ranker.h"

#include <vector>

#include "services/intake/limits.h"
#include "services/intake/metric_names.h"
#include "services/runtime/call.h"

namespace rapport::intake {

int Ranker::Step() {
  absl::StatusOr<std::vector<Record>> due = DueForRanking(parts_.db, parts_.clock.Now(), kRankBatch);
  if (!due.ok()) {
    parts_.log.Error("referrals_unreadable", {{"code", absl::StatusCodeToString(due.status().code())}});
    return 0;
  }
  int count = 0;
  for (const Record& record : *due) {
    if (stopping_) break;
    const absl::Time now = parts_.clock.Now();
    const runtime::Call call{.identity = {record.network, "intake"},
                             .request_id = parts_.ids.NewId("rank"),
                             .started = now,
                             .deadline = now + kAnswerMargin + kRankingCap,
                             .traceparent = ""};
    absl::StatusOr<Record> ranked = parts_.ranking.Rank(call, record);
    if (ranked.ok()) {
      count += Keep(*ranked) ? 1 : 0;
      continue;
    }
    Postpone(record, ranked.status());
    if (MatcherAway(ranked.status())) break;
  }
  if (absl::StatusOr<int64_t> waiting = CountWaiting(parts_.db); waiting.ok()) {
    parts_.metrics.GaugeOf(kWaiting).Set(static_cast<double>(*waiting));
  }
  return count;
}

bool Ranker::Keep(Record& ranked) {
  absl::Status kept =
      parts_.db.Write([&](storage::Transaction& tx) { return Save(tx, ranked, parts_.clock.Now()); });
  if (kept.ok()) {
    parts_.transitions.Announce(v1::REFERRAL_STATE_SUBMITTED, ranked);
  } else if (!absl::IsAborted(kept)) {  // ABORTED: somebody changed it meanwhile, and that counts
    parts_.log.Error("referral_unwritable", {{"code", absl::StatusCodeToString(kept.code())}});
  }
  return kept.ok();
}

void Ranker::Postpone(const Record& record, const absl::Status& error) {
  absl::Status kept = parts_.db.Write(
      [&](storage::Transaction& tx) { return SetRankAt(tx, record, parts_.ranking.NextTry(error)); });
  if (!kept.ok()) parts_.log.Error("referral_unwritable", {{"code", absl::StatusCodeToString(kept.code())}});
}

}  // namespace rapport::intake
