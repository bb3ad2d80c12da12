#include "services/contract/catalog_lists.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace rapport::contract {
namespace {

namespace proto = rapport::catalog::v1;

// The place of a word that the checks have found in `entries`.
template <typename Entries>
int PlaceOf(absl::string_view id, const Entries& entries) {
  int place = 0;
  while (entries[place].id() != id) ++place;
  return place;
}

template <typename Entries>
std::vector<matcher::LabelledWord> ToWords(const Entries& entries) {
  std::vector<matcher::LabelledWord> words;
  for (const auto& entry : entries) words.push_back({entry.id(), entry.label()});
  return words;
}

matcher::Friction ToFriction(const proto::Friction& message, const proto::Catalog& catalog) {
  matcher::Friction friction{message.id(), message.label(), {}, {}};
  for (const std::string& facet : message.facets())
    friction.facets.push_back(PlaceOf(facet, catalog.facets()));
  for (const proto::StyleHint& hint : message.style_hints()) {
    friction.style_hints.push_back({PlaceOf(hint.dimension(), catalog.style_dimensions()), hint.direction()});
  }
  return friction;
}

matcher::Scale ToScale(const proto::Scale& message) {
  matcher::Scale scale;
  scale.id = message.id();
  scale.minimum = message.minimum();
  scale.maximum = message.maximum();
  scale.higher_is_better = message.direction() == proto::SCORE_DIRECTION_HIGHER_IS_BETTER;
  scale.channel = message.channel();
  if (!scale.channel.empty()) scale.norm = {message.norm_mean(), message.norm_sd()};
  if (message.has_cut_off()) scale.cut_off = message.cut_off();
  if (message.has_triage_at()) scale.triage_at = message.triage_at();
  return scale;
}

matcher::FeatureForm ToForm(proto::FeatureForm form) {
  switch (form) {
    case proto::FEATURE_FORM_APPROACH_WISH:
      return matcher::FeatureForm::kApproachWish;
    case proto::FEATURE_FORM_TAG_WISH:
      return matcher::FeatureForm::kTagWish;
    case proto::FEATURE_FORM_CONCERN_COVER:
      return matcher::FeatureForm::kConcernCover;
    case proto::FEATURE_FORM_WISH_TIMES_PERCEIVED:
      return matcher::FeatureForm::kWishTimesPerceived;
    case proto::FEATURE_FORM_ATTRIBUTE_DISTANCE:
      return matcher::FeatureForm::kAttributeDistance;
    case proto::FEATURE_FORM_SAME_TAG:
      return matcher::FeatureForm::kSameTag;
    case proto::FEATURE_FORM_ATTRIBUTE_COSINE:
      return matcher::FeatureForm::kAttributeCosine;
    case proto::FEATURE_FORM_CLIENT_ATTRIBUTE:
      return matcher::FeatureForm::kClientAttribute;
    case proto::FEATURE_FORM_THERAPIST_ATTRIBUTE:
      return matcher::FeatureForm::kTherapistAttribute;
    case proto::FEATURE_FORM_FIRST_THERAPIST:
      return matcher::FeatureForm::kFirstTherapist;
    default:
      return matcher::FeatureForm::kWishTimesSelfDescribed;
  }
}

matcher::Feature ToFeature(const proto::Feature& message, const proto::Catalog& catalog) {
  matcher::Feature feature;
  feature.id = message.id();
  feature.form = ToForm(message.form());
  feature.prior_mean = message.prior_mean();
  feature.prior_variance = message.prior_variance();
  switch (feature.form) {
    case matcher::FeatureForm::kSameTag:
      feature.subject = PlaceOf(message.subject(), catalog.tag_sets());
      break;
    case matcher::FeatureForm::kAttributeCosine:
      feature.subject = PlaceOf(message.subject(), catalog.attribute_sets());
      break;
    case matcher::FeatureForm::kAttributeDistance:
    case matcher::FeatureForm::kClientAttribute:
    case matcher::FeatureForm::kTherapistAttribute:
      feature.subject = PlaceOf(message.subject(), catalog.attributes());
      break;
    default:
      break;
  }
  if (!message.moderator().empty()) feature.moderator = PlaceOf(message.moderator(), catalog.attributes());
  return feature;
}

matcher::Settings ToSettings(const proto::Settings& message) {
  matcher::Settings settings;
  settings.confirmation_limit_days = message.confirmation_limit_days();
  settings.freshness_half_life_days = message.freshness_half_life_days();
  settings.reach_prior_mean = message.reach_prior_mean();
  settings.reach_prior_weight = message.reach_prior_weight();
  settings.start_probability = message.start_probability();
  settings.start_odds_per_week = message.start_odds_per_week();
  settings.bond_prior_mean = message.bond_prior_mean();
  settings.therapist_variance_share = message.therapist_variance_share();
  settings.client_variance_share = message.client_variance_share();
  settings.track_record_variance_share = message.track_record_variance_share();
  settings.client_slope_variance = message.client_slope_variance();
  settings.session_reliability = message.session_reliability();
  settings.switch_dropout = message.switch_dropout();
  settings.unsure_width = message.unsure_width();
  settings.switch_cost_per_week = message.switch_cost_per_week();
  settings.reservation = absl::Hours(message.reservation_hours());
  return settings;
}

}  // namespace

matcher::CatalogLists ToLists(const proto::Catalog& message) {
  matcher::CatalogLists lists;
  lists.version = message.version();
  for (const proto::StyleDimension& entry : message.style_dimensions()) {
    lists.style_dimensions.push_back({entry.id(), entry.label(), entry.low_pole(), entry.high_pole()});
  }
  for (const proto::Facet& entry : message.facets()) {
    lists.facets.push_back({entry.id(), entry.label(), {entry.norm_mean(), entry.norm_sd()}});
  }
  for (const proto::Friction& entry : message.frictions())
    lists.frictions.push_back(ToFriction(entry, message));
  lists.concerns = ToWords(message.concerns());
  lists.approaches = ToWords(message.approaches());
  lists.formats = ToWords(message.formats());
  lists.age_groups = ToWords(message.age_groups());
  for (const proto::Modality& entry : message.modalities()) {
    lists.modalities.push_back({entry.id(), entry.label(), entry.in_person()});
  }
  lists.tags = ToWords(message.tags());
  lists.payers = ToWords(message.payers());
  for (const proto::Instrument& entry : message.instruments()) {
    matcher::Instrument& instrument = lists.instruments.emplace_back();
    instrument.id = entry.id();
    instrument.label = entry.label();
    for (const proto::Scale& scale : entry.scales()) instrument.scales.push_back(ToScale(scale));
  }
  for (const proto::FitQuestion& entry : message.fit_questions()) {
    lists.fit_questions.push_back(
        {entry.id(), entry.label(), entry.channel(), {entry.norm_mean(), entry.norm_sd()}});
  }
  for (const proto::Feature& entry : message.features()) {
    lists.features.push_back(ToFeature(entry, message));
  }
  for (const proto::Attribute& entry : message.attributes()) {
    lists.attributes.push_back({entry.id(), entry.label(), {entry.norm_mean(), entry.norm_sd()}});
  }
  for (const proto::TagSet& entry : message.tag_sets()) {
    matcher::WordSet tags;
    for (const std::string& tag : entry.tags())
      tags.push_back(static_cast<matcher::Word>(PlaceOf(tag, message.tags())));
    lists.tag_sets.push_back({entry.id(), entry.label(), matcher::MakeWordSet(std::move(tags))});
  }
  for (const proto::AttributeSet& entry : message.attribute_sets()) {
    matcher::AttributeSet& set = lists.attribute_sets.emplace_back();
    set.id = entry.id();
    set.label = entry.label();
    for (const std::string& attribute : entry.attributes())
      set.attributes.push_back(PlaceOf(attribute, message.attributes()));
  }
  lists.settings = ToSettings(message.settings());
  return lists;
}

}  // namespace rapport::contract
