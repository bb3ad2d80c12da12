// Words of the catalog in requests: known or not, and when not, which word was perhaps meant.
#ifndef RAPPORT_SERVICES_CONTRACT_CATALOG_WORDS_H_
#define RAPPORT_SERVICES_CONTRACT_CATALOG_WORDS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_field.h"
#include "matcher/domain/catalog.h"
#include "services/runtime/errors.h"

namespace rapport::contract {

// True for lower snake case of 1 to kMaxWordLength characters: letters and digits in groups joined by single
// underscores, a letter first.
bool IsWordId(absl::string_view id);

// Search for the known word nearest to an unknown one, by edit distance. Words further than two edits away
// are not near.
class NearestWord {
 public:
  explicit NearestWord(absl::string_view unknown) : unknown_(unknown) {}
  // O(length), as only a band of two around the diagonal is looked at.
  void Offer(absl::string_view known);
  // The nearest word offered, the first one of several; "" when none is near.
  absl::string_view nearest() const { return nearest_; }

 private:
  absl::string_view unknown_;
  absl::string_view nearest_;
  int distance_ = 3;
};

// One list of the catalog, as validation needs it.
struct WordList {
  absl::string_view name;  // as in the catalog file: "concerns"
  std::optional<matcher::Word> (matcher::Catalog::*find)(absl::string_view) const;
  std::string (*nearest)(const matcher::CatalogLists&, absl::string_view unknown);
};

template <auto list>
std::string NearestIn(const matcher::CatalogLists& lists, absl::string_view unknown) {
  NearestWord search(unknown);
  for (const auto& word : lists.*list) search.Offer(word.id);
  return std::string(search.nearest());
}

inline constexpr WordList kConcerns{"concerns", &matcher::Catalog::Concern,
                                    &NearestIn<&matcher::CatalogLists::concerns>};
inline constexpr WordList kApproaches{"approaches", &matcher::Catalog::Approach,
                                      &NearestIn<&matcher::CatalogLists::approaches>};
inline constexpr WordList kFormats{"formats", &matcher::Catalog::Format,
                                   &NearestIn<&matcher::CatalogLists::formats>};
inline constexpr WordList kAgeGroups{"age_groups", &matcher::Catalog::AgeGroup,
                                     &NearestIn<&matcher::CatalogLists::age_groups>};
inline constexpr WordList kModalities{"modalities", &matcher::Catalog::ModalityWord,
                                      &NearestIn<&matcher::CatalogLists::modalities>};
inline constexpr WordList kTags{"tags", &matcher::Catalog::Tag, &NearestIn<&matcher::CatalogLists::tags>};
inline constexpr WordList kPayers{"payers", &matcher::Catalog::Payer,
                                  &NearestIn<&matcher::CatalogLists::payers>};
inline constexpr WordList kStyleDimensions{"style_dimensions", &matcher::Catalog::Dimension,
                                           &NearestIn<&matcher::CatalogLists::style_dimensions>};
inline constexpr WordList kFacets{"facets", &matcher::Catalog::FacetWord,
                                  &NearestIn<&matcher::CatalogLists::facets>};
inline constexpr WordList kFrictions{"frictions", &matcher::Catalog::FrictionWord,
                                     &NearestIn<&matcher::CatalogLists::frictions>};
inline constexpr WordList kAttributes{"attributes", &matcher::Catalog::AttributeWord,
                                      &NearestIn<&matcher::CatalogLists::attributes>};
inline constexpr WordList kInstruments{"instruments", &matcher::Catalog::InstrumentWord,
                                       &NearestIn<&matcher::CatalogLists::instruments>};

// Says that `word` is not in the list called `list`, and that `nearest` may be meant ("": nothing near). A
// word that has not the shape of one is not repeated: it may be somebody's text in the wrong field.
std::string UnknownWord(absl::string_view word, absl::string_view list, absl::string_view nearest);

// Checks one word, which must be set.
void ValidateWord(const matcher::Catalog& catalog, const WordList& list, absl::string_view word,
                  const runtime::FieldPath& path, runtime::Violations& violations);

// Checks a list of words: each known, none twice, at most `limit` (of a longer list only the length is told).
void ValidateWords(const matcher::Catalog& catalog, const WordList& list,
                   const google::protobuf::RepeatedPtrField<std::string>& words, int limit,
                   const runtime::FieldPath& path, runtime::Violations& violations);

}  // namespace rapport::contract

#endif  // RAPPORT_SERVICES_CONTRACT_CATALOG_WORDS_H_
