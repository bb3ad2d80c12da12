#include "matcher/fit/innovation.h"

#include <algorithm>
#include <utility>

#include "Eigen/Cholesky"
#include "matcher/fit/normal.h"

namespace rapport::matcher {
namespace {

// `columns` is C. Goes on from there: keep = I − K H has been made by whoever knows H, and `noise` is R = S −
// H P H', seen by this block.
void Finish(const Innovation& innovation, const ChannelMatrix& columns, const ChannelMatrix& gain,
            const ChannelMatrix& keep, const ChannelMatrix& noise, Belief& belief) {
  const ChannelVector verdict_gain = columns.lazyProduct(innovation.verdict);
  belief.mean += innovation.weight * columns.lazyProduct(innovation.pull);
  // (I − K H) P (I − K H)' + K R K' + τ² k k'.
  const ChannelMatrix kept = keep.lazyProduct(belief.covariance);
  const ChannelMatrix noisy = gain.lazyProduct(noise);
  ChannelMatrix next = kept.lazyProduct(keep.transpose());
  next += noisy.lazyProduct(gain.transpose());
  next += innovation.verdict_variance * verdict_gain.lazyProduct(verdict_gain.transpose());
  const double half = .5 * innovation.weight;
  if (innovation.weight == 1) {
    belief.covariance = half * (next + next.transpose());
  } else {  // between two positive definite matrices all are
    belief.covariance = (1 - innovation.weight) * belief.covariance + half * (next + next.transpose());
  }
}

// Degrees of freedom of an answer's error, as far as others than its giver are concerned.
constexpr double kFreedom = 4;

}  // namespace

double Innovation::Trust() const {
  const bool with_verdict = !channels.empty() && channels.front() == kVerdictChannel;
  const double numeric = static_cast<double>(channels.size()) - (with_verdict ? 1 : 0);
  return std::min(1.0, (kFreedom + numeric) / (kFreedom + surprise));
}

double Innovation::Shrink(Eigen::Index i) const {
  return weight * std::max(0.0, precision(i, i) - verdict_variance * verdict[i] * verdict[i]);
}

void Hear(const Observation& observation, ChannelVector residual, Innovation& seen) {
  const Eigen::Index size = residual.size();
  seen.precision = Eigen::LLT<ChannelMatrix>(seen.total).solve(ChannelMatrix::Identity(size, size));
  seen.verdict = ChannelVector::Zero(size);
  const Eigen::Index first = observation.verdict ? 1 : 0;  // of the numeric answers
  const auto numeric = residual.tail(size - first);
  seen.surprise =
      numeric.dot(seen.precision.bottomRightCorner(size - first, size - first).lazyProduct(numeric));
  if (first == 1) {  // their precision without the verdict
    const double with_verdict = seen.precision.col(0).tail(size - first).dot(numeric);
    seen.surprise -= with_verdict * with_verdict / seen.precision(0, 0);
  }
  if (observation.verdict) {
    const double variance_given = 1 / seen.precision(0, 0);
    const double expected = -residual[0];
    double mean_given = expected;
    for (Eigen::Index i = 1; i < size; ++i) mean_given -= variance_given * seen.precision(0, i) * residual[i];
    const Moments heard =
        TruncatedNormal(mean_given, variance_given, observation.verdict->low, observation.verdict->high);
    residual[0] = heard.mean - expected;
    seen.verdict = seen.precision.col(0);
    seen.verdict_variance = heard.variance;
  }
  seen.pull = seen.precision.lazyProduct(residual);
}

ChannelMatrix Condition(const Innovation& innovation, Belief& belief) {
  const Eigen::Index size = belief.mean.size();
  const auto observed = static_cast<Eigen::Index>(innovation.channels.size());
  ChannelMatrix columns(size, observed), noise(observed, observed);
  for (Eigen::Index i = 0; i < observed; ++i) {
    columns.col(i) = belief.covariance.col(innovation.channels[static_cast<std::size_t>(i)]);
    for (Eigen::Index k = 0; k < observed; ++k) {
      noise(k, i) = innovation.total(k, i) - columns(innovation.channels[static_cast<std::size_t>(k)], i);
    }
  }
  const ChannelMatrix gain = columns.lazyProduct(innovation.precision);
  ChannelMatrix keep = ChannelMatrix::Identity(size, size);
  for (Eigen::Index i = 0; i < observed; ++i)
    keep.col(innovation.channels[static_cast<std::size_t>(i)]) -= gain.col(i);
  Finish(innovation, columns, gain, keep, noise, belief);
  return columns;
}

ChannelMatrix Condition(const Innovation& innovation, const ChannelVector& loading,
                        const ChannelVector& beside, Belief& belief) {
  const Eigen::Index size = belief.mean.size();
  const auto observed = static_cast<Eigen::Index>(innovation.channels.size());
  ChannelMatrix columns(size, observed), noise(observed, observed);
  const ChannelVector with_beside = belief.covariance.lazyProduct(beside);
  for (Eigen::Index i = 0; i < observed; ++i) {
    columns.col(i) =
        belief.covariance.col(innovation.channels[static_cast<std::size_t>(i)]) + loading[i] * with_beside;
    const double shown_beside = beside.dot(columns.col(i));
    for (Eigen::Index k = 0; k < observed; ++k) {
      noise(k, i) = innovation.total(k, i) - columns(innovation.channels[static_cast<std::size_t>(k)], i) -
                    loading[k] * shown_beside;
    }
  }
  const ChannelMatrix gain = columns.lazyProduct(innovation.precision);
  ChannelMatrix keep = ChannelMatrix::Identity(size, size);
  for (Eigen::Index i = 0; i < observed; ++i)
    keep.col(innovation.channels[static_cast<std::size_t>(i)]) -= gain.col(i);
  keep -= gain.lazyProduct(loading).lazyProduct(beside.transpose());
  Finish(innovation, columns, gain, keep, noise, belief);
  return columns;
}

}  // namespace rapport::matcher
