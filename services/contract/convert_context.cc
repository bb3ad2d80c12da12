#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "services/contract/convert.h"

namespace rapport::contract {
namespace {

// Needs and ClientContext have the same fields for what the model looks at.
template <typename Message>
matcher::ClientContext Convert(const matcher::Catalog& catalog, const Message& message) {
  using Wish = matcher::v1::Wish;
  matcher::ClientContext context;
  for (const std::string& concern : message.concerns()) {
    if (const auto word = catalog.Concern(concern)) context.concerns.push_back(*word);
  }
  for (const Wish& wish : message.wishes()) {
    const double strength = wish.strength();
    switch (wish.subject_case()) {
      case Wish::kStyle:
        if (const auto dimension = catalog.Dimension(wish.style().dimension())) {
          context.styles.push_back({*dimension, wish.style().value(), strength});
        }
        break;
      case Wish::kApproach:
        if (const auto word = catalog.Approach(wish.approach()))
          context.approaches.push_back({*word, strength});
        break;
      case Wish::kTag:
        if (const auto word = catalog.Tag(wish.tag())) context.tags.push_back({*word, strength});
        break;
      case Wish::kFacet:
        if (const auto facet = catalog.FacetWord(wish.facet())) context.facets.push_back({*facet, strength});
        break;
      case Wish::SUBJECT_NOT_SET:
        break;
    }
  }
  const auto sort = [](auto& kind, auto word) {
    std::sort(kind.begin(), kind.end(), [word](const auto& a, const auto& b) { return a.*word < b.*word; });
  };
  sort(context.styles, &matcher::StyleWish::dimension);
  sort(context.approaches, &matcher::ApproachWish::approach);
  sort(context.tags, &matcher::TagWish::tag);
  sort(context.facets, &matcher::FacetWish::facet);
  for (const std::string& tag : message.own_tags()) {
    if (const auto word = catalog.Tag(tag)) context.own_tags.push_back(*word);
  }
  context.own_tags = matcher::MakeWordSet(std::move(context.own_tags));
  context.attributes = ToAttributes(catalog, message.attributes());
  return context;
}

}  // namespace

matcher::ClientContext ToContext(const matcher::Catalog& catalog, const matcher::v1::Needs& needs) {
  return Convert(catalog, needs);
}

matcher::ClientContext ToDomain(const matcher::Catalog& catalog, const matcher::v1::ClientContext& message) {
  return Convert(catalog, message);
}

std::vector<matcher::AttributeValue> ToAttributes(
    const matcher::Catalog& catalog,
    const google::protobuf::RepeatedPtrField<therapist::v1::AttributeValue>& messages) {
  std::vector<matcher::AttributeValue> values;
  for (const therapist::v1::AttributeValue& message : messages) {
    if (const auto word = catalog.AttributeWord(message.attribute()))
      values.push_back({*word, message.value()});
  }
  std::sort(values.begin(), values.end(),
            [](const auto& a, const auto& b) { return a.attribute < b.attribute; });
  return values;
}

google::protobuf::RepeatedPtrField<therapist::v1::AttributeValue> ToProto(
    const matcher::Catalog& catalog, const std::vector<matcher::AttributeValue>& values) {
  google::protobuf::RepeatedPtrField<therapist::v1::AttributeValue> messages;
  for (const matcher::AttributeValue& value : values) {
    therapist::v1::AttributeValue& message = *messages.Add();
    message.set_attribute(catalog.lists().attributes[static_cast<std::size_t>(value.attribute)].id);
    message.set_value(value.value);
  }
  return messages;
}

matcher::v1::ClientContext ToProto(const matcher::Catalog& catalog, const matcher::ClientContext& context) {
  const matcher::CatalogLists& lists = catalog.lists();
  matcher::v1::ClientContext message;
  for (const matcher::Word concern : context.concerns) message.add_concerns(lists.concerns[concern].id);
  const auto add = [&message](double strength) -> matcher::v1::Wish& {
    matcher::v1::Wish& wish = *message.add_wishes();
    wish.set_strength(strength);
    return wish;
  };
  for (const matcher::StyleWish& wish : context.styles) {
    therapist::v1::StyleRating& style = *add(wish.strength).mutable_style();
    style.set_dimension(lists.style_dimensions[wish.dimension].id);
    style.set_value(wish.value);
  }
  for (const matcher::ApproachWish& wish : context.approaches) {
    add(wish.strength).set_approach(lists.approaches[wish.approach].id);
  }
  for (const matcher::TagWish& wish : context.tags) add(wish.strength).set_tag(lists.tags[wish.tag].id);
  for (const matcher::FacetWish& wish : context.facets)
    add(wish.strength).set_facet(lists.facets[wish.facet].id);
  for (const matcher::Word tag : context.own_tags) message.add_own_tags(lists.tags[tag].id);
  *message.mutable_attributes() = ToProto(catalog, context.attributes);
  return message;
}

}  // namespace rapport::contract
