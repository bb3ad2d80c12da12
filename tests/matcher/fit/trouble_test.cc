// Bad input and odd people: finite, sane, and nobody's rank is for one in a hundred to decide.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <tuple>

#include "Eigen/Eigenvalues"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "matcher/fit/model.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

class TroubleTest : public ::testing::Test {
 protected:
  TroubleTest() : catalog_(SmallCatalog()), model_(catalog_), network_(5) {
    for (int t = 0; t < 40; ++t) therapists_.push_back(network_.MakeListing(absl::StrCat("t", t))->therapist);
  }

  static FitCheck Check(const std::string& client, const std::string& therapist, Verdict verdict,
                        double score) {
    FitCheck fit_check;
    fit_check.client_id = client;
    fit_check.therapist_id = therapist;
    fit_check.verdict = verdict;
    fit_check.answers = {{"bond", score}, {"heard", score}, {"safe", score}};
    return fit_check;
  }

  static LatentBond Bond(const Model& model, const std::string& client, const Therapist& therapist) {
    return model.Predict(model.View(client, {}), therapist, [](BondPart, int, double) {});
  }

  static void ExpectSound(const Belief& belief) {
    ASSERT_TRUE(belief.mean.allFinite());
    ASSERT_EQ(belief.covariance, belief.covariance.transpose());
    ASSERT_GT(Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(belief.covariance).eigenvalues().minCoeff(), 0);
  }

  std::shared_ptr<const Catalog> catalog_;
  Model model_;
  RandomNetwork network_;
  std::vector<std::shared_ptr<const Therapist>> therapists_;
};

TEST_F(TroubleTest, AMillionAnswers) {
#ifdef NDEBUG
  constexpr int kAnswers = 1'000'000;
#else
  constexpr int kAnswers = 20'000;  // without optimisation a million take minutes
#endif
  std::mt19937_64 random(1);
  for (int i = 0; i < kAnswers; ++i) {
    const auto t = static_cast<std::size_t>(random() % therapists_.size());
    const auto verdict = static_cast<Verdict>(1 + random() % 3);
    model_.Learn(Check(absl::StrCat("c", random() % 50), therapists_[t]->id, verdict,
                       static_cast<double>(random() % 11)),
                 therapists_[t].get());
  }
  for (int c = 0; c < 50; ++c) {
    ExpectSound(model_.Client(absl::StrCat("c", c))->leniency);
    ExpectSound(model_.Client(absl::StrCat("c", c))->slopes);
  }
  for (const auto& therapist : therapists_) ExpectSound(model_.TherapistOf(therapist->id)->effects);
  EXPECT_TRUE(model_.effects().allFinite());
  const LatentBond bond = Bond(model_, "c1", *therapists_[0]);
  EXPECT_GT(bond.variance, 0);
  EXPECT_GT(bond.Probability(), .05);
  EXPECT_LT(bond.Probability(), .95);
}

TEST_F(TroubleTest, OneTherapistWithAHundredThousandRatings) {
  for (int i = 0; i < 100'000; ++i) {
    model_.Learn(Check(absl::StrCat("c", i % 5'000), "t0",
                       i % 4 == 0 ? Verdict::kWouldNotContinue : Verdict::kWouldContinue, i % 11),
                 therapists_[0].get());
  }
  ExpectSound(model_.TherapistOf("t0")->effects);
  EXPECT_GE(model_.PriorShare(model_.TherapistOf("t0")), 0);
  EXPECT_EQ(model_.TherapistOf("t0")->clients, 5'000);
  EXPECT_GT(Bond(model_, "new", *therapists_[0]).Probability(), .7);
}

TEST_F(TroubleTest, OneClientWhoRatesAThousandTherapists) {
  for (int i = 0; i < 1'000; ++i) {
    model_.Learn(Check("c", absl::StrCat("x", i), Verdict::kWouldNotContinue, 0), nullptr);
  }
  ExpectSound(model_.Client("c")->leniency);
  EXPECT_LT(Bond(model_, "c", *therapists_[0]).Probability(), .1);
  EXPECT_GT(Bond(model_, "new", *therapists_[0]).Probability(), .35)
      << "one client who refuses everybody says little of the others";
}

TEST_F(TroubleTest, WhoGivesEverybodyTenTellsNobodyApart) {
  for (int i = 0; i < 40; ++i) {
    const std::string client = absl::StrCat("c", i);
    model_.Learn(
        Check(client, absl::StrCat("t", i % 20), i % 3 == 0 ? Verdict::kUnsure : Verdict::kWouldContinue, 7),
        therapists_[static_cast<std::size_t>(i % 20)].get());
  }
  Model before = model_;
  for (int t = 0; t < 40; ++t) {
    model_.Learn(Check("ten", absl::StrCat("t", t), Verdict::kWouldContinue, 10),
                 therapists_[static_cast<std::size_t>(t)].get());
  }
  // The last one rated gains hardly anything by it: by then the rater is known.
  const double gained = model_.TherapistOf("t39")->effects.mean[0];
  const double first = model_.TherapistOf("t0")->effects.mean[0] - before.TherapistOf("t0")->effects.mean[0];
  EXPECT_LT(gained, .5 * first);
}

TEST_F(TroubleTest, ContradictionsAndMissingChannelsAreFinite) {
  FitCheck contradiction = Check("c", "t0", Verdict::kWouldNotContinue, 10);
  contradiction.answers.push_back({"bond", -1e12});
  contradiction.answers.push_back({"no_such_question", 5});
  contradiction.frictions = {0, 1};
  FitCheck silent;
  silent.client_id = "c";
  silent.therapist_id = "t0";
  for (int i = 0; i < 50; ++i) {
    model_.Learn(contradiction, therapists_[0].get());
    model_.Learn(silent, nullptr);
  }
  ExpectSound(model_.Client("c")->leniency);
  ExpectSound(model_.TherapistOf("t0")->effects);
  EXPECT_EQ(model_.Client("c")->fit_checks, 100);
}

// How far false raters, one in a hundred, move a therapist's rank at most, as a share of all: half of them
// praise, half run down whoever they come upon. `spread`: of the therapists' true effects; `answers`: about
// each, on average.
class FalseRatersTest : public TroubleTest,
                        public ::testing::WithParamInterface<std::tuple<double, int, std::uint64_t>> {};

TEST_P(FalseRatersTest, MoveNobodyByADecile) {
  const auto [spread, answers, seed] = GetParam();
  constexpr int kTherapists = 200;
  const int kHonest = answers * kTherapists, kFalse = kHonest / 100;
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<Therapist> profiles(kTherapists);
  std::vector<double> effect(kTherapists);
  for (int t = 0; t < kTherapists; ++t) {
    profiles[static_cast<std::size_t>(t)].id = absl::StrCat("t", t);
    profiles[static_cast<std::size_t>(t)].style.resize(catalog_->lists().style_dimensions.size());
    effect[static_cast<std::size_t>(t)] = spread * normal(random);
  }
  for (int i = 0; i < kHonest; ++i) {
    const auto t = static_cast<std::size_t>(random() % kTherapists);
    const double y = .5 + effect[t] + .8 * normal(random) + normal(random);
    model_.Learn(
        Check(absl::StrCat("c", i), profiles[t].id,
              y > 0 ? Verdict::kWouldContinue : Verdict::kWouldNotContinue, std::clamp(7 + 2 * y, 0.0, 10.0)),
        &profiles[t]);
  }
  const auto ranks = [&](const Model& model) {
    std::vector<int> order(kTherapists), rank(kTherapists);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
      return Bond(model, "new", profiles[static_cast<std::size_t>(a)]).Probability() >
             Bond(model, "new", profiles[static_cast<std::size_t>(b)]).Probability();
    });
    for (int i = 0; i < kTherapists; ++i)
      rank[static_cast<std::size_t>(order[static_cast<std::size_t>(i)])] = i;
    return rank;
  };
  const std::vector<int> before = ranks(model_);
  for (int i = 0; i < kFalse; ++i) {
    const auto t = static_cast<std::size_t>(random() % kTherapists);
    const bool praise = i % 2 == 0;
    model_.Learn(Check(absl::StrCat("false", i), profiles[t].id,
                       praise ? Verdict::kWouldContinue : Verdict::kWouldNotContinue, praise ? 10 : 0),
                 &profiles[t]);
  }
  const std::vector<int> after = ranks(model_);
  int farthest = 0;
  for (std::size_t t = 0; t < before.size(); ++t)
    farthest = std::max(farthest, std::abs(after[t] - before[t]));
  EXPECT_LE(farthest, kTherapists / 10);
}

INSTANTIATE_TEST_SUITE_P(Networks, FalseRatersTest,
                         ::testing::Combine(::testing::Values(.35, .5), ::testing::Values(25, 40),
                                            ::testing::Values(9, 10, 11)));

TEST_F(TroubleTest, TheCalibrationMapStaysRisingWhateverComes) {
  for (int i = 0; i < 5'000; ++i) {
    const auto t = static_cast<std::size_t>(i % 40);
    // Against every forecast.
    const bool foretold = Bond(model_, "c", *therapists_[t]).Probability() > .5;
    model_.Learn(
        Check("c", therapists_[t]->id, foretold ? Verdict::kWouldNotContinue : Verdict::kWouldContinue, 5),
        therapists_[t].get());
  }
  EXPECT_GT(model_.calibration_slope(), 0);
  EXPECT_TRUE(std::isfinite(model_.calibration_shift()));
}

}  // namespace
}  // namespace rapport::matcher
