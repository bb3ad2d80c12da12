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
    double variance = form.variance + form.variance_slope.dot(r) + r.dot(form.square * r) + answers.variance;
    for (const Word concern : client.context.concerns) {
      for (const TrackRecord& record : answers.records) {
        if (record.concern != concern) continue;
        mean += form.record_weight * record.mean;
        variance += form.record_weight * form.record_weight * (record.variance - form.record_variance);
        ++with_records;
      }
    }
    const LatentBond bond = model.Predict(client, therapist, [](BondPart, int, double) {});
    ASSERT_NEAR(mean, bond.mean, 1e-10);
    ASSERT_NEAR(variance, bond.variance, 1e-10);
  }
  EXPECT_GT(with_records, 50);
}

}  // namespace
}  // namespace rapport::matcher
