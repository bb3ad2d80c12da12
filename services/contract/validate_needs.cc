#include <utility>

#include "absl/strings/str_cat.h"
#include "services/contract/catalog_words.h"
#include "services/contract/limits.h"
#include "services/contract/seen.h"
#include "services/contract/triage.h"
#include "services/contract/validate.h"

namespace rapport::contract {
namespace {

using runtime::FieldPath;

using google::protobuf::RepeatedPtrField;

// `value` above 0 and at most `high`.
void ValidatePositive(double value, double high, const FieldPath& path, runtime::Violations& violations) {
  if (value > 0 && value <= high) return;
  violations.Add(path, absl::StrCat("must be a number above 0 and at most ", high));
}

// A list of the catalog, and an id in it.
using Subject = std::pair<absl::string_view, absl::string_view>;

// Checks the subject of a wish. Result: what it is about, to find the same wish twice; without an id when
// that cannot be told.
Subject ValidateSubject(const matcher::Catalog& catalog, const matcher::v1::Wish& wish, const FieldPath& path,
                        runtime::Violations& violations) {
  using Wish = matcher::v1::Wish;
  const auto word = [&](const WordList& list, absl::string_view id, absl::string_view field) {
    ValidateWord(catalog, list, id, FieldPath(path, field), violations);
    return Subject(list.name, id);
  };
  switch (wish.subject_case()) {
    case Wish::kStyle:
      ValidateRange(wish.style().value(), -1, 1, FieldPath(path, "style.value"), violations);
      return word(kStyleDimensions, wish.style().dimension(), "style.dimension");
    case Wish::kApproach:
      return word(kApproaches, wish.approach(), "approach");
    case Wish::kTag:
      return word(kTags, wish.tag(), "tag");
    case Wish::kFacet:
      return word(kFacets, wish.facet(), "facet");
    case Wish::SUBJECT_NOT_SET:
      break;
  }
  violations.Add(path, "must have a style, an approach, a tag or a facet");
  return {};
}

void ValidateWishes(const matcher::Catalog& catalog, const RepeatedPtrField<matcher::v1::Wish>& wishes,
                    const FieldPath& path, runtime::Violations& violations) {
  if (wishes.size() > kMaxWishes) {
    return violations.Add(path, absl::StrCat("must have at most ", kMaxWishes, " entries"));
  }
  Seen<Subject> seen;
  for (int i = 0; i < wishes.size(); ++i) {
    const FieldPath entry(path, i);
    const Subject subject = ValidateSubject(catalog, wishes[i], entry, violations);
    if (!subject.second.empty() && !seen.Insert(subject)) violations.Add(entry, "is wished for already");
    ValidatePositive(wishes[i].strength(), 1, FieldPath(entry, "strength"), violations);
  }
}

void ValidateScreening(const matcher::Catalog& catalog, const matcher::v1::Screening& screening,
                       const FieldPath& path, runtime::Violations& violations) {
  ValidateWord(catalog, kInstruments, screening.instrument(), FieldPath(path, "instrument"), violations);
  const std::optional<matcher::Word> instrument = catalog.InstrumentWord(screening.instrument());
  const matcher::Scale* scale = FindScale(catalog, screening.instrument(), screening.scale());
  if (scale != nullptr) {
    ValidateRange(screening.score(), scale->minimum, scale->maximum, FieldPath(path, "score"), violations);
  } else if (screening.scale().empty()) {
    violations.Add(FieldPath(path, "scale"), "must be set to a scale of the instrument");
  } else if (instrument) {
    NearestWord search(screening.scale());
    for (const matcher::Scale& known : catalog.lists().instruments[*instrument].scales)
      search.Offer(known.id);
    violations.Add(
        FieldPath(path, "scale"),
        UnknownWord(screening.scale(), absl::StrCat(screening.instrument(), " scales"), search.nearest()));
  }
}

void ValidateRisk(const matcher::Catalog& catalog, const matcher::v1::Risk& risk, const FieldPath& path,
                  runtime::Violations& violations) {
  if (!matcher::v1::RiskLevel_IsValid(risk.level()) || risk.level() == matcher::v1::RISK_LEVEL_UNSPECIFIED) {
    violations.Add(FieldPath(path, "level"), "must say what is known of acute risk: none, elevated or acute");
  }
  if (risk.has_asked_at()) ValidateTimestamp(true, risk.asked_at(), FieldPath(path, "asked_at"), violations);
  const FieldPath list(path, "screenings");
  if (risk.screenings_size() > kMaxScreenings) {
    return violations.Add(list, absl::StrCat("must have at most ", kMaxScreenings, " entries"));
  }
  for (int i = 0; i < risk.screenings_size(); ++i) {
    ValidateScreening(catalog, risk.screenings(i), FieldPath(list, i), violations);
  }
}

}  // namespace

void ValidateContext(const matcher::Catalog& catalog, const RepeatedPtrField<std::string>& concerns,
                     const RepeatedPtrField<matcher::v1::Wish>& wishes, const FieldPath& path,
                     runtime::Violations& violations) {
  ValidateWords(catalog, kConcerns, concerns, kMaxNeedsConcerns, FieldPath(path, "concerns"), violations);
  ValidateWishes(catalog, wishes, FieldPath(path, "wishes"), violations);
}

void ValidateOwn(const matcher::Catalog& catalog, const RepeatedPtrField<std::string>& own_tags,
                 const RepeatedPtrField<therapist::v1::AttributeValue>& attributes, const FieldPath& path,
                 runtime::Violations& violations) {
  ValidateWords(catalog, kTags, own_tags, kMaxOwnTags, FieldPath(path, "own_tags"), violations);
  ValidateAttributes(catalog, attributes, FieldPath(path, "attributes"), violations);
}

void ValidateNeeds(const matcher::Catalog& catalog, const matcher::v1::Needs& needs, const FieldPath& path,
                   runtime::Violations& violations) {
  const auto words = [&](const WordList& list, const RepeatedPtrField<std::string>& ids, int limit,
                         absl::string_view field) {
    ValidateWords(catalog, list, ids, limit, FieldPath(path, field), violations);
  };
  if (needs.has_location()) {
    ValidatePlace(needs.location(), FieldPath(path, "location"), violations);
  } else {
    violations.Add(FieldPath(path, "location"), "must be set");
  }
  words(kPayers, needs.payers(), kMaxNeedsPayers, "payers");
  ValidateLanguages(needs.languages(), kMaxNeedsLanguages, FieldPath(path, "languages"), violations);
  ValidateWord(catalog, kAgeGroups, needs.age_group(), FieldPath(path, "age_group"), violations);
  ValidateWord(catalog, kFormats, needs.format(), FieldPath(path, "format"), violations);
  words(kModalities, needs.modalities(), kMaxModalities, "modalities");
  if (needs.has_max_distance_km()) {
    ValidatePositive(needs.max_distance_km(), kMaxDistanceKm, FieldPath(path, "max_distance_km"), violations);
  }
  ValidateHours(needs.hours(), needs.time_zone(), path, violations);
  if (needs.has_max_fee()) ValidateMoney(needs.max_fee(), FieldPath(path, "max_fee"), violations);
  words(kTags, needs.required_tags(), kMaxNeedsTags, "required_tags");
  words(kTags, needs.excluded_tags(), kMaxNeedsTags, "excluded_tags");
  ValidateIds(needs.excluded_therapist_ids(), kMaxExcludedTherapists,
              FieldPath(path, "excluded_therapist_ids"), violations);
  ValidateOptionalDate(needs.starts_on(), FieldPath(path, "starts_on"), violations);
  if (needs.has_risk()) {
    ValidateRisk(catalog, needs.risk(), FieldPath(path, "risk"), violations);
  } else {
    violations.Add(FieldPath(path, "risk"),
                   "must be set: nobody is ranked before acute risk was asked about");
  }
  ValidateContext(catalog, needs.concerns(), needs.wishes(), path, violations);
  ValidateOwn(catalog, needs.own_tags(), needs.attributes(), path, violations);
}

}  // namespace rapport::contract
