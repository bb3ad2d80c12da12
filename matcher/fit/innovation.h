// What one answer says that was not expected, and how beliefs are moved by it: the Gaussian conditioning that
// every block of the model shares.
#ifndef RAPPORT_MATCHER_FIT_INNOVATION_H_
#define RAPPORT_MATCHER_FIT_INNOVATION_H_

#include <vector>

#include "Eigen/Core"
#include "matcher/domain/catalog.h"
#include "matcher/fit/observation.h"

namespace rapport::matcher {

// A normal belief.
struct Belief {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

// Of the channels of one answer: small enough to live on the stack.
using ChannelVector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, Catalog::kMaxChannels, 1>;
using ChannelMatrix =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, Catalog::kMaxChannels, Catalog::kMaxChannels>;

// The channels answered, the innovation in each, and how certain it is: what every block of beliefs is moved
// by. A block whose covariance with the observed channels is C goes to mean + weight · C pull, and loses the
// variance weight · C (S⁻¹ − τ² v v') C'.
struct Innovation {
  std::vector<int> channels;    // those observed
  ChannelVector pull;           // S⁻¹ δ, by observed channel
  ChannelMatrix total;          // S
  ChannelMatrix precision;      // S⁻¹
  ChannelVector verdict;        // v, column of S⁻¹ of the verdict; zero where it was not given
  double verdict_variance = 0;  // τ², left in the latent verdict after it was heard
  double surprise = 0;  // d'S⁻¹d of the numeric answers: as many as there are, where all is as expected
  double weight = 1;    // how much of the way each block goes

  // How far this answer is to be believed of others than the one who gave it, above 0 to 1: the weight of an
  // observation whose error is Student's t with 4 degrees of freedom (Lange, Little, Taylor 1989), 1 where
  // nothing is beyond expectation.
  double Trust() const;
  // weight · (S⁻¹ − τ² v v') c.
  ChannelVector Loss(const ChannelVector& c) const {
    return weight * (precision.lazyProduct(c) - verdict_variance * verdict.dot(c) * verdict);
  }
  // The i-th entry of the diagonal of the same matrix: how fast a block loses variance that enters one
  // observed channel alone.
  double Shrink(Eigen::Index i) const;
};

// Completes an innovation from its channels, its covariance `total` and the residual δ of each channel, where
// the verdict's is 0 − its expectation: the latent verdict given the numeric answers is normal; given the
// interval that was said it is a truncated normal, whose moments are taken.
void Hear(const Observation& observation, ChannelVector residual, Innovation& seen);

// Conditions a J-dimensional belief on an innovation in its own units, in Joseph's form: the result stays
// symmetric and positive definite whatever the rounding. Returns C, J × observed.
ChannelMatrix Condition(const Innovation& innovation, Belief& belief);
// The same, where observed channel i shows loading[i] · (beside · belief) beside the belief's own channel.
ChannelMatrix Condition(const Innovation& innovation, const ChannelVector& loading,
                        const ChannelVector& beside, Belief& belief);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_INNOVATION_H_
