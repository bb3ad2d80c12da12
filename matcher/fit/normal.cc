#include "matcher/fit/normal.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace rapport::matcher {
namespace {

constexpr int kNodes = 40;

// Nodes and weights of Gauss-Legendre quadrature on [-1, 1], by Newton's method on the Legendre polynomial.
struct Quadrature {
  std::array<double, kNodes> node;
  std::array<double, kNodes> weight;

  Quadrature() {
    for (int i = 0; i < kNodes; ++i) {
      double x = std::cos(std::numbers::pi * (i + .75) / (kNodes + .5));
      double slope = 0;
      for (int step = 0; step < 100; ++step) {
        double before = 1, value = x;
        for (int n = 2; n <= kNodes; ++n) {
          const double next = ((2 * n - 1) * x * value - (n - 1) * before) / n;
          before = value;
          value = next;
        }
        slope = kNodes * (x * value - before) / (x * x - 1);
        const double change = value / slope;
        x -= change;
        if (std::abs(change) < 1e-15) break;
      }
      node[i] = x;
      weight[i] = 2 / ((1 - x * x) * slope * slope);
    }
  }
};

}  // namespace

double NormalCdf(double z) {
  return .5 * std::erfc(-z * std::numbers::sqrt2 / 2);
}

double NormalQuantile(double p) {
  // A rough start from the logistic distribution, then Newton steps kept short enough not to leave the tail.
  double z = std::clamp(std::log(p / (1 - p)) / 1.702, -8.0, 8.0);
  for (int step = 0; step < 60; ++step) {
    const double density = std::exp(-.5 * z * z) / std::sqrt(2 * std::numbers::pi);
    const double change = std::clamp((NormalCdf(z) - p) / density, -.5, .5);
    z -= change;
    if (std::abs(change) < 1e-13) break;
  }
  return z;
}

Moments TruncatedNormal(double mean, double variance, double low, double high) {
  static const Quadrature quadrature;
  const double sd = std::sqrt(variance);
  const double a = (low - mean) / sd;
  const double b = (high - mean) / sd;
  const double mode = std::clamp(0.0, a, b);
  // Outside this range the density is below e^-40 of its height at the mode.
  const double reach = std::sqrt(mode * mode + 80) - std::abs(mode);
  const double from = std::max(a, mode - (mode < 0 ? reach : std::sqrt(80.0)));
  const double to = std::min(b, mode + (mode > 0 ? reach : std::sqrt(80.0)));
  const double half = .5 * (to - from);
  double mass = 0, first = 0, second = 0;
  for (int i = 0; i < kNodes; ++i) {
    const double step = from - mode + half * (quadrature.node[i] + 1);  // distance from the mode
    const double density = quadrature.weight[i] * std::exp(-step * (mode + .5 * step));
    mass += density;
    first += density * step;
    second += density * step * step;
  }
  const double shift = first / mass;
  const double spread = std::clamp(second / mass - shift * shift, 1e-12, 1.0);
  return {.mean = mean + sd * (mode + shift), .variance = variance * spread};
}

}  // namespace rapport::matcher
