// Cholesky factors and inverses of large dense matrices, by LAPACK: several times faster than portable code
// where the system's library knows the processor.
#ifndef RAPPORT_MATCHER_FIT_DENSE_H_
#define RAPPORT_MATCHER_FIT_DENSE_H_

#include "Eigen/Core"

namespace rapport::matcher {

// Factorises in place: the lower triangle of `matrix`, symmetric, becomes L with L L' = matrix; above the
// diagonal nothing is read or written. False when it is not positive definite. O(n³ / 3).
[[nodiscard]] bool Factorise(Eigen::MatrixXd& matrix);

// From L in the lower triangle, the whole inverse of L L', both triangles. O(2 n³ / 3).
void InvertFactor(Eigen::MatrixXd& factor);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_DENSE_H_
