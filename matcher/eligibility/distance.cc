#include "matcher/eligibility/distance.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rapport::matcher {

double GreatCircleKm(const Coordinates& a, const Coordinates& b) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double half_latitude = std::sin((b.latitude - a.latitude) * kRadians / 2);
  const double half_longitude = std::sin((b.longitude - a.longitude) * kRadians / 2);
  const double haversine = half_latitude * half_latitude + std::cos(a.latitude * kRadians) *
                                                               std::cos(b.latitude * kRadians) *
                                                               half_longitude * half_longitude;
  // Rounding may lift it just above 1 between antipodes.
  return 2 * kEarthRadiusKm * std::asin(std::sqrt(std::min(1.0, haversine)));
}

}  // namespace rapport::matcher
