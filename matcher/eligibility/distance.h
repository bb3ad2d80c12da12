// Distance on the Earth, in one place: rules, index and explanations must agree to the last bit.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_DISTANCE_H_
#define RAPPORT_MATCHER_ELIGIBILITY_DISTANCE_H_

#include "matcher/domain/therapist.h"

namespace rapport::matcher {

// Mean radius R1 of the Earth (Moritz, Geodetic Reference System 1980).
inline constexpr double kEarthRadiusKm = 6371.0088;

// Great-circle distance in kilometres by the haversine formula: exact enough (0.5 %) at every distance, poles
// and antimeridian included. Never negative, never NaN for latitudes of -90 to 90.
double GreatCircleKm(const Coordinates& a, const Coordinates& b);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_DISTANCE_H_
