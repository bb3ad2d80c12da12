// See readings.h.
#include "services/feedback/readings.h"

#include <algorithm>

#include "services/contract/convert.h"
#include "services/contract/triage.h"

namespace rapport::feedback {

v1::RecordInstrumentResponse ReadScores(const matcher::Catalog& catalog, const v1::InstrumentScores& scores) {
  v1::RecordInstrumentResponse response;
  for (const matcher::v1::Answer& score : scores.scores()) {
    const matcher::Scale& scale = *contract::FindScale(catalog, scores.instrument(), score.id());
    v1::ScaleReading& reading = *response.add_readings();
    reading.set_scale(score.id());
    reading.set_score(score.value());
    reading.set_beyond_cut_off(contract::BeyondCutOff(scale, score.value()));
    if (contract::AsksForTriage(scale, score.value())) response.set_triage_advised(true);
  }
  return response;
}

bool AskForTriage(const matcher::Catalog& catalog, const v1::InstrumentScores& scores) {
  return std::any_of(scores.scores().begin(), scores.scores().end(), [&](const matcher::v1::Answer& score) {
    const matcher::Scale* scale = contract::FindScale(catalog, scores.instrument(), score.id());
    return scale != nullptr && contract::AsksForTriage(*scale, score.value());
  });
}

void LastScores::Add(const v1::InstrumentScores& scores) {
  const absl::Time filled_in = contract::ToTime(scores.occurred_at());
  for (const matcher::v1::Answer& score : scores.scores()) {
    const auto [last, first] =
        last_.try_emplace({scores.instrument(), score.id()}, Score{filled_in, score.value()});
    if (!first && filled_in > last->second.filled_in) last->second = {filled_in, score.value()};
  }
}

bool LastScores::AskForTriage(const matcher::Catalog& catalog) const {
  return std::any_of(last_.begin(), last_.end(), [&catalog](const auto& each) {
    const matcher::Scale* scale = contract::FindScale(catalog, each.first.first, each.first.second);
    return scale != nullptr && contract::AsksForTriage(*scale, each.second.value);
  });
}

}  // namespace rapport::feedback
