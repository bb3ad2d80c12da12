// Figures of predictions and rankings, with bootstrap intervals.
#ifndef RAPPORT_SERVICES_CLI_EVALUATE_METRICS_H_
#define RAPPORT_SERVICES_CLI_EVALUATE_METRICS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace rapport::evaluate {

// A probability and what came of it.
struct Outcome {
  double p = 0;
  bool accepted = false;
  int group = 0;  // whose outcome: intervals are drawn over groups
};

// How far a bond was from what was foretold, on the answer's own scale.
struct BondError {
  double error = 0;
  int group = 0;  // whose
};
// Square root of the mean square.
double RootMeanSquare(const std::vector<BondError>& errors);

// Area under the ROC curve: P(an accepted one has the higher p), ties counted half. NaN without both kinds.
double Auc(const std::vector<Outcome>& outcomes);
// Mean −log of the probability given to what happened, p held within [1e-6, 1 − 1e-6].
double LogLoss(const std::vector<Outcome>& outcomes);

// One tenth of the reliability diagram.
struct Bin {
  double mean_p = 0;
  double accepted = 0;  // share
  int count = 0;
};
constexpr int kBins = 10;
std::array<Bin, kBins> Reliability(const std::vector<Outcome>& outcomes);
// Expected calibration error over those bins.
double CalibrationError(const std::vector<Outcome>& outcomes);

// Of one ranking with both kinds of outcome, best score first, ties in a seeded order.
struct RankFigures {
  double hit_1 = 0;
  double ndcg_5 = 0;
  int group = 0;
};
RankFigures FiguresOf(const std::vector<double>& scores, const std::vector<bool>& accepted,
                      std::uint64_t seed);

// How one client's search went.
struct Search {
  bool found = false;
  int tries = 0;  // therapists met
  int group = 0;  // whose
};

// A figure and its 95 % interval.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};
// The figure of `items`, and the percentile interval over `rounds` bootstrap samples of whole groups (a
// client's answers hang together). Deterministic.
template <typename T>
Estimate Bootstrap(const std::vector<T>& items, const std::function<double(const std::vector<T>&)>& figure,
                   int rounds = 200);

}  // namespace rapport::evaluate

#endif  // RAPPORT_SERVICES_CLI_EVALUATE_METRICS_H_
