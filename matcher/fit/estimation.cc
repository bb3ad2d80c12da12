#include "matcher/fit/estimation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>
#include <vector>

#include "Eigen/Cholesky"
#include "Eigen/LU"
#include "matcher/fit/equations.h"
#include "matcher/fit/model.h"
#include "matcher/fit/normal.h"
#include "matcher/fit/observation.h"

namespace rapport::matcher {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// A step of the verdicts' normal likelihoods: all are renewed at once, which needs a step below 1 to settle.
constexpr double kSiteStep = .7;

// Variances are held above this.
constexpr double kLeastVariance = 1e-6;

// What a verdict is taken to say of its linear form, as a normal likelihood: precision, precision × mean.
struct Site {
  double precision = 0;
  double shift = 0;
};

// What one pattern of answered channels has in common under the present Σ_e.
struct Pattern {
  std::vector<int> numeric;  // answered numeric channels
  bool verdict = false;
  MatrixXd precision;         // of the numeric answers
  VectorXd regression;        // of the latent verdict on the numeric errors, by numeric channel
  double spread = 1;          // variance left in it
  std::vector<int> answered;  // verdict first
  std::vector<int> missing;
  MatrixXd fill;           // missing errors given answered ones
  MatrixXd fill_residual;  // their covariance
};

MatrixXd Pick(const MatrixXd& matrix, const std::vector<int>& rows, const std::vector<int>& columns) {
  MatrixXd picked(static_cast<Index>(rows.size()), static_cast<Index>(columns.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t k = 0; k < columns.size(); ++k)
      picked(static_cast<Index>(i), static_cast<Index>(k)) = matrix(rows[i], columns[k]);
  }
  return picked;
}

Pattern MakePattern(const std::vector<int>& answered, const MatrixXd& error) {
  Pattern pattern;
  pattern.answered = answered;
  for (const int j : answered) {
    if (j == kVerdictChannel) {
      pattern.verdict = true;
    } else {
      pattern.numeric.push_back(j);
    }
  }
  for (int j = 0; j < error.rows(); ++j) {
    if (std::find(answered.begin(), answered.end(), j) == answered.end()) pattern.missing.push_back(j);
  }
  pattern.precision = Pick(error, pattern.numeric, pattern.numeric).inverse();
  const MatrixXd with_verdict = Pick(error, pattern.numeric, {kVerdictChannel});
  pattern.regression = pattern.precision * with_verdict;
  pattern.spread = error(kVerdictChannel, kVerdictChannel) - pattern.regression.dot(with_verdict.col(0));
  const MatrixXd cross = Pick(error, pattern.missing, pattern.answered);
  pattern.fill = cross * Pick(error, pattern.answered, pattern.answered).inverse();
  pattern.fill_residual = Pick(error, pattern.missing, pattern.missing) - pattern.fill * cross.transpose();
  return pattern;
}

double NormalDensity(double z) {
  return std::exp(-.5 * z * z) / std::sqrt(2 * std::numbers::pi);
}

MatrixXd Symmetric(const MatrixXd& matrix) {
  return .5 * (matrix + matrix.transpose());
}

// One estimation, under way.
class Estimation {
 public:
  Estimation(const Parameters& day_zero, const Parameters& start, const RefitOptions& options,
             Evidence& evidence)
      : day_zero_(day_zero),
        options_(options),
        evidence_(evidence),
        now_(start),
        sites_(evidence.rows.size()),
        scales_(VectorXd::Ones(
            evidence.effect_kinds.empty()
                ? 0
                : 1 + *std::max_element(evidence.effect_kinds.begin(), evidence.effect_kinds.end()))) {
    if (now_.unsure_width == 0) now_.unsure_width = day_zero.unsure_width;
    SetBorders();
  }

  // Iterates; leaves the estimate in parameters().
  absl::Status Run(absl::FunctionRef<void(double)> progress, absl::FunctionRef<bool()> cancelled) {
    const Equations equations(evidence_.rows, evidence_.sizes);
    std::array<VectorXd, 3> path;  // where the last steps led, since the last leap
    std::size_t steps = 0;
    for (iterations_ = 0; iterations_ < options_.max_iterations; ++iterations_) {
      progress(static_cast<double>(iterations_) / options_.max_iterations);
      path[steps++] = Pack();
      Renew();
      const absl::StatusOr<Posterior> posterior = equations.Solve(PriorNow(), cancelled);
      if (!posterior.ok()) return posterior.status();
      const double moved = Maximise(*posterior, SumOfErrors(*posterior));
      if (!std::isfinite(moved)) return absl::InternalError("an estimate was not finite");
      if (moved < options_.tolerance && iterations_ >= kLeastIterations) break;
      // The last step stays a step: a leap needs one after it.
      if (steps == 2 && iterations_ + 2 < options_.max_iterations) {
        path[2] = Pack();
        Leap(path);
        steps = 0;
      }
    }
    return absl::OkStatus();
  }

  const Parameters& parameters() const { return now_; }
  int iterations() const { return iterations_; }

 private:
  // A verdict that is no bond, as this step's effects foretell its latent value without it.
  struct Doubt {
    double mean = 0, sd = 1;
    double weight = 1;
    bool unsure = false;
  };

  Covariances PriorNow() {
    Covariances covariances;
    covariances.client = now_.client;
    covariances.therapist = now_.therapist;
    covariances.record = std::max(kLeastVariance, now_.track_record_variance);
    covariances.record_loading = RecordLoading(now_);
    covariances.slope = std::max(kLeastVariance, now_.client_slope_variance);
    covariances.effect_mean = day_zero_.effect_mean;
    covariances.effect_precision = MatrixXd::Zero(day_zero_.effect_mean.rows(), day_zero_.effect_mean.cols());
    for (Index j = 0; j < covariances.effect_precision.cols(); ++j) {
      // The channels' means are left free, so that they do not draw on what a network was thought to be:
      // marks fix theirs by themselves. The verdict's is held within a few residual standard deviations, for
      // where nearly all would continue the verdicts alone would send it to infinity.
      for (Index f = 1; f < covariances.effect_precision.rows(); ++f) {
        covariances.effect_precision(f, j) =
            1 / (ScaleOf(f) * day_zero_.effect_covariance[static_cast<std::size_t>(j)](f, f));
      }
      covariances.effect_precision(0, j) = j == kVerdictChannel ? kVerdictMeanPrecision : kFreeMeanPrecision;
    }
    // What speaks for a verdict speaks for marks too: a feature's effects go together between channels as day
    // 0 believes that a therapist's do.
    const Eigen::VectorXd sd = day_zero_.therapist.diagonal().cwiseSqrt();
    const Eigen::MatrixXd correlation =
        sd.cwiseInverse().asDiagonal() * day_zero_.therapist * sd.cwiseInverse().asDiagonal();
    covariances.effect_coupling = correlation.inverse();
    covariances.uncoupled_features = 1;  // the channels' means, which are no feature's effects
    return covariances;
  }

  // How large the effects of a feature's kind are, by what day 0 takes for their variance.
  double& ScaleOf(Index feature) {
    return scales_[evidence_.effect_kinds[static_cast<std::size_t>(feature)]];
  }

  // All that is estimated but effects, as one vector.
  VectorXd Pack() const {
    const Index square = now_.client.size();
    VectorXd packed(3 * square + 2 + scales_.size());
    packed << now_.client.reshaped(), now_.therapist.reshaped(), now_.error.reshaped(),
        now_.client_slope_variance, now_.track_record_variance, scales_;
    return packed;
  }

  // Takes a packed estimate; false, and nothing changes, where it is no set of covariances.
  bool Unpack(const VectorXd& packed) {
    const Index size = now_.client.rows(), square = size * size;
    const VectorXd variances = packed.tail(2 + scales_.size());
    if (variances.minCoeff() < 0) return false;
    std::array<MatrixXd, 3> matrices;
    for (std::size_t k = 0; k < 3; ++k) {
      matrices[k] = Symmetric(packed.segment(static_cast<Index>(k) * square, square).reshaped(size, size));
      Eigen::LLT<MatrixXd> factor(matrices[k]);
      if (factor.info() != Eigen::Success || factor.rcond() < kLeastCondition) return false;
    }
    now_.client = matrices[0];
    now_.therapist = matrices[1];
    now_.error = matrices[2];
    now_.client_slope_variance = variances[0];
    now_.track_record_variance = variances[1];
    scales_ = variances.tail(scales_.size()).cwiseMax(kLeastScale).cwiseMin(kMostScale);
    return true;
  }

  // Expectation maximisation creeps; two of its steps tell where it is going (SQUAREM, Varadhan & Roland
  // 2008). Leaps there, shorter where the far end is no set of covariances; the next step sets it right.
  void Leap(const std::array<VectorXd, 3>& path) {
    const VectorXd step = path[1] - path[0], bend = path[2] - path[1] - step;
    if (bend.norm() < kNoBend) return;
    double length = std::clamp(step.norm() / bend.norm(), 1.0, kLongestLeap);
    while (length > 1.5 && !Unpack(path[0] + 2 * length * step + length * length * bend)) {
      length = .5 * (length + 1);
    }
  }

  // The likelihood of every row under the present Σ_e and sites.
  void Renew() {
    patterns_.clear();
    for (std::size_t i = 0; i < evidence_.rows.size(); ++i) {
      const Observation& observation = evidence_.observations[i];
      const std::vector<int> answered = observation.Channels();
      auto [at, fresh] = patterns_.try_emplace(answered);
      if (fresh) at->second = MakePattern(answered, now_.error);
      const Pattern& pattern = at->second;
      AnswerRow& row = evidence_.rows[i];
      const Index channels = now_.error.rows();
      row.information = MatrixXd::Zero(channels, channels);
      row.information_mean = VectorXd::Zero(channels);
      for (std::size_t a = 0; a < pattern.numeric.size(); ++a) {
        for (std::size_t b = 0; b < pattern.numeric.size(); ++b) {
          const double precision =
              evidence_.weights[i] * pattern.precision(static_cast<Index>(a), static_cast<Index>(b));
          row.information(pattern.numeric[a], pattern.numeric[b]) = precision;
          row.information_mean[pattern.numeric[a]] += precision * Answer(observation, pattern.numeric[b]);
        }
      }
      if (!pattern.verdict) continue;
      const auto [form, offset] = LinearForm(pattern, observation, channels);
      const Site& site = sites_[i];
      row.information += evidence_.weights[i] * site.precision * form * form.transpose();
      row.information_mean += evidence_.weights[i] * (site.shift - site.precision * offset) * form;
    }
  }

  static double Answer(const Observation& observation, int channel) {
    return *observation.answers[static_cast<std::size_t>(channel)];
  }

  // The latent verdict is form'F + offset + N(0, spread).
  static std::pair<VectorXd, double> LinearForm(const Pattern& pattern, const Observation& observation,
                                                Index channels) {
    VectorXd form = VectorXd::Zero(channels);
    form[kVerdictChannel] = 1;
    double offset = 0;
    for (std::size_t a = 0; a < pattern.numeric.size(); ++a) {
      form[pattern.numeric[a]] = -pattern.regression[static_cast<Index>(a)];
      offset += pattern.regression[static_cast<Index>(a)] * Answer(observation, pattern.numeric[a]);
    }
    return {form, offset};
  }

  // Σ E e e' over all answers by their weight, missing channels filled in; renews the sites on the way.
  MatrixXd SumOfErrors(const Posterior& posterior) {
    doubts_.clear();
    const Index channels = now_.error.rows();
    MatrixXd sum = MatrixXd::Zero(channels, channels);
    for (std::size_t i = 0; i < evidence_.rows.size(); ++i) {
      const Observation& observation = evidence_.observations[i];
      const Pattern& pattern = patterns_.at(observation.Channels());
      const double weight = evidence_.weights[i];
      VectorXd fitted = posterior.fitted[i];
      MatrixXd uncertainty = posterior.uncertainty[i];
      double latent = 0, latent_variance = 0;
      VectorXd with_latent = VectorXd::Zero(channels);
      if (pattern.verdict) {
        const auto [form, offset] = LinearForm(pattern, observation, channels);
        Site& site = sites_[i];
        // Without this answer's own verdict.
        const VectorXd along = uncertainty * form;
        const double variance = form.dot(along);
        const double left = std::max(1e-9, 1 - site.precision * variance);
        const double mean = form.dot(fitted) + offset;
        fitted += along * ((site.precision * mean - site.shift) / left);
        uncertainty += (site.precision / left) * along * along.transpose();
        const VectorXd without = along / left;
        const double spread_without = variance / left;
        const double mean_without = form.dot(fitted) + offset;
        // The verdict itself.
        const double total = spread_without + pattern.spread;
        if (observation.verdict->high <= 0)
          doubts_.push_back(
              {mean_without, std::sqrt(total), weight, std::isfinite(observation.verdict->low)});
        const Moments heard =
            TruncatedNormal(mean_without, total, observation.verdict->low, observation.verdict->high);
        const VectorXd gain = without / total;
        fitted += gain * (heard.mean - mean_without);
        uncertainty += gain * gain.transpose() * (heard.variance - total);
        latent = heard.mean;
        latent_variance = heard.variance;
        with_latent = gain * heard.variance;
        const double share = spread_without / total;
        const double form_variance = spread_without - share * spread_without + share * share * heard.variance;
        const double form_mean = mean_without + share * (heard.mean - mean_without);
        const double precision = std::max(0.0, 1 / form_variance - 1 / spread_without);
        const double shift = form_mean / form_variance - mean_without / spread_without;
        site.precision += kSiteStep * (precision - site.precision);
        site.shift += kSiteStep * (shift - site.shift);
      }
      const auto answered = static_cast<Index>(pattern.answered.size());
      VectorXd error(answered);
      MatrixXd square(answered, answered);
      for (Index a = 0; a < answered; ++a) {
        const int j = pattern.answered[static_cast<std::size_t>(a)];
        error[a] = (j == kVerdictChannel ? latent : Answer(observation, j)) - fitted[j];
        for (Index b = 0; b < answered; ++b) {
          const int k = pattern.answered[static_cast<std::size_t>(b)];
          square(a, b) = uncertainty(j, k);
          if (j == kVerdictChannel) square(a, b) -= with_latent[k];
          if (k == kVerdictChannel) square(a, b) -= with_latent[j];
          if (j == kVerdictChannel && k == kVerdictChannel) square(a, b) += latent_variance;
        }
      }
      square += error * error.transpose();
      square *= weight;
      const MatrixXd across = pattern.fill * square;
      const MatrixXd filled = across * pattern.fill.transpose() + weight * pattern.fill_residual;
      for (Index a = 0; a < answered; ++a) {
        for (Index b = 0; b < answered; ++b) {
          sum(pattern.answered[static_cast<std::size_t>(a)], pattern.answered[static_cast<std::size_t>(b)]) +=
              square(a, b);
        }
        for (std::size_t m = 0; m < pattern.missing.size(); ++m) {
          const double value = across(static_cast<Index>(m), a);
          sum(pattern.missing[m], pattern.answered[static_cast<std::size_t>(a)]) += value;
          sum(pattern.answered[static_cast<std::size_t>(a)], pattern.missing[m]) += value;
        }
      }
      for (std::size_t m = 0; m < pattern.missing.size(); ++m) {
        for (std::size_t n = 0; n < pattern.missing.size(); ++n)
          sum(pattern.missing[m], pattern.missing[n]) += filled(static_cast<Index>(m), static_cast<Index>(n));
      }
    }
    return sum;
  }

  // The border between "unsure" and a refusal that makes what was said likeliest, with a log-normal prior at
  // what the catalog states: where the slope is 0, found by halves.
  double BestWidth() const {
    const double stated = day_zero_.unsure_width;
    if (stated == 0 || doubts_.empty()) return now_.unsure_width;
    const auto slope = [&](double width) {
      double sum = -std::log(width / stated) / (kWidthSpread * kWidthSpread * width);
      for (const Doubt& doubt : doubts_) {
        const double border = -doubt.mean / doubt.sd, at = border - width / doubt.sd;
        // Of the smaller tail, so that nothing is lost far out.
        const double among = !doubt.unsure ? NormalCdf(at)
                             : at > 0      ? NormalCdf(-at) - NormalCdf(-border)
                                           : NormalCdf(border) - NormalCdf(at);
        const double rate = among > kHardlyAnything ? NormalDensity(at) / among : std::abs(at);
        sum += (doubt.unsure ? 1 : -1) * doubt.weight * rate / doubt.sd;
      }
      return sum;
    };
    double low = std::log(std::min(kLeastWidth, stated)), high = std::log(kMostWidth);
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = .5 * (low + high);
      (slope(std::exp(middle)) > 0 ? low : high) = middle;
    }
    return std::exp(.5 * (low + high));
  }

  // What was said lies between the borders of the present estimate.
  void SetBorders() {
    if (day_zero_.unsure_width == 0) return;
    for (Observation& observation : evidence_.observations) {
      if (!observation.verdict || observation.verdict->high > 0) continue;
      (std::isfinite(observation.verdict->low) ? observation.verdict->low : observation.verdict->high) =
          -now_.unsure_width;
    }
  }

  // New covariances, and the width of "unsure"; returns the largest relative change of a variance.
  double Maximise(const Posterior& posterior, const MatrixXd& errors) {
    const double weight = options_.day_zero_weight;
    const EquationSizes& sizes = evidence_.sizes;
    const Parameters before = now_;
    const auto mix = [weight](const MatrixXd& square, const MatrixXd& day_zero, double count) {
      return Symmetric((square + weight * day_zero) / (count + weight));
    };
    now_.client = mix(posterior.client_square, day_zero_.client, sizes.clients);
    now_.therapist = mix(posterior.therapist_square, day_zero_.therapist, sizes.therapists);
    if (sizes.slopes > 0) {
      now_.client_slope_variance =
          (posterior.slope_square + weight * sizes.slopes * day_zero_.client_slope_variance) /
          (sizes.slopes * (sizes.clients + weight));
    }
    const auto records = static_cast<double>(sizes.record_owner.size());
    now_.track_record_variance =
        (posterior.record_square + weight * day_zero_.track_record_variance) / (records + weight);
    // Σ_e with the latent verdict's variance held at 1: the regression of the others on it, and what is left.
    const MatrixXd square = mix(errors, day_zero_.error, evidence_.answers);
    const VectorXd slope = square.col(kVerdictChannel) / square(kVerdictChannel, kVerdictChannel);
    now_.error = Symmetric(square - slope * square.row(kVerdictChannel) + slope * slope.transpose());
    const VectorXd scales_before = scales_;
    // Of each kind of effects how large they are; day 0 counts as some of them that are as large as it says.
    VectorXd sum = VectorXd::Constant(scales_.size(), kDayZeroEffects), effects = sum;
    for (Index f = 1; f < posterior.effect_square.size(); ++f) {
      const int kind = evidence_.effect_kinds[static_cast<std::size_t>(f)];
      sum[kind] += ScaleOf(f) * posterior.effect_square[f] / static_cast<double>(now_.client.rows());
      ++effects[kind];
    }
    scales_ = sum.cwiseQuotient(effects).cwiseMax(kLeastScale).cwiseMin(kMostScale);
    now_.effect_mean = posterior.effect_mean;
    now_.effect_covariance = posterior.effect_covariance;
    now_.unsure_width = BestWidth();
    SetBorders();

    double moved = 0;
    const auto note = [&moved](double old_value, double value) {
      moved = std::max(moved, std::abs(value - old_value) / std::max(old_value, 1e-3));
    };
    for (Index j = 0; j < now_.client.rows(); ++j) {
      note(before.client(j, j), now_.client(j, j));
      note(before.therapist(j, j), now_.therapist(j, j));
      note(before.error(j, j), now_.error(j, j));
    }
    note(before.client_slope_variance, now_.client_slope_variance);
    note(before.track_record_variance, now_.track_record_variance);
    note(before.unsure_width, now_.unsure_width);
    for (Index kind = 0; kind < scales_.size(); ++kind) note(scales_before[kind], scales_[kind]);
    return now_.client.allFinite() && now_.error.allFinite() && now_.therapist.allFinite() ? moved : NAN;
  }

  // A width is within half and twice the stated one with a probability of five sixths, before anything was
  // said.
  static constexpr double kWidthSpread = .5;
  static constexpr double kLeastWidth = .01, kMostWidth = 3;
  static constexpr int kHalvings = 24;
  static constexpr double kHardlyAnything = 1e-280;
  static constexpr double kDayZeroEffects = 4;
  static constexpr double kLeastScale = .05, kMostScale = 20;
  static constexpr int kLeastIterations = 6;
  static constexpr double kLongestLeap = 16;
  static constexpr double kNoBend = 1e-12;
  // A covariance nearer to singular than this is not leapt to.
  static constexpr double kLeastCondition = 1e-4;
  // The means of the numeric channels are given this precision: none to speak of; and the verdict's.
  static constexpr double kFreeMeanPrecision = 1e-4;
  static constexpr double kVerdictMeanPrecision = 1;

  const Parameters& day_zero_;
  const RefitOptions& options_;
  Evidence& evidence_;
  Parameters now_;
  std::vector<Site> sites_;    // by row
  std::vector<Doubt> doubts_;  // of this step
  VectorXd scales_;            // by kind of effects
  std::map<std::vector<int>, Pattern> patterns_;
  int iterations_ = 0;
};

}  // namespace

absl::StatusOr<Estimate> EstimateParameters(const Parameters& day_zero, const Parameters& start,
                                            const RefitOptions& options, Evidence& evidence,
                                            absl::FunctionRef<void(double)> progress,
                                            absl::FunctionRef<bool()> cancelled) {
  Estimation estimation(day_zero, start, options, evidence);
  if (const absl::Status status = estimation.Run(progress, cancelled); !status.ok()) return status;
  return Estimate{estimation.parameters(), estimation.iterations()};
}

}  // namespace rapport::matcher
