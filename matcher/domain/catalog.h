// The catalog: everything that can be said in a network, as the library needs it. Services read it from a
// file; here it is plain values with their own validation. Immutable once created.
#ifndef RAPPORT_MATCHER_DOMAIN_CATALOG_H_
#define RAPPORT_MATCHER_DOMAIN_CATALOG_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "matcher/domain/words.h"

namespace rapport::matcher {

// A word with how it is shown.
struct LabelledWord {
  std::string id;
  std::string label;
};

struct StyleDimension {
  std::string id;
  std::string label;
  std::string low_pole;   // what -1 means, said of a therapist
  std::string high_pole;  // what 1 means
};

// Mean and standard deviation (above 0) by which raw answers are standardised.
struct Norm {
  double mean = 0;
  double sd = 1;
};

struct Facet {
  std::string id;
  std::string label;
  Norm norm;
};

struct StyleHint {
  int dimension = 0;
  double direction = 0;  // -1 to 1, not 0
};

struct Friction {
  std::string id;
  std::string label;
  std::vector<int> facets;
  std::vector<StyleHint> style_hints;
};

struct Modality {
  std::string id;
  std::string label;
  bool in_person = false;
};

struct Scale {
  std::string id;
  double minimum = 0;
  double maximum = 0;
  bool higher_is_better = true;
  Norm norm;
  std::optional<double> cut_off;
  std::string channel;  // empty: not used for the bond
  std::optional<double> triage_at;
};

struct Instrument {
  std::string id;
  std::string label;
  std::vector<Scale> scales;
};

struct FitQuestion {
  std::string id;
  std::string label;
  std::string channel;
  Norm norm;
};

// A number about a client, a therapist, or both: an age, years of practice, how much somebody likes
// something. Optional on either side; what is not known counts for nothing.
struct Attribute {
  std::string id;
  std::string label;
  Norm norm;
};

// Tags of which somebody has one or several, such as mother tongues.
struct TagSet {
  std::string id;
  std::string label;
  WordSet tags;
};

// Attributes that make one vector, such as interests.
struct AttributeSet {
  std::string id;
  std::string label;
  std::vector<int> attributes;
};

enum class FeatureForm {
  kWishTimesSelfDescribed,
  kApproachWish,
  kTagWish,
  kConcernCover,
  kWishTimesPerceived,
  kAttributeDistance,   // |client − therapist| on an attribute, in norm standard deviations
  kSameTag,             // ½ where both state a tag of the set and share one, −½ where they share none
  kAttributeCosine,     // cosine of both vectors over an attribute set, each person's own mean taken off
  kClientAttribute,     // the client's attribute, standardised
  kTherapistAttribute,  // the therapist's
  kFirstTherapist,      // 1 where the client has answered about nobody else, else 0
};

struct Feature {
  std::string id;
  FeatureForm form = FeatureForm::kWishTimesSelfDescribed;
  double prior_mean = 0;
  double prior_variance = 1;
  int subject = 0;  // attribute, tag set or attribute set, for the forms that are about one
  std::optional<int> moderator =
      std::nullopt;  // a client attribute: the feature is multiplied by it, standardised
};

// Units and ranges: rapport/catalog/v1/catalog.proto, message Settings.
struct Settings {
  int confirmation_limit_days = 90;
  double freshness_half_life_days = 60;
  double reach_prior_mean = .5;
  double reach_prior_weight = 4;
  double start_probability = .8;
  double start_odds_per_week = .95;
  double bond_prior_mean = .7;
  double therapist_variance_share = .07;
  double client_variance_share = .35;
  double track_record_variance_share = .03;
  double client_slope_variance = .005;
  double unsure_width = .5;
  double session_reliability = .77;
  double switch_dropout = .1;
  double switch_cost_per_week = .01;
  absl::Duration reservation = absl::Hours(72);
};

// All lists of a catalog, unchecked.
struct CatalogLists {
  std::string version;
  std::vector<StyleDimension> style_dimensions;
  std::vector<Facet> facets;
  std::vector<Friction> frictions;
  std::vector<LabelledWord> concerns;
  std::vector<LabelledWord> approaches;
  std::vector<LabelledWord> formats;
  std::vector<LabelledWord> age_groups;
  std::vector<Modality> modalities;
  std::vector<LabelledWord> tags;
  std::vector<LabelledWord> payers;
  std::vector<Attribute> attributes;
  std::vector<TagSet> tag_sets;
  std::vector<AttributeSet> attribute_sets;
  std::vector<Instrument> instruments;
  std::vector<FitQuestion> fit_questions;
  std::vector<Feature> features;
  Settings settings;
};

// Number of a model channel: 0 is the verdict, then the others in the order of `Catalog::channels`.
using Channel = int;
inline constexpr Channel kVerdictChannel = 0;

// Where an answer goes: which channel, and how it is standardised. Symptom scales have none.
struct AnswerTarget {
  Channel channel = kVerdictChannel;
  Norm norm;
  double minimum = 0;  // lowest and highest answer that can be given
  double maximum = 10;
  bool higher_is_better = true;
};

// A catalog ready for use: lists plus look-ups. Thread-safe: const after construction.
class Catalog {
 public:
  // Limit on channels, the verdict included: an observation's cost grows with its cube.
  static constexpr int kMaxChannels = 24;

  // `lists` must already be valid in form (the loader checks every range and reports lines); this builds the
  // look-ups. INVALID_ARGUMENT when there are more than kMaxChannels channels.
  static absl::StatusOr<std::shared_ptr<const Catalog>> Create(CatalogLists lists);

  const CatalogLists& lists() const { return lists_; }
  const Settings& settings() const { return lists_.settings; }

  // Names of the model's channels: "verdict", then those of fit questions, facets and alliance scales, in
  // file order.
  const std::vector<std::string>& channels() const { return channels_; }
  // Channel of each facet, by facet number.
  const std::vector<Channel>& facet_channels() const { return facet_channels_; }

  // Each: the word's place, or nothing when the catalog has no such word.
  std::optional<Word> Concern(absl::string_view id) const { return Find(concerns_, id); }
  std::optional<Word> Approach(absl::string_view id) const { return Find(approaches_, id); }
  std::optional<Word> Format(absl::string_view id) const { return Find(formats_, id); }
  std::optional<Word> AgeGroup(absl::string_view id) const { return Find(age_groups_, id); }
  std::optional<Word> ModalityWord(absl::string_view id) const { return Find(modalities_, id); }
  std::optional<Word> Tag(absl::string_view id) const { return Find(tags_, id); }
  std::optional<Word> Payer(absl::string_view id) const { return Find(payers_, id); }
  std::optional<Word> Dimension(absl::string_view id) const { return Find(dimensions_, id); }
  std::optional<Word> FacetWord(absl::string_view id) const { return Find(facets_, id); }
  std::optional<Word> FrictionWord(absl::string_view id) const { return Find(frictions_, id); }
  std::optional<Word> AttributeWord(absl::string_view id) const { return Find(attributes_, id); }
  std::optional<Word> InstrumentWord(absl::string_view id) const { return Find(instruments_, id); }

  // Where an answer named `id` (a fit question, a facet, or "instrument.scale") goes; nothing when it is no
  // alliance answer.
  std::optional<AnswerTarget> Target(absl::string_view id) const;

  // The modalities that mean sitting in one place.
  const WordSet& in_person_modalities() const { return in_person_; }

 private:
  using Places = absl::flat_hash_map<std::string, Word>;
  static std::optional<Word> Find(const Places& places, absl::string_view id);

  CatalogLists lists_;
  std::vector<std::string> channels_;
  std::vector<Channel> facet_channels_;
  WordSet in_person_;
  Places concerns_, approaches_, formats_, age_groups_, modalities_, tags_, payers_, dimensions_, facets_,
      frictions_, instruments_, attributes_;
  absl::flat_hash_map<std::string, AnswerTarget> targets_;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_DOMAIN_CATALOG_H_
