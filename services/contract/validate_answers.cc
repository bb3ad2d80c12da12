#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "services/contract/catalog_words.h"
#include "services/contract/limits.h"
#include "services/contract/seen.h"
#include "services/contract/validate.h"

namespace rapport::contract {
namespace {

using runtime::FieldPath;

using google::protobuf::RepeatedPtrField;

struct Range {
  double low = 0;
  double high = kMaxFitAnswer;
};

// Checks `answers` against `find`: the range of the answer with an id, or nothing where `what` has no such
// id.
template <typename Find>
void ValidateEach(const RepeatedPtrField<matcher::v1::Answer>& answers, absl::string_view what, Find find,
                  const FieldPath& path, runtime::Violations& violations) {
  if (answers.size() > kMaxAnswers) {
    return violations.Add(path, absl::StrCat("must have at most ", kMaxAnswers, " entries"));
  }
  Seen<absl::string_view> seen;
  for (int i = 0; i < answers.size(); ++i) {
    const FieldPath entry(path, i);
    const std::optional<Range> range = find(answers[i].id());
    if (!range) {
      violations.Add(FieldPath(entry, "id"), absl::StrCat("must be ", what, " of the catalog"));
    } else if (!seen.Insert(answers[i].id())) {
      violations.Add(FieldPath(entry, "id"), "is answered already");
    }
    const Range allowed =
        range.value_or(Range{std::numeric_limits<double>::lowest(), std::numeric_limits<double>::max()});
    ValidateRange(answers[i].value(), allowed.low, allowed.high, FieldPath(entry, "value"), violations);
  }
}

// The range `range`(entry) of the entry of `entries` with this id.
template <typename Entries, typename RangeOf>
auto FindIn(const Entries& entries, RangeOf range) {
  return [&entries, range](absl::string_view id) -> std::optional<Range> {
    for (const auto& entry : entries) {
      if (entry.id == id) return range(entry);
    }
    return std::nullopt;
  };
}

}  // namespace

void ValidateAnswers(const matcher::Catalog& catalog, const RepeatedPtrField<matcher::v1::Answer>& answers,
                     const FieldPath& path, runtime::Violations& violations) {
  const auto find = [&catalog](absl::string_view id) -> std::optional<Range> {
    const std::optional<matcher::AnswerTarget> target = catalog.Target(id);
    if (!target) return std::nullopt;
    return Range{target->minimum, target->maximum};
  };
  ValidateEach(answers, "a fit question, a facet or an alliance scale (\"instrument.scale\")", find, path,
               violations);
}

void ValidateQuestionAnswers(const matcher::Catalog& catalog,
                             const RepeatedPtrField<matcher::v1::Answer>& answers, const FieldPath& path,
                             runtime::Violations& violations) {
  const auto range = [](const matcher::FitQuestion&) { return Range(); };
  ValidateEach(answers, "a fit question", FindIn(catalog.lists().fit_questions, range), path, violations);
}

void ValidateFacetAnswers(const matcher::Catalog& catalog,
                          const RepeatedPtrField<matcher::v1::Answer>& answers, const FieldPath& path,
                          runtime::Violations& violations) {
  const auto range = [](const matcher::Facet&) { return Range(); };
  ValidateEach(answers, "a facet", FindIn(catalog.lists().facets, range), path, violations);
}

void ValidateScores(const matcher::Instrument& instrument,
                    const RepeatedPtrField<matcher::v1::Answer>& scores, const FieldPath& path,
                    runtime::Violations& violations) {
  const auto range = [](const matcher::Scale& scale) { return Range{scale.minimum, scale.maximum}; };
  ValidateEach(scores, absl::StrCat("a scale of ", instrument.id), FindIn(instrument.scales, range), path,
               violations);
}

void ValidateFrictions(const matcher::Catalog& catalog, const RepeatedPtrField<std::string>& frictions,
                       const FieldPath& path, runtime::Violations& violations) {
  ValidateWords(catalog, kFrictions, frictions, kMaxFrictionsNamed, path, violations);
}

}  // namespace rapport::contract
