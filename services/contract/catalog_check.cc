#include "services/contract/catalog_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "matcher/domain/catalog.h"
#include "services/contract/catalog_words.h"
#include "services/contract/limits.h"
#include "services/contract/text.h"

namespace rapport::contract {
namespace {

using google::protobuf::RepeatedPtrField;
namespace proto = rapport::catalog::v1;

constexpr double kAnyNumber = std::numeric_limits<double>::max();
constexpr double kAboveZero = std::numeric_limits<double>::min();

// Residual standard deviations: an effect beyond this is a mistake of writing.
constexpr double kFarthestEffect = 100;

// A published model travels in one message, mostly as the covariance of each channel's effects: 3.2 of 4 MB.
constexpr double kMaxModelNumbers = 400'000;

class Check {
 public:
  Check(const proto::Catalog& catalog, const CatalogPlace& file) : catalog_(catalog), file_(file) {}

  std::vector<CatalogMistake> Run() {
    Text(catalog_.version(), file_, "version");
    Words(catalog_.style_dimensions(), "style_dimensions", kMaxStyleDimensions);
    Words(catalog_.facets(), "facets", kMaxFacets);
    Words(catalog_.frictions(), "frictions", kMaxFrictions);
    Words(catalog_.concerns(), "concerns", kMaxConcerns);
    Words(catalog_.approaches(), "approaches", kMaxApproaches);
    Words(catalog_.formats(), "formats", kMaxFormats);
    Words(catalog_.age_groups(), "age_groups", kMaxAgeGroups);
    Words(catalog_.modalities(), "modalities", kMaxModalities);
    for (int i = 0; i < catalog_.modalities_size(); ++i) {
      // Left out it would mean remote, where a registration for telehealth is licence enough and distance
      // counts for nothing.
      const CatalogPlace place = file_.At("modalities", i);
      if (!place.States("in_person")) Report(place, "in_person must be stated, true or false");
    }
    Words(catalog_.tags(), "tags", kMaxTags);
    Words(catalog_.payers(), "payers", kMaxPayers);
    Words(catalog_.instruments(), "instruments", kMaxInstruments);
    Words(catalog_.fit_questions(), "fit_questions", kMaxFitQuestions);
    Words(catalog_.features(), "features", kMaxFeatures);
    Words(catalog_.attributes(), "attributes", kMaxAttributes);
    Words(catalog_.tag_sets(), "tag_sets", kMaxTagSets);
    Words(catalog_.attribute_sets(), "attribute_sets", kMaxAttributeSets);
    Attributes();
    if (catalog_.formats().empty()) Report(file_, "formats must have at least one word: all needs name one");
    if (catalog_.age_groups().empty())
      Report(file_, "age_groups must have at least one word: all needs name one");
    FitQuestions();
    for (int i = 0; i < catalog_.style_dimensions_size(); ++i) {
      const CatalogPlace place = file_.At("style_dimensions", i);
      Text(catalog_.style_dimensions(i).low_pole(), place, "low_pole");
      Text(catalog_.style_dimensions(i).high_pole(), place, "high_pole");
    }
    Facets();
    for (int i = 0; i < catalog_.frictions_size(); ++i)
      Friction(catalog_.frictions(i), file_.At("frictions", i));
    for (int i = 0; i < catalog_.instruments_size(); ++i) {
      Instrument(catalog_.instruments(i), file_.At("instruments", i));
    }
    Features();
    Settings(catalog_.settings(), file_.At("settings"));
    std::stable_sort(mistakes_.begin(), mistakes_.end(),
                     [](const CatalogMistake& a, const CatalogMistake& b) {
                       return std::tie(a.line, a.column) < std::tie(b.line, b.column);
                     });
    return std::move(mistakes_);
  }

 private:
  void Report(const CatalogPlace& place, std::string description) {
    mistakes_.push_back({place.line(), place.column(), std::move(description)});
  }

  // A text shown to people, which must be there.
  void Text(absl::string_view text, const CatalogPlace& message, absl::string_view field) {
    const std::string problem = TextProblem(text, kMaxLabelLength, Presence::kRequired);
    if (!problem.empty()) Report(message.At(field), absl::StrCat(field, " ", problem));
  }

  // `low` <= `value` <= `high`; false for not-a-number.
  void Number(double value, double low, double high, absl::string_view range, const CatalogPlace& message,
              absl::string_view field) {
    if (value >= low && value <= high) return;
    Report(message.At(field),
           absl::StrCat(field, " must be ", std::isfinite(value) ? "" : "finite, and ", range));
  }

  void Id(absl::string_view id, const CatalogPlace& message, absl::flat_hash_set<absl::string_view>& seen) {
    if (!IsWordId(id)) {
      Report(message.At("id"),
             absl::StrCat("id must be lower snake case of at most ", kMaxWordLength, " characters"));
    } else if (!seen.insert(id).second) {
      Report(message.At("id"), absl::StrCat("id \"", id, "\" is in the list already"));
    }
  }

  // What all lists of words have in common: a limit, ids and labels.
  template <typename Entry>
  void Words(const RepeatedPtrField<Entry>& entries, absl::string_view list, int limit) {
    if (entries.size() > limit) {
      Report(file_.At(list, limit), absl::StrCat(list, " must have at most ", limit, " entries"));
    }
    absl::flat_hash_set<absl::string_view> seen;
    for (int i = 0; i < entries.size(); ++i) {
      const CatalogPlace place = file_.At(list, i);
      Id(entries[i].id(), place, seen);
      if constexpr (requires { entries[i].label(); }) Text(entries[i].label(), place, "label");
    }
  }

  // A model channel named at `place`.
  void Channel(absl::string_view channel, const CatalogPlace& place) {
    if (!IsWordId(channel)) {
      Report(place, "channel must be lower snake case");
    } else if (channel == "verdict") {
      Report(place, "channel \"verdict\" is the client's verdict itself and cannot be fed otherwise");
    } else if (channels_.insert(channel).second && channels_.size() == matcher::Catalog::kMaxChannels) {
      Report(place, absl::StrCat("there must be at most ", matcher::Catalog::kMaxChannels,
                                 " model channels, the verdict included"));
    }
  }

  void FitNorm(double mean, double sd, const CatalogPlace& message) {
    Number(mean, 0, kMaxFitAnswer, "from 0 to 10", message, "norm_mean");
    Number(sd, kAboveZero, kAnyNumber, "above 0", message, "norm_sd");
  }

  void FitQuestions() {
    for (int i = 0; i < catalog_.fit_questions_size(); ++i) {
      const proto::FitQuestion& question = catalog_.fit_questions(i);
      const CatalogPlace place = file_.At("fit_questions", i);
      Channel(question.channel(), place.At("channel"));
      FitNorm(question.norm_mean(), question.norm_sd(), place);
    }
  }

  void Facets() {
    absl::flat_hash_set<absl::string_view> questions;
    for (const proto::FitQuestion& question : catalog_.fit_questions()) questions.insert(question.id());
    for (int i = 0; i < catalog_.facets_size(); ++i) {
      const proto::Facet& facet = catalog_.facets(i);
      const CatalogPlace place = file_.At("facets", i);
      if (IsWordId(facet.id())) Channel(facet.id(), place.At("id"));
      if (questions.contains(facet.id())) {
        Report(place.At("id"), "id is a fit question's too: answers could not tell them apart");
      }
      FitNorm(facet.norm_mean(), facet.norm_sd(), place);
    }
  }

  // A reference to a word of `entries`, none twice.
  template <typename Entry>
  void Reference(absl::string_view id, const RepeatedPtrField<Entry>& entries, absl::string_view list,
                 const CatalogPlace& place, absl::flat_hash_set<absl::string_view>& seen) {
    NearestWord search(id);
    bool known = false;
    for (const Entry& entry : entries) {
      known = known || entry.id() == id;
      search.Offer(entry.id());
    }
    if (!known) {
      Report(place, UnknownWord(id, list, search.nearest()));
    } else if (!seen.insert(id).second) {
      Report(place, absl::StrCat("\"", id, "\" is in the list already"));
    }
  }

  void Friction(const proto::Friction& friction, const CatalogPlace& place) {
    if (friction.facets().empty() && friction.style_hints().empty()) {
      Report(place, "a friction must speak of at least one facet or style dimension");
    }
    absl::flat_hash_set<absl::string_view> facets;
    for (int i = 0; i < friction.facets_size(); ++i) {
      Reference(friction.facets(i), catalog_.facets(), "facets", place.At("facets", i), facets);
    }
    absl::flat_hash_set<absl::string_view> dimensions;
    for (int i = 0; i < friction.style_hints_size(); ++i) {
      const proto::StyleHint& hint = friction.style_hints(i);
      const CatalogPlace at = place.At("style_hints", i);
      Reference(hint.dimension(), catalog_.style_dimensions(), "style_dimensions", at.At("dimension"),
                dimensions);
      if (hint.direction() == 0 || !(std::abs(hint.direction()) <= 1)) {
        Report(at.At("direction"), "direction must be from -1 to 1, and not 0");
      }
    }
  }

  void Instrument(const proto::Instrument& instrument, const CatalogPlace& place) {
    if (instrument.scales().empty()) Report(place, "an instrument must have at least one scale");
    absl::flat_hash_set<absl::string_view> seen;
    for (int i = 0; i < instrument.scales_size(); ++i) {
      Id(instrument.scales(i).id(), place.At("scales", i), seen);
      Scale(instrument.scales(i), place.At("scales", i));
    }
  }

  void Scale(const proto::Scale& scale, const CatalogPlace& place) {
    const double low = scale.minimum();
    const double high = scale.maximum();
    Number(low, -kAnyNumber, kAnyNumber, "a number", place, "minimum");
    Number(high, -kAnyNumber, kAnyNumber, "a number", place, "maximum");
    if (low >= high) Report(place.At("maximum"), "maximum must be above minimum");
    if (!proto::ScoreDirection_IsValid(scale.direction()) ||
        scale.direction() == proto::SCORE_DIRECTION_UNSPECIFIED) {
      Report(place.At("direction"), "direction must say which way scores are better");
    }
    if (scale.has_cut_off()) Number(scale.cut_off(), low, high, "within the scale's range", place, "cut_off");
    if (scale.has_triage_at())
      Number(scale.triage_at(), low, high, "within the scale's range", place, "triage_at");
    if (scale.channel().empty()) return;
    Channel(scale.channel(), place.At("channel"));
    Number(scale.norm_mean(), low, high, "within the scale's range", place, "norm_mean");
    Number(scale.norm_sd(), kAboveZero, kAnyNumber, "above 0 where the scale feeds a channel", place,
           "norm_sd");
  }

  void Attributes() {
    for (int i = 0; i < catalog_.attributes_size(); ++i) {
      const CatalogPlace place = file_.At("attributes", i);
      Number(catalog_.attributes(i).norm_mean(), -kAnyNumber, kAnyNumber, "a number", place, "norm_mean");
      Number(catalog_.attributes(i).norm_sd(), kAboveZero, kAnyNumber, "above 0", place, "norm_sd");
    }
    for (int i = 0; i < catalog_.tag_sets_size(); ++i) {
      const proto::TagSet& set = catalog_.tag_sets(i);
      const CatalogPlace place = file_.At("tag_sets", i);
      if (set.tags().empty()) Report(place, "a tag set must have at least one tag");
      absl::flat_hash_set<absl::string_view> seen;
      for (int k = 0; k < set.tags_size(); ++k)
        Reference(set.tags(k), catalog_.tags(), "tags", place.At("tags", k), seen);
    }
    for (int i = 0; i < catalog_.attribute_sets_size(); ++i) {
      const proto::AttributeSet& set = catalog_.attribute_sets(i);
      const CatalogPlace place = file_.At("attribute_sets", i);
      if (set.attributes_size() < 2) Report(place, "an attribute set must have at least two attributes");
      absl::flat_hash_set<absl::string_view> seen;
      for (int k = 0; k < set.attributes_size(); ++k) {
        Reference(set.attributes(k), catalog_.attributes(), "attributes", place.At("attributes", k), seen);
      }
    }
  }

  // What a feature is about, where its form is about something.
  void Subject(const proto::Feature& feature, const CatalogPlace& place) {
    absl::flat_hash_set<absl::string_view> seen;
    switch (feature.form()) {
      case proto::FEATURE_FORM_SAME_TAG:
        return Reference(feature.subject(), catalog_.tag_sets(), "tag_sets", place.At("subject"), seen);
      case proto::FEATURE_FORM_ATTRIBUTE_COSINE:
        return Reference(feature.subject(), catalog_.attribute_sets(), "attribute_sets", place.At("subject"),
                         seen);
      case proto::FEATURE_FORM_ATTRIBUTE_DISTANCE:
      case proto::FEATURE_FORM_CLIENT_ATTRIBUTE:
      case proto::FEATURE_FORM_THERAPIST_ATTRIBUTE:
        return Reference(feature.subject(), catalog_.attributes(), "attributes", place.At("subject"), seen);
      default:
        if (!feature.subject().empty())
          Report(place.At("subject"), "subject must be empty: this form is about none");
    }
  }

  void Features() {
    std::map<std::tuple<int, absl::string_view, absl::string_view>, absl::string_view> seen;
    double columns = 1;  // what the features come to, with the constant
    for (int i = 0; i < catalog_.features_size(); ++i) {
      const proto::Feature& feature = catalog_.features(i);
      const CatalogPlace place = file_.At("features", i);
      Feature(feature, place);
      const auto [first, fresh] =
          seen.try_emplace({feature.form(), feature.subject(), feature.moderator()}, feature.id());
      if (!fresh) Report(place, absl::StrCat("says the same as feature \"", first->second, "\""));
      columns += feature.form() == proto::FEATURE_FORM_WISH_TIMES_SELF_DESCRIBED
                     ? catalog_.style_dimensions_size()
                 : feature.form() == proto::FEATURE_FORM_WISH_TIMES_PERCEIVED ? catalog_.facets_size()
                                                                              : 1;
    }
    const double channels = static_cast<double>(channels_.size()) + 1;
    if (channels * columns * columns > kMaxModelNumbers) {
      Report(file_.At("features", 0),
             absl::StrFormat(
                 "a model of %.0f channels and %.0f features (one for each style dimension or facet that a "
                 "feature is spread over) could not be sent in one message: channels times the square of "
                 "features may be %.0f",
                 channels, columns, kMaxModelNumbers));
    }
  }

  void Feature(const proto::Feature& feature, const CatalogPlace& place) {
    if (!proto::FeatureForm_IsValid(feature.form()) || feature.form() == proto::FEATURE_FORM_UNSPECIFIED) {
      Report(place.At("form"), "form must be set");
    }
    Number(feature.prior_mean(), -kFarthestEffect, kFarthestEffect, "from -100 to 100", place, "prior_mean");
    Number(feature.prior_variance(), kAboveZero, kFarthestEffect * kFarthestEffect,
           "above 0 and at most 10000", place, "prior_variance");
    Subject(feature, place);
    if (!feature.moderator().empty()) {
      absl::flat_hash_set<absl::string_view> seen;
      Reference(feature.moderator(), catalog_.attributes(), "attributes", place.At("moderator"), seen);
    }
  }

  void Settings(const proto::Settings& settings, const CatalogPlace& place) {
    const auto number = [&](double value, double low, double high, absl::string_view range,
                            absl::string_view field) { Number(value, low, high, range, place, field); };
    constexpr double kBelowOne = 1 - std::numeric_limits<double>::epsilon() / 2;
    constexpr char kProbability[] = "above 0 and below 1";
    number(settings.confirmation_limit_days(), 1, 3650, "from 1 to 3650", "confirmation_limit_days");
    number(settings.freshness_half_life_days(), 1, 3650, "from 1 to 3650", "freshness_half_life_days");
    number(settings.reach_prior_mean(), kAboveZero, kBelowOne, kProbability, "reach_prior_mean");
    number(settings.reach_prior_weight(), kAboveZero, kAnyNumber, "above 0", "reach_prior_weight");
    number(settings.start_probability(), kAboveZero, kBelowOne, kProbability, "start_probability");
    number(settings.start_odds_per_week(), kAboveZero, 1, "above 0 and at most 1", "start_odds_per_week");
    number(settings.bond_prior_mean(), kAboveZero, kBelowOne, kProbability, "bond_prior_mean");
    number(settings.therapist_variance_share(), 0, .5, "from 0 to .5", "therapist_variance_share");
    number(settings.client_variance_share(), 0, .8, "from 0 to .8", "client_variance_share");
    number(settings.track_record_variance_share(), 0, .5, "from 0 to .5", "track_record_variance_share");
    number(settings.reservation_hours(), 1, 720, "from 1 to 720", "reservation_hours");
    number(settings.client_slope_variance(), 0, 1, "from 0 to 1", "client_slope_variance");
    number(settings.session_reliability(), kAboveZero, kBelowOne, kProbability, "session_reliability");
    number(settings.unsure_width(), 0, 3, "from 0 to 3", "unsure_width");
    number(settings.switch_dropout(), 0, 1, "from 0 to 1", "switch_dropout");
    number(settings.switch_cost_per_week(), 0, 1, "from 0 to 1", "switch_cost_per_week");
    if (settings.therapist_variance_share() + settings.client_variance_share() +
            settings.track_record_variance_share() >=
        kMaxVarianceShares) {
      Report(place, absl::StrCat(
                        "the variance shares of therapist, client and track record must add up to less than ",
                        kMaxVarianceShares));
    }
  }

  const proto::Catalog& catalog_;
  const CatalogPlace file_;
  absl::flat_hash_set<absl::string_view> channels_;
  std::vector<CatalogMistake> mistakes_;
};

}  // namespace

std::vector<CatalogMistake> CheckCatalog(const proto::Catalog& message, const CatalogPlace& file) {
  return Check(message, file).Run();
}

}  // namespace rapport::contract
