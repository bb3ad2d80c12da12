#include "matcher/eligibility/sentences.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "matcher/domain/currency.h"
#include "matcher/domain/language.h"

namespace rapport::matcher {
namespace {

template <typename Labelled>
std::string Label(const std::vector<Labelled>& list, Word word) {
  return word < list.size() ? list[word].label : absl::StrCat("#", word);
}

template <typename Labelled>
std::string Labels(const std::vector<Labelled>& list, const WordSet& words) {
  return absl::StrJoin(words, ", ", [&](std::string* out, Word word) { out->append(Label(list, word)); });
}

WordSet Common(const WordSet& a, const WordSet& b) {
  WordSet common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  return common;
}

template <typename Set>
Set Missing(const Set& asked, const Set& stated) {
  Set missing;
  std::set_difference(asked.begin(), asked.end(), stated.begin(), stated.end(), std::back_inserter(missing));
  return missing;
}

absl::string_view KindWords(CredentialKind kind) {
  switch (kind) {
    case CredentialKind::kLicence:
      return "licensed in ";
    case CredentialKind::kCompactPrivilege:
      return "practises under a compact in ";
    case CredentialKind::kTelehealthRegistration:
      return "registered for telehealth in ";
  }
  return "";
}

absl::string_view KindNoun(CredentialKind kind) {
  switch (kind) {
    case CredentialKind::kLicence:
      return "licence";
    case CredentialKind::kCompactPrivilege:
      return "compact privilege";
    case CredentialKind::kTelehealthRegistration:
      return "registration for telehealth";
  }
  return "";
}

// "2026-11-22", "2026-11-22 and 2026-11-23", "2026-11-22 to 2026-11-24".
std::string DayWords(absl::CivilDay first, absl::CivilDay last) {
  if (first == last) return absl::FormatCivilTime(first);
  return absl::StrCat(absl::FormatCivilTime(first), last - first == 1 ? " and " : " to ",
                      absl::FormatCivilTime(last));
}

// What a therapist holds for one place, and whether it must be a right to sit there with the client.
struct Holding {
  std::vector<const Credential*> credentials;
  bool remote = false;

  bool Counts(const Credential& credential) const {
    return remote || credential.kind != CredentialKind::kTelehealthRegistration;
  }
};

// The days of the query from the first to the last on which nothing in `holding` gives the right.
std::string DaysWithout(const Query& query, const Holding& holding) {
  std::optional<absl::CivilDay> first;
  absl::CivilDay last;
  for (absl::CivilDay day = query.day; day <= query.last_day; ++day) {
    if (std::any_of(holding.credentials.begin(), holding.credentials.end(),
                    [&](const Credential* credential) {
                      return holding.Counts(*credential) && credential->ValidOn(day);
                    }))
      continue;
    if (!first) first = day;
    last = day;
  }
  return DayWords(first.value_or(query.day), first ? last : query.last_day);
}

// Why there is no right, of the credentials that come nearest: the next to begin, else the last to have
// ended, else one that is not active, licences first; whatever order they stand in. `where`: the place in
// words.
std::string WhyNoRight(const Query& query, const Holding& holding, absl::string_view where) {
  const Credential* next = nullptr;
  const Credential* ended = nullptr;
  const Credential* inactive = nullptr;
  for (const Credential* credential : holding.credentials) {
    if (!holding.Counts(*credential)) continue;
    if (!credential->active) {
      if (inactive == nullptr || credential->kind < inactive->kind) inactive = credential;
    } else if (credential->valid_from && query.day < *credential->valid_from) {
      if (next == nullptr || *credential->valid_from < *next->valid_from) next = credential;
    } else if (credential->valid_until && *credential->valid_until < query.last_day) {
      if (ended == nullptr || *ended->valid_until < *credential->valid_until) ended = credential;
    }
  }
  if (next != nullptr) {
    return absl::StrCat("not licensed in ", where, " on ", DaysWithout(query, holding), ": ",
                        KindNoun(next->kind), " begins on ", absl::FormatCivilTime(*next->valid_from));
  }
  if (ended != nullptr) {
    return absl::StrCat("not licensed in ", where, " on ", DaysWithout(query, holding), ": ",
                        KindNoun(ended->kind), " ended on ", absl::FormatCivilTime(*ended->valid_until));
  }
  if (inactive != nullptr) return absl::StrCat(KindNoun(inactive->kind), " in ", where, " is not active");
  return absl::StrCat("no licence known in ", where);
}

// The same, where a right to meet at a distance is one that does not help here.
std::string WhyNoRightInPerson(const Query& query, Holding holding, absl::string_view where) {
  holding.remote = false;
  const bool registered =
      std::any_of(holding.credentials.begin(), holding.credentials.end(), [&](const Credential* credential) {
        return credential->kind == CredentialKind::kTelehealthRegistration &&
               credential->ValidOn(query.day) && credential->ValidOn(query.last_day);
      });
  if (registered) return absl::StrCat("registered in ", where, " for telehealth only");
  return WhyNoRight(query, holding, where);
}

// What is to say of an office in another region, after that there is a right in the client's; mostly nothing.
std::string OfficeWords(const Query& query, const Therapist& therapist) {
  const absl::string_view office = OfficeElsewhere(query, therapist);
  if (office.empty()) return "";
  if (MayTreatInOffice(query, therapist, office))
    return absl::StrCat(", and in ", office, ", where the office is");
  Holding holding;
  for (const Credential& credential : therapist.credentials) {
    // What holds for the whole of a country holds for each part of it.
    if (credential.region.size() <= office.size() && RegionsMeet(credential.region, office))
      holding.credentials.push_back(&credential);
  }
  return absl::StrCat(", but ", WhyNoRightInPerson(query, std::move(holding),
                                                   absl::StrCat(office, " (where the two would meet)")));
}

// The credential that passes the rule on the first day, or else why there is none.
std::string LicenceSentence(const Query& query, const Therapist& therapist) {
  const std::string& region = query.musts.location.region;
  const bool remote = SharesRemoteModality(query, therapist);
  if (MayTreatIn(query, therapist, region, remote)) {
    const auto right = std::find_if(
        therapist.credentials.begin(), therapist.credentials.end(),
        [&](const Credential& credential) { return RightIn(credential, region, remote, query.day); });
    return absl::StrCat(KindWords(right->kind), region, " on ", DayWords(query.day, query.last_day),
                        OfficeWords(query, therapist));
  }
  Holding holding{{}, remote};
  for (const Credential& credential : therapist.credentials)
    if (credential.region == region) holding.credentials.push_back(&credential);
  if (remote) return WhyNoRight(query, holding, region);
  const std::string why = WhyNoRightInPerson(query, std::move(holding), region);
  return MayTreatIn(query, therapist, region, true) ? absl::StrCat(why, ", and no remote modality is shared")
                                                    : why;
}

std::string DistanceSentence(const Query& query, const Therapist& therapist) {
  const std::optional<double> distance_km = DistanceKm(query, therapist);
  if (!query.musts.max_distance_km) {
    return distance_km ? absl::StrFormat("%.1f km away, no limit asked for", *distance_km)
                       : "no limit asked for";
  }
  const std::string limit = absl::StrFormat("limit %g km", *query.musts.max_distance_km);
  if (SharesRemoteModality(query, therapist)) return "sessions can be remote, whatever the distance";
  if (distance_km) {
    const std::string away = absl::StrFormat("%.1f km", *distance_km);
    // Where the rounded figures might say otherwise than the exact ones did.
    constexpr double kAlike = .1;
    const double beyond = *distance_km - *query.musts.max_distance_km;
    const absl::string_view side = std::abs(beyond) >= kAlike ? ""
                                   : beyond > 0               ? "just beyond the "
                                                              : "just within the ";
    return absl::StrCat(away, " away, ", side, limit);
  }
  if (!query.musts.location.coordinates)
    return absl::StrCat("the client's coordinates are not known, ", limit);
  return absl::StrCat("the therapist's place is not known, ", limit);
}

std::string HoursSentence(const Query& query, const Therapist& therapist, bool passed) {
  if (query.musts.hours.none()) return "no hours asked for";
  if (!therapist.time_zone || therapist.hours.none()) return "the therapist's hours are not known";
  return passed ? "at least one hour of the week is shared" : "no hour of the week is shared";
}

std::string Amount(const Money& money) {
  const int places = DecimalPlaces(money.currency);
  const double amount = static_cast<double>(money.minor_units) / std::pow(10, places);
  return absl::StrFormat("%.*f %s", places, amount, money.currency);
}

std::string FeeSentence(const Query& query, const Therapist& therapist) {
  const std::string fee = therapist.fee ? absl::StrCat("fee ", Amount(*therapist.fee)) : "fee not known";
  if (!query.musts.max_fee) return absl::StrCat(fee, ", no limit asked for");
  return absl::StrCat(fee, ", limit ", Amount(*query.musts.max_fee));
}

std::string SeatSentence(const Query& query, const Listing& listing) {
  const int seats = listing.SeatsFree(query.now);
  if (seats == 1) return "1 seat free";
  return seats > 1 ? absl::StrCat(seats, " seats free") : "no seat free";
}

std::string ConfirmedSentence(const Query& query, const Listing& listing) {
  const std::string limit = absl::StrCat("limit ", query.confirmation_limit_days, " days");
  if (listing.last_confirmed == absl::InfinitePast()) return absl::StrCat("profile never confirmed, ", limit);
  return absl::StrCat("last heard from on ",
                      absl::FormatCivilTime(absl::ToCivilDay(listing.last_confirmed, absl::UTCTimeZone())),
                      ", ", limit);
}

// Of a rule that is passed when one of the words asked for is stated.
template <typename Labelled>
std::string OneOfSentence(const std::vector<Labelled>& list, const WordSet& asked, const WordSet& stated,
                          absl::string_view verb, absl::string_view what) {
  if (asked.empty()) return absl::StrCat("no ", what, " asked for");
  const WordSet common = Common(asked, stated);
  if (!common.empty()) return absl::StrCat(verb, " ", Labels(list, common));
  return absl::StrCat(verb, " none of: ", Labels(list, asked));
}

std::string LanguageSentence(const Query& query, const Therapist& therapist) {
  const std::vector<std::string>& asked = query.musts.languages;
  if (asked.empty()) return "no language asked for";
  std::vector<std::string> met;
  std::copy_if(therapist.languages.begin(), therapist.languages.end(), std::back_inserter(met),
               [&](const std::string& spoken) {
                 return std::any_of(asked.begin(), asked.end(), [&](const std::string& language) {
                   return LanguagesMeet(language, spoken);
                 });
               });
  if (!met.empty()) return absl::StrCat("speaks ", absl::StrJoin(met, ", "));
  return absl::StrCat("speaks none of: ", absl::StrJoin(asked, ", "));
}

}  // namespace

std::string RuleSentence(Rule rule, const Catalog& catalog, const Query& query, const Listing& listing,
                         bool passed) {
  const CatalogLists& lists = catalog.lists();
  const Therapist& therapist = *listing.therapist;
  const Musts& musts = query.musts;
  switch (rule) {
    case Rule::kLicence:
      return LicenceSentence(query, therapist);
    case Rule::kAlreadyTried:
      return passed ? "not tried before" : "tried already";
    case Rule::kExcludedByClient:
      return passed ? "not excluded" : "excluded by the client or on their behalf";
    case Rule::kConcernDeclined:
      return passed ? "declines none of the client's concerns"
                    : absl::StrCat("declines ", Labels(lists.concerns,
                                                       Common(query.concerns, therapist.declined_concerns)));
    case Rule::kAgeGroup:
      return absl::StrCat(passed ? "treats " : "does not treat ", Label(lists.age_groups, musts.age_group));
    case Rule::kFormat:
      return absl::StrCat(passed ? "offers " : "does not offer ", Label(lists.formats, musts.format));
    case Rule::kLanguage:
      return LanguageSentence(query, therapist);
    case Rule::kPayer:
      return OneOfSentence(lists.payers, musts.payers, therapist.payers, "accepts", "payer");
    case Rule::kModality:
      return OneOfSentence(lists.modalities, musts.modalities, therapist.modalities, "offers", "modality");
    case Rule::kDistance:
      return DistanceSentence(query, therapist);
    case Rule::kHours:
      return HoursSentence(query, therapist, passed);
    case Rule::kFee:
      return FeeSentence(query, therapist);
    case Rule::kRequiredTag:
      if (musts.required_tags.empty()) return "no tag required";
      return passed ? absl::StrCat("states ", Labels(lists.tags, musts.required_tags))
                    : absl::StrCat("does not state ",
                                   Labels(lists.tags, Missing(musts.required_tags, therapist.tags)));
    case Rule::kExcludedTag:
      if (musts.excluded_tags.empty()) return "no tag excluded";
      return passed
                 ? "states no excluded tag"
                 : absl::StrCat("states ", Labels(lists.tags, Common(musts.excluded_tags, therapist.tags)));
    case Rule::kSeat:
      return SeatSentence(query, listing);
    case Rule::kConfirmed:
      return ConfirmedSentence(query, listing);
  }
  return "";
}

}  // namespace rapport::matcher
