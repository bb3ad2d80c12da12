// The model against an exact reference, and what must hold whatever it hears.
#include "matcher/fit/model.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "Eigen/Cholesky"
#include "Eigen/Eigenvalues"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

class ModelTest : public ::testing::Test {
 protected:
  ModelTest() : catalog_(SmallCatalog()), model_(catalog_), network_(7) {}

  std::shared_ptr<const Therapist> MakeTherapist(const std::string& id) {
    return network_.MakeListing(id)->therapist;
  }

  static FitCheck Check(const std::string& client, const std::string& therapist,
                        std::optional<Verdict> verdict, std::vector<Answer> answers = {}) {
    FitCheck fit_check;
    fit_check.id = absl::StrCat(client, "/", therapist);
    fit_check.client_id = client;
    fit_check.therapist_id = therapist;
    fit_check.verdict = verdict;
    fit_check.answers = std::move(answers);
    return fit_check;
  }

  double Bond(const Model& model, const std::string& client, const Therapist& therapist) const {
    return model.Predict(model.View(client, {}), therapist, [](BondPart, int, double) {}).Probability();
  }

  FitCheck RandomCheck() {
    FitCheck fit_check =
        Check(absl::StrCat("c", network_.Below(40)), absl::StrCat("t", network_.Below(15)), {});
    if (network_.Chance(80)) fit_check.verdict = static_cast<Verdict>(1 + network_.Below(3));
    for (const char* id : {"bond", "heard", "safe"}) {
      if (network_.Chance(60)) fit_check.answers.push_back({id, static_cast<double>(network_.Below(11))});
    }
    if (network_.Chance(30)) fit_check.frictions = network_.Words(2, 50);
    fit_check.context = network_.MakeNeeds().context;
    return fit_check;
  }

  std::shared_ptr<const Catalog> catalog_;
  Model model_;
  RandomNetwork network_;
};

TEST_F(ModelTest, AnUnknownPairBondsAsTheSettingsSay) {
  Therapist therapist = *MakeTherapist("t1");
  therapist.style.assign(therapist.style.size(), std::nullopt);
  EXPECT_NEAR(Bond(model_, "nobody", therapist), catalog_->settings().bond_prior_mean, 1e-9);
}

TEST_F(ModelTest, ManySessionsOfOnePairTellLessThanManyClients) {
  const auto therapist = MakeTherapist("t1");
  const auto share = [&](const Model& model) { return model.PriorShare(model.TherapistOf("t1")); };
  Model weekly = model_, many = model_;
  for (int i = 0; i < 30; ++i) weekly.Learn(Check("c1", "t1", Verdict::kWouldContinue), therapist.get());
  for (int i = 0; i < 8; ++i) {
    many.Learn(Check(absl::StrCat("c", i), "t1", Verdict::kWouldContinue), therapist.get());
  }
  EXPECT_GT(share(weekly), share(many));
  EXPECT_LT(Bond(weekly, "new", *therapist), Bond(many, "new", *therapist));
  EXPECT_EQ(weekly.Client("c1")->answers, std::vector<std::int32_t>{30});

  // What all sessions of one pair tell together has an end: little more than a few of them.
  Model longer = weekly;
  for (int i = 0; i < 300; ++i) longer.Learn(Check("c1", "t1", Verdict::kWouldContinue), therapist.get());
  EXPECT_NEAR(share(longer), share(weekly), .02);
  EXPECT_NEAR(Bond(longer, "new", *therapist), Bond(weekly, "new", *therapist), .02);
}

// What a scale says of the bond is no verdict: neither does it make the verdict a later one.
TEST_F(ModelTest, ScalesLeaveAVerdictItsWeight) {
  const auto therapist = MakeTherapist("t1");
  Model alone = model_, after_scales = model_;
  for (int i = 0; i < 20; ++i) after_scales.Learn(Check("c1", "t1", {}, {{"bond", 6}}), therapist.get());
  const auto shift_by_verdict = [&](Model& model) {
    const double before = model.calibration_shift();
    model.Learn(Check("c1", "t1", Verdict::kWouldContinue), therapist.get());
    return model.calibration_shift() - before;
  };
  const double slopes_before = after_scales.Client("c1")->leniency.mean[kVerdictChannel];
  EXPECT_GT(shift_by_verdict(after_scales), 0) << "a pair's first verdict is a forecast come true or not";
  const double moved = after_scales.Client("c1")->leniency.mean[kVerdictChannel] - slopes_before;
  shift_by_verdict(alone);
  EXPECT_GT(moved, .5 * alone.Client("c1")->leniency.mean[kVerdictChannel]);
  EXPECT_EQ(after_scales.Client("c1")->answers, std::vector<std::int32_t>{21});
  EXPECT_EQ(after_scales.Client("c1")->verdicts, std::vector<std::int32_t>{1});
  EXPECT_EQ(shift_by_verdict(after_scales), 0) << "a second one is not";
}

TEST_F(ModelTest, WhoeverIsTheFirstIsSoUntilAnotherIsMet) {
  CatalogLists lists = SmallCatalog()->lists();
  lists.features.push_back({"first", FeatureForm::kFirstTherapist, .4, .04});
  Model model(Catalog::Create(std::move(lists)).value());
  const int place = model.features().size() - 1;
  const auto t1 = MakeTherapist("t1"), t2 = MakeTherapist("t2");
  const auto first = [&](const std::string& client, const std::shared_ptr<const Therapist>& therapist) {
    return model.Design(Check(client, therapist->id, Verdict::kUnsure), therapist.get()).x[place];
  };
  const auto sought = [&] {
    double value = 0;
    model.Predict(model.View("c1", {}), *t2, [&](BondPart part, int subject, double share) {
      if (part == BondPart::kFeature && subject == place) value = share;
    });
    return value;
  };
  EXPECT_EQ(first("c1", t1), 1);
  EXPECT_GT(sought(), .3);
  model.Learn(Check("c1", "t1", Verdict::kUnsure), t1.get());
  EXPECT_EQ(first("c1", t1), 1) << "a second session with the first";
  EXPECT_EQ(first("c1", t2), 0);
  EXPECT_EQ(sought(), 0);
  model.Learn(Check("c1", "t2", Verdict::kUnsure), t2.get());
  EXPECT_EQ(first("c1", t1), 0);
  EXPECT_EQ(first("c2", t2), 1);
}

// Parameters hold what those answers tell of features' effects that they were estimated from.
TEST_F(ModelTest, WhatParametersWereEstimatedFromMovesNoEffectsAgain) {
  Parameters parameters = DayZero(*catalog_);
  parameters.seen = 5;
  Model model(catalog_, parameters);
  const auto therapist = MakeTherapist("t1");
  const auto learn = [&](int i) {
    FitCheck check = Check(absl::StrCat("c", i), "t1", Verdict::kWouldNotContinue, {{"bond", 2}});
    check.context = network_.MakeNeeds().context;
    model.Learn(check, therapist.get());
  };
  for (int i = 0; i < 5; ++i) learn(i);
  EXPECT_EQ(model.effects(), parameters.effect_mean);
  EXPECT_EQ(model.verdict_covariance(), parameters.effect_covariance[0]);
  EXPECT_LT(model.TherapistOf("t1")->effects.mean[kVerdictChannel], 0) << "people are learned of";
  learn(5);
  EXPECT_NE(model.effects(), parameters.effect_mean);
  Model kept(catalog_, parameters);
  kept.RestoreCommon(model.common());
  EXPECT_EQ(kept.common().heard, 6);
}

// One numeric answer set, nobody heard before: the blocks are independent, so the update must be the exact
// conditional of the joint normal of (a, b, u, means, answers).
// The answers of somebody new about somebody new: bond, heard, safe.
class FirstAnswersTest : public ModelTest, public ::testing::WithParamInterface<std::array<double, 3>> {};

TEST_P(FirstAnswersTest, AreConditionedOnExactly) {
  const auto therapist = MakeTherapist("t1");
  const Parameters& prior = model_.parameters();
  const Eigen::Index channels = prior.client.rows();
  FitCheck fit_check =
      Check("c1", "t1", {}, {{"bond", GetParam()[0]}, {"heard", GetParam()[1]}, {"safe", GetParam()[2]}});
  fit_check.context.emplace().concerns = {0, 2};
  model_.Learn(fit_check, therapist.get());

  const Observation observation = Observe(*catalog_, fit_check);
  // A record shows itself on every channel as a therapist's effect does; two concerns weigh half each.
  const Eigen::VectorXd loading = prior.therapist.col(0) / prior.therapist(0, 0);
  const double weight = std::sqrt(.5), variance = prior.track_record_variance;
  std::vector<Eigen::Index> observed;
  for (Eigen::Index j = 1; j < channels; ++j) {
    if (observation.answers[static_cast<std::size_t>(j)]) observed.push_back(j);
  }
  ASSERT_EQ(observed.size(), 3u);
  const FeatureSpace& space = model_.features();
  const Eigen::VectorXd x =
      space.Values(*fit_check.context, Eigen::VectorXd::Zero(3), *therapist, Eigen::VectorXd::Zero(2), true);
  Eigen::MatrixXd total(3, 3);
  Eigen::VectorXd residual(3), record_column(3);
  Eigen::MatrixXd client_columns(channels, 3), therapist_columns(channels, 3);
  for (Eigen::Index i = 0; i < 3; ++i) {
    const Eigen::Index j = observed[static_cast<std::size_t>(i)];
    for (Eigen::Index k = 0; k < 3; ++k) {
      const Eigen::Index l = observed[static_cast<std::size_t>(k)];
      total(i, k) = prior.client(j, l) + prior.therapist(j, l) + prior.error(j, l) +
                    2 * weight * weight * variance * loading[j] * loading[l];
    }
    record_column[i] = weight * variance * loading[j];
    total(i, i) += x.dot(prior.effect_covariance[static_cast<std::size_t>(j)] * x);
    residual[i] = *observation.answers[static_cast<std::size_t>(j)] - x.dot(prior.effect_mean.col(j));
    client_columns.col(i) = prior.client.col(j);
    therapist_columns.col(i) = prior.therapist.col(j);
  }
  const Eigen::MatrixXd inverse = total.inverse();
  // Of the therapist an answer that is stranger than most is believed less.
  const double trust = std::min(1.0, (4 + 3) / (4 + residual.dot(inverse * residual)));
  const ClientState& client = *model_.Client("c1");
  const TherapistState& rated = *model_.TherapistOf("t1");
  EXPECT_LT((client.leniency.mean - client_columns * inverse * residual).cwiseAbs().maxCoeff(), 1e-10);
  EXPECT_LT((rated.effects.mean - trust * therapist_columns * inverse * residual).cwiseAbs().maxCoeff(),
            1e-10);
  EXPECT_LT(
      (client.leniency.covariance - (prior.client - client_columns * inverse * client_columns.transpose()))
          .cwiseAbs()
          .maxCoeff(),
      1e-10);
  ASSERT_EQ(rated.records.all.size(), 2u);
  for (const TrackRecord& record : rated.records.all) {
    EXPECT_NEAR(record.mean, trust * record_column.dot(inverse * residual), 1e-10);
    if (trust < 1) continue;
    const double with_effect = -record_column.dot(inverse * therapist_columns.row(0).transpose());
    const double of_effect = rated.effects.covariance(0, 0);
    EXPECT_LT(with_effect, 0) << "one answer cannot tell them apart";
    EXPECT_NEAR(record.along, with_effect / of_effect, 1e-10);
    EXPECT_NEAR(record.variance + record.along * record.along * of_effect,
                variance - record_column.dot(inverse * record_column), 1e-10);
  }
  EXPECT_LT((rated.effects.covariance -
             (prior.therapist - trust * therapist_columns * inverse * therapist_columns.transpose()))
                .cwiseAbs()
                .maxCoeff(),
            1e-10);
}

INSTANTIATE_TEST_SUITE_P(PlainAndStrange, FirstAnswersTest,
                         ::testing::Values(std::array<double, 3>{8, 6, 6}, std::array<double, 3>{7, 8, 9},
                                           std::array<double, 3>{10, 3, 6}, std::array<double, 3>{0, 0, 10}));

TEST_F(ModelTest, VerdictsMoveTheBondInTheirOrder) {
  const auto therapist = MakeTherapist("t1");
  const double before = Bond(model_, "other", *therapist);
  const auto after = [&](Verdict verdict) {
    Model model = model_;
    model.Learn(Check("c1", "t1", verdict), therapist.get());
    return Bond(model, "other", *therapist);
  };
  EXPECT_GT(after(Verdict::kWouldContinue), before);
  EXPECT_LT(after(Verdict::kUnsure), before);
  EXPECT_LT(after(Verdict::kWouldNotContinue), after(Verdict::kUnsure));
  EXPECT_EQ(Bond(model_, "other", *therapist), before) << "copies never change their original";
}

TEST_F(ModelTest, AKindRaterSaysLessAboutTheTherapistThanAStrictOne) {
  const auto therapist = MakeTherapist("t0");
  for (int i = 1; i <= 8; ++i) {
    model_.Learn(Check("kind", absl::StrCat("k", i), Verdict::kWouldContinue, {{"bond", 10}}), nullptr);
    model_.Learn(Check("strict", absl::StrCat("s", i), Verdict::kWouldNotContinue, {{"bond", 3}}), nullptr);
  }
  Model praised_by_kind = model_, praised_by_strict = model_;
  praised_by_kind.Learn(Check("kind", "t0", Verdict::kWouldContinue, {{"bond", 10}}), therapist.get());
  praised_by_strict.Learn(Check("strict", "t0", Verdict::kWouldContinue, {{"bond", 10}}), therapist.get());
  EXPECT_GT(Bond(praised_by_strict, "new", *therapist), Bond(praised_by_kind, "new", *therapist) + .005);
}

TEST_F(ModelTest, ATrackRecordCountsForItsConcernOnly) {
  const auto therapist = MakeTherapist("t0");
  ClientContext grief, other;
  grief.concerns = {1};
  other.concerns = {2};
  for (int i = 0; i < 12; ++i) {
    FitCheck fit_check = Check(absl::StrCat("c", i), "t0", Verdict::kWouldContinue);
    fit_check.context = grief;
    model_.Learn(fit_check, therapist.get());
  }
  double record = 0;
  const auto note = [&](BondPart part, int, double value) {
    if (part == BondPart::kTrackRecord) record += value;
  };
  model_.Predict(model_.View("new", grief), *therapist, note);
  EXPECT_GT(record, .01);
  record = 0;
  model_.Predict(model_.View("new", other), *therapist, note);
  EXPECT_EQ(record, 0);
}

TEST_F(ModelTest, MarksAloneTeachATrackRecordAndAreForetoldByIt) {
  const auto therapist = MakeTherapist("t0");
  ClientContext grief, other;
  grief.concerns = {1};
  other.concerns = {2};
  for (int i = 0; i < 24; ++i) {
    const bool grieves = i % 2 == 0;
    FitCheck fit_check = Check(absl::StrCat("c", i), "t0", {}, {{"bond", grieves ? 9.0 : 4.0}});
    fit_check.context = grieves ? grief : other;
    model_.Learn(fit_check, therapist.get());
  }
  const Channel bond = catalog_->Target("bond")->channel;
  const auto expected = [&](const ClientContext& context) {
    return model_.PredictAnswer(model_.View("new", context), *therapist, bond).mean;
  };
  const auto latent = [&](const ClientContext& context) {
    return model_.Predict(model_.View("new", context), *therapist, [](BondPart, int, double) {}).mean;
  };
  EXPECT_GT(expected(grief), expected(other) + .1);
  EXPECT_GT(latent(grief), latent(other) + .05);
  const ClientContext none;
  EXPECT_GT(expected(grief), expected(none));
  EXPECT_LT(expected(other), expected(none));
  const auto variance = [&](const ClientContext& context) {
    return model_.PredictAnswer(model_.View("new", context), *therapist, bond).variance;
  };
  EXPECT_GT(variance(grief), variance(none)) << "what is not known of the record is not known of the answer";
}

// Answers of clients with one concern tell what a therapist's effect and record are together, and what
// becomes known of the effect later says something of every record: all of it as the joint normal would have
// it.
TEST_F(ModelTest, EffectAndRecordsAreToldApartExactly) {
  const auto therapist = MakeTherapist("t0");
  Parameters parameters = DayZero(*catalog_);
  for (Eigen::MatrixXd& covariance : parameters.effect_covariance) covariance *= 1e-9;  // effects are known
  parameters.track_record_variance = .2;
  Model model(catalog_, parameters);
  const Eigen::Index channels = parameters.client.rows(), concerns = 3, size = channels + concerns;
  const Eigen::VectorXd loading = RecordLoading(parameters);
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(size);
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(size, size);
  covariance.topLeftCorner(channels, channels) = parameters.therapist;
  covariance.diagonal().tail(concerns).setConstant(parameters.track_record_variance);
  int learned = 0;
  for (int i = 0; learned < 60; ++i) {
    FitCheck fit_check = Check(absl::StrCat("c", i), "t0", {});
    for (const char* id : {"bond", "heard", "safe"}) {
      if (i % 5 == 0 || network_.Chance(70)) {
        fit_check.answers.push_back({id, static_cast<double>(network_.Below(11))});
      }
    }
    const Word concern = static_cast<Word>(learned < 30 ? 0 : network_.Below(3));
    fit_check.context.emplace().concerns = {concern};
    const PairDesign design = model.Design(fit_check, therapist.get());

    const Observation observation = Observe(*catalog_, fit_check);
    const std::vector<int> answered = observation.Channels();
    const auto observed = static_cast<Eigen::Index>(answered.size());
    if (observed == 0) continue;
    Eigen::MatrixXd shown = Eigen::MatrixXd::Zero(observed, size), noise(observed, observed);
    Eigen::VectorXd residual(observed);
    for (Eigen::Index a = 0; a < observed; ++a) {
      const int j = answered[static_cast<std::size_t>(a)];
      shown(a, j) = 1;
      shown(a, channels + concern) = loading[j];
      residual[a] =
          *observation.answers[static_cast<std::size_t>(j)] - design.x.dot(parameters.effect_mean.col(j));
      for (Eigen::Index b = 0; b < observed; ++b) {
        const int k = answered[static_cast<std::size_t>(b)];
        noise(a, b) = parameters.client(j, k) + parameters.error(j, k);
      }
    }
    const Eigen::MatrixXd total_inverse = (shown * covariance * shown.transpose() + noise).inverse();
    const Eigen::VectorXd innovation = residual - shown * mean;
    // Answers that are stranger than most count for less: here all count in full.
    if (innovation.dot(total_inverse * innovation) > static_cast<double>(observed)) continue;
    model.Learn(fit_check, therapist.get());
    ++learned;
    const Eigen::MatrixXd gain = covariance * shown.transpose() * total_inverse;
    mean += gain * innovation;
    covariance -= gain * shown * covariance;
  }
  const TherapistState& known = *model.TherapistOf("t0");
  EXPECT_LT((known.effects.mean - mean.head(channels)).cwiseAbs().maxCoeff(), 1e-5);
  EXPECT_LT((known.effects.covariance - covariance.topLeftCorner(channels, channels)).cwiseAbs().maxCoeff(),
            1e-5);
  ASSERT_EQ(known.records.all.size(), 3u);
  for (const TrackRecord& record : known.records.all) {
    const Eigen::Index at = channels + record.concern;
    EXPECT_NEAR(record.mean, mean[at], 1e-5);
    EXPECT_NEAR(record.along, covariance(at, 0) / covariance(0, 0), 1e-5);
    EXPECT_NEAR(record.variance + record.along * record.along * covariance(0, 0), covariance(at, at), 1e-5);
    EXPECT_LT(record.along, -.05);
    // Whoever comes is foretold with what is known of the effect and the records together; of two records,
    // what they have in common beside the effect on the verdict is left out.
    for (const std::size_t named : {1, 2}) {
      ClientContext context;
      context.concerns = {record.concern, static_cast<Word>((record.concern + 1) % 3)};
      context.concerns.resize(named);
      Eigen::VectorXd along = Eigen::VectorXd::Zero(size);
      along[0] = 1;
      for (const Word concern : context.concerns) {
        along[channels + concern] = std::sqrt(1 / static_cast<double>(named));
      }
      const ClientView view = model.View("new", context);
      const LatentBond bond = model.Predict(view, *therapist, [](BondPart, int, double) {});
      const double of_pair = along.dot(covariance * along);
      EXPECT_NEAR(bond.variance - view.leniency_variance, of_pair, named == 1 ? 1e-5 : .15 * of_pair);
      FitCheck coming = Check("new", "t0", {});
      coming.context = context;
      const double of_features = model.Design(coming, therapist.get()).x.dot(parameters.effect_mean.col(0));
      EXPECT_NEAR(bond.mean, of_features + along.dot(mean), 1e-5);
    }
  }
}

TEST_F(ModelTest, SilenceTeachesNothing) {
  const auto therapist = MakeTherapist("t1");
  const double before = Bond(model_, "c1", *therapist);
  model_.Learn(Check("c1", "t1", {}), therapist.get());
  EXPECT_EQ(Bond(model_, "c1", *therapist), before);
}

TEST_F(ModelTest, StaysSoundAfterManyContradictoryAnswers) {
  std::vector<std::shared_ptr<const Therapist>> therapists;
  for (int i = 0; i < 15; ++i) therapists.push_back(MakeTherapist(absl::StrCat("t", i)));
  for (int i = 0; i < 20'000; ++i) {
    const FitCheck fit_check = RandomCheck();
    model_.Learn(fit_check, network_.Chance(90) ? therapists[network_.Below(15)].get() : nullptr);
  }
  const auto sound = [](const Belief& belief) {
    ASSERT_TRUE(belief.mean.allFinite());
    ASSERT_EQ(belief.covariance, belief.covariance.transpose());
    ASSERT_GT(Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(belief.covariance).eigenvalues().minCoeff(), 0);
  };
  for (int i = 0; i < 40; ++i) {
    const ClientState* client = model_.Client(absl::StrCat("c", i));
    ASSERT_NE(client, nullptr);
    sound(client->leniency);
    sound(client->slopes);
    ASSERT_LE(client->learned_style_wish.cwiseAbs().maxCoeff(), 1);
  }
  for (int i = 0; i < 15; ++i) {
    const TherapistState* rated = model_.TherapistOf(absl::StrCat("t", i));
    sound(rated->effects);
    for (const TrackRecord& record : rated->records.all) ASSERT_GT(record.variance, 0);
    const double p = Bond(model_, "new", *therapists[static_cast<std::size_t>(i)]);
    ASSERT_GT(p, 0);
    ASSERT_LT(p, 1);
  }
}

TEST_F(ModelTest, PartsSumToTheMean) {
  for (int i = 0; i < 500; ++i) model_.Learn(RandomCheck(), MakeTherapist(absl::StrCat("t", i % 15)).get());
  for (int i = 0; i < 500; ++i) {
    double sum = 0;
    const LatentBond bond =
        model_.Predict(model_.View(absl::StrCat("c", network_.Below(60)), network_.MakeNeeds().context),
                       *MakeTherapist(absl::StrCat("t", network_.Below(20))),
                       [&](BondPart, int, double value) { sum += value; });
    ASSERT_NEAR(sum, bond.mean, 1e-9);
    ASSERT_GT(bond.variance, 0);
    ASSERT_LT(bond.Low(), bond.Probability());
    ASSERT_GT(bond.High(), bond.Probability());
  }
}

}  // namespace
}  // namespace rapport::matcher
