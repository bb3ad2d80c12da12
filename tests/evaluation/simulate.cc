// Draws answers from the model itself, with known truth, and looks whether the truth is found again: variance
// shares within their intervals, P(bond) within its interval, therapists' effects told apart from leniency.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "Eigen/Cholesky"
#include "absl/strings/str_cat.h"
#include "matcher/fit/crossed.h"
#include "matcher/fit/model.h"
#include "matcher/fit/normal.h"
#include "matcher/fit/refit.h"

namespace rapport::matcher {
namespace {

// With `concerns` of them, therapists have records of which `record_share` of a verdict's variance comes.
std::shared_ptr<const Catalog> PlainCatalog(int concerns = 0, double record_share = 1e-9) {
  CatalogLists lists;
  lists.version = "simulated";
  lists.fit_questions = {{"bond", "bond", "bond", {7, 2}},
                         {"goals", "goals", "goals", {7, 2}},
                         {"tasks", "tasks", "tasks", {7, 2}}};
  lists.facets = {{"heard", "heard", {7, 2}}, {"safe", "safe", {7, 2}}};
  lists.settings.client_slope_variance = 1e-9;
  lists.settings.track_record_variance_share = record_share;
  for (int k = 0; k < concerns; ++k) lists.concerns.push_back({absl::StrCat("concern_", k), "concern"});
  return Catalog::Create(std::move(lists)).value();
}

// People and answers drawn from day-0 parameters.
class Clinic {
 public:
  Clinic(std::shared_ptr<const Catalog> catalog, std::uint64_t seed)
      : catalog_(std::move(catalog)), parameters_(DayZero(*catalog_)), random_(seed) {
    // The channels' own means are drawn too: the model is as unsure of them as it says.
    mean_.resize(parameters_.client.rows());
    for (Eigen::Index j = 0; j < mean_.size(); ++j) {
      mean_[j] =
          parameters_.effect_mean(0, j) +
          std::sqrt(parameters_.effect_covariance[static_cast<std::size_t>(j)](0, 0)) * normal_(random_);
    }
  }

  Eigen::VectorXd Draw(const Eigen::MatrixXd& covariance) {
    Eigen::VectorXd z(covariance.rows());
    for (Eigen::Index i = 0; i < z.size(); ++i) z[i] = normal_(random_);
    return covariance.llt().matrixL() * z;
  }
  int Below(int n) { return static_cast<int>(random_() % static_cast<std::uint64_t>(n)); }

  // The latent verdict's mean for a pair.
  double Latent(const Eigen::VectorXd& client, const Eigen::VectorXd& therapist) const {
    return mean_[0] + client[0] + therapist[0];
  }

  // `therapist`: their effects, with what their record adds where the client has a concern.
  FitCheck Answer(int client_id, const Eigen::VectorXd& client, int therapist_id,
                  const Eigen::VectorXd& therapist) {
    const Eigen::VectorXd y = mean_ + client + therapist + Draw(parameters_.error);
    FitCheck fit_check;
    fit_check.client_id = absl::StrCat("c", client_id);
    fit_check.therapist_id = absl::StrCat("t", therapist_id);
    fit_check.verdict = y[0] > 0                                    ? Verdict::kWouldContinue
                        : y[0] > -catalog_->settings().unsure_width ? Verdict::kUnsure
                                                                    : Verdict::kWouldNotContinue;
    for (std::size_t j = 1; j < catalog_->channels().size(); ++j) {
      fit_check.answers.push_back({catalog_->channels()[j], 7 + 2 * y[static_cast<Eigen::Index>(j)]});
    }
    return fit_check;
  }

  const Parameters& parameters() const { return parameters_; }

 private:
  std::shared_ptr<const Catalog> catalog_;
  Parameters parameters_;
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  Eigen::VectorXd mean_;
};

double RankCorrelation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto ranks = [](const std::vector<double>& values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(),
              [&](std::size_t i, std::size_t k) { return values[i] < values[k]; });
    Eigen::VectorXd rank(static_cast<Eigen::Index>(values.size()));
    for (std::size_t i = 0; i < order.size(); ++i)
      rank[static_cast<Eigen::Index>(order[i])] = static_cast<double>(i);
    rank.array() -= rank.mean();
    return Eigen::VectorXd(rank.normalized());
  };
  return ranks(a).dot(ranks(b));
}

// Shares of variance of the crossed model, and their intervals on the logit scale.
void Recovery(int seeds) {
  constexpr double kClient = .35, kTherapist = .07, kError = .58;
  constexpr int kClients = 600, kTherapists = 80, kMeetings = 3;
  int covered_client = 0, covered_therapist = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    std::mt19937_64 random(static_cast<std::uint64_t>(seed) + 1);
    std::normal_distribution<double> normal;
    std::vector<double> a(kClients), b(kTherapists), answers;
    for (double& value : a) value = std::sqrt(kClient) * normal(random);
    for (double& value : b) value = std::sqrt(kTherapist) * normal(random);
    std::vector<int> client, therapist;
    for (int c = 0; c < kClients; ++c) {
      for (int m = 0; m < kMeetings; ++m) {
        client.push_back(c);
        therapist.push_back(static_cast<int>(random() % kTherapists));
        answers.push_back(a[static_cast<std::size_t>(c)] + b[static_cast<std::size_t>(therapist.back())] +
                          std::sqrt(kError) * normal(random));
      }
    }
    const auto n = static_cast<Eigen::Index>(answers.size());
    const auto fit = FitCrossed(client, therapist, Eigen::Map<Eigen::VectorXd>(answers.data(), n),
                                Eigen::MatrixXd::Ones(n, 1));
    if (!fit.ok()) continue;
    const Eigen::Vector3d variance(fit->client_variance, fit->therapist_variance, fit->error_variance);
    const double total = variance.sum();
    const auto covers = [&](int of, double truth) {
      const double share = variance[of] / total;
      Eigen::Vector3d slope = Eigen::Vector3d::Constant(-share / total);
      slope[of] += 1 / total;
      const double sd = std::sqrt(slope.dot(fit->variance_covariance * slope)) / (share * (1 - share));
      return std::abs(std::log(share / (1 - share)) - std::log(truth / (1 - truth))) <= 1.959964 * sd;
    };
    covered_client += covers(0, kClient);
    covered_therapist += covers(1, kTherapist);
  }
  std::printf("variance shares inside their 95 %% intervals, %d seeds: client %.1f %%, therapist %.1f %%\n",
              seeds, 100.0 * covered_client / seeds, 100.0 * covered_therapist / seeds);
}

// The true P(bond) of pairs not yet met against its interval, after an online pass.
void Coverage(int seeds) {
  constexpr int kTherapists = 40, kClients = 300;
  const std::shared_ptr<const Catalog> catalog = PlainCatalog();
  int inside = 0, pairs = 0;
  double width = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    Clinic clinic(catalog, static_cast<std::uint64_t>(seed) + 1);
    Model model(catalog);
    std::vector<Eigen::VectorXd> clients, therapists;
    for (int t = 0; t < kTherapists; ++t) therapists.push_back(clinic.Draw(clinic.parameters().therapist));
    for (int c = 0; c < kClients; ++c) {
      clients.push_back(clinic.Draw(clinic.parameters().client));
      const int meetings = c % 10 == 0 ? 3 : 1;
      for (int m = 0; m < meetings; ++m) {
        const int t = clinic.Below(kTherapists);
        model.Learn(clinic.Answer(c, clients.back(), t, therapists[static_cast<std::size_t>(t)]), nullptr);
      }
    }
    for (int c = 0; c < kClients; c += 3) {
      const int t = clinic.Below(kTherapists);
      Therapist therapist;
      therapist.id = absl::StrCat("t", t);
      const LatentBond bond =
          model.Predict(model.View(absl::StrCat("c", c), {}), therapist, [](BondPart, int, double) {});
      const double truth = NormalCdf(
          clinic.Latent(clients[static_cast<std::size_t>(c)], therapists[static_cast<std::size_t>(t)]));
      inside += bond.Low() <= truth && truth <= bond.High();
      width += bond.High() - bond.Low();
      ++pairs;
    }
  }
  std::printf("true P(bond) inside its 95 %% interval, %d pairs: %.1f %% (mean width %.2f)\n", pairs,
              100.0 * inside / pairs, width / pairs);
}

// What refit makes of answers drawn from known covariances, verdicts seen only through their class: the mean,
// over seeds, of estimated to true variance, and how many seeds find more than the truth (half should).
void RefitRecovery(int seeds) {
  constexpr int kTherapists = 40, kClients = 400, kMeetings = 3, kConcerns = 4;
  const std::shared_ptr<const Catalog> catalog = PlainCatalog(kConcerns, .05);
  const Parameters truth = DayZero(*catalog);
  const Eigen::VectorXd loading = RecordLoading(truth);
  struct Figure {
    const char* name;
    double sum = 0, square = 0;
    int above = 0;
    void Note(double ratio) {
      sum += ratio;
      square += ratio * ratio;
      above += ratio > 1;
    }
  };
  Figure verdict_client{"client, verdict"}, verdict_therapist{"therapist, verdict"},
      mark_client{"client, bond"}, mark_therapist{"therapist, bond"}, mark_error{"error, bond"},
      record{"record"};
  for (int seed = 0; seed < seeds; ++seed) {
    Clinic clinic(catalog, static_cast<std::uint64_t>(seed) + 1);
    std::vector<Eigen::VectorXd> therapists;
    for (int t = 0; t < kTherapists; ++t) therapists.push_back(clinic.Draw(clinic.parameters().therapist));
    const Eigen::VectorXd records =
        clinic.Draw(truth.track_record_variance *
                    Eigen::MatrixXd::Identity(kTherapists * kConcerns, kTherapists * kConcerns));
    std::vector<Heard> heard;
    for (int c = 0; c < kClients; ++c) {
      const Eigen::VectorXd client = clinic.Draw(clinic.parameters().client);
      const int concern = clinic.Below(kConcerns);
      for (int m = 0; m < kMeetings; ++m) {
        const int t = clinic.Below(kTherapists);
        FitCheck fit_check = clinic.Answer(
            c, client, t,
            therapists[static_cast<std::size_t>(t)] + records[t * kConcerns + concern] * loading);
        fit_check.context.emplace().concerns = {static_cast<Word>(concern)};
        fit_check.id = absl::StrCat(heard.size());
        heard.push_back({std::make_shared<const FitCheck>(std::move(fit_check)), nullptr});
      }
    }
    RefitOptions options;
    options.held_out = 0;
    options.max_iterations = 300;
    options.tolerance = 1e-4;
    options.day_zero_weight = 1;  // nearly nothing: the answers alone are to speak
    const auto refit = Refit(
        catalog, truth, std::move(heard), options, [](double) {}, [] { return false; });
    if (!refit.ok()) {
      std::printf("refit: %s\n", refit.status().ToString().c_str());
      return;
    }
    const Parameters& found = refit->parameters;
    verdict_client.Note(found.client(0, 0) / truth.client(0, 0));
    verdict_therapist.Note(found.therapist(0, 0) / truth.therapist(0, 0));
    mark_client.Note(found.client(1, 1) / truth.client(1, 1));
    mark_therapist.Note(found.therapist(1, 1) / truth.therapist(1, 1));
    mark_error.Note(found.error(1, 1) / truth.error(1, 1));
    record.Note(found.track_record_variance / truth.track_record_variance);
  }
  std::printf("refit, %d seeds of %d answers: estimated / true variance\n", seeds, kClients * kMeetings);
  for (const Figure* figure :
       {&verdict_client, &verdict_therapist, &mark_client, &mark_therapist, &mark_error, &record}) {
    const double mean = figure->sum / seeds;
    std::printf("  %-20s %.3f (sd %.3f), above in %.0f %%\n", figure->name, mean,
                std::sqrt(std::max(0.0, figure->square / seeds - mean * mean)),
                100.0 * figure->above / seeds);
  }
}

// Clients choose a therapist, one in ten a second one; who is kind and who bonds is to be told apart. Strict
// clients go to some therapists more than to others, as they do where intake sorts them.
void SecondTries(int seeds, double second_tries) {
  constexpr int kTherapists = 60, kClients = 1'500;
  const std::shared_ptr<const Catalog> catalog = PlainCatalog();
  double of_model = 0, of_mean = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    Clinic clinic(catalog, static_cast<std::uint64_t>(seed) + 1);
    Model model(catalog);
    std::vector<Eigen::VectorXd> therapists;
    for (int t = 0; t < kTherapists; ++t) therapists.push_back(clinic.Draw(clinic.parameters().therapist));
    std::vector<double> sum(kTherapists, 0), count(kTherapists, 0);
    for (int c = 0; c < kClients; ++c) {
      const Eigen::VectorXd client = clinic.Draw(clinic.parameters().client);
      const int half = kTherapists / 2;
      const bool strict = client[0] < 0;
      const int meetings = clinic.Below(1000) < 1000 * second_tries ? 2 : 1;
      for (int m = 0; m < meetings; ++m) {
        // Three of four strict clients come to the first half; a second try goes anywhere.
        const bool first_half = m > 0 ? clinic.Below(2) == 0 : (clinic.Below(4) != 0) == strict;
        const int t = clinic.Below(half) + (first_half ? 0 : half);
        const FitCheck fit_check = clinic.Answer(c, client, t, therapists[static_cast<std::size_t>(t)]);
        model.Learn(fit_check, nullptr);
        sum[static_cast<std::size_t>(t)] += *fit_check.verdict == Verdict::kWouldContinue;
        ++count[static_cast<std::size_t>(t)];
      }
    }
    std::vector<double> truth, estimate, mean;
    for (int t = 0; t < kTherapists; ++t) {
      const auto at = static_cast<std::size_t>(t);
      truth.push_back(therapists[at][0]);
      const TherapistState* known = model.TherapistOf(absl::StrCat("t", t));
      estimate.push_back(known != nullptr ? known->effects.mean[0] : 0);
      mean.push_back(count[at] > 0 ? sum[at] / count[at] : .5);
    }
    of_model += RankCorrelation(truth, estimate) / seeds;
    of_mean += RankCorrelation(truth, mean) / seeds;
  }
  std::printf(
      "%.0f %% second tries, %d seeds: rank correlation with the true therapist effect %.3f, raw mean %.3f\n",
      100 * second_tries, seeds, of_model, of_mean);
}

}  // namespace
}  // namespace rapport::matcher

int main() {
  rapport::matcher::Recovery(200);
  rapport::matcher::RefitRecovery(40);
  rapport::matcher::Coverage(40);
  for (const double second_tries : {0.0, .1, .5}) rapport::matcher::SecondTries(20, second_tries);
}
