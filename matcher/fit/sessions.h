// What the sessions of one pair tell beside each other. Of what an answer shows beyond client, therapist and
// features a share r lasts in the pair: the mean of n answers has noise r + (1 − r) / n, and together they
// tell no more than 1 / r first ones.
#ifndef RAPPORT_MATCHER_FIT_SESSIONS_H_
#define RAPPORT_MATCHER_FIT_SESSIONS_H_

#include <algorithm>
#include <cstdint>

#include "matcher/domain/catalog.h"

namespace rapport::matcher {

// What lasts is never all of it: the next session has a noise of its own.
inline constexpr double kMostLasting = .95;

// r = (G − s) / (1 − s), where G is the settings' session_reliability and s the share of variance that
// client, therapist and track record explain; 0 to kMostLasting.
inline double LastingShare(const Settings& settings) {
  const double shared = settings.therapist_variance_share + settings.client_variance_share +
                        settings.track_record_variance_share;
  return std::clamp((settings.session_reliability - shared) / (1 - shared), 0.0, kMostLasting);
}

// Weight of the next answer after `answers` earlier ones, a first one's being 1: the weights of the first n
// add up to n / (1 + (n − 1) r) for every n.
inline double NextWeight(std::int32_t answers, double lasting) {
  if (answers == 0) return 1;
  return (1 - lasting) / ((1 + answers * lasting) * (1 + (answers - 1) * lasting));
}

// Weight of each of `answers`, told together: the same sum, in equal parts.
inline double EvenWeight(std::int32_t answers, double lasting) {
  return 1 / (1 + (answers - 1) * lasting);
}

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_SESSIONS_H_
