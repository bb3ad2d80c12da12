// See risk.h.
#include "services/intake/risk.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/contract/calendar.h"
#include "services/contract/triage.h"
#include "services/intake/notices.h"
#include "services/runtime/errors.h"

namespace rapport::intake {
namespace {

absl::Time AskedAt(const v1::Referral& referral) {
  return contract::ToTime(referral.needs().risk().asked_at());
}

bool IsRecorded(const v1::TriageReason& reason) {
  return reason.code() == contract::kRiskRecorded;
}

}  // namespace

void StampRisk(absl::Time now, rapport::matcher::v1::Needs& needs) {
  rapport::matcher::v1::Risk& risk = *needs.mutable_risk();
  if (!risk.has_asked_at() || contract::ToTime(risk.asked_at()) > now)
    *risk.mutable_asked_at() = contract::ToTimestamp(now);
}

void StampRiskAgain(absl::Time now, const rapport::matcher::v1::Needs& before, bool stated,
                    rapport::matcher::v1::Needs& needs) {
  rapport::matcher::v1::Risk& risk = *needs.mutable_risk();
  const auto same = [](const google::protobuf::Message& a, const google::protobuf::Message& b) {
    return google::protobuf::util::MessageDifferencer::Equals(a, b);
  };
  if (!risk.has_asked_at()) *risk.mutable_asked_at() = before.risk().asked_at();
  if (same(risk.asked_at(), before.risk().asked_at()) && (stated || !same(risk, before.risk())))
    risk.clear_asked_at();
  StampRisk(now, needs);
}

bool NoteRisk(const rapport::matcher::Catalog& catalog, v1::Referral& referral) {
  google::protobuf::RepeatedPtrField<v1::TriageReason> before;
  before.Swap(referral.mutable_triage_reasons());
  for (v1::TriageReason& reason : contract::TriageReasons(catalog, referral.needs().risk()))
    *referral.add_triage_reasons() = std::move(reason);
  const bool states = !referral.triage_reasons().empty();
  for (v1::TriageReason& reason : before) {
    if (IsRecorded(reason)) *referral.add_triage_reasons() = std::move(reason);
  }
  return states;
}

bool HasRecordedRisk(const v1::Referral& referral) {
  return std::any_of(referral.triage_reasons().begin(), referral.triage_reasons().end(), IsRecorded);
}

void ForgetRecordedRisk(v1::Referral& referral) {
  auto& reasons = *referral.mutable_triage_reasons();
  reasons.erase(std::remove_if(reasons.begin(), reasons.end(), IsRecorded), reasons.end());
}

void NoteRecordedRisk(v1::TriageReason reason, v1::Referral& referral) {
  ForgetRecordedRisk(referral);
  *referral.add_triage_reasons() = std::move(reason);
}

void NoteRiskAgain(const rapport::matcher::Catalog& catalog, const v1::Referral& before,
                   v1::Referral& referral) {
  NoteRisk(catalog, referral);
  if (AskedAt(referral) > AskedAt(before) && AskedAt(referral) > contract::ToTime(before.updated_at()))
    ForgetRecordedRisk(referral);
}

void SendToTriage(v1::Referral& referral) {
  referral.set_state(v1::REFERRAL_STATE_NEEDS_TRIAGE);
  referral.clear_shortlist();
}

v1::TriageReason ReasonFor(const absl::Status& refusal) {
  v1::TriageReason reason;
  const std::string known_at = runtime::MetadataOf(refusal, "known_at");
  if (known_at.empty()) {  // the catalogs differ: the careful one is followed
    reason.set_code(contract::kScreeningScore);
    reason.set_sentence("The matcher's catalog asks for a person to look at the scores first.");
  } else {
    reason.set_code(contract::kRiskRecorded);
    reason.set_sentence(absl::StrCat("A risk became known at ", known_at,
                                     ", after these needs were asked about it: a person must look first, and "
                                     "then state the risk anew (UpdateNeeds, update_fields \"risk\")."));
  }
  return reason;
}

absl::StatusOr<std::string> TellRisk(storage::Transaction& tx, absl::string_view network,
                                     const v1::Referral* before, const v1::Referral& referral,
                                     absl::Time now) {
  const auto states = [](const v1::Referral& each) {
    return !std::all_of(each.triage_reasons().begin(), each.triage_reasons().end(), IsRecorded);
  };
  const bool asked_anew = before != nullptr && AskedAt(referral) > AskedAt(*before);
  const bool look_first = states(referral);
  const bool newly = before == nullptr || asked_anew || !states(*before);
  if (look_first ? !newly : !asked_anew) return "";
  rapport::matcher::v1::RecordRiskRequest request;
  request.set_client_id(referral.client_id());
  request.set_source(rapport::matcher::v1::RISK_SOURCE_PERSON);
  request.set_look_first(look_first);
  // A risk is known from now on, whenever it was asked about; a look answers what was known when it was
  // taken.
  const absl::Time known_at = look_first ? now : AskedAt(referral);
  *request.mutable_known_at() = contract::ToTimestamp(known_at);
  std::string key = absl::StrCat(referral.referral_id(), ".", absl::ToUnixMicros(known_at));
  absl::Status told = TellRisk(tx, network, key, request, now);
  if (!told.ok()) return told;
  return key;
}

}  // namespace rapport::intake
