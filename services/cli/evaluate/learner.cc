#include "services/cli/evaluate/learner.h"

#include <cmath>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "matcher/fit/model.h"
#include "matcher/fit/refit.h"

namespace rapport::evaluate {
namespace {

// Meetings that a base rate is worth before any was seen, and pseudo-meetings of each shrunken mean.
constexpr double kBaseWeight = 2;
constexpr double kShrink = 4;

// Covariances this near to their end foretell no worse, and take half the time.
constexpr double kTolerance = 3e-3;

double Logit(double p) {
  return std::log(p / (1 - p));
}

// Sums of one kind of answer.
struct Tally {
  double count = 0;
  double sum = 0;

  void Add(double value) {
    ++count;
    sum += value;
  }
  double Shrunken(double base) const { return (sum + kShrink * base) / (count + kShrink); }
};

// Tallies of both kinds of answer, of all, by client and by therapist.
class Baseline : public Learner {
 public:
  void ForgetPeople() override {
    for (Tallies* tallies : {&client_verdict_, &therapist_verdict_, &client_bond_, &therapist_bond_})
      tallies->clear();
  }
  void Learn(const Meeting& meeting) override {
    if (meeting.accepted) {
      verdict_.Add(*meeting.accepted);
      client_verdict_[meeting.client_id].Add(*meeting.accepted);
      therapist_verdict_[meeting.therapist_id].Add(*meeting.accepted);
    }
    if (const auto bond = meeting.answers.find("bond"); bond != meeting.answers.end()) {
      bond_.Add(bond->second);
      client_bond_[meeting.client_id].Add(bond->second);
      therapist_bond_[meeting.therapist_id].Add(bond->second);
    }
  }

 protected:
  using Tallies = absl::flat_hash_map<std::string, Tally>;
  static Tally Of(const Tallies& tallies, const std::string& id) {
    const auto found = tallies.find(id);
    return found == tallies.end() ? Tally() : found->second;
  }
  double BaseRate() const { return (verdict_.sum + .5 * kBaseWeight) / (verdict_.count + kBaseWeight); }
  double BaseBond() const { return bond_.count == 0 ? 0 : bond_.sum / bond_.count; }

  Tally verdict_, bond_;
  Tallies client_verdict_, therapist_verdict_, client_bond_, therapist_bond_;
};

class Constant : public Baseline {
 public:
  std::string name() const override { return "constant"; }
  std::unique_ptr<Learner> Copy() const override { return std::make_unique<Constant>(*this); }
  double Predict(const Encounter&) const override { return BaseRate(); }
  double PredictBond(const Encounter&) const override { return BaseBond(); }
};

class TherapistMean : public Baseline {
 public:
  std::string name() const override { return "therapist mean, shrunken"; }
  std::unique_ptr<Learner> Copy() const override { return std::make_unique<TherapistMean>(*this); }
  double Predict(const Encounter& encounter) const override {
    return Of(therapist_verdict_, encounter.therapist_id).Shrunken(BaseRate());
  }
  double PredictBond(const Encounter& encounter) const override {
    return Of(therapist_bond_, encounter.therapist_id).Shrunken(BaseBond());
  }
};

class TwoWay : public Baseline {
 public:
  std::string name() const override { return "two-way, shrunken"; }
  std::unique_ptr<Learner> Copy() const override { return std::make_unique<TwoWay>(*this); }
  double Predict(const Encounter& encounter) const override {
    const double base = BaseRate();
    const double logit = Logit(Of(client_verdict_, encounter.client_id).Shrunken(base)) +
                         Logit(Of(therapist_verdict_, encounter.therapist_id).Shrunken(base)) - Logit(base);
    return 1 / (1 + std::exp(-logit));
  }
  double PredictBond(const Encounter& encounter) const override {
    const double base = BaseBond();
    return Of(client_bond_, encounter.client_id).Shrunken(base) +
           Of(therapist_bond_, encounter.therapist_id).Shrunken(base) - base;
  }
};

class ModelLearner : public Learner {
 public:
  ModelLearner(const World& world, bool refit) : world_(world), refit_(refit), model_(world.catalog()) {}

  std::string name() const override { return refit_ ? "model, refit by wave" : "model, one online pass"; }
  std::unique_ptr<Learner> Copy() const override { return std::make_unique<ModelLearner>(*this); }
  double Predict(const Encounter& encounter) const override {
    return model_
        .Predict(model_.View(encounter.client_id, world_.Context(encounter)),
                 world_.Profile(encounter.therapist_id), [](matcher::BondPart, int, double) {})
        .Probability();
  }
  double PredictBond(const Encounter& encounter) const override {
    const matcher::AnswerTarget target = *world_.catalog()->Target("bond");
    return target.norm.mean +
           target.norm.sd * model_
                                .PredictAnswer(model_.View(encounter.client_id, world_.Context(encounter)),
                                               world_.Profile(encounter.therapist_id), target.channel)
                                .mean;
  }
  void Learn(const Meeting& meeting) override {
    const auto fit_check = std::make_shared<matcher::FitCheck>(world_.Check(meeting));
    const std::shared_ptr<const matcher::Therapist> therapist(std::shared_ptr<void>(),
                                                              &world_.Profile(meeting.therapist_id));
    model_.Learn(*fit_check, therapist.get());
    if (refit_) {
      fit_check->occurred_at = absl::FromUnixSeconds(meeting.t);
      heard_.push_back({fit_check, therapist});
    }
  }
  void ForgetPeople() override {
    matcher::Model::Common of_all = model_.common();
    model_ = matcher::Model(world_.catalog(), model_.parameters());
    model_.RestoreCommon(std::move(of_all));
  }
  void StartWave() override {
    if (!refit_ || heard_.empty()) return;
    matcher::RefitOptions options;
    options.tolerance = kTolerance;
    options.seen_by_serving = published_from_;
    const auto estimate = [&] {
      return matcher::Refit(
          world_.catalog(), model_.parameters(), heard_, options, [](double) {}, [] { return false; });
    };
    absl::StatusOr<matcher::RefitResult> refit = estimate();
    if (absl::IsFailedPrecondition(refit.status())) {
      options.held_out = 0;  // too few new verdicts, or none at all, to judge by and to learn a map from
      refit = estimate();
    }
    if (!refit.ok()) return;
    model_ = model_.Published(refit->parameters, heard_);
    published_from_ = heard_.size();
  }

 private:
  const World& world_;
  bool refit_;
  matcher::Model model_;
  std::vector<matcher::Heard> heard_;
  std::size_t published_from_ = 0;  // of them
};

}  // namespace

std::unique_ptr<Learner> MakeConstant() {
  return std::make_unique<Constant>();
}
std::unique_ptr<Learner> MakeTherapistMean() {
  return std::make_unique<TherapistMean>();
}
std::unique_ptr<Learner> MakeTwoWay() {
  return std::make_unique<TwoWay>();
}
std::unique_ptr<Learner> MakeModel(const World& world, bool refit) {
  return std::make_unique<ModelLearner>(world, refit);
}

std::vector<std::unique_ptr<Learner>> AllLearners(const World& world) {
  std::vector<std::unique_ptr<Learner>> learners;
  learners.push_back(MakeConstant());
  learners.push_back(MakeTherapistMean());
  learners.push_back(MakeTwoWay());
  learners.push_back(MakeModel(world, false));
  learners.push_back(MakeModel(world, true));
  return learners;
}

}  // namespace rapport::evaluate
