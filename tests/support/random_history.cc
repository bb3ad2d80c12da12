#include "tests/support/random_history.h"

#include "absl/strings/str_cat.h"

namespace rapport::matcher {
namespace {

FitCheck MakeFitCheck(RandomNetwork& network, const std::string& therapist, std::int64_t number) {
  FitCheck fit_check;
  fit_check.id = absl::StrCat("f", number);
  fit_check.client_id = absl::StrCat("c", network.Below(30));
  fit_check.therapist_id = therapist;
  if (network.Chance(80)) fit_check.verdict = static_cast<Verdict>(1 + network.Below(3));
  for (const char* id : {"bond", "heard", "safe"}) {
    if (network.Chance(50)) fit_check.answers.push_back({id, static_cast<double>(network.Below(11))});
  }
  fit_check.frictions = network.Words(2, 20);
  if (network.Chance(50)) fit_check.context = network.MakeNeeds().context;
  return fit_check;
}

}  // namespace

std::vector<Event> RandomHistory(RandomNetwork& network, int therapists, int length) {
  std::vector<Event> history;
  for (std::int64_t position = 1; position <= length; ++position) {
    const std::string therapist = absl::StrCat("t", network.Below(static_cast<std::uint64_t>(therapists)));
    const std::string reservation = absl::StrCat("r", network.Below(static_cast<std::uint64_t>(position)));
    const absl::Time now = RandomNetwork::Now() - absl::Minutes(length - position);
    Event event{position, now, {}};
    const std::uint64_t kind = network.Below(20);
    if (kind < 7) {
      event.what = TherapistUpserted{network.MakeListing(therapist)->therapist};
    } else if (kind == 7) {
      event.what = TherapistDeleted{therapist};
    } else if (kind == 8) {
      event.what = AvailabilityConfirmed{therapist, now, static_cast<int>(network.Below(4)), {}};
    } else if (kind < 12) {
      event.what = SlotReserved{absl::StrCat("r", position),          therapist,
                                absl::StrCat("c", network.Below(30)), now + absl::Hours(1),
                                network.MakeNeeds().context,          {}};
    } else if (kind == 12) {
      event.what = SlotReleased{reservation};
    } else if (kind < 15) {
      event.what = ReachRecorded{therapist, network.Chance(50) ? reservation : "",
                                 static_cast<ReachOutcome>(1 + network.Below(3)), now};
    } else {
      event.what = FitRecorded{MakeFitCheck(network, therapist, position)};
    }
    history.push_back(std::move(event));
  }
  return history;
}

}  // namespace rapport::matcher
