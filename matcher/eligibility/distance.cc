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

SpherePoint PointOf(const Coordinates& place) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double latitude = place.latitude * kRadians;
  const double longitude = place.longitude * kRadians;
  return {static_cast<float>(std::cos(latitude) * std::cos(longitude)),
          static_cast<float>(std::cos(latitude) * std::sin(longitude)),
          static_cast<float>(std::sin(latitude))};
}

DistanceLimit::DistanceLimit(double limit_km) {
  // Points are rounded to 2^-24 of the radius (0.4 m) in each of three coordinates, differences and squares
  // to as much of themselves.
  constexpr double kNear = 5e-3 / kEarthRadiusKm;
  constexpr double kRelative = 1e-5;
  const double angle = limit_km / kEarthRadiusKm;
  const auto chord = [](double of) { return 2 * std::sin(std::clamp(of, 0.0, std::numbers::pi) / 2); };
  const double within = chord(angle) * (1 - kRelative) - kNear;
  const double beyond = chord(angle) * (1 + kRelative) + kNear;
  // Near antipodes a chord says little of the arc: none is beyond, and few are within.
  if (within > 0) within_ = static_cast<float>(within * within);
  beyond_ = std::isnan(angle) || angle < 0 ? -1 : static_cast<float>(angle > 3 ? 5 : beyond * beyond);
}

}  // namespace rapport::matcher
