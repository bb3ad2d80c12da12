// P(bond) as a function of the standardised latent bond z = mean / √(1 + variance), from above and from
// below, by one look into a table. Any function that never falls will do, so a learned calibration map fits
// in too.
#ifndef RAPPORT_MATCHER_RANKING_CURVE_H_
#define RAPPORT_MATCHER_RANKING_CURVE_H_

#include <vector>

#include "absl/functional/function_ref.h"

namespace rapport::matcher {

// Thread-safe: const after construction.
class BondCurve {
 public:
  // `log_bond(z)`: log P(bond), at most 0, never falling. O(cells) calls.
  explicit BondCurve(absl::FunctionRef<double(double)> log_bond);

  // The curve of LatentBond::Probability.
  static const BondCurve& Standard();

  // Bounds of log P(bond) for all z in [low, high]; not a number counts as no bound.
  float Lower(float low) const;
  float Upper(float high) const;

  // For vector code. upper()[i] is a bound for all z up to knot i, kFirst + i / kCellsPerUnit; the last
  // one for all z.
  static constexpr float kFirst = -8;
  static constexpr float kCellsPerUnit = 128;
  static constexpr int kCells = 16 * 128;
  const float* upper() const { return upper_.data(); }

 private:
  std::vector<float> upper_;  // kCells + 2: at each knot, rounded up, and beyond the last
  std::vector<float> lower_;  // the same, rounded down; before the first knot nothing is known
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_RANKING_CURVE_H_
