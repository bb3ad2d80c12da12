// Languages as people ask for them: tags that say more or less of the same language meet.
#ifndef RAPPORT_MATCHER_DOMAIN_LANGUAGE_H_
#define RAPPORT_MATCHER_DOMAIN_LANGUAGE_H_

#include <array>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace rapport::matcher {

// "zh-Hant-TW", "en", "pt-BR": what sessions need of BCP 47. Views of the tag; script and region may be
// empty.
struct LanguageTag {
  absl::string_view language, script, region;
};
inline LanguageTag SplitLanguage(absl::string_view tag) {
  constexpr std::size_t kScript = 4;
  LanguageTag parts;
  const auto next = [&tag] {
    const absl::string_view part = tag.substr(0, tag.find('-'));
    tag.remove_prefix(part.size() < tag.size() ? part.size() + 1 : tag.size());
    return part;
  };
  parts.language = next();
  if (tag.size() == kScript || (tag.size() > kScript && tag[kScript] == '-')) parts.script = next();
  parts.region = tag;
  return parts;
}

// Whether who speaks `spoken` is someone for who asks for `asked`: the language is the same, and script and
// region do not differ where both say them. "en-US" and "en" meet either way round; "pt-BR" and "pt-PT" do
// not.
inline bool LanguagesMeet(absl::string_view asked, absl::string_view spoken) {
  const LanguageTag a = SplitLanguage(asked), b = SplitLanguage(spoken);
  const auto agree = [](absl::string_view x, absl::string_view y) {
    return x.empty() || y.empty() || x == y;
  };
  return a.language == b.language && agree(a.script, b.script) && agree(a.region, b.region);
}

// Who speaks `spoken` is filed under each key of ForEachSpokenKey, the tag itself first; who asks looks under
// each key of ForEachAskedKey; they have a key in common where the languages meet, and only there. In a key
// "*" is some script, "?" some region.
template <typename Visit>
void ForEachLanguageKey(const LanguageTag& tag, std::array<absl::string_view, 2> scripts,
                        std::array<absl::string_view, 2> regions, Visit visit) {
  for (std::size_t s = 0; s < (scripts[0] == scripts[1] ? 1 : 2); ++s) {
    for (std::size_t r = 0; r < (regions[0] == regions[1] ? 1 : 2); ++r) {
      visit(absl::StrCat(tag.language, scripts[s].empty() ? "" : "-", scripts[s],
                         regions[r].empty() ? "" : "-", regions[r]));
    }
  }
}
template <typename Visit>
void ForEachSpokenKey(absl::string_view spoken, Visit visit) {
  const LanguageTag tag = SplitLanguage(spoken);
  ForEachLanguageKey(tag, {tag.script, tag.script.empty() ? "" : "*"},
                     {tag.region, tag.region.empty() ? "" : "?"}, visit);
}
template <typename Visit>
void ForEachAskedKey(absl::string_view asked, Visit visit) {
  const LanguageTag tag = SplitLanguage(asked);
  ForEachLanguageKey(tag, {"", tag.script.empty() ? "*" : tag.script},
                     {"", tag.region.empty() ? "?" : tag.region}, visit);
}

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_DOMAIN_LANGUAGE_H_
