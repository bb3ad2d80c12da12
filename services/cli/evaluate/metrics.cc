#include "services/cli/evaluate/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <utility>

namespace rapport::evaluate {
namespace {

constexpr std::uint64_t kBootstrapSeed = 20061;
constexpr std::size_t kRanks = 5;

// Discounted gain of the first five of `accepted`.
double Gain(const std::vector<bool>& accepted) {
  double gain = 0;
  for (std::size_t i = 0; i < std::min(kRanks, accepted.size()); ++i) {
    if (accepted[i]) gain += 1 / std::log2(static_cast<double>(i) + 2);
  }
  return gain;
}

}  // namespace

double RootMeanSquare(const std::vector<BondError>& errors) {
  double sum = 0;
  for (const BondError& one : errors) sum += one.error * one.error;
  return std::sqrt(sum / static_cast<double>(errors.size()));
}

double Auc(const std::vector<Outcome>& outcomes) {
  std::vector<Outcome> sorted = outcomes;
  std::sort(sorted.begin(), sorted.end(), [](const Outcome& a, const Outcome& b) { return a.p < b.p; });
  double yes = 0, no = 0, rank_sum = 0;
  for (std::size_t i = 0; i < sorted.size();) {
    std::size_t end = i;
    double tied_yes = 0;
    for (; end < sorted.size() && sorted[end].p == sorted[i].p; ++end) tied_yes += sorted[end].accepted;
    const double tied = static_cast<double>(end - i);
    rank_sum += tied_yes * (no + .5 * (tied - tied_yes));
    yes += tied_yes;
    no += tied - tied_yes;
    i = end;
  }
  return yes == 0 || no == 0 ? std::numeric_limits<double>::quiet_NaN() : rank_sum / (yes * no);
}

double LogLoss(const std::vector<Outcome>& outcomes) {
  double loss = 0;
  for (const Outcome& outcome : outcomes) {
    const double p = std::clamp(outcome.p, 1e-6, 1 - 1e-6);
    loss -= std::log(outcome.accepted ? p : 1 - p);
  }
  return loss / static_cast<double>(outcomes.size());
}

std::array<Bin, kBins> Reliability(const std::vector<Outcome>& outcomes) {
  std::array<Bin, kBins> bins{};
  for (const Outcome& outcome : outcomes) {
    Bin& bin = bins[static_cast<std::size_t>(std::clamp(static_cast<int>(outcome.p * kBins), 0, kBins - 1))];
    ++bin.count;
    bin.mean_p += outcome.p;
    bin.accepted += outcome.accepted;
  }
  for (Bin& bin : bins) {
    if (bin.count == 0) continue;
    bin.mean_p /= bin.count;
    bin.accepted /= bin.count;
  }
  return bins;
}

double CalibrationError(const std::vector<Outcome>& outcomes) {
  double error = 0;
  for (const Bin& bin : Reliability(outcomes)) error += bin.count * std::abs(bin.mean_p - bin.accepted);
  return error / static_cast<double>(outcomes.size());
}

RankFigures FiguresOf(const std::vector<double>& scores, const std::vector<bool>& accepted,
                      std::uint64_t seed) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(seed));
  std::stable_sort(order.begin(), order.end(),
                   [&scores](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  std::vector<bool> ranked, ideal = accepted;
  for (const std::size_t i : order) ranked.push_back(accepted[i]);
  std::sort(ideal.begin(), ideal.end(), std::greater<bool>());
  return {ranked.front() ? 1.0 : 0.0, Gain(ranked) / Gain(ideal), 0};
}

template <typename T>
Estimate Bootstrap(const std::vector<T>& items, const std::function<double(const std::vector<T>&)>& figure,
                   int rounds) {
  std::map<int, std::vector<T>> groups;
  for (const T& item : items) groups[item.group].push_back(item);
  std::vector<const std::vector<T>*> pool;
  for (const auto& [group, of_group] : groups) pool.push_back(&of_group);
  std::mt19937_64 random(kBootstrapSeed);
  std::vector<double> figures;
  for (int round = 0; round < rounds; ++round) {
    std::vector<T> sample;
    for (std::size_t i = 0; i < pool.size(); ++i) {
      const std::vector<T>& drawn = *pool[random() % pool.size()];
      sample.insert(sample.end(), drawn.begin(), drawn.end());
    }
    const double value = figure(sample);
    if (std::isfinite(value)) figures.push_back(value);
  }
  std::sort(figures.begin(), figures.end());
  Estimate estimate{figure(items), 0, 0};
  estimate.low = estimate.high = estimate.value;
  if (!figures.empty()) {
    const auto at = [&figures](double share) {
      return figures[static_cast<std::size_t>(share * static_cast<double>(figures.size() - 1))];
    };
    estimate.low = at(.025);
    estimate.high = at(.975);
  }
  return estimate;
}

template Estimate Bootstrap<BondError>(const std::vector<BondError>&,
                                       const std::function<double(const std::vector<BondError>&)>&, int);
template Estimate Bootstrap(const std::vector<Outcome>&,
                            const std::function<double(const std::vector<Outcome>&)>&, int);
template Estimate Bootstrap(const std::vector<Search>&,
                            const std::function<double(const std::vector<Search>&)>&, int);
template Estimate Bootstrap(const std::vector<RankFigures>&,
                            const std::function<double(const std::vector<RankFigures>&)>&, int);

}  // namespace rapport::evaluate
