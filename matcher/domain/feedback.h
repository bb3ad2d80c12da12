// What one client said after one session, ready for the model.
#ifndef RAPPORT_MATCHER_DOMAIN_FEEDBACK_H_
#define RAPPORT_MATCHER_DOMAIN_FEEDBACK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "matcher/domain/needs.h"
#include "matcher/domain/words.h"

namespace rapport::matcher {

// Silence is none of these, and never recorded as a bad match.
enum class Verdict { kWouldContinue = 1, kUnsure = 2, kWouldNotContinue = 3 };

// A raw answer: fit question or facet id, or "instrument.scale"; on its own scale.
struct Answer {
  std::string id;
  double value = 0;
};

struct FitCheck {
  std::string id;
  std::string client_id;
  std::string therapist_id;
  int session_number = 0;
  absl::Time occurred_at;
  std::optional<Verdict> verdict;
  std::vector<Answer> answers;
  WordSet frictions;
  std::optional<ClientContext> context;  // none: as known from the client's reservation
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_DOMAIN_FEEDBACK_H_
