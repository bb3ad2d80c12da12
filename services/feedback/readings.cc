// See readings.h.
#include "services/feedback/readings.h"

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

}  // namespace rapport::feedback
