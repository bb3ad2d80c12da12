#include "matcher/fit/features.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"

namespace rapport::matcher {
namespace {

// An attribute counts at most this many norm standard deviations.
constexpr double kFarthest = 4;

// Below this product of two vectors' squared lengths there is no direction to compare.
constexpr double kNoSpread = 1e-12;

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

// Share of the client's concerns, of which there are some, that the therapist treats, less one half.
double ConcernCover(const ClientContext& context, const Therapist& therapist) {
  const auto treated = std::count_if(context.concerns.begin(), context.concerns.end(),
                                     [&](Word concern) { return Contains(therapist.concerns, concern); });
  return static_cast<double>(treated) / static_cast<double>(context.concerns.size()) - .5;
}

}  // namespace

double SameTag(const WordSet& set, const WordSet& own, const WordSet& theirs) {
  WordSet a, b;
  std::set_intersection(set.begin(), set.end(), own.begin(), own.end(), std::back_inserter(a));
  std::set_intersection(set.begin(), set.end(), theirs.begin(), theirs.end(), std::back_inserter(b));
  if (a.empty() || b.empty()) return 0;
  return Intersects(a, b) ? .5 : -.5;
}

FeatureSpace::FeatureSpace(const Catalog& catalog) {
  columns_.push_back({"prior", {}, 0, 0});
  const CatalogLists& lists = catalog.lists();
  for (const Attribute& attribute : lists.attributes) attributes_.push_back(attribute.norm);
  tag_sets_ = lists.tag_sets;
  attribute_sets_ = lists.attribute_sets;
  for (const Feature& feature : lists.features) {
    const auto add = [&](std::string code, std::size_t subject) {
      if (feature.moderator) {
        absl::StrAppend(&code, "*", lists.attributes[static_cast<std::size_t>(*feature.moderator)].id);
      }
      columns_.push_back({std::move(code),
                          {feature.form, static_cast<int>(subject), feature.moderator},
                          feature.prior_mean,
                          feature.prior_variance});
    };
    const auto subject = static_cast<std::size_t>(feature.subject);
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
      case FeatureForm::kAttributeDistance:
        add(absl::StrCat("distance:", lists.attributes[subject].id), subject);
        break;
      case FeatureForm::kSameTag:
        add(absl::StrCat("same:", lists.tag_sets[subject].id), subject);
        break;
      case FeatureForm::kAttributeCosine:
        add(absl::StrCat("alike:", lists.attribute_sets[subject].id), subject);
        break;
      case FeatureForm::kClientAttribute:
        add(absl::StrCat("client:", lists.attributes[subject].id), subject);
        break;
      case FeatureForm::kTherapistAttribute:
        add(absl::StrCat("therapist:", lists.attributes[subject].id), subject);
        break;
      case FeatureForm::kFirstTherapist:
        add("first_therapist", 0);
        break;
    }
  }
}

FeatureSpace::Attributes FeatureSpace::Standardise(const std::vector<AttributeValue>& values) const {
  Attributes attributes{Eigen::VectorXd::Zero(static_cast<Eigen::Index>(attributes_.size())),
                        std::vector<char>(attributes_.size(), 0)};
  for (const auto& [attribute, value] : values) {
    const auto place = static_cast<std::size_t>(attribute);
    attributes.value[attribute] =
        std::clamp((value - attributes_[place].mean) / attributes_[place].sd, -kFarthest, kFarthest);
    attributes.known[place] = 1;
  }
  return attributes;
}

double FeatureSpace::Cosine(const AttributeSet& set, const Attributes& client, const Attributes& rated) {
  double count = 0, sum_a = 0, sum_b = 0, aa = 0, bb = 0, ab = 0;
  for (const int attribute : set.attributes) {
    const auto place = static_cast<std::size_t>(attribute);
    if (!client.known[place] || !rated.known[place]) continue;
    const double a = client.value[attribute], b = rated.value[attribute];
    ++count;
    sum_a += a;
    sum_b += b;
    aa += a * a;
    bb += b * b;
    ab += a * b;
  }
  if (count < 2) return 0;
  const double spread = (aa - sum_a * sum_a / count) * (bb - sum_b * sum_b / count);
  return spread < kNoSpread ? 0 : std::clamp((ab - sum_a * sum_b / count) / std::sqrt(spread), -1.0, 1.0);
}

FeatureSpace::ClientPart FeatureSpace::PartOf(const ClientContext& context, const Eigen::VectorXd& style_wish,
                                              bool first) const {
  ClientPart part;
  part.attributes = Standardise(context.attributes);
  part.asked.push_back({0, 1});  // the constant
  for (int i = 1; i < size(); ++i) {
    const auto [form, about, moderator] = columns_[i].meaning;
    const auto place = static_cast<std::size_t>(about);
    const auto if_any = [](bool any) { return any ? 1.0 : 0.0; };
    double own = 0;
    switch (*form) {
      case FeatureForm::kWishTimesSelfDescribed:
        own = style_wish[about];
        break;
      case FeatureForm::kWishTimesPerceived:
        own = WishedFacet(context, about);
        break;
      case FeatureForm::kApproachWish:
        own = if_any(!context.approaches.empty());
        break;
      case FeatureForm::kTagWish:
        own = if_any(!context.tags.empty());
        break;
      case FeatureForm::kConcernCover:
        own = if_any(!context.concerns.empty());
        break;
      case FeatureForm::kAttributeDistance:
        own = if_any(part.attributes.known[place] != 0);
        part.asks_for_attributes |= own != 0;
        break;
      case FeatureForm::kSameTag:
        own = if_any(Intersects(tag_sets_[place].tags, context.own_tags));
        break;
      case FeatureForm::kAttributeCosine:
        own = if_any(!context.attributes.empty());
        part.asks_for_attributes |= own != 0;
        break;
      case FeatureForm::kClientAttribute:
        own = part.attributes.value[about];
        break;
      case FeatureForm::kTherapistAttribute:
        own = 1;
        part.asks_for_attributes = true;
        break;
      case FeatureForm::kFirstTherapist:
        own = if_any(first);
        break;
    }
    if (moderator) own *= part.attributes.value[*moderator];
    if (own != 0) part.asked.push_back({i, own});
  }
  return part;
}

void FeatureSpace::ForEach(const ClientPart& part, const ClientContext& context, const Therapist& therapist,
                           const Eigen::Ref<const Eigen::VectorXd>& perceived,
                           absl::FunctionRef<void(int feature, double value)> visit) const {
  const Attributes rated = part.asks_for_attributes ? Standardise(therapist.attributes) : Attributes();
  for (const auto& [feature, own] : part.asked) {
    const Meaning& meaning = columns_[feature].meaning;
    const int about = meaning.about;
    const auto place = static_cast<std::size_t>(about);
    double theirs = 1;
    switch (meaning.form.value_or(FeatureForm::kClientAttribute)) {
      case FeatureForm::kWishTimesSelfDescribed:
        theirs = therapist.style[place].value_or(0);
        break;
      case FeatureForm::kWishTimesPerceived:
        theirs = perceived[about];
        break;
      case FeatureForm::kApproachWish:
        theirs = MetApproaches(context, therapist);
        break;
      case FeatureForm::kTagWish:
        theirs = MetTags(context, therapist);
        break;
      case FeatureForm::kConcernCover:
        theirs = ConcernCover(context, therapist);
        break;
      case FeatureForm::kAttributeDistance:
        theirs = rated.known[place] ? std::abs(part.attributes.value[about] - rated.value[about]) : 0;
        break;
      case FeatureForm::kSameTag:
        theirs = SameTag(tag_sets_[place].tags, context.own_tags, therapist.tags);
        break;
      case FeatureForm::kAttributeCosine:
        theirs = Cosine(attribute_sets_[place], part.attributes, rated);
        break;
      case FeatureForm::kTherapistAttribute:
        theirs = rated.value[about];
        break;
      case FeatureForm::kClientAttribute:  // all of it is the client's; so is the constant
      case FeatureForm::kFirstTherapist:
        break;
    }
    if (const double value = own * theirs; value != 0) visit(feature, value);
  }
}

Eigen::VectorXd FeatureSpace::Values(const ClientContext& context, const Eigen::VectorXd& style_wish,
                                     const Therapist& therapist,
                                     const Eigen::Ref<const Eigen::VectorXd>& perceived, bool first) const {
  Eigen::VectorXd values = Eigen::VectorXd::Zero(size());
  ForEach(PartOf(context, style_wish, first), context, therapist, perceived,
          [&values](int feature, double value) { values[feature] = value; });
  return values;
}

Eigen::VectorXd StatedStyleWish(const ClientContext& context, int dimensions) {
  Eigen::VectorXd wish = Eigen::VectorXd::Zero(dimensions);
  for (const StyleWish& stated : context.styles) wish[stated.dimension] += stated.strength * stated.value;
  return wish;
}

}  // namespace rapport::matcher
