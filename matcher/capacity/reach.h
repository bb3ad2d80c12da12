// Access before fit: the belief that a therapist answers and takes the client, and that the client attends
// after the wait. Most listings that people call are unusable, so availability is believed, not known.
#ifndef RAPPORT_MATCHER_CAPACITY_REACH_H_
#define RAPPORT_MATCHER_CAPACITY_REACH_H_

#include "absl/time/time.h"
#include "matcher/domain/catalog.h"
#include "matcher/domain/therapist.h"

namespace rapport::matcher {

// P(reach) = α / (α + β) · 2^(−age / half-life): the mean of a Beta posterior over offers answered, which
// fades with the time since the profile was last confirmed.
struct ReachBelief {
  double log_probability = 0;
  double taken = 1;       // α
  double not_taken = 1;   // β
  double log_fading = 0;  // at most 0

  // Logarithms of the median and of the ends of the central 95 % interval of P(reach), whose log odds before
  // fading are taken for normal with their own mean ψ(α) − ψ(β) and variance ψ₁(α) + ψ₁(β): the ends are
  // within .06 of the Beta's own with the default prior, whatever was offered (.10 where α or β is 1).
  struct Interval {
    double low = 0;
    double median = 0;
    double high = 0;
  };
  Interval LogInterval() const;
};

// The belief about a therapist. `age` is the time since the profile was last confirmed; below zero counts as
// zero.
ReachBelief BelieveReach(const Settings& settings, const OfferCounts& offers, absl::Duration age);

// By how much log P(reach) falls in a second without a confirmation: ln 2 / half-life.
double FadingPerSecond(const Settings& settings);

// log P(start): the odds of attending fall by a constant factor with each week of waiting. `wait_weeks` ≥ 0.
double LogStartProbability(const Settings& settings, double wait_weeks);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_CAPACITY_REACH_H_
