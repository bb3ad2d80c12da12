// Features of a (client, therapist) pair: what was wished for × what the therapist says of themself, or what
// other clients have felt. Their forms are declared in the catalog, so another network's words need no
// rebuild.
#ifndef RAPPORT_MATCHER_FIT_FEATURES_H_
#define RAPPORT_MATCHER_FIT_FEATURES_H_

#include <optional>
#include <string>
#include <vector>

#include "Eigen/Core"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "matcher/domain/catalog.h"
#include "matcher/domain/needs.h"
#include "matcher/domain/therapist.h"

namespace rapport::matcher {

// The features of one catalog, in a fixed order: 0 is the constant 1, then each declared form, spread over
// its dimensions or facets. Thread-safe: const after construction.
class FeatureSpace {
 public:
  explicit FeatureSpace(const Catalog& catalog);

  int size() const { return static_cast<int>(columns_.size()); }
  // Stable code of a feature, as explanations show it: "prior", "wish:directiveness", "approach",
  // "perceived:heard" ...
  const std::string& code(int feature) const { return columns_[feature].code; }
  // What a feature is: its form, and the style dimension, facet, attribute, tag set or attribute set it is
  // about. No form: the constant.
  struct Meaning {
    std::optional<FeatureForm> form;
    int about = 0;
    std::optional<int> moderator;  // the client's attribute that it is multiplied by
  };
  Meaning meaning(int feature) const { return columns_[feature].meaning; }
  double prior_mean(int feature) const { return columns_[feature].prior_mean; }
  double prior_variance(int feature) const { return columns_[feature].prior_variance; }

  // Values on the catalog's attributes in norm standard deviations, at most 4; 0 where `known` is not set.
  struct Attributes {
    Eigen::VectorXd value;
    std::vector<char> known;
  };

  // What a client brings to the features: those that say something of some therapist. Most say nothing of a
  // client; so it is made once, and each therapist is looked at for the few that are left.
  struct ClientPart {
    struct Asked {
      int feature = 0;
      double own = 0;  // the client's factor, not 0
    };
    absl::InlinedVector<Asked, 24> asked;  // by feature
    Attributes attributes;
    bool asks_for_attributes = false;  // the therapist's
  };
  // `style_wish`: the client's wish by style dimension (stated and learned, each strength × position).
  // `first`: they have answered about nobody else.
  ClientPart PartOf(const ClientContext& context, const Eigen::VectorXd& style_wish, bool first) const;

  // Calls visit(feature, value) for each feature of the pair that is not 0, in their order. `part` is that of
  // `context`; `perceived`: the therapist's expected effect by facet.
  void ForEach(const ClientPart& part, const ClientContext& context, const Therapist& therapist,
               const Eigen::Ref<const Eigen::VectorXd>& perceived,
               absl::FunctionRef<void(int feature, double value)> visit) const;

  // All features of a pair, in one vector. Size: size().
  Eigen::VectorXd Values(const ClientContext& context, const Eigen::VectorXd& style_wish,
                         const Therapist& therapist, const Eigen::Ref<const Eigen::VectorXd>& perceived,
                         bool first) const;

 private:
  struct Column {
    std::string code;
    Meaning meaning;
    double prior_mean = 0;
    double prior_variance = 0;
  };
  Attributes Standardise(const std::vector<AttributeValue>& values) const;
  // Of what both state in the set, each person's own mean taken off; 0 where there is no direction.
  static double Cosine(const AttributeSet& set, const Attributes& client, const Attributes& rated);

  std::vector<Column> columns_;
  std::vector<Norm> attributes_;
  std::vector<TagSet> tag_sets_;
  std::vector<AttributeSet> attribute_sets_;
};

// ½ where both state a tag of the set and share one, −½ where they share none, 0 where one states none.
double SameTag(const WordSet& set, const WordSet& own, const WordSet& theirs);

// Stated wishes by style dimension: the sum of strength × position over the wishes on it. Size: `dimensions`.
Eigen::VectorXd StatedStyleWish(const ClientContext& context, int dimensions);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_FEATURES_H_
