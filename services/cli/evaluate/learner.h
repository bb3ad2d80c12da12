// What is compared: the model that serves, and plain baselines, behind one seam.
#ifndef RAPPORT_SERVICES_CLI_EVALUATE_LEARNER_H_
#define RAPPORT_SERVICES_CLI_EVALUATE_LEARNER_H_

#include <memory>
#include <string>
#include <vector>

#include "services/cli/evaluate/replay.h"
#include "services/cli/evaluate/world.h"

namespace rapport::evaluate {

class Learner {
 public:
  virtual ~Learner() = default;
  virtual std::string name() const = 0;
  // Another that knows the same, and goes its own way from here.
  virtual std::unique_ptr<Learner> Copy() const = 0;
  // P(accepted).
  virtual double Predict(const Encounter& encounter) const = 0;
  // Expected bond, on the answer's own scale.
  virtual double PredictBond(const Encounter& encounter) const = 0;
  virtual void Learn(const Meeting& meeting) = 0;
  // A new group of people starts, or the first meeting is about to be scored.
  virtual void StartWave() {}
  // What was learned of single people is forgotten; what was learned of all stays.
  virtual void ForgetPeople() {}
};

// The base rate so far.
std::unique_ptr<Learner> MakeConstant();
// The therapist's mean, shrunken: (sum + k · base) / (n + k).
std::unique_ptr<Learner> MakeTherapistMean();
// Client's and therapist's shrunken effects added: on the logit for the verdict, on the answer for the bond.
std::unique_ptr<Learner> MakeTwoWay();
// matcher::Model, by the calls that serving makes. `refit`: published parameters are estimated anew from all
// meetings heard at each StartWave; `world` outlives it.
std::unique_ptr<Learner> MakeModel(const World& world, bool refit);

// All of the above, the model last.
std::vector<std::unique_ptr<Learner>> AllLearners(const World& world);

}  // namespace rapport::evaluate

#endif  // RAPPORT_SERVICES_CLI_EVALUATE_LEARNER_H_
