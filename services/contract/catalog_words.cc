#include "services/contract/catalog_words.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/contract/field_rules.h"
#include "services/contract/limits.h"
#include "services/contract/seen.h"

namespace rapport::contract {
namespace {

using runtime::FieldPath;

constexpr int kNear = 2;  // edits: one letter wrong, missing or too many, or two letters swapped

// Levenshtein distance of two words of at most kMaxWordLength, exact up to kNear and above it otherwise.
int EditDistance(absl::string_view a, absl::string_view b) {
  const int rows = static_cast<int>(a.size());
  const int columns = static_cast<int>(b.size());
  if (std::abs(rows - columns) > kNear) return kNear + 1;
  std::array<int, kMaxWordLength + 1> above;
  std::array<int, kMaxWordLength + 1> current;
  for (int j = 0; j <= columns; ++j) above[j] = j;
  for (int i = 1; i <= rows; ++i) {
    current.fill(kNear + 1);
    if (i <= kNear) current[0] = i;
    for (int j = std::max(1, i - kNear); j <= std::min(columns, i + kNear); ++j) {
      const int replaced = above[j - 1] + (a[i - 1] != b[j - 1]);
      current[j] = std::min({replaced, current[j - 1] + 1, above[j] + 1, kNear + 1});
    }
    above = current;
  }
  return above[columns];
}

}  // namespace

bool IsWordId(absl::string_view id) {
  if (id.empty() || id.size() > kMaxWordLength || !absl::ascii_islower(id.front()) || id.back() == '_')
    return false;
  for (size_t i = 0; i < id.size(); ++i) {
    if (id[i] == '_' ? id[i - 1] == '_' : !absl::ascii_islower(id[i]) && !absl::ascii_isdigit(id[i]))
      return false;
  }
  return true;
}

void NearestWord::Offer(absl::string_view known) {
  if (unknown_.size() > kMaxWordLength || known.size() > kMaxWordLength) return;
  const int distance = EditDistance(unknown_, known);
  if (distance >= distance_) return;
  distance_ = distance;
  nearest_ = known;
}

std::string UnknownWord(absl::string_view word, absl::string_view list, absl::string_view nearest) {
  if (!IsWordId(word)) {
    return absl::StrCat("must be an id of the catalog's ", list, ": lower snake case, at most ",
                        kMaxWordLength, " characters");
  }
  return absl::StrCat("\"", word, "\" is not among the catalog's ", list,
                      nearest.empty() ? "" : absl::StrCat("; the nearest is \"", nearest, "\""));
}

void ValidateWord(const matcher::Catalog& catalog, const WordList& list, absl::string_view word,
                  const FieldPath& path, runtime::Violations& violations) {
  if (word.empty()) {
    violations.Add(path, absl::StrCat("must be set to one of the catalog's ", list.name));
  } else if (!(catalog.*list.find)(word)) {
    violations.Add(path, UnknownWord(word, list.name, list.nearest(catalog.lists(), word)));
  }
}

void ValidateWords(const matcher::Catalog& catalog, const WordList& list,
                   const google::protobuf::RepeatedPtrField<std::string>& words, int limit,
                   const FieldPath& path, runtime::Violations& violations) {
  if (words.size() > limit)
    return violations.Add(path, absl::StrCat("must have at most ", limit, " entries"));
  Seen<absl::string_view> seen;
  for (int i = 0; i < words.size(); ++i) {
    if (!seen.Insert(words[i])) {
      violations.Add(FieldPath(path, i), "is in the list already");
    } else {
      ValidateWord(catalog, list, words[i], FieldPath(path, i), violations);
    }
  }
}

}  // namespace rapport::contract
