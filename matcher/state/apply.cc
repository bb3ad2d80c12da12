// One function for each kind of event; each says what the event does to the state, and nothing else.
#include <algorithm>
#include <atomic>
#include <cassert>
#include <utility>
#include <vector>

#include "matcher/capacity/reach.h"
#include "matcher/fit/bond_form.h"
#include "matcher/state/state.h"

namespace rapport::matcher {
namespace {

// Reservations that ended long ago are dropped when the next one is made: late answers have come by then.
constexpr absl::Duration kKeepEnded = absl::Hours(24 * 30);

// Puts a listing into the directory, with what is known of the therapist.
void PutListing(std::shared_ptr<const Listing> listing, State& state) {
  const Standing standing = StandingOf(state, *listing);
  state.directory.Put(std::move(listing), standing);
}

// Puts a changed listing where the old one was.
void Store(std::shared_ptr<const Listing> listing, State& state) {
  const std::string id = listing->therapist->id;
  if (state.directory.Find(id) != nullptr) {
    PutListing(std::move(listing), state);
  } else {
    state.departed.Set(id, std::move(listing));
  }
}

std::int64_t NewRoster() {
  static std::atomic<std::int64_t> last = 0;
  return ++last;
}

// When a therapist was last heard from. What lies far beyond the event was written by a clock that ran ahead:
// it must not keep newer words out until then. Clocks of two machines may differ a little.
absl::Time Newest(absl::Time known, absl::Time stated, const Event& entry) {
  constexpr absl::Duration kClocksDiffer = absl::Minutes(5);
  return known > entry.recorded_at + kClocksDiffer ? stated : std::max(known, stated);
}

void Fold(const TherapistUpserted& event, const Event& entry, State& state) {
  auto listing = std::make_shared<Listing>();
  const std::string& id = event.therapist->id;
  const Listing* known = state.directory.Find(id);
  if (known == nullptr) known = state.departed.Find(id);
  if (known != nullptr) *listing = *known;
  listing->last_confirmed = known == nullptr
                                ? event.therapist->last_confirmed
                                : Newest(known->last_confirmed, event.therapist->last_confirmed, entry);
  listing->therapist = event.therapist;
  listing->changed_at = entry.position;
  if (state.directory.Find(id) == nullptr) state.roster = NewRoster();
  PutListing(std::move(listing), state);
  state.departed.Erase(id);
}

void Fold(const TherapistDeleted& event, const Event&, State& state) {
  std::shared_ptr<const Listing> listing = state.directory.Share(event.therapist_id);
  if (listing == nullptr) return;
  state.directory.Remove(event.therapist_id);
  state.roster = NewRoster();
  state.departed.Set(event.therapist_id, std::move(listing));
}

void Fold(const AvailabilityConfirmed& event, const Event& entry, State& state) {
  const Listing* known = state.directory.Find(event.therapist_id);
  if (known == nullptr) return;
  auto therapist = std::make_shared<Therapist>(*known->therapist);
  therapist->last_confirmed = Newest(therapist->last_confirmed, event.confirmed_at, entry);
  if (event.seats) therapist->seats = *event.seats;
  if (event.wait_weeks) therapist->wait_weeks = *event.wait_weeks;
  auto listing = std::make_shared<Listing>(*known);
  listing->therapist = std::move(therapist);
  listing->changed_at = entry.position;
  listing->last_confirmed = Newest(listing->last_confirmed, event.confirmed_at, entry);
  PutListing(std::move(listing), state);
}

void Fold(const SlotReserved& event, const Event& entry, State& state) {
  const Listing* known = state.directory.Find(event.therapist_id);
  if (known == nullptr) return;
  auto listing = std::make_shared<Listing>(*known);
  std::erase_if(listing->reservations, [&](const Reservation& reservation) {
    const bool ended = !reservation.settled && reservation.expires_at + kKeepEnded < entry.recorded_at;
    if (ended) state.reservations.Erase(reservation.id);
    return ended;
  });
  listing->reservations.push_back({event.reservation_id, event.client_id, event.expires_at, false});
  PutListing(std::move(listing), state);
  state.reservations.Set(event.reservation_id, std::make_shared<std::string>(event.therapist_id));
  state.model.RememberContext(event.client_id, event.context);
  if (event.needs) {
    state.needs.Set(event.client_id, std::make_shared<const Needs>(*event.needs));
  } else if (event.needs_lost) {
    state.needs.Erase(event.client_id);
  }
}

void Fold(const SlotReleased& event, const Event&, State& state) {
  const std::shared_ptr<const Listing> known = state.ListingOfReservation(event.reservation_id);
  if (known == nullptr) return;
  auto listing = std::make_shared<Listing>(*known);
  std::erase_if(listing->reservations,
                [&](const Reservation& reservation) { return reservation.id == event.reservation_id; });
  Store(std::move(listing), state);
  state.reservations.Erase(event.reservation_id);
}

void Fold(const FitRecorded& event, const Event&, State& state) {
  const Listing* known = state.directory.Find(event.fit_check.therapist_id);
  state.model.Learn(event.fit_check, known != nullptr ? known->therapist.get() : nullptr);
  // What was learned moves one therapist's line; effects common to all are no part of it.
  if (known != nullptr) state.directory.Restate(event.fit_check.therapist_id, StandingOf(state, *known));
  const FitCheckList* earlier = state.fit_checks.Find(event.fit_check.client_id);
  auto said =
      earlier != nullptr ? std::make_shared<FitCheckList>(*earlier) : std::make_shared<FitCheckList>();
  said->push_back(std::make_shared<const FitCheck>(event.fit_check));
  state.fit_checks.Set(event.fit_check.client_id, std::move(said));
}

void NoteDeclined(const std::string& client_id, const std::string& therapist_id, State& state) {
  std::vector<std::string> by;
  if (const std::vector<std::string>* known = state.declined.Find(client_id)) by = *known;
  const auto at = std::lower_bound(by.begin(), by.end(), therapist_id);
  if (at != by.end() && *at == therapist_id) return;
  by.insert(at, therapist_id);
  state.declined.Set(client_id, std::make_shared<std::vector<std::string>>(std::move(by)));
}

void Fold(const ReachRecorded& event, const Event& entry, State& state) {
  std::shared_ptr<const Listing> known = state.directory.Share(event.therapist_id);
  if (known == nullptr) known = state.departed.Share(event.therapist_id);
  if (known == nullptr) return;
  auto listing = std::make_shared<Listing>(*known);
  const bool accepted = event.outcome == ReachOutcome::kAccepted;
  switch (event.outcome) {
    case ReachOutcome::kAccepted:
      ++listing->offers.accepted;
      break;
    case ReachOutcome::kDeclined:
      ++listing->offers.declined;
      break;
    case ReachOutcome::kNoAnswer:
      ++listing->offers.unanswered;
      break;
  }
  // An answer of either kind shows that somebody is there.
  if (event.outcome != ReachOutcome::kNoAnswer) {
    listing->last_confirmed = Newest(listing->last_confirmed, event.occurred_at, entry);
  }
  if (accepted) {
    for (Reservation& reservation : listing->reservations) {
      if (reservation.id == event.reservation_id) reservation.settled = true;
    }
  } else if (!event.reservation_id.empty()) {
    for (const Reservation& reservation : listing->reservations) {
      if (reservation.id == event.reservation_id)
        NoteDeclined(reservation.client_id, event.therapist_id, state);
    }
    std::erase_if(listing->reservations,
                  [&](const Reservation& reservation) { return reservation.id == event.reservation_id; });
    state.reservations.Erase(event.reservation_id);
  }
  Store(std::move(listing), state);
}

void Fold(const RiskRecorded& event, const Event&, State& state) {
  const RiskNote note{event.look_first, event.known_at};
  const RiskNotes* known = state.risk.Find(event.client_id);
  RiskNotes notes = known != nullptr ? *known : RiskNotes();
  if (!Supersedes(note, notes.Of(event.source))) return;
  notes.Of(event.source) = note;
  state.risk.Set(event.client_id, std::make_shared<const RiskNotes>(notes));
}

void Fold(const ModelPublished& event, const Event&, State& state) {
  // Parameters that know what they were estimated from have a map of their own.
  if (event.calibration && state.model.parameters().seen == 0) state.model.SetCalibration(*event.calibration);
}

}  // namespace

bool Supersedes(const RiskNote& later, const RiskNote& known) {
  if (later.known_at != known.known_at) return later.known_at > known.known_at;
  return later.look_first && !known.look_first;
}

std::optional<absl::Time> RiskNotes::LookAskedAt() const {
  std::optional<absl::Time> asked;
  if (person.look_first) asked = person.known_at;
  const bool answered = !person.look_first && person.known_at > scores.known_at;
  if (scores.look_first && !answered) asked = asked ? std::max(*asked, scores.known_at) : scores.known_at;
  return asked;
}

State::State(std::shared_ptr<const Catalog> words, Parameters parameters)
    : catalog(std::move(words)),
      directory(LineShape{static_cast<int>(catalog->lists().style_dimensions.size()),
                          static_cast<int>(catalog->lists().facets.size()),
                          FadingPerSecond(catalog->settings())}),
      model(catalog, std::move(parameters)) {}

State::State(std::shared_ptr<const Catalog> words) : State(words, DayZero(*words)) {}

namespace {

double LogAccess(const Settings& settings, const Listing& listing) {
  return BelieveReach(settings, listing.offers, absl::ZeroDuration()).log_probability +
         LogStartProbability(settings, listing.therapist->wait_weeks);
}

// What was heard of a therapist; `known` is null where nothing was.
Standing HeardOf(const State& state, const TherapistState* known) {
  TherapistAnswers answers = AnswersAbout(state.model, known);
  Standing standing;
  standing.mean = answers.mean;
  standing.variance = answers.variance;
  standing.felt = std::move(answers.felt);
  for (const TrackRecord& record : answers.records)
    standing.records.push_back({record.concern, record.mean, record.along, record.variance});
  return standing;
}

Standing StandingOf(const State& state, const Listing& listing, const TherapistState* known) {
  Standing standing = HeardOf(state, known);
  standing.log_access = LogAccess(state.catalog->settings(), listing);
  return standing;
}

}  // namespace

Standing StandingOf(const State& state, const Listing& listing) {
  return StandingOf(state, listing, state.model.TherapistOf(listing.therapist->id));
}

void FillDirectory(const std::vector<std::shared_ptr<const Listing>>& listings, State& state) {
  // Most have not been answered about: they are put in as such, and the others looked up once.
  state.directory.Fill(
      listings.size(), [&](std::size_t i) -> const std::shared_ptr<const Listing>& { return listings[i]; },
      [&](const Listing& listing) { return LogAccess(state.catalog->settings(), listing); },
      HeardOf(state, nullptr));
  state.roster = NewRoster();
  state.model.ForEachTherapist([&](const std::string& id, const TherapistState& known) {
    const Listing* listing = state.directory.Find(id);
    if (listing != nullptr) state.directory.Restate(id, StandingOf(state, *listing, &known));
  });
}

std::shared_ptr<const Listing> State::ListingOfReservation(absl::string_view reservation_id) const {
  const std::string* therapist_id = reservations.Find(reservation_id);
  if (therapist_id == nullptr) return nullptr;
  std::shared_ptr<const Listing> listing = directory.Share(*therapist_id);
  return listing != nullptr ? listing : departed.Share(*therapist_id);
}

void Apply(const Event& event, State& state) {
  assert(event.position == state.position + 1);
  std::visit([&](const auto& what) { Fold(what, event, state); }, event.what);
  state.position = event.position;
}

}  // namespace rapport::matcher
