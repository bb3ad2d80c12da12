// What a client needs: what must hold, and what is wished for. Risk never reaches the library: acute risk is
// not ranked.
#ifndef RAPPORT_MATCHER_DOMAIN_NEEDS_H_
#define RAPPORT_MATCHER_DOMAIN_NEEDS_H_

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "matcher/domain/therapist.h"
#include "matcher/domain/week.h"
#include "matcher/domain/words.h"

namespace rapport::matcher {

// What must hold. An empty set, or nothing, asks for nothing.
struct Musts {
  Place location;  // where the client will sit
  WordSet payers;
  std::vector<std::string> languages;  // BCP 47, sorted
  Word age_group = 0;
  Word format = 0;
  WordSet modalities;
  std::optional<double> max_distance_km;
  WeekHours hours;
  std::optional<absl::TimeZone> time_zone;  // stated where hours are
  std::optional<Money> max_fee;
  WordSet required_tags;
  WordSet excluded_tags;
  std::vector<std::string> excluded_therapist_ids;  // sorted
  std::optional<absl::CivilDay> starts_on;          // none, or past: the day of ranking in `time_zone`

  // The zone that hours are in.
  absl::TimeZone Zone() const { return time_zone.value_or(absl::UTCTimeZone()); }
};

// Wishes, each with a strength above 0 and up to 1.
struct StyleWish {
  int dimension = 0;
  double value = 0;  // -1 to 1
  double strength = 0;
};
struct ApproachWish {
  Word approach = 0;
  double strength = 0;
};
struct TagWish {
  Word tag = 0;
  double strength = 0;
};
struct FacetWish {
  int facet = 0;
  double strength = 0;
};

// What the model looks at: concerns (the most important first), wishes, and what the client states of
// themself.
struct ClientContext {
  std::vector<Word> concerns;
  std::vector<StyleWish> styles;
  std::vector<ApproachWish> approaches;
  std::vector<TagWish> tags;
  std::vector<FacetWish> facets;
  WordSet own_tags;                        // what the client states of themself
  std::vector<AttributeValue> attributes;  // the same, in numbers; each at most once
};

struct Needs {
  Musts musts;
  ClientContext context;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_DOMAIN_NEEDS_H_
