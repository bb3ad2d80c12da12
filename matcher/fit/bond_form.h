// The latent bond of one client with any therapist, as a formula in a few numbers of the therapist: what
// Model::Predict works out for one pair, put so that a whole network can be looked at with it. Predict is the
// law; a test holds the two together.
//
//   mean     = constant + slope'r + b + w Σ_k u_k
//   variance = variance + variance_slope'r + r' square r + (1 + w Σ_k along_k)² Var b
//              + w² Σ_k (variance_k − record_variance)
//
// r: the therapist's values named in `values`; b: their effect on the verdict; u_k, along_k, variance_k:
// their TrackRecord, where they have one, with each of the client's concerns.
#ifndef RAPPORT_MATCHER_FIT_BOND_FORM_H_
#define RAPPORT_MATCHER_FIT_BOND_FORM_H_

#include <string>
#include <vector>

#include "Eigen/Core"
#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "matcher/domain/therapist.h"
#include "matcher/domain/words.h"
#include "matcher/fit/model.h"

namespace rapport::matcher {

struct BondForm {
  // A number of the therapist.
  enum class Source {
    kStyle,       // what they say of themself on style dimension `about`, 0 where not said
    kFelt,        // their expected effect on facet `about`
    kApproaches,  // strength of the approach wishes that they meet
    kTags,        // strength of the tag wishes that they meet
    kConcerns,    // share of the client's concerns that they treat
  };
  struct Value {
    Source source = Source::kStyle;
    int about = 0;
  };
  bool whole = true;  // false: features that say something of the client and that these numbers cannot carry
                      // are left out, and it bounds nothing
  absl::InlinedVector<Value, 16> values;  // those that move the mean or the variance; n
  double constant = 0;
  Eigen::VectorXd slope;           // n
  double variance = 0;             // with the prior variance of every record
  Eigen::VectorXd variance_slope;  // n
  Eigen::MatrixXd square;          // n × n, symmetric
  double record_weight = 0;        // w; 0: the client named no concern
  double record_variance = 0;      // prior variance of a record
};

// The formula for `client`. O(F² n).
BondForm FormOf(const Model& model, const ClientView& client);

// What clients' answers have taught of one therapist, as the formula reads it.
struct TherapistAnswers {
  double mean = 0;                   // b
  double variance = 0;               // Var b
  std::vector<double> felt;          // by facet; empty: nothing heard, all 0
  std::vector<TrackRecord> records;  // u_k
};
TherapistAnswers AnswersAbout(const Model& model, absl::string_view therapist_id);
// The same, with what the model holds of the therapist looked up; null: nothing.
TherapistAnswers AnswersAbout(const Model& model, const TherapistState* known);

// The therapist's values that `form` names, r. `client`: the one the form is of.
Eigen::VectorXd ValuesOf(const BondForm& form, const ClientView& client, const Therapist& therapist,
                         const TherapistAnswers& answers);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_BOND_FORM_H_
