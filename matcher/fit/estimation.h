// Parameters by expectation maximisation: each step solves the mixed-model equations for what is expected of
// everybody's effects, and takes the covariances that fit those best.
#ifndef RAPPORT_MATCHER_FIT_ESTIMATION_H_
#define RAPPORT_MATCHER_FIT_ESTIMATION_H_

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "matcher/fit/evidence.h"
#include "matcher/fit/parameters.h"
#include "matcher/fit/refit.h"

namespace rapport::matcher {

struct Estimate {
  Parameters parameters;
  int iterations = 0;
};

// Begins at `start`; `day_zero` counts as options.day_zero_weight people, and says what effects of features
// are believed to be. Calls progress(share done). Writes the likelihoods of `evidence`'s rows.
// INTERNAL: the equations could not be solved, or an estimate was not finite. CANCELLED: `cancelled` said so.
absl::StatusOr<Estimate> EstimateParameters(const Parameters& day_zero, const Parameters& start,
                                            const RefitOptions& options, Evidence& evidence,
                                            absl::FunctionRef<void(double)> progress,
                                            absl::FunctionRef<bool()> cancelled);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_ESTIMATION_H_
