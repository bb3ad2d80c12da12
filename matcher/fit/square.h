// Two passes over a covariance that learning makes for each channel: what takes most of an observation's
// time. Column by column, each number in the same order of operations on every instruction set, so that
// they all come to the same bits.
#ifndef RAPPORT_MATCHER_FIT_SQUARE_H_
#define RAPPORT_MATCHER_FIT_SQUARE_H_

#include "Eigen/Core"

namespace rapport::matcher {

// P x, into `out` of as many numbers. P is symmetric to the last bit.
void Times(const Eigen::MatrixXd& covariance, const Eigen::VectorXd& x, double* out);

// What is left of a covariance P after conditioning along h: P − y y', y = √s P h; symmetric to the last bit
// as P is. `out` may be P.
void LessSquare(const Eigen::MatrixXd& covariance, const double* y, Eigen::MatrixXd& out);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_SQUARE_H_
