// The formula of a client's bonds against Model::Predict, pair by pair.
#include "matcher/fit/bond_form.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

TEST(BondFormTest, IsWhatPredictWorksOut) {
  RandomNetwork network(5);
  const auto catalog = SmallCatalog();
  Model model(catalog);
  std::vector<std::shared_ptr<const Listing>> listings;
  for (int i = 0; i < 40; ++i) listings.push_back(network.MakeListing(absl::StrCat("t", i)));
  for (int i = 0; i < 300; ++i) {
    FitCheck fit_check;
    fit_check.id = absl::StrCat("f", i);
    fit_check.client_id = absl::StrCat("c", network.Below(20));
    fit_check.therapist_id = absl::StrCat("t", network.Below(30));
    fit_check.verdict = static_cast<Verdict>(1 + network.Below(3));
    fit_check.answers = {{"heard", static_cast<double>(network.Below(11))}, {"bond", 7}};
    fit_check.frictions = network.Words(2, 20);
    fit_check.context = network.MakeNeeds().context;
    model.Learn(fit_check, listings[network.Below(40)]->therapist.get());
  }
  int with_records = 0;
  for (int i = 0; i < 400; ++i) {
    const ClientView client = model.View(absl::StrCat("c", network.Below(30)), network.MakeNeeds().context);
    const BondForm form = FormOf(model, client);
    const Therapist& therapist = *listings[network.Below(40)]->therapist;
    const TherapistAnswers answers = AnswersAbout(model, therapist.id);
    const Eigen::VectorXd r = ValuesOf(form, client, therapist, answers);
    double mean = form.constant + form.slope.dot(r) + answers.mean;
    double variance = form.variance + form.variance_slope.dot(r) + r.dot(form.square * r), along = 1;
    for (const Word concern : client.context.concerns) {
      for (const TrackRecord& record : answers.records) {
        if (record.concern != concern) continue;
        mean += form.record_weight * record.mean;
        along += form.record_weight * record.along;
        variance += form.record_weight * form.record_weight * (record.variance - form.record_variance);
        ++with_records;
      }
    }
    variance += along * along * answers.variance;
    const LatentBond bond = model.Predict(client, therapist, [](BondPart, int, double) {});
    ASSERT_NEAR(mean, bond.mean, 1e-10);
    ASSERT_NEAR(variance, bond.variance, 1e-10);
  }
  EXPECT_GT(with_records, 50);
}

// What a client states of themself is the client's own factor, and the formula carries it; how far the two
// are apart it cannot carry, but only where the client states where they stand.
TEST(BondFormTest, CarriesWhatAClientStatesOfThemself) {
  RandomNetwork network(6);
  CatalogLists lists = SmallCatalog()->lists();
  const auto own = static_cast<int>(lists.attributes.size());
  lists.attributes.push_back({"own", "own", {0, 1}});
  lists.attributes.push_back({"apart", "apart", {0, 1}});
  lists.features.push_back({"own_itself", FeatureForm::kClientAttribute, .3, .04, own, {}});
  lists.features.push_back({"first", FeatureForm::kFirstTherapist, .3, .04});
  lists.features.push_back({"style_by_own", FeatureForm::kWishTimesSelfDescribed, .2, .04, 0, own});
  lists.features.push_back({"distance", FeatureForm::kAttributeDistance, .1, .04, own + 1, {}});
  const Model model(Catalog::Create(lists).value());
  int carried = 0;
  for (int i = 0; i < 200; ++i) {
    ClientContext context = network.MakeNeeds().context;
    const bool apart = i % 4 == 0;
    context.attributes = {{own, .1 * static_cast<double>(i % 20) - 1}};
    if (apart) context.attributes.push_back({own + 1, 1});
    const ClientView client = model.View("c", context);
    const BondForm form = FormOf(model, client);
    EXPECT_EQ(form.whole, !apart);
    if (apart) continue;
    const auto therapist = network.MakeListing(absl::StrCat("t", i))->therapist;
    const TherapistAnswers answers = AnswersAbout(model, therapist->id);
    const Eigen::VectorXd r = ValuesOf(form, client, *therapist, answers);
    const LatentBond bond = model.Predict(client, *therapist, [](BondPart, int, double) {});
    ASSERT_NEAR(form.constant + form.slope.dot(r) + answers.mean, bond.mean, 1e-10);
    ASSERT_NEAR(form.variance + form.variance_slope.dot(r) + r.dot(form.square * r) + answers.variance,
                bond.variance, 1e-10);
    carried += r.squaredNorm() > 0;
  }
  EXPECT_GT(carried, 50);
}

}  // namespace
}  // namespace rapport::matcher
