// From a fit check to numbers: which channels were answered, and what a friction says of those that were not.
#ifndef RAPPORT_MATCHER_FIT_OBSERVATION_H_
#define RAPPORT_MATCHER_FIT_OBSERVATION_H_

#include <optional>
#include <vector>

#include "Eigen/Core"
#include "matcher/domain/catalog.h"
#include "matcher/domain/feedback.h"

namespace rapport::matcher {

// The latent verdict lies in (low, high], low < high; "unsure" is no bond yet, and no refusal. Where the
// catalog has no third answer (an unsure_width of 0) it says no more than that: z <= 0, as a refusal does.
struct VerdictInterval {
  double low = 0;
  double high = 0;
};

// One answer by one client about one therapist, standardised.
struct Observation {
  std::optional<VerdictInterval> verdict;
  // By channel, in norm standard deviations, higher is better; channel 0 is always empty. Size J.
  std::vector<std::optional<double>> answers;

  bool empty() const;
  // Channels that were answered, in ascending order; the verdict, where it was given, is the first.
  std::vector<int> Channels() const;
};

// Standardises a fit check. Several answers for one channel are averaged. A friction counts as an answer one
// standard deviation below the norm on each facet it speaks of, where the client gave none, or as low as the
// mean of what they gave, where that is lower: what got in the way is no praise. Answers that the catalog
// does not know are left out. `unsure_width`: of the model that looks (UnsureWidth).
Observation Observe(const Catalog& catalog, const FitCheck& fit_check, double unsure_width);
// The same, with the width that the catalog states.
Observation Observe(const Catalog& catalog, const FitCheck& fit_check);

// What the frictions of a fit check say of the client's wishes, by style dimension. Size: style dimensions.
Eigen::VectorXd HintedStyleWish(const Catalog& catalog, const FitCheck& fit_check);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_OBSERVATION_H_
