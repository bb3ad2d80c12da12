// See ranking.h.
#include "services/intake/ranking.h"

#include <string>
#include <utility>

#include "absl/strings/str_join.h"
#include "services/contract/convert.h"
#include "services/intake/limits.h"
#include "services/intake/metric_names.h"
#include "services/intake/reasons.h"
#include "services/intake/risk.h"
#include "services/runtime/errors.h"

namespace rapport::intake {
namespace {

matcher::v1::RankTherapistsRequest RequestFor(const Record& record) {
  matcher::v1::RankTherapistsRequest request;
  request.set_client_id(record.referral.client_id());
  *request.mutable_needs() = record.referral.needs();
  for (const v1::Attempt& attempt : record.referral.attempts())
    request.add_tried_therapist_ids(attempt.therapist_id());
  request.set_min_as_of(record.min_as_of);
  return request;
}

void Fold(matcher::v1::RankTherapistsResponse&& ranked, absl::Time now, v1::Referral& referral) {
  v1::Shortlist& shortlist = *referral.mutable_shortlist();
  shortlist.Clear();
  shortlist.mutable_candidates()->Swap(ranked.mutable_candidates());
  shortlist.set_therapists(ranked.therapists());
  shortlist.set_eligible(ranked.eligible());
  shortlist.mutable_exclusions()->Swap(ranked.mutable_exclusions());
  shortlist.mutable_relaxations()->Swap(ranked.mutable_relaxations());
  shortlist.mutable_state()->Swap(ranked.mutable_state());
  shortlist.mutable_learned()->Swap(ranked.mutable_learned());
  *shortlist.mutable_ranked_at() = contract::ToTimestamp(now);
  referral.set_state(shortlist.candidates().empty() ? v1::REFERRAL_STATE_NO_MATCH
                                                    : v1::REFERRAL_STATE_SHORTLISTED);
}

}  // namespace

void AskForRanking(const rapport::matcher::Catalog& catalog, absl::Time now, Record& record) {
  if (NoteRisk(catalog, record.referral)) return SendToTriage(record.referral);
  record.referral.set_state(v1::REFERRAL_STATE_SUBMITTED);
  record.rank_at = now + kForegroundRanking;
}

absl::StatusOr<Record> Ranking::Rank(const runtime::Call& call, Record record) {
  // Asked again: the catalog may have changed since the referral was submitted.
  if (NoteRisk(parts_.catalog, record.referral)) {
    SendToTriage(record.referral);
    return record;
  }
  if (parts_.clock.Now() - contract::ToTime(record.referral.updated_at()) >= kBehindPatience) {
    record.min_as_of = 0;
  }
  absl::StatusOr<matcher::v1::RankTherapistsResponse> ranked =
      parts_.matcher.RankTherapists(call, RequestFor(record));
  if (ranked.ok()) {
    Fold(*std::move(ranked), parts_.clock.Now(), record.referral);
    ForgetRecordedRisk(record.referral);
    record.min_as_of = 0;  // it was for this one
    return record;
  }
  if (runtime::ReasonOf(ranked.status()) == kNeedsTriage) {
    NoteRecordedRisk(ReasonFor(ranked.status()), record.referral);
    SendToTriage(record.referral);
    return record;
  }
  const std::string code = absl::StatusCodeToString(ranked.status().code());
  parts_.metrics.CounterOf(kRankingFailures, {{"code", code}}).Add();
  // Paths only: a field's value may be a person's.
  const std::string fields = absl::StrJoin(
      runtime::ViolationsOf(ranked.status()), ",",
      [](std::string* out, const runtime::Violations::Item& item) { out->append(item.field_path); });
  parts_.log.Warning("ranking_failed", {{"referral_id", record.referral.referral_id()},
                                        {"code", code},
                                        {"reason", runtime::ReasonOf(ranked.status())},
                                        {"fields", fields},
                                        {"request_id", call.request_id}});
  return ranked.status();
}

absl::Time Ranking::NextTry(const absl::Status& error) const {
  const absl::Time now = parts_.clock.Now();
  return absl::IsUnavailable(error) || absl::IsResourceExhausted(error) ? now : now + kRankAgainAfter;
}

}  // namespace rapport::intake
