#include "matcher/fit/bond_form.h"

#include <cmath>
#include <optional>

#include "absl/container/inlined_vector.h"

namespace rapport::matcher {
namespace {

// The number of the therapist that a feature multiplies; nothing where it is none of those that BondForm
// names.
std::optional<BondForm::Value> ValueOf(const FeatureSpace::Meaning& meaning) {
  switch (*meaning.form) {
    case FeatureForm::kWishTimesSelfDescribed:
      return BondForm::Value{BondForm::Source::kStyle, meaning.about};
    case FeatureForm::kWishTimesPerceived:
      return BondForm::Value{BondForm::Source::kFelt, meaning.about};
    case FeatureForm::kApproachWish:
      return BondForm::Value{BondForm::Source::kApproaches, 0};
    case FeatureForm::kTagWish:
      return BondForm::Value{BondForm::Source::kTags, 0};
    case FeatureForm::kConcernCover:
      return BondForm::Value{BondForm::Source::kConcerns, 0};
    case FeatureForm::kAttributeDistance:
    case FeatureForm::kSameTag:
    case FeatureForm::kAttributeCosine:
    case FeatureForm::kClientAttribute:
    case FeatureForm::kTherapistAttribute:
    case FeatureForm::kFirstTherapist:
      break;
  }
  return std::nullopt;
}

}  // namespace

BondForm FormOf(const Model& model, const ClientView& client) {
  const FeatureSpace& features = model.features();
  BondForm form;
  const auto place_of = [&form](BondForm::Value value) {
    std::size_t i = 0;
    while (i < form.values.size() &&
           (form.values[i].source != value.source || form.values[i].about != value.about)) {
      ++i;
    }
    if (i == form.values.size()) form.values.push_back(value);
    return static_cast<Eigen::Index>(i);
  };
  // Features that say something: x = at_zero + per_value · (the value at that place).
  struct Said {
    int feature;
    double at_zero;
    double per_value;
    Eigen::Index place;
  };
  absl::InlinedVector<Said, 24> said;
  for (const auto& [feature, own] : client.features.asked) {
    const FeatureSpace::Meaning meaning = features.meaning(feature);
    if (!meaning.form || *meaning.form == FeatureForm::kClientAttribute ||
        *meaning.form == FeatureForm::kFirstTherapist) {
      said.push_back({feature, own, 0, 0});
    } else if (const auto value = ValueOf(meaning); !value) {
      form.whole = false;
    } else {
      // What is treated of the concerns counts from one half on.
      const double at_zero = value->source == BondForm::Source::kConcerns ? -.5 * own : 0;
      said.push_back({feature, at_zero, own, place_of(*value)});
    }
  }
  const auto facets = static_cast<int>(client.state == nullptr ? 0 : client.state->slopes.mean.size());
  absl::InlinedVector<Eigen::Index, 16> felt;
  for (int facet = 0; facet < facets; ++facet) felt.push_back(place_of({BondForm::Source::kFelt, facet}));

  const auto n = static_cast<Eigen::Index>(form.values.size());
  form.slope = Eigen::VectorXd::Zero(n);
  form.variance_slope = Eigen::VectorXd::Zero(n);
  form.square = Eigen::MatrixXd::Zero(n, n);
  const auto effects = model.effects().col(kVerdictChannel);
  const Eigen::MatrixXd& covariance = model.verdict_covariance();
  form.constant = client.leniency_mean;
  form.variance = client.leniency_variance;
  for (const Said& a : said) {
    form.constant += a.at_zero * effects[a.feature];
    if (a.per_value != 0) form.slope[a.place] += a.per_value * effects[a.feature];
    double with_zero = 0;
    for (const Said& b : said) {
      const double together = covariance(b.feature, a.feature);
      with_zero += together * b.at_zero;
      if (a.per_value != 0 && b.per_value != 0)
        form.square(b.place, a.place) += a.per_value * together * b.per_value;
    }
    form.variance += a.at_zero * with_zero;
    if (a.per_value != 0) form.variance_slope[a.place] += 2 * a.per_value * with_zero;
  }
  for (int f = 0; f < facets; ++f) {
    form.slope[felt[static_cast<std::size_t>(f)]] += client.state->slopes.mean[f];
    for (int g = 0; g < facets; ++g) {
      form.square(felt[static_cast<std::size_t>(f)], felt[static_cast<std::size_t>(g)]) +=
          client.state->slopes.covariance(f, g);
    }
  }
  const std::size_t concerns = client.context.concerns.size();
  form.record_variance = model.parameters().track_record_variance;
  if (concerns > 0) {
    form.record_weight = 1 / std::sqrt(static_cast<double>(concerns));
    form.variance += form.record_variance;  // n records, each with weight 1/n
  }
  return form;
}

TherapistAnswers AnswersAbout(const Model& model, absl::string_view therapist_id) {
  return AnswersAbout(model, model.TherapistOf(therapist_id));
}

TherapistAnswers AnswersAbout(const Model& model, const TherapistState* known) {
  TherapistAnswers answers;
  if (known == nullptr) {
    answers.variance = model.parameters().therapist(kVerdictChannel, kVerdictChannel);
    return answers;
  }
  answers.mean = known->effects.mean[kVerdictChannel];
  answers.variance = known->effects.covariance(kVerdictChannel, kVerdictChannel);
  for (const Channel channel : model.facet_channels()) answers.felt.push_back(known->effects.mean[channel]);
  answers.records = known->records.all;
  return answers;
}

Eigen::VectorXd ValuesOf(const BondForm& form, const ClientView& client, const Therapist& therapist,
                         const TherapistAnswers& answers) {
  const ClientContext& context = client.context;
  Eigen::VectorXd values = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(form.values.size()));
  for (std::size_t i = 0; i < form.values.size(); ++i) {
    const auto about = static_cast<std::size_t>(form.values[i].about);
    double& value = values[static_cast<Eigen::Index>(i)];
    switch (form.values[i].source) {
      case BondForm::Source::kStyle:
        value = therapist.style[about].value_or(0);
        break;
      case BondForm::Source::kFelt:
        value = answers.felt.empty() ? 0 : answers.felt[about];
        break;
      case BondForm::Source::kApproaches:
        for (const ApproachWish& wish : context.approaches)
          value += Contains(therapist.approaches, wish.approach) ? wish.strength : 0;
        break;
      case BondForm::Source::kTags:
        for (const TagWish& wish : context.tags)
          value += Contains(therapist.tags, wish.tag) ? wish.strength : 0;
        break;
      case BondForm::Source::kConcerns:
        for (const Word concern : context.concerns) value += Contains(therapist.concerns, concern);
        value /= static_cast<double>(context.concerns.size());
        break;
    }
  }
  return values;
}

}  // namespace rapport::matcher
