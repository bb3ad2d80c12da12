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

// A place on the unit sphere, near enough to settle most distances without a sine.
struct SpherePoint {
  float x = 0;
  float y = 0;
  float z = 0;
};
SpherePoint PointOf(const Coordinates& place);

// What the straight line between two points says of a distance limit.
class DistanceLimit {
 public:
  // `limit_km`: any number; not a number lets nobody pass, as the comparison itself does.
  explicit DistanceLimit(double limit_km);

  enum class Answer { kWithin, kBeyond, kTooCloseToSay };
  // Whether GreatCircleKm between the points' places is within the limit. Too close to say: within some five
  // metres of it, or one part in 100,000.
  Answer Compare(const SpherePoint& a, const SpherePoint& b) const {
    const float x = a.x - b.x;
    const float y = a.y - b.y;
    const float z = a.z - b.z;
    const float square = x * x + y * y + z * z;
    if (square < within_) return Answer::kWithin;
    return square > beyond_ ? Answer::kBeyond : Answer::kTooCloseToSay;
  }

 private:
  float within_ = -1;  // squares of chords of the unit sphere
  float beyond_ = -1;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_DISTANCE_H_
