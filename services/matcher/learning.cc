#include "services/matcher/learning.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/contract/calendar.h"
#include "services/contract/limits.h"
#include "services/contract/validate.h"
#include "services/matcher/directory.h"
#include "services/matcher/methods.h"
#include "services/matcher/reasons.h"
#include "services/matcher/responses.h"
#include "services/runtime/errors.h"
#include "services/storage/event_log.h"

namespace rapport::matcher_service {
namespace {

using matcher::v1::RecordFitRequest;
using matcher::v1::RecordFitResponse;
using matcher::v1::RecordReachRequest;
using matcher::v1::RecordReachResponse;
using matcher::v1::RecordRiskRequest;
using matcher::v1::RecordRiskResponse;
using runtime::Violations;

void Validate(const matcher::Catalog& catalog, const RecordFitRequest& request, absl::Time now,
              Violations& violations) {
  contract::ValidateId(request.fit_check_id(), "fit_check_id", violations);
  contract::ValidateId(request.client_id(), "client_id", violations);
  contract::ValidateId(request.therapist_id(), "therapist_id", violations);
  contract::ValidateRange(request.session_number(), 0, contract::kMaxSessionNumber, "session_number",
                          violations);
  contract::ValidatePastTimestamp(request.has_occurred_at(), request.occurred_at(), now, "occurred_at",
                                  violations);
  if (!matcher::v1::Verdict_IsValid(request.verdict())) violations.Add("verdict", "is not a known verdict");
  contract::ValidateAnswers(catalog, request.answers(), "answers", violations);
  contract::ValidateFrictions(catalog, request.frictions(), "frictions", violations);
  if (request.has_context()) {
    contract::ValidateContext(catalog, request.context().concerns(), request.context().wishes(), "context",
                              violations);
    contract::ValidateOwn(catalog, request.context().own_tags(), request.context().attributes(), "context",
                          violations);
  }
  if (request.verdict() == matcher::v1::VERDICT_UNSPECIFIED && request.answers().empty() &&
      request.frictions().empty()) {
    violations.Add("verdict", "required where there is no answer and no friction: silence is not recorded");
  }
}

log::v1::FitRecorded EventOf(const RecordFitRequest& request) {
  log::v1::FitRecorded event;
  event.set_fit_check_id(request.fit_check_id());
  event.set_client_id(request.client_id());
  event.set_therapist_id(request.therapist_id());
  event.set_session_number(request.session_number());
  *event.mutable_occurred_at() = request.occurred_at();
  event.set_verdict(request.verdict());
  *event.mutable_answers() = request.answers();
  *event.mutable_frictions() = request.frictions();
  if (request.has_context()) *event.mutable_context() = request.context();
  event.DiscardUnknownFields();  // nobody has checked them
  return event;
}

bool Known(const matcher::State& state, const std::string& therapist_id) {
  return state.directory.Find(therapist_id) != nullptr || state.departed.Find(therapist_id) != nullptr;
}

// Whether an offer made with this reservation can still be answered so.
absl::Status CheckReservation(const Head& head, const RecordReachRequest& request) {
  const auto listing = head.state.ListingOfReservation(request.reservation_id());
  if (listing == nullptr || listing->therapist->id != request.therapist_id()) return UnknownReservation();
  const auto reservation =
      std::find_if(listing->reservations.begin(), listing->reservations.end(),
                   [&](const matcher::Reservation& each) { return each.id == request.reservation_id(); });
  if (reservation->settled) {
    return runtime::Error(absl::StatusCode::kFailedPrecondition, kReservationEnded,
                          "this offer was accepted before; give the seat back with ReleaseSlot");
  }
  // A late yes still counts while there is a seat for it.
  const bool accepted = request.outcome() == matcher::v1::REACH_OUTCOME_ACCEPTED;
  if (accepted && !reservation->HoldsAt(head.now) && listing->SeatsFree(head.now) == 0) {
    return runtime::Error(absl::StatusCode::kFailedPrecondition, kReservationEnded,
                          "the reservation has ended, and the seat was given to somebody else");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RecordFitResponse> Learning::RecordFit(const runtime::Call& call,
                                                      const RecordFitRequest& request) {
  Violations violations;
  Validate(*catalog_, request, clock_.Now(), violations);
  if (!violations.empty()) return violations.ToStatus();

  Write write{call.identity.network, {}, "", {}};
  write.decide = [&](const Head& head) -> absl::StatusOr<Draft> {
    const std::string source_key = absl::StrCat("fit:", request.fit_check_id());
    absl::StatusOr<std::optional<storage::event_log::Event>> earlier =
        storage::event_log::FindBySourceKey(head.transaction, call.identity.network, source_key);
    if (!earlier.ok()) return earlier.status();
    log::v1::Event event;
    *event.mutable_fit_recorded() = EventOf(request);
    RecordFitResponse response;
    Draft draft;
    if (*earlier) {
      log::v1::Event recorded;
      if (!recorded.ParseFromString((*earlier)->payload))
        return absl::DataLossError("an event cannot be read");
      if (recorded.fit_recorded().SerializeAsString() != event.fit_recorded().SerializeAsString()) {
        return runtime::Error(
            absl::StatusCode::kAlreadyExists, kFitCheckChanged,
            "this fit_check_id was recorded with other content: a fit check is never changed");
      }
      response.set_position((*earlier)->position);
      response.set_already_recorded(true);
      draft.response = response.SerializeAsString();
      return draft;
    }
    if (!Known(head.state, request.therapist_id())) return UnknownTherapist(request.therapist_id());
    response.set_position(head.state.position + 1);
    draft.events.push_back(std::move(event));
    draft.source_key = source_key;
    draft.response = response.SerializeAsString();
    return draft;
  };
  return ParseResponse<RecordFitResponse>(writer_.Run(std::move(write)));
}

absl::StatusOr<RecordReachResponse> Learning::RecordReach(const runtime::Call& call,
                                                          const RecordReachRequest& request) {
  Violations violations;
  contract::ValidateId(request.request_id(), "request_id", violations);
  contract::ValidateId(request.therapist_id(), "therapist_id", violations);
  contract::ValidateOptionalId(request.reservation_id(), "reservation_id", violations);
  if (request.outcome() == matcher::v1::REACH_OUTCOME_UNSPECIFIED ||
      !matcher::v1::ReachOutcome_IsValid(request.outcome())) {
    violations.Add("outcome", "must say what became of the offer: accepted, declined or no answer");
  }
  contract::ValidatePastTimestamp(request.has_occurred_at(), request.occurred_at(), clock_.Now(),
                                  "occurred_at", violations);
  if (!violations.empty()) return violations.ToStatus();

  const auto decide = [&](const Head& head) -> absl::StatusOr<Draft> {
    if (!Known(head.state, request.therapist_id())) return UnknownTherapist(request.therapist_id());
    if (!request.reservation_id().empty()) {
      if (absl::Status status = CheckReservation(head, request); !status.ok()) return status;
    }
    log::v1::Event event;
    log::v1::ReachRecorded& reach = *event.mutable_reach_recorded();
    reach.set_therapist_id(request.therapist_id());
    reach.set_reservation_id(request.reservation_id());
    reach.set_outcome(request.outcome());
    *reach.mutable_occurred_at() = request.occurred_at();
    RecordReachResponse response;
    response.set_position(head.state.position + 1);
    return DraftOf(std::move(event), response);
  };
  return ParseResponse<RecordReachResponse>(
      writer_.Run(RememberedWrite(call, kRecordReach.full_name, request.request_id(), request, decide)));
}

absl::StatusOr<RecordRiskResponse> Learning::RecordRisk(const runtime::Call& call,
                                                        const RecordRiskRequest& request) {
  Violations violations;
  contract::ValidateId(request.client_id(), "client_id", violations);
  if (request.source() == matcher::v1::RISK_SOURCE_UNSPECIFIED ||
      !matcher::v1::RiskSource_IsValid(request.source())) {
    violations.Add("source", "must say who says so: scores or a person");
  }
  contract::ValidatePastTimestamp(request.has_known_at(), request.known_at(), clock_.Now(), "known_at",
                                  violations);
  if (!violations.empty()) return violations.ToStatus();

  Write write{call.identity.network, {}, "", {}};
  write.decide = [&](const Head& head) -> absl::StatusOr<Draft> {
    // A clock that runs ahead must not outdo a look that is taken now.
    const matcher::RiskNote note{request.look_first(),
                                 std::min(contract::ToTime(request.known_at()), head.now)};
    const matcher::RiskNotes* known = head.state.risk.Find(request.client_id());
    const auto source = static_cast<matcher::RiskSource>(request.source());
    RecordRiskResponse response;
    response.set_position(head.state.position);
    Draft draft;
    if (known == nullptr || matcher::Supersedes(note, known->Of(source))) {
      log::v1::Event event;
      log::v1::RiskRecorded& recorded = *event.mutable_risk_recorded();
      recorded.set_client_id(request.client_id());
      recorded.set_source(request.source());
      recorded.set_look_first(note.look_first);
      *recorded.mutable_known_at() = contract::ToTimestamp(note.known_at);
      draft.events.push_back(std::move(event));
      response.set_position(head.state.position + 1);
    }
    draft.response = response.SerializeAsString();
    return draft;
  };
  return ParseResponse<RecordRiskResponse>(writer_.Run(std::move(write)));
}

}  // namespace rapport::matcher_service
