// The standard normal distribution, and the moments of a normal variable that is known only to lie in an
// interval.
#ifndef RAPPORT_MATCHER_FIT_NORMAL_H_
#define RAPPORT_MATCHER_FIT_NORMAL_H_

namespace rapport::matcher {

// Φ(z), accurate in both tails.
double NormalCdf(double z);

// Φ⁻¹(p) for 0 < p < 1, to 1e-12.
double NormalQuantile(double p);

struct Moments {
  double mean = 0;
  double variance = 0;
};

// Mean and variance of N(mean, variance) given that it lies between `low` and `high` (either may be infinite,
// low < high). By quadrature around the mode of the truncated density, so that it holds far in the tails too
// (relative error below 1e-8). The variance is above 0 and at most `variance`. O(1), about a microsecond.
Moments TruncatedNormal(double mean, double variance, double low, double high);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_NORMAL_H_
