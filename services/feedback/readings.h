// What scores say by themselves: beside their published cut-offs, and whether a person should look now.
#ifndef RAPPORT_SERVICES_FEEDBACK_READINGS_H_
#define RAPPORT_SERVICES_FEEDBACK_READINGS_H_

#include <map>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "matcher/domain/catalog.h"
#include "rapport/feedback/v1/feedback.pb.h"

namespace rapport::feedback {

// The answer to these scores: a reading for each, in their order, and triage_advised; nothing else is set.
// The cut-off itself counts as beyond: at or above it where lower is better, at or below it where higher is
// better. REQUIRES: the scores were validated against this catalog.
v1::RecordInstrumentResponse ReadScores(const matcher::Catalog& catalog, const v1::InstrumentScores& scores);

// True when one of these scores asks for a person to look first. Scales that the catalog does not have ask
// nothing.
bool AskForTriage(const matcher::Catalog& catalog, const v1::InstrumentScores& scores);

// The last score of each scale that a client has filled in.
class LastScores {
 public:
  // Takes scores in any order: the last are those filled in last, of two at the same moment the first taken.
  void Add(const v1::InstrumentScores& scores);

  // True when one of them asks for a person to look first. Scales that the catalog does not have ask nothing.
  bool AskForTriage(const matcher::Catalog& catalog) const;

 private:
  struct Score {
    absl::Time filled_in;
    double value = 0;
  };
  std::map<std::pair<std::string, std::string>, Score> last_;  // by instrument and scale
};

}  // namespace rapport::feedback

#endif  // RAPPORT_SERVICES_FEEDBACK_READINGS_H_
