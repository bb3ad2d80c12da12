#include "matcher/fit/features.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace rapport::matcher {
namespace {

double WishedFacet(const ClientContext& context, int facet) {
  double strength = 0;
  for (const FacetWish& wish : context.facets) strength += wish.facet == facet ? wish.strength : 0;
  return strength;
}

double MetApproaches(const ClientContext& context, const Therapist& therapist) {
  double met = 0;
  for (const ApproachWish& wish : context.approaches) {
    met += Contains(therapist.approaches, wish.approach) ? wish.strength : 0;
  }
  return met;
}

double MetTags(const ClientContext& context, const Therapist& therapist) {
  double met = 0;
  for (const TagWish& wish : context.tags) met += Contains(therapist.tags, wish.tag) ? wish.strength : 0;
  return met;
}

// Share of the client's concerns that the therapist treats, less one half; 0 for a client without concerns.
double ConcernCover(const ClientContext& context, const Therapist& therapist) {
  if (context.concerns.empty()) return 0;
  const auto treated = std::count_if(context.concerns.begin(), context.concerns.end(),
                                     [&](Word concern) { return Contains(therapist.concerns, concern); });
  return static_cast<double>(treated) / static_cast<double>(context.concerns.size()) - .5;
}

}  // namespace

FeatureSpace::FeatureSpace(const Catalog& catalog) {
  columns_.push_back({"prior", {}, 0, 0});
  const CatalogLists& lists = catalog.lists();
  for (const Feature& feature : lists.features) {
    const auto add = [&](std::string code, std::size_t subject) {
      columns_.push_back({std::move(code),
                          {feature.form, static_cast<int>(subject)},
                          feature.prior_mean,
                          feature.prior_variance});
    };
    switch (feature.form) {
      case FeatureForm::kWishTimesSelfDescribed:
        for (std::size_t i = 0; i < lists.style_dimensions.size(); ++i) {
          add(absl::StrCat("wish:", lists.style_dimensions[i].id), i);
        }
        break;
      case FeatureForm::kWishTimesPerceived:
        for (std::size_t i = 0; i < lists.facets.size(); ++i)
          add(absl::StrCat("perceived:", lists.facets[i].id), i);
        break;
      case FeatureForm::kApproachWish:
        add("approach", 0);
        break;
      case FeatureForm::kTagWish:
        add("identity", 0);
        break;
      case FeatureForm::kConcernCover:
        add("concerns", 0);
        break;
    }
  }
}

Eigen::VectorXd FeatureSpace::Values(const ClientContext& context, const Eigen::VectorXd& style_wish,
                                     const Therapist& therapist, const Eigen::VectorXd& perceived) const {
  Eigen::VectorXd values(size());
  values[0] = 1;
  for (int i = 1; i < size(); ++i) {
    const auto [form, about] = columns_[i].meaning;
    switch (*form) {
      case FeatureForm::kWishTimesSelfDescribed:
        values[i] = style_wish[about] * therapist.style[static_cast<std::size_t>(about)].value_or(0);
        break;
      case FeatureForm::kWishTimesPerceived:
        values[i] = WishedFacet(context, about) * perceived[about];
        break;
      case FeatureForm::kApproachWish:
        values[i] = MetApproaches(context, therapist);
        break;
      case FeatureForm::kTagWish:
        values[i] = MetTags(context, therapist);
        break;
      case FeatureForm::kConcernCover:
        values[i] = ConcernCover(context, therapist);
        break;
    }
  }
  return values;
}

Eigen::VectorXd StatedStyleWish(const ClientContext& context, int dimensions) {
  Eigen::VectorXd wish = Eigen::VectorXd::Zero(dimensions);
  for (const StyleWish& stated : context.styles) wish[stated.dimension] += stated.strength * stated.value;
  return wish;
}

}  // namespace rapport::matcher
