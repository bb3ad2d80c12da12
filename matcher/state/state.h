// The matcher's state of one network: a fold of its log. A value: copies share what they have in common, so a
// reader holds one version for a request while a writer makes the next.
#ifndef RAPPORT_MATCHER_STATE_STATE_H_
#define RAPPORT_MATCHER_STATE_STATE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "matcher/domain/catalog.h"
#include "matcher/domain/therapist.h"
#include "matcher/eligibility/index.h"
#include "matcher/fit/model.h"
#include "matcher/state/event.h"
#include "matcher/versioned/map.h"

namespace rapport::matcher {

// What one client has said, in the order of the log.
using FitCheckList = std::vector<std::shared_ptr<const FitCheck>>;

// What one source says of a client's risk.
struct RiskNote {
  bool look_first = false;  // a person must look before anybody is ranked
  absl::Time known_at = absl::InfinitePast();
};

// True when a note `later` takes the place of `known`, of the same source: it is newer, or of the same moment
// and more careful.
bool Supersedes(const RiskNote& later, const RiskNote& known);

// The newest notes of a client's risk.
struct RiskNotes {
  RiskNote scores, person;

  RiskNote& Of(RiskSource source) { return source == RiskSource::kScores ? scores : person; }
  const RiskNote& Of(RiskSource source) const { return source == RiskSource::kScores ? scores : person; }

  // Since when a look is asked for; nothing: it is not. Scores that ask no more say nothing against a person
  // who does; a person who has looked has answered what scores asked for before.
  std::optional<absl::Time> LookAskedAt() const;
};

// Thread-safety: any number of threads may read one State; a State that anybody reads must not be changed,
// but a copy of it may.
struct State {
  // Day 0.
  explicit State(std::shared_ptr<const Catalog> words);
  // With a published model's parameters, which are of this catalog (CheckParameters).
  State(std::shared_ptr<const Catalog> words, Parameters parameters);

  std::shared_ptr<const Catalog> catalog;
  std::int64_t position = 0;  // of the last event folded in
  Index directory;            // profiles held now
  // Another number whenever somebody comes to the directory or leaves it, never the same again in this
  // process: states with the same one hold the same people.
  std::int64_t roster = 0;
  VersionedMap<Listing>
      departed;  // profiles removed, with their seats and offers, for the case of their return
  VersionedMap<std::string> reservations;  // reservation id → therapist id
  Model model;
  VersionedMap<Needs> needs;              // by client id: as last reserved with
  VersionedMap<FitCheckList> fit_checks;  // by client id
  // By client id: therapists who declined a seat of theirs or did not answer; sorted.
  VersionedMap<std::vector<std::string>> declined;
  VersionedMap<RiskNotes> risk;  // by client id

  // The listing that a reservation belongs to, held or departed; null when there is no such reservation.
  std::shared_ptr<const Listing> ListingOfReservation(absl::string_view reservation_id) const;
};

// What ranking reads of a therapist beside the profile, as known now: what the directory's lines hold.
Standing StandingOf(const State& state, const Listing& listing);

// Puts `listings` into the directory of a state that has none there yet, in one pass: what a start from a
// snapshot does once the model is set.
void FillDirectory(const std::vector<std::shared_ptr<const Listing>>& listings, State& state);

// Folds the next event in: its position must be state.position + 1. Deterministic, and total: what it says
// was checked when it was appended, and an event about something that is not there changes nothing but the
// position.
void Apply(const Event& event, State& state);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_STATE_STATE_H_
