// Languages as people ask for them: tags that say more or less of the same language meet.
#ifndef RAPPORT_MATCHER_DOMAIN_LANGUAGE_H_
#define RAPPORT_MATCHER_DOMAIN_LANGUAGE_H_

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"

namespace rapport::matcher {

// Whether BCP 47 tag `narrow` is `wide` said more exactly: "pt-BR" of "pt", "zh-Hant-TW" of "zh-Hant".
inline bool Narrows(absl::string_view narrow, absl::string_view wide) {
  return narrow.size() > wide.size() && narrow[wide.size()] == '-' && absl::StartsWith(narrow, wide);
}

// Whether who speaks `spoken` is someone for who asks for `asked`: one is the other, or says it more exactly
// (RFC 4647, basic filtering and lookup). "en-US" and "en" meet either way round; "pt-BR" and "pt-PT" do not.
inline bool LanguagesMeet(absl::string_view asked, absl::string_view spoken) {
  return asked == spoken || Narrows(asked, spoken) || Narrows(spoken, asked);
}

// Visits the tags that `tag` narrows, the widest last: "zh-Hant", then "zh", of "zh-Hant-TW".
template <typename Visit>
void ForEachWider(absl::string_view tag, Visit visit) {
  for (auto dash = tag.rfind('-'); dash != absl::string_view::npos && dash > 0; dash = tag.rfind('-')) {
    tag = tag.substr(0, dash);
    visit(tag);
  }
}

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_DOMAIN_LANGUAGE_H_
