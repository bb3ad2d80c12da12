// What learning costs: one observation, a refit, a crossed linear model. 8 channels, 32 features, every
// channel answered.
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "matcher/fit/crossed.h"
#include "matcher/fit/model.h"
#include "matcher/fit/refit.h"

namespace rapport::matcher {
namespace {

constexpr int kClients = 20'000, kTherapists = 500;

std::shared_ptr<const Catalog> WideCatalog() {
  CatalogLists lists;
  lists.version = "bench";
  lists.fit_questions = {{"bond", "bond", "bond", {7, 2}},
                         {"goals", "goals", "goals", {7, 2}},
                         {"tasks", "tasks", "tasks", {7, 2}}};
  for (int i = 0; i < 4; ++i) lists.facets.push_back({absl::StrCat("facet_", i), "facet", {7, 2}});
  for (int i = 0; i < 4; ++i) lists.concerns.push_back({absl::StrCat("concern_", i), "concern"});
  for (int i = 0; i < 9; ++i) {
    lists.attributes.push_back({absl::StrCat("attribute_", i), "attribute", {0, 1}});
    lists.features.push_back({"own", FeatureForm::kClientAttribute, 0, .04, i});
    lists.features.push_back({"theirs", FeatureForm::kTherapistAttribute, 0, .04, i});
    lists.features.push_back({"distance", FeatureForm::kAttributeDistance, 0, .04, i});
  }
  lists.features.push_back({"perceived", FeatureForm::kWishTimesPerceived, 0, .01});
  return Catalog::Create(std::move(lists)).value();
}

// Fit checks and profiles drawn once, with a fixed seed.
struct History {
  std::shared_ptr<const Catalog> catalog = WideCatalog();
  std::vector<Therapist> therapists;
  std::vector<FitCheck> fit_checks;
  std::vector<int> about;

  History() {
    std::mt19937_64 random(1);
    std::normal_distribution<double> normal;
    for (int t = 0; t < kTherapists; ++t) {
      Therapist therapist;
      therapist.id = absl::StrCat("t", t);
      for (int i = 0; i < 9; ++i) therapist.attributes.push_back({i, normal(random)});
      therapists.push_back(std::move(therapist));
    }
    for (int n = 0; n < 50'000; ++n) {
      FitCheck fit_check;
      about.push_back(static_cast<int>(random() % kTherapists));
      fit_check.client_id = absl::StrCat("c", random() % kClients);
      fit_check.therapist_id = therapists[static_cast<std::size_t>(about.back())].id;
      fit_check.verdict = random() % 3 == 0 ? Verdict::kWouldNotContinue : Verdict::kWouldContinue;
      for (const char* id : {"bond", "goals", "tasks", "facet_0", "facet_1", "facet_2", "facet_3"}) {
        fit_check.answers.push_back({id, 7 + 2 * normal(random)});
      }
      ClientContext context;
      context.concerns = {static_cast<Word>(random() % 4)};
      for (int i = 0; i < 9; ++i) context.attributes.push_back({i, normal(random)});
      for (int i = 0; i < 4; ++i) context.facets.push_back({i, .5});
      fit_check.context = std::move(context);
      fit_checks.push_back(std::move(fit_check));
    }
  }
};

const History& SharedHistory() {
  static const History history;
  return history;
}

// `keep`: every version is held for one more step, as a snapshot that readers use would hold it.
void LearnOne(benchmark::State& state) {
  const History& history = SharedHistory();
  const bool keep = state.range(0) != 0;
  Model model(history.catalog), held(history.catalog);
  std::size_t n = 0;
  for (auto _ : state) {
    if (keep) held = model;
    model.Learn(history.fit_checks[n], &history.therapists[static_cast<std::size_t>(history.about[n])]);
    n = (n + 1) % history.fit_checks.size();
  }
  state.counters["channels"] = static_cast<double>(history.catalog->channels().size());
  state.counters["features"] = model.features().size();
}
BENCHMARK(LearnOne)->ArgName("held_by_readers")->Arg(0)->Arg(1);

void PredictOne(benchmark::State& state) {
  const History& history = SharedHistory();
  Model model(history.catalog);
  for (std::size_t n = 0; n < 10'000; ++n) {
    model.Learn(history.fit_checks[n], &history.therapists[static_cast<std::size_t>(history.about[n])]);
  }
  const ClientView client = model.View("c1", *history.fit_checks[0].context);
  std::size_t t = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(model.Predict(client, history.therapists[t], [](BondPart, int, double) {}));
    t = (t + 1) % history.therapists.size();
  }
}
BENCHMARK(PredictOne);

// Estimates everything anew from `range(0)` fit checks: two a client, 100 a therapist.
void RefitAll(benchmark::State& state) {
  const History& history = SharedHistory();
  const auto count = static_cast<std::size_t>(state.range(0));
  std::mt19937_64 random(2);
  std::normal_distribution<double> normal;
  std::vector<std::shared_ptr<const Therapist>> therapists;
  std::vector<double> therapist_effect, client_effect;
  for (std::size_t t = 0; t < count / 100; ++t) {
    Therapist therapist = history.therapists[t % kTherapists];
    therapist.id = absl::StrCat("t", t);
    therapists.push_back(std::make_shared<const Therapist>(std::move(therapist)));
    therapist_effect.push_back(.3 * normal(random));
  }
  for (std::size_t c = 0; c < count / 2; ++c) client_effect.push_back(.6 * normal(random));
  std::vector<Heard> heard;
  for (std::size_t n = 0; n < count; ++n) {
    FitCheck fit_check = history.fit_checks[n % history.fit_checks.size()];
    const std::size_t c = random() % client_effect.size();
    // A client looks for somebody near.
    const std::size_t t = (c * therapists.size() / client_effect.size() + random() % 20) % therapists.size();
    fit_check.id = absl::StrCat("f", n);
    fit_check.client_id = absl::StrCat("c", c);
    fit_check.therapist_id = therapists[t]->id;
    const double both = client_effect[c] + therapist_effect[t];
    fit_check.verdict = both + normal(random) > 0 ? Verdict::kWouldContinue : Verdict::kWouldNotContinue;
    for (Answer& answer : fit_check.answers) answer.value = 7 + 2 * (both + .8 * normal(random));
    heard.push_back({std::make_shared<const FitCheck>(std::move(fit_check)), therapists[t]});
  }
  const Parameters day_zero = DayZero(*history.catalog);
  for (auto _ : state) {
    const auto refit = Refit(
        history.catalog, day_zero, heard, {}, [](double) {}, [] { return false; });
    if (!refit.ok()) return state.SkipWithError(refit.status().ToString().c_str());
    state.counters["iterations_of_em"] = refit->report.iterations;
    state.counters["divided_clients"] = static_cast<double>(refit->report.divided_clients);
  }
}
BENCHMARK(RefitAll)->Arg(6'250)->Arg(12'500)->Arg(25'000)->Arg(50'000)->Iterations(1)->Unit(
    benchmark::kSecond);

// One numeric channel, `range(0)` answers, 1,000 therapists: linear in the answers.
void Crossed(benchmark::State& state) {
  const auto count = static_cast<Eigen::Index>(state.range(0));
  constexpr int kRated = 1'000;
  std::mt19937_64 random(3);
  std::normal_distribution<double> normal;
  std::vector<int> clients, therapists;
  Eigen::VectorXd y(count);
  std::vector<double> client_effect(static_cast<std::size_t>(count / 5)), therapist_effect(kRated);
  for (double& effect : client_effect) effect = .3 * normal(random);
  for (double& effect : therapist_effect) effect = .5 * normal(random);
  for (Eigen::Index n = 0; n < count; ++n) {
    clients.push_back(static_cast<int>(random() % client_effect.size()));
    therapists.push_back(static_cast<int>(random() % kRated));
    y[n] = client_effect[static_cast<std::size_t>(clients.back())] +
           therapist_effect[static_cast<std::size_t>(therapists.back())] + normal(random);
  }
  for (auto _ : state) {
    const auto fit = FitCrossed(clients, therapists, y, Eigen::MatrixXd::Ones(count, 1));
    if (!fit.ok()) return state.SkipWithError(fit.status().ToString().c_str());
    state.counters["therapist_variance"] = fit->therapist_variance;
  }
}
BENCHMARK(Crossed)->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace rapport::matcher
