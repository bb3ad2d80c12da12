// Who may be proposed to a client: the hard rules, one plain function each. This is the reference; the index
// (matcher/eligibility/index.h) gives the same answers for a whole network at once, and tests hold the two
// together.
#ifndef RAPPORT_MATCHER_ELIGIBILITY_RULES_H_
#define RAPPORT_MATCHER_ELIGIBILITY_RULES_H_

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "matcher/domain/catalog.h"
#include "matcher/domain/needs.h"
#include "matcher/domain/therapist.h"
#include "matcher/domain/words.h"

namespace rapport::matcher {

// Numbers and order as in rapport/matcher/v1/matcher.proto. Rules apply in this order: law and safety first.
enum class Rule {
  kLicence = 1,
  kAlreadyTried = 2,
  kExcludedByClient = 3,
  kConcernDeclined = 4,
  kAgeGroup = 5,
  kFormat = 6,
  kLanguage = 7,
  kPayer = 8,
  kModality = 9,
  kDistance = 10,
  kHours = 11,
  kFee = 12,
  kRequiredTag = 13,
  kExcludedTag = 14,
  kSeat = 15,
  kConfirmed = 16,
};

inline constexpr std::size_t kRules = 16;

// Every rule, in the order in which they apply.
inline constexpr std::array<Rule, kRules> kRulesInOrder = {
    Rule::kLicence,         Rule::kAlreadyTried, Rule::kExcludedByClient,
    Rule::kConcernDeclined, Rule::kAgeGroup,     Rule::kFormat,
    Rule::kLanguage,        Rule::kPayer,        Rule::kModality,
    Rule::kDistance,        Rule::kHours,        Rule::kFee,
    Rule::kRequiredTag,     Rule::kExcludedTag,  Rule::kSeat,
    Rule::kConfirmed,
};

// Place of a rule in `kRulesInOrder`, and in every array and bit set by rule: 0 to kRules - 1.
constexpr std::size_t IndexOf(Rule rule) {
  return static_cast<std::size_t>(rule) - 1;
}

// A set of rules, by `IndexOf`.
using RuleSet = std::bitset<kRules>;

// Everything the rules look at on the client's side.
struct Query {
  Musts musts;
  WordSet concerns;
  WordSet in_person_modalities;
  std::vector<std::string> tried_therapist_ids;  // sorted
  absl::Time now;
  absl::CivilDay day, last_day;  // a licence must be valid from the one to the other: mostly the same
  int confirmation_limit_days = 0;
};

// The query of `needs` at `now`. Its day is the day the client wants to start, and at least the client's
// today: needs that were kept for a while must not revive a licence that has ended. Where the client's time
// zone is not known, both days that are today somewhere. `tried_therapist_ids`: in any order.
Query MakeQuery(const Catalog& catalog, Needs needs, std::vector<std::string> tried_therapist_ids,
                absl::Time now);

// True when `listing` passes `rule`. A must excludes the unknown: a therapist who did not state what the
// client asks for does not pass.
bool Passes(Rule rule, const Query& query, const Listing& listing);

// The rules that `listing` fails; none: eligible.
RuleSet FailedRules(const Query& query, const Listing& listing);

// The first rule of `failed` in the order in which rules apply, or nothing when it is empty.
std::optional<Rule> FirstFailed(const RuleSet& failed);

// Facts behind the rules, for those who explain them.

// True when a modality that is not in person is both acceptable to the client and offered.
bool SharesRemoteModality(const Query& query, const Therapist& therapist);

// The same of one in person.
bool SharesInPersonModality(const Query& query, const Therapist& therapist);

// True when one of two regions lies in the other, or they are the same ("DE-BE" lies in "DE").
bool RegionsMeet(absl::string_view a, absl::string_view b);

// True when `credential` is a right to treat a client who sits in `region` on `day`. `remote`: they may meet
// at a distance.
bool RightIn(const Credential& credential, absl::string_view region, bool remote, absl::CivilDay day);

// True when on each day of the query one of the therapist's credentials is such a right: a licence that was
// renewed may stand there as two.
bool MayTreatIn(const Query& query, const Therapist& therapist, absl::string_view region, bool remote);

// The region of the office where the two would have to meet, where that is another than the client's: then
// the client sits there. Empty: it is not.
absl::string_view OfficeElsewhere(const Query& query, const Therapist& therapist);

// True when the therapist may treat whoever sits in the office in `office`, by rights of that region or of
// one that it lies in: what holds for the whole of a country holds for each part of it.
bool MayTreatInOffice(const Query& query, const Therapist& therapist, absl::string_view office);

// Kilometres from the client's place to the therapist's, or nothing when either is not known.
std::optional<double> DistanceKm(const Query& query, const Therapist& therapist);

// How far the therapist's clock is ahead of the client's, in minutes: now, or at noon of a later day on which
// the client wants to start.
int MinutesAhead(const Query& query, const absl::TimeZone& therapist_zone);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ELIGIBILITY_RULES_H_
