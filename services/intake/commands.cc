// See commands.h.
#include "services/intake/commands.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/contract/convert.h"
#include "services/contract/validate.h"
#include "services/intake/attempts.h"
#include "services/intake/limits.h"
#include "services/intake/reasons.h"
#include "services/intake/request_rules.h"
#include "services/intake/risk.h"
#include "services/runtime/errors.h"
#include "services/storage/request_ledger.h"

namespace rapport::intake {
namespace {

using runtime::Call;
using storage::Transaction;

constexpr char kNothingToTell[] = "";

absl::Status CheckEtag(const Record& record, const std::string& etag) {
  if (record.referral.etag() == etag) return absl::OkStatus();
  return runtime::Error(absl::StatusCode::kAborted, kEtagMismatch,
                        "the referral was changed since it was read: read it again and decide anew",
                        {{"referral_id", record.referral.referral_id()}});
}

absl::Status CheckChoice(const v1::Referral& referral, const std::string& therapist_id) {
  if (referral.attempts_size() >= kMaxAttempts) {
    return runtime::Error(absl::StatusCode::kResourceExhausted, kTooManyAttempts,
                          absl::StrCat("a referral has at most ", kMaxAttempts, " attempts"),
                          {{"limit", absl::StrCat(kMaxAttempts)}});
  }
  for (const rapport::matcher::v1::Candidate& candidate : referral.shortlist().candidates()) {
    if (candidate.therapist_id() == therapist_id) return absl::OkStatus();
  }
  return runtime::Error(absl::StatusCode::kFailedPrecondition, kNotOnShortlist,
                        "therapist_id is not on the referral's shortlist", {{"field", "therapist_id"}});
}

rapport::matcher::v1::ReachOutcome OutcomeOf(v1::OfferAnswer answer) {
  switch (answer) {
    case v1::OFFER_ANSWER_ACCEPTED:
      return rapport::matcher::v1::REACH_OUTCOME_ACCEPTED;
    case v1::OFFER_ANSWER_DECLINED:
      return rapport::matcher::v1::REACH_OUTCOME_DECLINED;
    default:
      return rapport::matcher::v1::REACH_OUTCOME_NO_ANSWER;
  }
}

// Needs are checked when they come; the catalog may have lost a word of theirs since.
absl::Status CheckWords(const rapport::matcher::Catalog& catalog, const v1::Referral& referral) {
  runtime::Violations violations;
  contract::ValidateNeeds(catalog, referral.needs(), "needs", violations);
  if (violations.empty()) return absl::OkStatus();
  const runtime::Violations::Item& first = violations.items().front();
  return runtime::Error(absl::StatusCode::kFailedPrecondition, kNeedsOutdated,
                        absl::StrCat("the needs do not go with today's catalog (", first.field_path, ": ",
                                     first.description, "): update them first"),
                        {{"referral_id", referral.referral_id()}});
}

// The matcher's catalog may have lost one that ours has.
absl::Status NotItsWords(const v1::Referral& referral) {
  return runtime::Error(absl::StatusCode::kFailedPrecondition, kNeedsOutdated,
                        "the needs do not go with the matcher's catalog: update them first",
                        {{"referral_id", referral.referral_id()}});
}

// The matcher's refusal to look at a client and a therapist.
absl::Status NotChecked(const absl::Status& refusal, const v1::Referral& referral) {
  if (absl::IsInvalidArgument(refusal)) return NotItsWords(referral);
  return absl::InternalError(absl::StrCat(
      "the matcher refused to look at client and therapist: ", absl::StatusCodeToString(refusal.code()), " ",
      runtime::ReasonOf(refusal)));
}

// A look at the client and the therapist of the last attempt.
rapport::matcher::v1::ExplainMatchRequest AboutPresent(const v1::Referral& referral) {
  rapport::matcher::v1::ExplainMatchRequest request;
  request.set_client_id(referral.client_id());
  request.set_therapist_id(referral.attempts().rbegin()->therapist_id());
  *request.mutable_needs() = referral.needs();
  return request;
}

bool IsOfLawOrSafety(rapport::matcher::v1::Rule rule) {
  return rule == rapport::matcher::v1::RULE_LICENCE || rule == rapport::matcher::v1::RULE_AGE_GROUP ||
         rule == rapport::matcher::v1::RULE_CONCERN_DECLINED;
}

absl::Status LeftSinceTheRanking() {
  return runtime::Error(
      absl::StatusCode::kFailedPrecondition, kNoLongerFits,
      "the therapist has left the directory since the ranking: record the offer as declined, which "
      "ranks again");
}

// The matcher's refusal of a seat, as a caller of intake gets it.
absl::Status NotReserved(const absl::Status& refusal, const v1::Referral& referral) {
  const std::string reason = runtime::ReasonOf(refusal);
  if (reason == kNoFreeSeat || reason == kNoLongerFits || reason == kNeedsTriage) return refusal;
  if (absl::IsNotFound(refusal)) {
    return runtime::Error(absl::StatusCode::kFailedPrecondition, kNoFreeSeat,
                          "the therapist has left the directory since the ranking");
  }
  if (MatcherAway(refusal)) {
    return runtime::WithRetryAfter(
        runtime::Error(absl::StatusCode::kUnavailable, kMatcherAway,
                       "the matcher could not be asked for a seat; the referral is as it was, try again"),
        kRankAgainAfter);
  }
  if (absl::IsInvalidArgument(refusal)) return NotItsWords(referral);
  return absl::InternalError(
      absl::StrCat("the matcher refused a reservation: ", absl::StatusCodeToString(refusal.code()), " ",
                   runtime::ReasonOf(refusal)));
}

}  // namespace

template <typename Request>
Commands::Intent Commands::IntentOf(const Call& call, WriteCall write, const Request& request) {
  return {write, KeyOf(call.identity.network, NameOf(write), request.request_id(), request),
          request.referral_id(), request.etag()};
}

Commands::Answered Commands::CreateReferral(const Call& call, const v1::CreateReferralRequest& request) {
  if (absl::Status valid = CheckRequest(parts_.catalog, request); !valid.ok()) return valid;
  const RequestKey key = KeyOf(call.identity.network, "CreateReferral", request.request_id(), request);
  Record record{.network = call.identity.network, .referral = {}};
  record.referral.set_referral_id(parts_.ids.NewId("ref"));
  record.referral.set_client_id(request.client_id());
  record.referral.set_state(v1::REFERRAL_STATE_DRAFT);
  *record.referral.mutable_needs() = request.needs();
  record.referral.mutable_needs()->DiscardUnknownFields();  // nobody has checked them
  StampRisk(parts_.clock.Now(), *record.referral.mutable_needs());
  NoteRisk(parts_.catalog, record.referral);

  std::optional<v1::Referral> answered_before;
  std::string notice;
  absl::Status done = parts_.db.Write([&](Transaction& tx) -> absl::Status {
    absl::StatusOr<std::optional<v1::Referral>> answer = FindAnswer(tx, key);
    if (!answer.ok()) return answer.status();
    answered_before = *std::move(answer);
    if (answered_before.has_value()) return absl::OkStatus();
    const absl::Time now = parts_.clock.Now();
    if (absl::Status inserted = Insert(tx, record, now); !inserted.ok()) return inserted;
    absl::StatusOr<std::string> told = TellRisk(tx, record.network, nullptr, record.referral, now);
    if (!told.ok()) return told.status();
    notice = *std::move(told);
    return RecordAnswer(tx, key, record.referral, now);
  });
  if (!done.ok()) return done;
  if (answered_before.has_value()) return *std::move(answered_before);
  parts_.transitions.Announce(v1::REFERRAL_STATE_UNSPECIFIED, record);
  if (!notice.empty()) parts_.notices.TryNow(call, notice);
  return record.referral;
}

Commands::Answered Commands::UpdateNeeds(const Call& call, const v1::UpdateNeedsRequest& request) {
  if (absl::Status valid = CheckRequest(request); !valid.ok()) return valid;
  return Write(call, IntentOf(call, WriteCall::kUpdateNeeds, request),
               [&](Transaction& tx, Record& record) -> absl::StatusOr<std::string> {
                 v1::Referral& referral = record.referral;
                 const v1::Referral before = referral;
                 absl::Status merged = MergeNeeds(parts_.catalog, request, *referral.mutable_needs());
                 if (!merged.ok()) return merged;
                 referral.set_state(StateWithTherapist(referral).value_or(v1::REFERRAL_STATE_DRAFT));
                 const absl::Time now = parts_.clock.Now();
                 const auto& fields = request.update_fields();
                 const bool stated = std::find(fields.begin(), fields.end(), "risk") != fields.end();
                 StampRiskAgain(now, before.needs(), stated, *referral.mutable_needs());
                 NoteRiskAgain(parts_.catalog, before, referral);
                 return TellRisk(tx, record.network, &before, referral, now);
               });
}

Commands::Answered Commands::SubmitReferral(const Call& call, const v1::SubmitReferralRequest& request) {
  if (absl::Status valid = CheckRequest(request); !valid.ok()) return valid;
  return Write(call, IntentOf(call, WriteCall::kSubmitReferral, request),
               [&](Transaction&, Record& record) -> absl::StatusOr<std::string> {
                 if (absl::Status known = CheckWords(parts_.catalog, record.referral); !known.ok())
                   return known;
                 AskForRanking(parts_.catalog, parts_.clock.Now(), record);
                 return kNothingToTell;
               });
}

Commands::Answered Commands::ChooseTherapist(const Call& call, const v1::ChooseTherapistRequest& request) {
  if (absl::Status valid = CheckRequest(request); !valid.ok()) return valid;
  const Intent intent = IntentOf(call, WriteCall::kChooseTherapist, request);

  // Looked at before a seat is asked for, so that none is taken in vain; and again when the offer is written.
  Found found;
  absl::Status looked = parts_.db.Read([&](Transaction& tx) -> absl::Status {
    absl::StatusOr<Found> result = Look(tx, intent);
    if (!result.ok()) return result.status();
    found = *std::move(result);
    if (found.answer.has_value()) return absl::OkStatus();
    absl::Status known = CheckWords(parts_.catalog, found.record.referral);
    return known.ok() ? CheckChoice(found.record.referral, request.therapist_id()) : known;
  });
  if (!looked.ok()) return looked;
  if (found.answer.has_value()) return *std::move(found.answer);
  absl::StatusOr<directory::v1::Reservation> reservation =
      Reserve(call, intent, request.therapist_id(), found.record);
  if (!reservation.ok()) {
    ShowRefusal(call, intent, reservation.status());
    return reservation.status();
  }

  Answered offered = Write(call, intent, [&](Transaction&, Record& record) -> absl::StatusOr<std::string> {
    Offer(*reservation, parts_.clock.Now(), record.referral);
    ForgetRecordedRisk(record.referral);  // or there would be no seat
    return kNothingToTell;
  });
  if (!offered.ok()) GiveBack(call, intent, reservation->reservation_id());
  return offered;
}

// A referral at which a person must look first is in the list of those, whoever was the first to hear of it.
void Commands::ShowRefusal(const Call& call, const Intent& intent, const absl::Status& refusal) {
  if (runtime::ReasonOf(refusal) != kNeedsTriage) return;
  // With the etag that it was reserved under, the seat would never be found again.
  const std::string seat = runtime::MetadataOf(refusal, "reservation_id");
  Record record;
  bool shown = false;
  // The refusal is the answer, whatever becomes of this.
  (void)parts_.db.Write([&](Transaction& tx) -> absl::Status {
    shown = false;
    absl::StatusOr<Record> present = Load(tx, intent.key.network, intent.referral_id);
    if (!present.ok()) return present.status();
    record = *std::move(present);
    if (record.referral.etag() != intent.etag) return absl::OkStatus();
    if (!NoteRisk(parts_.catalog, record.referral)) NoteRecordedRisk(ReasonFor(refusal), record.referral);
    shown = true;
    const absl::Time now = parts_.clock.Now();
    if (!seat.empty()) {
      if (absl::Status told = TellRelease(tx, intent.key.network, seat, now); !told.ok()) return told;
    }
    return Save(tx, record, now);
  });
  if (!shown) {
    if (!seat.empty()) GiveBack(call, intent, seat);
    return;
  }
  parts_.transitions.Announce(record.referral.state(), record);
  if (!seat.empty()) parts_.notices.TryNow(call, seat);
}

// Somebody else was quicker, where the referral has another etag by now. This one never comes back, so
// neither will this reservation: the seat is given back now instead of when it expires; unless they made the
// same choice, and offer this very seat.
void Commands::GiveBack(const Call& call, const Intent& intent, const std::string& reservation_id) {
  bool given_back = false;
  absl::Status told = parts_.db.Write([&](Transaction& tx) -> absl::Status {
    absl::StatusOr<Record> present = Load(tx, intent.key.network, intent.referral_id);
    if (!present.ok()) return present.status();
    if (present->referral.etag() == intent.etag) return absl::OkStatus();
    const auto& attempts = present->referral.attempts();
    given_back = std::none_of(attempts.begin(), attempts.end(), [&](const v1::Attempt& attempt) {
      return attempt.reservation_id() == reservation_id;
    });
    if (!given_back) return absl::OkStatus();
    return TellRelease(tx, call.identity.network, reservation_id, parts_.clock.Now());
  });
  if (told.ok() && given_back) parts_.notices.TryNow(call, reservation_id);
}

Commands::Answered Commands::RespondToOffer(const Call& call, const v1::RespondToOfferRequest& request) {
  if (absl::Status valid = CheckRequest(request); !valid.ok()) return valid;
  const Intent intent = IntentOf(call, WriteCall::kRespondToOffer, request);
  std::optional<directory::v1::Reservation> renewed;
  if (request.answer() == v1::OFFER_ANSWER_ACCEPTED) {
    absl::StatusOr<Found> found = Look(intent);
    if (!found.ok()) return found.status();
    if (found->answer.has_value()) return *std::move(found->answer);
    absl::StatusOr<std::optional<directory::v1::Reservation>> secured =
        SecureSeat(call, intent, found->record);
    if (!secured.ok()) {
      ShowRefusal(call, intent, secured.status());
      return secured.status();
    }
    renewed = *std::move(secured);
  }
  Answered answered =
      Write(call, intent, [&](Transaction& tx, Record& record) -> absl::StatusOr<std::string> {
        const absl::Time now = parts_.clock.Now();
        if (renewed) {
          RenewSeat(*renewed, record.referral);
          ForgetRecordedRisk(record.referral);
        }
        Answer(request.answer(), now, record.referral);
        if (request.answer() != v1::OFFER_ANSWER_ACCEPTED) AskForRanking(parts_.catalog, now, record);
        const v1::Attempt& attempt = *record.referral.attempts().rbegin();
        absl::Status told = TellReach(tx, record.network, attempt.therapist_id(), attempt.reservation_id(),
                                      OutcomeOf(request.answer()), now);
        if (!told.ok()) return told;
        return attempt.reservation_id();
      });
  if (renewed && !answered.ok()) GiveBack(call, intent, renewed->reservation_id());
  return answered;
}

absl::StatusOr<std::optional<directory::v1::Reservation>> Commands::SecureSeat(const Call& call,
                                                                               const Intent& intent,
                                                                               const Record& record) {
  const v1::Attempt& attempt = *record.referral.attempts().rbegin();
  if (attempt.has_reserved_until() && contract::ToTime(attempt.reserved_until()) <= parts_.clock.Now()) {
    absl::StatusOr<directory::v1::Reservation> seat = Reserve(call, intent, attempt.therapist_id(), record);
    if (!seat.ok()) return seat.status();
    return *std::move(seat);
  }
  matcher::v1::ExplainMatchRequest request = AboutPresent(record.referral);
  // What the law asks for does not depend on risk, and needs at risk are not looked at.
  request.mutable_needs()->mutable_risk()->Clear();
  request.mutable_needs()->mutable_risk()->set_level(rapport::matcher::v1::RISK_LEVEL_NONE);
  const absl::StatusOr<matcher::v1::ExplainMatchResponse> match = parts_.matcher.ExplainMatch(call, request);
  if (runtime::ReasonOf(match.status()) == kUnknownTherapist) return LeftSinceTheRanking();
  if (runtime::ReasonOf(match.status()) == kMatcherAway) return match.status();
  // With the matcher away, the answer counts: nobody is kept waiting for a check.
  if (MatcherAway(match.status())) return std::nullopt;
  if (!match.ok()) return NotChecked(match.status(), record.referral);
  for (const matcher::v1::RuleVerdict& verdict : match->rules()) {
    if (verdict.passed() || !IsOfLawOrSafety(verdict.rule())) continue;
    return runtime::Error(
        absl::StatusCode::kFailedPrecondition, kNoLongerFits,
        absl::StrCat("the therapist may not take this client now (", verdict.sentence(),
                     "): record the offer as declined, which ranks again"),
        {{"therapist_id", attempt.therapist_id()}, {"rule", matcher::v1::Rule_Name(verdict.rule())}});
  }
  return std::nullopt;
}

Commands::Answered Commands::StartTherapy(const Call& call, const v1::StartTherapyRequest& request) {
  if (absl::Status valid = CheckRequest(request); !valid.ok()) return valid;
  return Write(call, IntentOf(call, WriteCall::kStartTherapy, request),
               [&](Transaction&, Record& record) -> absl::StatusOr<std::string> {
                 Start(parts_.clock.Now(), record.referral);
                 return kNothingToTell;
               });
}

Commands::Answered Commands::TryAnother(const Call& call, const v1::TryAnotherRequest& request) {
  if (absl::Status valid = CheckRequest(request); !valid.ok()) return valid;
  const Intent intent = IntentOf(call, WriteCall::kTryAnother, request);
  const absl::StatusOr<KnownRisk> known_risk = AskAboutRisk(call, intent);
  if (!known_risk.ok()) return known_risk.status();
  return Write(call, intent, [&](Transaction& tx, Record& record) -> absl::StatusOr<std::string> {
    const absl::Time now = parts_.clock.Now();
    if (absl::Status known = CheckWords(parts_.catalog, record.referral); !known.ok()) return known;
    record.min_as_of = std::max(record.min_as_of, request.min_as_of());
    if (known_risk->asked) ForgetRecordedRisk(record.referral);
    AskForRanking(parts_.catalog, now, record);
    if (known_risk->reason && record.referral.state() != v1::REFERRAL_STATE_NEEDS_TRIAGE) {
      NoteRecordedRisk(*known_risk->reason, record.referral);
      SendToTriage(record.referral);
    }
    // What the matcher knew of when it was asked last counts where it cannot be asked.
    if (HasRecordedRisk(record.referral)) SendToTriage(record.referral);
    // Whoever is at risk keeps the therapist they have.
    if (record.referral.state() == v1::REFERRAL_STATE_NEEDS_TRIAGE) return kNothingToTell;
    const std::string seat = EndAttempt(now, record.referral);
    if (absl::Status told = TellRelease(tx, record.network, seat, now); !told.ok()) return told;
    return seat;
  });
}

absl::StatusOr<Commands::KnownRisk> Commands::AskAboutRisk(const Call& call, const Intent& intent) {
  const absl::StatusOr<Found> found = Look(intent);
  if (!found.ok()) return found.status();
  if (found->answer.has_value() || found->begun || found->record.referral.attempts().empty())
    return KnownRisk();
  // The newest state that there is: one that is behind knows more than none.
  const absl::Status asked = parts_.matcher.ExplainMatch(call, AboutPresent(found->record.referral)).status();
  if (absl::IsInvalidArgument(asked)) return NotItsWords(found->record.referral);
  // It looks at risk first, and at the therapist, who may have left, then.
  if (asked.ok() || runtime::ReasonOf(asked) == kUnknownTherapist)
    return KnownRisk{.asked = true, .reason = std::nullopt};
  if (runtime::ReasonOf(asked) == kNeedsTriage) return KnownRisk{.asked = true, .reason = ReasonFor(asked)};
  // One that is there is asked until it answers: what it knows may be why a therapist is to be kept.
  if (runtime::ReasonOf(asked) == kMatcherAway) return asked;
  if (MatcherAway(asked)) return KnownRisk();
  return NotChecked(asked, found->record.referral);
}

Commands::Answered Commands::CloseReferral(const Call& call, const v1::CloseReferralRequest& request) {
  if (absl::Status valid = CheckRequest(request); !valid.ok()) return valid;
  return Write(call, IntentOf(call, WriteCall::kCloseReferral, request),
               [&](Transaction& tx, Record& record) -> absl::StatusOr<std::string> {
                 const absl::Time now = parts_.clock.Now();
                 const std::string seat = EndAttempt(now, record.referral);
                 record.referral.set_state(v1::REFERRAL_STATE_CLOSED);
                 record.referral.set_close_reason(request.reason());
                 record.referral.clear_triage_reasons();
                 if (seat.empty()) return kNothingToTell;
                 if (absl::Status told = TellRelease(tx, record.network, seat, now); !told.ok()) return told;
                 return seat;
               });
}

absl::StatusOr<Commands::Found> Commands::Look(const Intent& intent) const {
  Found found;
  absl::Status looked = parts_.db.Read([&](Transaction& tx) {
    absl::StatusOr<Found> result = Look(tx, intent);
    if (result.ok()) found = *std::move(result);
    return result.status();
  });
  if (!looked.ok()) return looked;
  return found;
}

absl::StatusOr<Commands::Found> Commands::Look(Transaction& tx, const Intent& intent) const {
  Found found;
  absl::StatusOr<std::optional<v1::Referral>> answer = FindAnswer(tx, intent.key);
  if (!answer.ok()) return answer.status();
  found.answer = *std::move(answer);
  if (found.answer.has_value()) return found;

  absl::StatusOr<Record> record = Load(tx, intent.key.network, intent.referral_id);
  if (!record.ok()) return record.status();
  found.record = *std::move(record);
  absl::StatusOr<bool> begun = WasBegun(tx, intent.key);
  if (!begun.ok()) return begun.status();
  found.begun = *begun;
  if (found.begun) return found;
  if (absl::Status current = CheckEtag(found.record, intent.etag); !current.ok()) return current;
  if (absl::Status legal = CheckLegal(found.record.referral.state(), intent.call); !legal.ok()) return legal;
  return found;
}

Commands::Answered Commands::Write(const Call& call, const Intent& intent, Change change) {
  Found found;
  v1::ReferralState before = v1::REFERRAL_STATE_UNSPECIFIED;
  std::string reservation;
  absl::Status done = parts_.db.Write([&](Transaction& tx) -> absl::Status {
    absl::StatusOr<Found> looked = Look(tx, intent);
    if (!looked.ok()) return looked.status();
    found = *std::move(looked);
    if (found.answer.has_value()) return absl::OkStatus();
    if (found.begun) {  // what was to be told may not have been: TryNow finds out
      const v1::Referral& referral = found.record.referral;
      if (!referral.attempts().empty()) reservation = referral.attempts().rbegin()->reservation_id();
      return absl::OkStatus();
    }
    before = found.record.referral.state();
    absl::StatusOr<std::string> changed = change(tx, found.record);
    if (!changed.ok()) return changed.status();
    reservation = *std::move(changed);
    const absl::Time now = parts_.clock.Now();
    if (absl::Status saved = Save(tx, found.record, now); !saved.ok()) return saved;
    // A ranking is still to come: the answer is recorded with it.
    if (found.record.referral.state() == v1::REFERRAL_STATE_SUBMITTED)
      return RecordBegun(tx, intent.key, now);
    return RecordAnswer(tx, intent.key, found.record.referral, now);
  });
  if (!done.ok()) return done;
  if (found.answer.has_value()) return *std::move(found.answer);
  if (!found.begun) parts_.transitions.Announce(before, found.record);
  if (!reservation.empty()) parts_.notices.TryNow(call, reservation);
  if (found.begun || found.record.referral.state() == v1::REFERRAL_STATE_SUBMITTED) {
    return Finish(call, intent, found.record);
  }
  return found.record.referral;
}

Commands::Answered Commands::Finish(const Call& call, const Intent& intent, const Record& record) {
  std::optional<absl::StatusOr<Record>> ranked;
  if (record.referral.state() == v1::REFERRAL_STATE_SUBMITTED) ranked = parts_.ranking.Rank(call, record);

  bool saved_ranking = false;
  v1::Referral result;
  absl::Status done = parts_.db.Write([&](Transaction& tx) -> absl::Status {
    absl::StatusOr<std::optional<v1::Referral>> answer = FindAnswer(tx, intent.key);
    if (!answer.ok()) return answer.status();
    if (answer->has_value()) {  // the same request, sent twice at once: the other was quicker
      result = **std::move(answer);
      return absl::OkStatus();
    }
    absl::StatusOr<Record> present = Load(tx, intent.key.network, intent.referral_id);
    if (!present.ok()) return present.status();
    const absl::Time now = parts_.clock.Now();
    // Whoever changed the referral during the ranking has the last word; this answer then shows what they
    // made of it.
    if (ranked.has_value() && present->referral.revision() == record.referral.revision()) {
      saved_ranking = ranked->ok();
      if (saved_ranking) *present = **ranked;
      absl::Status kept = saved_ranking ? Save(tx, *present, now)
                                        : SetRankAt(tx, *present, parts_.ranking.NextTry(ranked->status()));
      if (!kept.ok()) return kept;
      if (saved_ranking) **ranked = *present;
    }
    result = present->referral;
    return RecordAnswer(tx, intent.key, result, now);
  });
  if (!done.ok()) return done;
  if (saved_ranking) parts_.transitions.Announce(v1::REFERRAL_STATE_SUBMITTED, **ranked);
  return result;
}

absl::StatusOr<directory::v1::Reservation> Commands::Reserve(const Call& call, const Intent& intent,
                                                             const std::string& therapist_id,
                                                             const Record& record) {
  directory::v1::ReserveSlotRequest request;
  request.set_therapist_id(therapist_id);
  request.set_client_id(record.referral.client_id());
  *request.mutable_needs() = record.referral.needs();
  const auto expired = [&](const directory::v1::Reservation& seat) {
    return contract::ToTime(seat.expires_at()) <= parts_.clock.Now();
  };
  // The same for every try of the same choice, under whatever request id, so that it finds the seat that an
  // answer was lost for; another for the next etag, because a seat may have been given back since.
  const std::string choice = absl::StrCat(intent.referral_id, "\n", intent.etag, "\n", therapist_id);
  absl::StatusOr<directory::v1::Reservation> reservation;
  for (const std::string& seat : {choice, absl::StrCat(choice, "\n", intent.key.request_id)}) {
    request.set_request_id(absl::StrCat("reserve.", storage::request_ledger::Fingerprint(seat)));
    reservation = parts_.matcher.ReserveSlot(call, request);
    if (!reservation.ok()) return NotReserved(reservation.status(), record.referral);
    if (!expired(*reservation)) return reservation;
  }
  return runtime::Error(absl::StatusCode::kFailedPrecondition, kReservationEnded,
                        "the seat that an earlier try of this request reserved has expired: choose again "
                        "under a new request_id");
}

}  // namespace rapport::intake
