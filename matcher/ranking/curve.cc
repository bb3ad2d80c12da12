#include "matcher/ranking/curve.h"

#include <cmath>
#include <limits>

#include "matcher/fit/model.h"

namespace rapport::matcher {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
// Room for the rounding of the formula itself, far above it.
constexpr double kRounding = 1e-9;

float Above(double value) {
  return std::nextafter(static_cast<float>(value + kRounding), kInfinity);
}
float Below(double value) {
  return std::nextafter(static_cast<float>(value - kRounding), -kInfinity);
}

}  // namespace

// upper_[i] holds up to knot i, z = kFirst + i / kCellsPerUnit; the last entry for all z.
BondCurve::BondCurve(absl::FunctionRef<double(double)> log_bond) {
  for (int i = 0; i <= kCells; ++i) {
    const double value = log_bond(kFirst + i / static_cast<double>(kCellsPerUnit));
    upper_.push_back(Above(value));
    lower_.push_back(Below(value));
  }
  upper_.push_back(Above(log_bond(std::numeric_limits<double>::max())));
}

const BondCurve& BondCurve::Standard() {
  static const BondCurve curve([](double z) { return std::log(LatentBond{z, 0}.Probability()); });
  return curve;
}

float BondCurve::Lower(float low) const {
  // The difference may have been rounded up to a knot that `low` lies below.
  const float cell = std::floor(std::nextafter(low - kFirst, -kInfinity) * kCellsPerUnit);
  if (!(cell >= 0)) return -kInfinity;
  return lower_[static_cast<std::size_t>(cell < kCells ? cell : kCells)];
}

float BondCurve::Upper(float high) const {
  const float cell = std::floor((high - kFirst) * kCellsPerUnit) + 1;
  if (std::isnan(cell)) return kInfinity;
  if (cell < 0) return upper_[0];
  return upper_[static_cast<std::size_t>(cell < kCells + 1 ? cell : kCells + 1)];
}

}  // namespace rapport::matcher
