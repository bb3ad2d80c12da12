#include "services/matcher/directory.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "matcher/eligibility/rules.h"
#include "matcher/eligibility/sentences.h"
#include "services/contract/calendar.h"
#include "services/contract/convert.h"
#include "services/contract/limits.h"
#include "services/contract/update_fields.h"
#include "services/contract/validate.h"
#include "services/matcher/etag.h"
#include "services/matcher/event_codec.h"
#include "services/matcher/methods.h"
#include "services/matcher/reasons.h"
#include "services/matcher/responses.h"
#include "services/matcher/results.h"
#include "services/matcher/risk.h"
#include "services/runtime/errors.h"

namespace rapport::matcher_service {
namespace {

using runtime::Violations;

// A page of profiles ends early here, well below the limit of one message: the largest profile has some 70
// KiB.
constexpr std::size_t kMaxPageBytes = 3 << 20;

// A shortlist may be weeks old: a seat is given only to those who pass every rule today, but for whom the
// client has tried, which the caller knows.
absl::Status CheckFits(const matcher::Catalog& catalog, const matcher::v1::Needs& needs,
                       const matcher::Listing& listing, absl::Time now) {
  const matcher::Query query = matcher::MakeQuery(catalog, contract::ToDomain(catalog, needs), {}, now);
  const std::optional<matcher::Rule> failed = matcher::FirstFailed(matcher::FailedRules(query, listing));
  if (!failed) return absl::OkStatus();
  return runtime::Error(absl::StatusCode::kFailedPrecondition, kNoLongerFits,
                        absl::StrCat("therapist ", listing.therapist->id, " does not pass every rule now (",
                                     matcher::RuleSentence(*failed, catalog, query, listing, false),
                                     "): rank again, choose another"),
                        {{"therapist_id", listing.therapist->id},
                         {"rule", matcher::v1::Rule_Name(static_cast<matcher::v1::Rule>(*failed))}});
}

// The field of a profile in which a text stands that no catalog lists.
const char* FieldThatNames(const matcher::Therapist& therapist, const std::string& text) {
  if (therapist.place && therapist.place->region == text) return "place.region";
  if (therapist.fee && therapist.fee->currency == text) return "fee.currency";
  const auto names = [&text](const matcher::Credential& credential) { return credential.region == text; };
  return std::any_of(therapist.credentials.begin(), therapist.credentials.end(), names) ? "credentials"
                                                                                        : "languages";
}

// A profile that was confirmed before the one that is held, sent once more by a feed that has not heard of
// it: seats and wait are those of then. A confirmation far beyond `now` is of a clock that ran ahead, and
// none.
void KeepNewerAvailability(const matcher::Therapist& held, absl::Time now,
                           therapist::v1::Therapist& profile) {
  if (held.last_confirmed > now + contract::kMaxClockSkew ||
      !contract::IsValidTimestamp(profile.last_confirmed()) ||
      contract::ToTime(profile.last_confirmed()) >= held.last_confirmed) {
    return;
  }
  profile.set_seats(held.seats);
  profile.set_wait_weeks(held.wait_weeks);
  *profile.mutable_last_confirmed() = contract::ToTimestamp(held.last_confirmed);
}

}  // namespace

absl::Status UnknownTherapist(absl::string_view therapist_id) {
  return runtime::Error(absl::StatusCode::kNotFound, kUnknownTherapist,
                        absl::StrCat("no therapist ", therapist_id, " in this network"),
                        {{"therapist_id", std::string(therapist_id)}});
}

absl::Status MissingTherapist(const matcher::State& state, absl::string_view therapist_id) {
  if (state.departed.Find(therapist_id) == nullptr) return UnknownTherapist(therapist_id);
  return runtime::Error(absl::StatusCode::kNotFound, kUnknownTherapist,
                        absl::StrCat("therapist ", therapist_id, " has left this network"),
                        {{"therapist_id", std::string(therapist_id)}, {"left", "true"}});
}

absl::Status UnknownReservation() {
  return runtime::Error(absl::StatusCode::kNotFound, kUnknownReservation,
                        "no such reservation: it was given back, or never made");
}

directory::v1::RowResult Directory::UpsertOne(const matcher::State& state,
                                              const directory::v1::UpsertTherapistsRequest& row,
                                              absl::Time now, Upload& upload) const {
  directory::v1::RowResult result;
  result.set_line(row.line());
  if (row.therapist().therapist_id().size() <= contract::kMaxIdLength) {
    result.set_therapist_id(row.therapist().therapist_id());
  }
  therapist::v1::Therapist profile = row.therapist();
  profile.clear_etag();  // looked at below
  const matcher::Listing* known = state.directory.Find(profile.therapist_id());
  Violations violations;
  if (row.has_update_mask() && row.update_mask().paths().empty()) {
    violations.Add("update_mask", "must name the fields to change, or be absent");
  } else if (row.has_update_mask()) {
    const auto& fields = row.update_mask().paths();
    contract::ValidateUpdateFields(fields, *therapist::v1::Therapist::descriptor(),
                                   {"therapist_id", "etag", "seats_free"}, "update_mask", violations);
    if (known == nullptr) violations.Add("therapist_id", contract::kMaskNeedsKnown);
    if (violations.empty()) {
      profile = contract::ToProto(*parts_.catalog, *known->therapist);
      // Of a clock that ran ahead, and not this row's to answer for.
      if (known->therapist->last_confirmed > now + contract::kMaxClockSkew)
        *profile.mutable_last_confirmed() = contract::ToTimestamp(now);
      contract::CopyFields(fields, row.therapist(), profile);
    }
  }
  const matcher::Listing* confirmed = known != nullptr ? known : state.departed.Find(profile.therapist_id());
  if (violations.empty() && confirmed != nullptr) KeepNewerAvailability(*confirmed->therapist, now, profile);
  if (violations.empty()) contract::ValidateTherapist(*parts_.catalog, profile, now, "", violations);
  const std::string& etag = row.therapist().etag();
  const bool stale = !etag.empty() && (known == nullptr || !CheckEtag(*known, etag).ok());
  constexpr char kStale[] = "the profile was changed since it was read";
  if (!violations.empty()) {
    if (stale) violations.Add("etag", kStale);
    Refuse(violations, result);
    return result;
  }

  // What is kept is the canonical form, without what belongs to the directory.
  const matcher::Therapist therapist = contract::ToDomain(*parts_.catalog, profile);
  therapist::v1::Therapist canonical = contract::ToProto(*parts_.catalog, therapist);
  if (known == nullptr) {
    result.set_verdict(directory::v1::UPSERT_VERDICT_ADDED);
  } else if (contract::ToProto(*parts_.catalog, *known->therapist).SerializeAsString() ==
             canonical.SerializeAsString()) {
    result.set_verdict(
        directory::v1::UPSERT_VERDICT_UNCHANGED);  // whatever its etag: it may be sent once more
    return result;
  } else {
    result.set_verdict(directory::v1::UPSERT_VERDICT_CHANGED);
  }
  if (stale) {
    violations.Add("etag", kStale);
    Refuse(violations, result);
    return result;
  }
  std::vector<std::string> new_texts;
  state.directory.ForEachNewText(therapist, [&](const std::string& text) {
    if (!upload.new_texts.contains(text)) new_texts.push_back(text);
  });
  if (!new_texts.empty() &&
      state.directory.texts() + upload.new_texts.size() + new_texts.size() > contract::kMaxDirectoryTexts) {
    violations.Add(FieldThatNames(therapist, new_texts.front()),
                   absl::StrCat("must name what this network knows: ", contract::kMaxDirectoryTexts,
                                " different regions, languages and currencies were named already, and \"",
                                new_texts.front(), "\" is another"));
    Refuse(violations, result);
    return result;
  }
  upload.new_texts.insert(new_texts.begin(), new_texts.end());
  log::v1::Event event;
  *event.mutable_therapist_upserted()->mutable_therapist() = std::move(canonical);
  upload.draft.events.push_back(std::move(event));
  return result;
}

absl::Status Directory::Upsert(const runtime::Call& call,
                               const std::vector<directory::v1::UpsertTherapistsRequest>& rows,
                               Verdicts& verdicts) {
  // A row is decided against the state before its commit, so one therapist stands in a commit once.
  for (std::size_t next = 0; next < rows.size();) {
    std::size_t end = next;
    absl::flat_hash_set<std::string> seen;
    while (end < rows.size() && seen.insert(rows[end].therapist().therapist_id()).second) ++end;
    Write write{call.identity.network, {}, "", {}};
    write.decide = [&](const Head& head) -> absl::StatusOr<Draft> {
      Upload upload;
      directory::v1::UpsertTherapistsResponse part;
      for (std::size_t i = next; i < end; ++i)
        *part.add_rows() = UpsertOne(head.state, rows[i], head.now, upload);
      part.set_position(head.state.position + static_cast<std::int64_t>(upload.draft.events.size()));
      upload.draft.response = part.SerializeAsString();
      return std::move(upload.draft);
    };
    auto part = ParseResponse<directory::v1::UpsertTherapistsResponse>(parts_.writer.Run(std::move(write)));
    if (!part.ok()) return part.status();
    for (const directory::v1::RowResult& row : part->rows()) verdicts.Add(row);
    verdicts.Reached(part->position());
    next = end;
  }
  return absl::OkStatus();
}

absl::StatusOr<directory::v1::GetTherapistResponse> Directory::Get(
    const runtime::Call& call, const directory::v1::GetTherapistRequest& request) const {
  Violations violations;
  contract::ValidateId(request.therapist_id(), "therapist_id", violations);
  if (!violations.empty()) return violations.ToStatus();
  const auto state = parts_.networks.Head(call.identity.network);
  const matcher::Listing* listing = state->directory.Find(request.therapist_id());
  if (listing == nullptr) return MissingTherapist(*state, request.therapist_id());
  directory::v1::GetTherapistResponse response;
  *response.mutable_therapist() = ListingToProto(*parts_.catalog, *listing, parts_.clock.Now());
  return response;
}

absl::StatusOr<directory::v1::ListTherapistsResponse> Directory::List(
    const runtime::Call& call, const directory::v1::ListTherapistsRequest& request) const {
  Violations violations;
  if (request.page_size() < 0 || request.page_size() > contract::kMaxPageSize) {
    violations.Add("page_size", absl::StrCat("must be 1 to ", contract::kMaxPageSize, ", or 0 for ",
                                             contract::kDefaultPageSize));
  }
  const std::string query = absl::StrCat(kListTherapists.full_name, " ", call.identity.network);
  std::string after;
  if (!request.page_token().empty()) {
    absl::StatusOr<std::string> position = parts_.page_tokens.Decode(request.page_token(), query);
    if (position.ok()) {
      after = *std::move(position);
    } else {
      for (const auto& item : runtime::ViolationsOf(position.status()))
        violations.Add(item.field_path, item.description);
    }
  }
  if (!violations.empty()) return violations.ToStatus();

  const int page_size = request.page_size() == 0 ? contract::kDefaultPageSize : request.page_size();
  const auto state = parts_.networks.Head(call.identity.network);
  directory::v1::ListTherapistsResponse response;
  const absl::Time now = parts_.clock.Now();
  std::size_t bytes = 0;
  by_id_.ForEachAfter(call.identity.network, *state, after, [&](const matcher::Listing& listing) {
    therapist::v1::Therapist profile = ListingToProto(*parts_.catalog, listing, now);
    bytes += profile.ByteSizeLong();
    if (response.therapists_size() == page_size || bytes > kMaxPageBytes) {
      const std::string& last = response.therapists(response.therapists_size() - 1).therapist_id();
      response.set_next_page_token(parts_.page_tokens.Encode(last, query));
      return false;
    }
    *response.add_therapists() = std::move(profile);
    return true;
  });
  return response;
}

absl::StatusOr<directory::v1::DeleteTherapistResponse> Directory::Delete(
    const runtime::Call& call, const directory::v1::DeleteTherapistRequest& request) {
  Violations violations;
  contract::ValidateId(request.request_id(), "request_id", violations);
  contract::ValidateId(request.therapist_id(), "therapist_id", violations);
  if (!violations.empty()) return violations.ToStatus();
  const auto decide = [&](const Head& head) -> absl::StatusOr<Draft> {
    const matcher::Listing* listing = head.state.directory.Find(request.therapist_id());
    if (listing == nullptr) return MissingTherapist(head.state, request.therapist_id());
    if (absl::Status etag = CheckEtag(*listing, request.etag()); !etag.ok()) return etag;
    log::v1::Event event;
    event.mutable_therapist_deleted()->set_therapist_id(request.therapist_id());
    directory::v1::DeleteTherapistResponse response;
    response.set_position(head.state.position + 1);
    return DraftOf(std::move(event), response);
  };
  return ParseResponse<directory::v1::DeleteTherapistResponse>(parts_.writer.Run(
      RememberedWrite(call, kDeleteTherapist.full_name, request.request_id(), request, decide)));
}

absl::StatusOr<directory::v1::ConfirmAvailabilityResponse> Directory::Confirm(
    const runtime::Call& call, const directory::v1::ConfirmAvailabilityRequest& request) {
  Violations violations;
  contract::ValidateId(request.request_id(), "request_id", violations);
  contract::ValidateId(request.therapist_id(), "therapist_id", violations);
  if (request.has_seats())
    contract::ValidateRange(request.seats(), 0, contract::kMaxSeats, "seats", violations);
  if (request.has_wait_weeks()) {
    contract::ValidateRange(request.wait_weeks(), 0, contract::kMaxWaitWeeks, "wait_weeks", violations);
  }
  if (!violations.empty()) return violations.ToStatus();
  const auto decide = [&](const Head& head) -> absl::StatusOr<Draft> {
    const matcher::Listing* listing = head.state.directory.Find(request.therapist_id());
    if (listing == nullptr) return MissingTherapist(head.state, request.therapist_id());
    if (absl::Status etag = CheckEtag(*listing, request.etag()); !etag.ok()) return etag;
    log::v1::Event event;
    log::v1::AvailabilityConfirmed& confirmed = *event.mutable_availability_confirmed();
    confirmed.set_therapist_id(request.therapist_id());
    *confirmed.mutable_confirmed_at() = contract::ToTimestamp(head.now);
    if (request.has_seats()) confirmed.set_seats(request.seats());
    if (request.has_wait_weeks()) confirmed.set_wait_weeks(request.wait_weeks());
    // The answer shows the profile after the event: fold it into a copy, which shares all but what it
    // touches.
    matcher::State after = head.state;
    *event.mutable_recorded_at() = contract::ToTimestamp(head.now);
    matcher::Apply(ToDomain(*parts_.catalog, after.position + 1, event), after);
    directory::v1::ConfirmAvailabilityResponse response;
    *response.mutable_therapist() =
        ListingToProto(*parts_.catalog, *after.directory.Find(request.therapist_id()), head.now);
    response.set_position(after.position);
    return DraftOf(std::move(event), response);
  };
  return ParseResponse<directory::v1::ConfirmAvailabilityResponse>(parts_.writer.Run(
      RememberedWrite(call, kConfirmAvailability.full_name, request.request_id(), request, decide)));
}

absl::StatusOr<directory::v1::ReserveSlotResponse> Directory::Reserve(
    const runtime::Call& call, const directory::v1::ReserveSlotRequest& request) {
  Violations violations;
  contract::ValidateId(request.request_id(), "request_id", violations);
  contract::ValidateId(request.therapist_id(), "therapist_id", violations);
  contract::ValidateId(request.client_id(), "client_id", violations);
  contract::ValidateContext(*parts_.catalog, request.concerns(), request.wishes(), "", violations);
  if (request.has_needs()) contract::ValidateNeeds(*parts_.catalog, request.needs(), "needs", violations);
  if (!violations.empty()) return violations.ToStatus();
  if (request.has_needs()) {
    const matcher::v1::Risk& risk = request.needs().risk();
    if (absl::Status stated = CheckStatedRisk(*parts_.catalog, risk); !stated.ok()) return stated;
  }
  const auto decide = [&](const Head& head) -> absl::StatusOr<Draft> {
    // First, as everywhere: who is at risk must not be told of seats instead.
    if (request.has_needs()) {
      absl::Status risk = CheckNotedRisk(head.state, request.client_id(),
                                         AskedAt(request.needs().risk(), head.now), head.now);
      if (!risk.ok()) return risk;
    }
    const matcher::Listing* listing = head.state.directory.Find(request.therapist_id());
    if (listing == nullptr) return MissingTherapist(head.state, request.therapist_id());
    if (listing->SeatsFree(head.now) == 0) {
      return runtime::Error(
          absl::StatusCode::kFailedPrecondition, kNoFreeSeat,
          absl::StrCat("therapist ", request.therapist_id(), " has no free seat: choose another"));
    }
    if (request.has_needs()) {
      if (absl::Status fits = CheckFits(*parts_.catalog, request.needs(), *listing, head.now); !fits.ok())
        return fits;
    }
    log::v1::Event event;
    log::v1::SlotReserved& reserved = *event.mutable_slot_reserved();
    reserved.set_reservation_id(parts_.ids.NewId("rsv"));
    reserved.set_therapist_id(request.therapist_id());
    reserved.set_client_id(request.client_id());
    *reserved.mutable_expires_at() = contract::ToTimestamp(head.now + parts_.catalog->settings().reservation);
    if (request.has_needs()) {
      *reserved.mutable_needs() = request.needs();
      reserved.mutable_needs()->clear_risk();
    } else {
      *reserved.mutable_context()->mutable_concerns() = request.concerns();
      *reserved.mutable_context()->mutable_wishes() = request.wishes();
    }
    directory::v1::ReserveSlotResponse response;
    reserved.DiscardUnknownFields();  // nobody has checked them
    response.mutable_reservation()->set_reservation_id(reserved.reservation_id());
    response.mutable_reservation()->set_therapist_id(reserved.therapist_id());
    *response.mutable_reservation()->mutable_expires_at() = reserved.expires_at();
    response.set_position(head.state.position + 1);
    return DraftOf(std::move(event), response);
  };
  Write write = RememberedWrite(call, kReserveSlot.full_name, request.request_id(), request, decide);
  // What became known since the answer counts; the seat is named, so that it can be given back.
  write.recall = [&](const Head& head, const std::string& answered) -> absl::Status {
    directory::v1::ReserveSlotResponse response;
    if (!request.has_needs() || !response.ParseFromString(answered)) return absl::OkStatus();
    // One that is over holds no seat; whoever asked goes on to another.
    if (contract::ToTime(response.reservation().expires_at()) <= head.now) return absl::OkStatus();
    return CheckNotedRisk(head.state, request.client_id(), AskedAt(request.needs().risk(), head.now),
                          head.now, response.reservation().reservation_id());
  };
  return ParseResponse<directory::v1::ReserveSlotResponse>(parts_.writer.Run(std::move(write)));
}

absl::StatusOr<directory::v1::ReleaseSlotResponse> Directory::Release(
    const runtime::Call& call, const directory::v1::ReleaseSlotRequest& request) {
  Violations violations;
  contract::ValidateId(request.request_id(), "request_id", violations);
  contract::ValidateId(request.reservation_id(), "reservation_id", violations);
  if (!violations.empty()) return violations.ToStatus();
  const auto decide = [&](const Head& head) -> absl::StatusOr<Draft> {
    if (head.state.ListingOfReservation(request.reservation_id()) == nullptr) return UnknownReservation();
    log::v1::Event event;
    event.mutable_slot_released()->set_reservation_id(request.reservation_id());
    directory::v1::ReleaseSlotResponse response;
    response.set_position(head.state.position + 1);
    return DraftOf(std::move(event), response);
  };
  return ParseResponse<directory::v1::ReleaseSlotResponse>(parts_.writer.Run(
      RememberedWrite(call, kReleaseSlot.full_name, request.request_id(), request, decide)));
}

}  // namespace rapport::matcher_service
