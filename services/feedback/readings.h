// What scores say by themselves: beside their published cut-offs, and whether a person should look now.
#ifndef RAPPORT_SERVICES_FEEDBACK_READINGS_H_
#define RAPPORT_SERVICES_FEEDBACK_READINGS_H_

#include "matcher/domain/catalog.h"
#include "rapport/feedback/v1/feedback.pb.h"

namespace rapport::feedback {

// The answer to these scores: a reading for each, in their order, and triage_advised; nothing else is set.
// The cut-off itself counts as beyond: at or above it where lower is better, at or below it where higher is
// better. REQUIRES: the scores were validated against this catalog.
v1::RecordInstrumentResponse ReadScores(const matcher::Catalog& catalog, const v1::InstrumentScores& scores);

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_READINGS_H_
