// What can happen in a network. The matcher's state is a fold of these, in the order of the log.
#ifndef RAPPORT_MATCHER_STATE_EVENT_H_
#define RAPPORT_MATCHER_STATE_EVENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/time/time.h"
#include "matcher/domain/feedback.h"
#include "matcher/domain/needs.h"
#include "matcher/domain/therapist.h"
#include "matcher/fit/model.h"

namespace rapport::matcher {

struct TherapistUpserted {
  std::shared_ptr<const Therapist> therapist;  // not null
};

struct TherapistDeleted {
  std::string therapist_id;
};

struct AvailabilityConfirmed {
  std::string therapist_id;
  absl::Time confirmed_at;
  std::optional<int> seats;
  std::optional<double> wait_weeks;
};

struct SlotReserved {
  std::string reservation_id;
  std::string therapist_id;
  std::string client_id;
  absl::Time expires_at;
  ClientContext context;
  std::optional<Needs> needs;  // in full, where they came with the reservation; their context is `context`
  // They came, and the catalog no longer has what must hold: nothing is known of the client's needs any more.
  bool needs_lost = false;
};

struct SlotReleased {
  std::string reservation_id;
};

struct FitRecorded {
  FitCheck fit_check;
};

enum class ReachOutcome { kAccepted = 1, kDeclined = 2, kNoAnswer = 3 };

struct ReachRecorded {
  std::string therapist_id;
  std::string reservation_id;  // empty: the offer was made without one
  ReachOutcome outcome = ReachOutcome::kNoAnswer;
  absl::Time occurred_at;
};

// A model was published. A state that holds this event was folded with the model's parameters from the first
// event on, so that at this place of the log nothing is left to do; but that earlier programs kept here the
// calibration map to go on with.
struct ModelPublished {
  std::optional<Calibration> calibration;
};

// Something became known of a client's risk: that a person must look first, or has looked; from scores, that
// they ask for a look, or ask no more.
enum class RiskSource { kScores = 1, kPerson = 2 };

struct RiskRecorded {
  std::string client_id;
  RiskSource source = RiskSource::kPerson;
  bool look_first = false;
  absl::Time known_at;
};

// One entry of the log.
struct Event {
  std::int64_t position = 0;  // 1, 2, 3 ... without gaps
  absl::Time recorded_at;
  std::variant<TherapistUpserted, TherapistDeleted, AvailabilityConfirmed, SlotReserved, SlotReleased,
               FitRecorded, ReachRecorded, ModelPublished, RiskRecorded>
      what;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_STATE_EVENT_H_
