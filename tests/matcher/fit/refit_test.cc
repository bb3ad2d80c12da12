// Refit: what it finds, what it refuses, and that it depends on nothing but what was heard.
#include "matcher/fit/refit.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <utility>

#include "Eigen/Cholesky"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/fit/sessions.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

using ::testing::HasSubstr;

constexpr int kTherapists = 30;

class RefitTest : public ::testing::Test {
 protected:
  RefitTest() : catalog_(SmallCatalog()), day_zero_(DayZero(*catalog_)), network_(3) {
    for (int t = 0; t < kTherapists; ++t) {
      therapists_.push_back(network_.MakeListing(absl::StrCat("t", t))->therapist);
    }
  }

  // Answers drawn from `truth`, without effects of features: each client meets three therapists and answers
  // after each of `sessions` with them. What lasts in a pair is the share of its error that the catalog
  // states.
  std::vector<Heard> Draw(const Parameters& truth, int clients, std::uint64_t seed, int sessions = 1,
                          double unsure_width = .5) const {
    const double lasts = sessions == 1 ? 0 : LastingShare(catalog_->settings());
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    const auto draw = [&](const Eigen::MatrixXd& covariance) {
      Eigen::VectorXd z(covariance.rows());
      for (Eigen::Index i = 0; i < z.size(); ++i) z[i] = normal(random);
      return Eigen::VectorXd(covariance.llt().matrixL() * z);
    };
    std::vector<Eigen::VectorXd> effects;
    for (int t = 0; t < kTherapists; ++t) effects.push_back(draw(truth.therapist));
    std::vector<Heard> heard;
    for (int c = 0; c < clients; ++c) {
      const Eigen::VectorXd client = draw(truth.client);
      for (int m = 0; m < 3; ++m) {
        const auto t = static_cast<std::size_t>(random() % kTherapists);
        const Eigen::VectorXd pair = sessions == 1 ? Eigen::VectorXd(Eigen::VectorXd::Zero(client.size()))
                                                   : Eigen::VectorXd(std::sqrt(lasts) * draw(truth.error));
        for (int session = 1; session <= sessions; ++session) {
          const Eigen::VectorXd y = truth.effect_mean.row(0).transpose() + client + effects[t] + pair +
                                    std::sqrt(1 - lasts) * draw(truth.error);
          auto fit_check = std::make_shared<FitCheck>();
          fit_check->id = absl::StrCat("f", heard.size());
          fit_check->client_id = absl::StrCat("c", c);
          fit_check->therapist_id = therapists_[t]->id;
          fit_check->occurred_at = absl::FromUnixSeconds(static_cast<std::int64_t>(random() % 1'000'000));
          fit_check->verdict = y[0] > 0               ? Verdict::kWouldContinue
                               : y[0] > -unsure_width ? Verdict::kUnsure
                                                      : Verdict::kWouldNotContinue;
          for (std::size_t j = 1; j < catalog_->channels().size(); ++j) {
            if (random() % 5 == 0) continue;
            const std::string& channel = catalog_->channels()[j];
            const std::string id = channel == "goals" ? "wai.goal" : channel;
            const Norm norm = catalog_->Target(id)->norm;
            fit_check->answers.push_back({id, norm.mean + norm.sd * y[static_cast<Eigen::Index>(j)]});
          }
          fit_check->context = ClientContext();
          heard.push_back({fit_check, therapists_[t]});
        }
      }
    }
    return heard;
  }

  absl::StatusOr<RefitResult> Run(const Parameters& serving, std::vector<Heard> heard,
                                  RefitOptions options = {}) const {
    return Refit(
        catalog_, serving, std::move(heard), options, [](double) {}, [] { return false; });
  }

  std::shared_ptr<const Catalog> catalog_;
  Parameters day_zero_;
  RandomNetwork network_;
  std::vector<std::shared_ptr<const Therapist>> therapists_;
};

TEST_F(RefitTest, FindsTheVariancesThatAnswersWereDrawnFrom) {
  Parameters truth = day_zero_;
  truth.client *= .4;
  truth.therapist *= 4;
  RefitOptions options;
  options.day_zero_weight = .1;  // let the answers speak
  const auto refit = Run(day_zero_, Draw(truth, 600, 1), options);
  ASSERT_TRUE(refit.ok()) << refit.status();
  const Parameters& found = refit->parameters;
  for (Eigen::Index j = 1; j < truth.client.rows(); ++j) {
    EXPECT_NEAR(found.client(j, j) / truth.client(j, j), 1, .5) << j;
    EXPECT_NEAR(found.error(j, j) / truth.error(j, j), 1, .12) << j;
    // Thirty therapists: their variance has a standard error of a quarter of itself.
    EXPECT_NEAR(found.therapist(j, j) / truth.therapist(j, j), 1, .6) << j;
  }
  // The verdict's scale rests on how wide "unsure" is; its shares do not.
  EXPECT_NEAR(found.client(0, 0) / (found.client(0, 0) + found.therapist(0, 0)),
              truth.client(0, 0) / (truth.client(0, 0) + truth.therapist(0, 0)), .15);
  EXPECT_EQ(refit->parameters.error(0, 0), 1);
  EXPECT_TRUE(CheckParameters(*catalog_, refit->parameters).ok());
  EXPECT_TRUE(refit->report.accepted) << refit->report.reason;
  EXPECT_EQ(refit->report.clients, 600);
  EXPECT_GT(refit->report.held_out, 100);
}

// The catalog's width of "unsure" is an assumption: what clients make of the word is learned, and bends
// nothing else. The same clients continue in each of these; they only use the word otherwise.
TEST_F(RefitTest, FindsHowClientsUseUnsure) {
  Parameters truth = day_zero_;
  truth.therapist *= 4;
  const auto at = [&](double width) { return Run(day_zero_, Draw(truth, 700, 12, 1, width)).value(); };
  const RefitResult expected = at(.5);
  EXPECT_NEAR(expected.parameters.unsure_width, .5, .06);
  for (const double width : {.0, .25, 1., 1.6}) {
    const RefitResult refit = at(width);
    EXPECT_NEAR(refit.parameters.unsure_width, width, .03 + .12 * width);
    for (const auto variance : {&Parameters::client, &Parameters::therapist}) {
      EXPECT_NEAR((refit.parameters.*variance)(0, 0) / (expected.parameters.*variance)(0, 0), 1, .15)
          << width;
    }
    EXPECT_NEAR(refit.parameters.effect_mean(0, 0), expected.parameters.effect_mean(0, 0), .1) << width;
    EXPECT_NEAR(refit.report.held_out_loss_refit, expected.report.held_out_loss_refit, .008) << width;
    EXPECT_TRUE(CheckParameters(*catalog_, refit.parameters).ok());
  }
}

TEST_F(RefitTest, SessionsOfOnePairAreNotTakenForManyPairs) {
  constexpr int kSeeds = 6;
  const Eigen::Index channels = day_zero_.client.rows();
  Eigen::VectorXd client = Eigen::VectorXd::Zero(channels), therapist = client, error = client;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    RefitOptions options;
    options.day_zero_weight = .1;
    options.held_out = 0;
    const auto refit = Run(day_zero_, Draw(day_zero_, 150, 40 + seed, 8), options);
    ASSERT_TRUE(refit.ok()) << refit.status();
    const auto add = [&](const Eigen::MatrixXd& found, const Eigen::MatrixXd& truth, Eigen::VectorXd& mean) {
      mean += found.diagonal().cwiseQuotient(truth.diagonal()) / kSeeds;
    };
    add(refit->parameters.client, day_zero_.client, client);
    add(refit->parameters.therapist, day_zero_.therapist, therapist);
    add(refit->parameters.error, day_zero_.error, error);
  }
  // With each session for a first one: clients 1.3 times the truth, what is left .8; of the verdict 2.
  for (Eigen::Index j = 1; j < channels; ++j) {
    EXPECT_NEAR(client[j], 1, .2) << j;
    EXPECT_NEAR(therapist[j], 1, .3) << j;
    EXPECT_NEAR(error[j], 1, .1) << j;
  }
  EXPECT_NEAR(client[0], 1, .5);
}

TEST_F(RefitTest, DependsOnWhatWasHeardAndNotOnItsOrder) {
  std::vector<Heard> heard = Draw(day_zero_, 60, 2);
  const auto once = Run(day_zero_, heard);
  std::shuffle(heard.begin(), heard.end(), std::mt19937_64(5));
  const auto again = Run(day_zero_, heard);
  ASSERT_TRUE(once.ok() && again.ok());
  EXPECT_EQ(once->parameters.client, again->parameters.client);
  EXPECT_EQ(once->parameters.effect_mean, again->parameters.effect_mean);
  EXPECT_EQ(once->report.held_out_loss_refit, again->report.held_out_loss_refit);
}

TEST_F(RefitTest, AModelThatForetellsWorseIsRefusedWithTheFigures) {
  // What was said first is turned upside down in what was said last: the past misleads.
  Parameters strict = day_zero_, kind = day_zero_;
  strict.effect_mean(0, 0) = -2;
  kind.effect_mean(0, 0) = 2;
  // The serving model is sure of what the last ones will say.
  kind.effect_covariance[0](0, 0) = 1e-4;
  kind.calibration.covariance *= 1e-4;
  std::vector<Heard> heard = Draw(strict, 90, 3);
  std::vector<Heard> last = Draw(kind, 10, 4);
  for (Heard& one : last) {
    auto later = std::make_shared<FitCheck>(*one.fit_check);
    later->client_id = absl::StrCat("late-", later->client_id);
    later->occurred_at += absl::Hours(24 * 365);
    heard.push_back({later, one.therapist});
  }
  const auto refit = Run(kind, heard);
  ASSERT_TRUE(refit.ok()) << refit.status();
  EXPECT_FALSE(refit->report.accepted);
  EXPECT_GT(refit->report.held_out_loss_refit, refit->report.held_out_loss_serving);
  std::set<std::string> pairs;  // of the last thirty
  for (const Heard& one : last)
    pairs.insert(absl::StrCat(one.fit_check->client_id, "/", one.fit_check->therapist_id));
  EXPECT_GE(pairs.size(), 25u);
  EXPECT_THAT(refit->report.reason, HasSubstr(absl::StrCat("on the last ", pairs.size(), " verdicts")));
}

TEST_F(RefitTest, TellsItsProgressAndStopsWhenAsked) {
  const std::vector<Heard> heard = Draw(day_zero_, 40, 5);
  std::vector<double> told;
  ASSERT_TRUE(
      Refit(
          catalog_, day_zero_, heard, {}, [&](double done) { told.push_back(done); }, [] { return false; })
          .ok());
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
  EXPECT_EQ(told.front(), 0);
  EXPECT_EQ(told.back(), 1);
  int asked = 0;
  EXPECT_EQ(Refit(
                catalog_, day_zero_, heard, {}, [](double) {}, [&] { return ++asked > 3; })
                .status()
                .code(),
            absl::StatusCode::kCancelled);
}

TEST_F(RefitTest, AModelOfBeforeGetsItsNorms) {
  RefitOptions options;
  options.held_out = 0;
  Parameters serving = day_zero_;
  serving.norms.clear();
  serving.unsure_width = 0;
  const auto refit = Run(serving, Draw(day_zero_, 60, 5), options);
  ASSERT_TRUE(refit.ok()) << refit.status();
  EXPECT_EQ(refit->parameters.norms.size(), day_zero_.norms.size());
  EXPECT_GT(refit->parameters.unsure_width, 0);
}

TEST_F(RefitTest, NothingHeardIsNoGround) {
  EXPECT_EQ(Run(day_zero_, {}).status().code(), absl::StatusCode::kFailedPrecondition);
  auto silence = std::make_shared<FitCheck>();
  silence->client_id = "c";
  silence->therapist_id = "t0";
  EXPECT_EQ(Run(day_zero_, {{silence, nullptr}}).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(RefitTest, WhereNearlyAllAreContentedOneRefusalDoesNotOverturnTheNetwork) {
  Parameters contented = day_zero_;
  contented.effect_mean(0, 0) = 6;
  std::vector<Heard> heard = Draw(contented, 20, 8);
  // Verdicts of one kind judge nobody.
  const absl::Status one_kind = Run(day_zero_, heard).status();
  EXPECT_EQ(one_kind.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(one_kind.message(), HasSubstr("some that the client would continue and some not"));

  RefitOptions unjudged;
  unjudged.held_out = 0;
  const auto refit = Run(day_zero_, heard, unjudged);
  ASSERT_TRUE(refit.ok()) << refit.status();
  EXPECT_LT(refit->parameters.effect_mean(0, 0), 4);
  Model model = Model(catalog_).Published(refit->parameters, heard);
  const auto stranger = [&] {
    return model.Predict(model.View("new", {}), *therapists_[0], [](BondPart, int, double) {});
  };
  EXPECT_GT(stranger().Probability(), .9);
  EXPECT_LE(stranger().Low(), stranger().Probability());
  EXPECT_GE(stranger().High(), stranger().Probability());
  FitCheck refusal;
  refusal.client_id = "other";
  refusal.therapist_id = therapists_[1]->id;
  refusal.verdict = Verdict::kWouldNotContinue;
  model.Learn(refusal, therapists_[1].get());
  EXPECT_GT(stranger().Probability(), .8);
}

TEST_F(RefitTest, NobodyIsJudgedByWhatTheServingModelHasSeen) {
  const std::vector<Heard> seen = Draw(day_zero_, 100, 9);
  RefitOptions options;
  options.seen_by_serving = seen.size();
  EXPECT_EQ(Run(day_zero_, seen, options).status().code(), absl::StatusCode::kFailedPrecondition);

  std::vector<Heard> heard = seen;
  for (Heard& one : Draw(day_zero_, 12, 10)) {
    auto later = std::make_shared<FitCheck>(*one.fit_check);
    later->id = absl::StrCat("late-", later->id);
    later->client_id = absl::StrCat("late-", later->client_id);
    later->occurred_at += absl::Hours(24 * 365);
    heard.push_back({later, one.therapist});
  }
  const auto refit = Run(day_zero_, heard, options);
  ASSERT_TRUE(refit.ok()) << refit.status();
  // Of the last tenth of 336, all of them new, those that are a pair's first.
  std::set<std::pair<std::string, std::string>> pairs;
  for (const Heard& one : heard) pairs.insert({one.fit_check->client_id, one.fit_check->therapist_id});
  EXPECT_GT(refit->report.held_out, 25);
  EXPECT_LE(refit->report.held_out, 33);
  EXPECT_LE(refit->report.held_out, static_cast<std::int64_t>(pairs.size()));
}

// Twelve attributes of therapists, with effects or without: their size is learned, not only each of them.
TEST_F(RefitTest, HowLargeEffectsAreIsLearned) {
  constexpr int kAttributes = 12;
  CatalogLists lists = SmallCatalog()->lists();
  lists.features.clear();
  for (int i = 0; i < kAttributes; ++i) {
    lists.attributes.push_back({absl::StrCat("a", i), absl::StrCat("a", i), {0, 1}});
    lists.features.push_back({absl::StrCat("f", i), FeatureForm::kTherapistAttribute, 0, .02, i});
  }
  const auto catalog = Catalog::Create(std::move(lists)).value();
  const auto spread_of_effects = [&](double size) {
    std::mt19937_64 random(21);
    std::normal_distribution<double> normal;
    Eigen::VectorXd effects(kAttributes);
    for (double& effect : effects) effect = size * normal(random);
    std::vector<Heard> heard;
    for (int i = 0; i < 80; ++i) {
      auto therapist = std::make_shared<Therapist>(*therapists_[0]);
      therapist->id = absl::StrCat("t", i % 40);
      double bond = normal(random);
      for (int a = 0; a < kAttributes; ++a) {
        const double value = (i % 40 * 7 + a * 13) % 11 / 5. - 1;
        therapist->attributes.push_back({a, value});
        bond += effects[a] * value;
      }
      auto fit_check = std::make_shared<FitCheck>();
      fit_check->id = absl::StrCat("f", i);
      fit_check->client_id = absl::StrCat("c", i);
      fit_check->therapist_id = therapist->id;
      const Norm norm = catalog->Target("bond")->norm;
      fit_check->answers = {{"bond", norm.mean + norm.sd * bond}};
      heard.push_back({fit_check, therapist});
    }
    RefitOptions unjudged;
    unjudged.held_out = 0;
    const auto refit = Refit(
        catalog, DayZero(*catalog), heard, unjudged, [](double) {}, [] { return false; });
    EXPECT_TRUE(refit.ok()) << refit.status();
    return refit->parameters.effect_mean.col(1).tail(kAttributes).norm() / effects.norm();
  };
  EXPECT_GT(spread_of_effects(.5), .6) << "day 0 would hold them at a sd of .14";
  EXPECT_LT(spread_of_effects(.02), 2.5) << "where there are none, chance does not make them";
}

// Later sessions of those who stay would show whoever expects much of everybody as the better judge.
TEST_F(RefitTest, JudgesByWhatAClientSaysFirstOfATherapist) {
  const std::vector<Heard> heard = Draw(day_zero_, 200, 12, 2);
  const auto refit = Run(day_zero_, heard);
  ASSERT_TRUE(refit.ok()) << refit.status();
  std::set<std::pair<std::string, std::string>> pairs;
  for (const Heard& one : heard) pairs.insert({one.fit_check->client_id, one.fit_check->therapist_id});
  EXPECT_GE(refit->report.held_out, 20);
  EXPECT_LT(refit->report.held_out, static_cast<std::int64_t>(pairs.size()) / 3);
}

// One client's first answers decide nothing when twenty scales follow them.
TEST_F(RefitTest, ScalesDoNotOutweighVerdicts) {
  std::vector<Heard> heard = Draw(day_zero_, 200, 13);
  RefitOptions unjudged;
  unjudged.held_out = 0;
  const auto alone = Run(day_zero_, heard, unjudged);
  const std::size_t verdicts = heard.size();
  for (std::size_t i = 0; i < verdicts; ++i) {
    // Those who would continue fill in scales, as people in care do.
    if (heard[i].fit_check->verdict != Verdict::kWouldContinue) continue;
    for (int n = 0; n < 8; ++n) {
      auto scale = std::make_shared<FitCheck>(*heard[i].fit_check);
      scale->id = absl::StrCat(scale->id, "-scale-", n);
      scale->verdict.reset();
      scale->occurred_at += absl::Hours(1 + n);
      heard.push_back({scale, heard[i].therapist});
    }
  }
  const auto with_scales = Run(day_zero_, heard, unjudged);
  ASSERT_TRUE(alone.ok() && with_scales.ok());
  EXPECT_NEAR(with_scales->parameters.effect_mean(0, 0), alone->parameters.effect_mean(0, 0), .15);
}

// A serving model that was wrong about everybody had its map put that right; the new one needs no such map.
TEST_F(RefitTest, TheOldMapDoesNotCorrectTheNewModel) {
  Parameters contented = day_zero_;
  contented.effect_mean(0, 0) = 2;
  const std::vector<Heard> heard = Draw(contented, 300, 14);
  Model serving(catalog_);
  double continued = 0;
  for (const Heard& one : heard) {
    serving.Learn(*one.fit_check, one.therapist.get());
    continued += *one.fit_check->verdict == Verdict::kWouldContinue ? 1 : 0;
  }
  const auto refit = Run(day_zero_, heard);
  ASSERT_TRUE(refit.ok()) << refit.status();
  const auto foretold = [&](const Model& model) {
    double sum = 0;
    for (const auto& therapist : therapists_)
      sum += model.Predict(model.View("new", {}), *therapist, [](BondPart, int, double) {}).Probability();
    return sum / kTherapists;
  };
  const double share = continued / static_cast<double>(heard.size());
  const double published = foretold(serving.Published(refit->parameters, heard));
  EXPECT_NEAR(published, share, .03);
  Parameters under_the_old_map = refit->parameters;
  under_the_old_map.calibration = serving.calibration();
  EXPECT_GT(foretold(serving.Published(under_the_old_map, heard)), published)
      << "this test is to tell the two apart";
}

TEST_F(RefitTest, ConstantAndExtremeAnswersStaySane) {
  std::vector<Heard> heard;
  for (int i = 0; i < 200; ++i) {
    auto fit_check = std::make_shared<FitCheck>();
    fit_check->id = absl::StrCat("f", i % 150);  // some ids twice
    fit_check->client_id = absl::StrCat("c", i % 7);
    fit_check->therapist_id = absl::StrCat("t", i % 3);
    fit_check->verdict = Verdict::kWouldContinue;
    fit_check->answers = {{"bond", 1e9}, {"heard", 10}, {"safe", -1e9}};
    heard.push_back({fit_check, i % 2 == 0 ? therapists_[static_cast<std::size_t>(i % 3)] : nullptr});
  }
  RefitOptions unjudged;
  unjudged.held_out = 0;  // there is nobody who would not continue to judge by
  const auto refit = Run(day_zero_, heard, unjudged);
  ASSERT_TRUE(refit.ok()) << refit.status();
  EXPECT_TRUE(CheckParameters(*catalog_, refit->parameters).ok());
  const Model model = Model(catalog_).Published(refit->parameters, heard);
  const LatentBond bond = model.Predict(model.View("new", {}), *therapists_[0], [](BondPart, int, double) {});
  EXPECT_GT(bond.Probability(), .5);
  EXPECT_LT(bond.Probability(), 1);
}

TEST_F(RefitTest, PublishingLearnsTheSameHistoryAgain) {
  const std::vector<Heard> heard = Draw(day_zero_, 50, 6);
  Model serving(catalog_);
  for (const Heard& one : heard) serving.Learn(*one.fit_check, one.therapist.get());
  ClientContext stated;
  stated.concerns = {2};
  serving.RememberContext("waiting", stated);
  const auto refit = Run(day_zero_, heard);
  ASSERT_TRUE(refit.ok());
  const Model published = serving.Published(refit->parameters, heard);
  Model folded(catalog_, refit->parameters);
  for (const Heard& one : heard) folded.Learn(*one.fit_check, one.therapist.get());
  for (int t = 0; t < kTherapists; ++t) {
    const TherapistState* a = published.TherapistOf(absl::StrCat("t", t));
    const TherapistState* b = folded.TherapistOf(absl::StrCat("t", t));
    ASSERT_EQ(a == nullptr, b == nullptr);
    if (a != nullptr) {
      EXPECT_EQ(a->effects.mean, b->effects.mean);
    }
  }
  ASSERT_NE(published.Client("waiting"), nullptr);
  EXPECT_EQ(published.Client("waiting")->context.concerns, stated.concerns);
}

}  // namespace
}  // namespace rapport::matcher
