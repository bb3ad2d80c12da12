#include "matcher/eligibility/rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "matcher/domain/language.h"
#include "matcher/eligibility/distance.h"

namespace rapport::matcher {
namespace {

// Clocks farthest behind and ahead of UTC, in seconds.
constexpr int kWesternmost = -12 * 3600, kEasternmost = 14 * 3600;

bool Named(const std::vector<std::string>& sorted_ids, const std::string& id) {
  return std::binary_search(sorted_ids.begin(), sorted_ids.end(), id);
}

bool PassesLicence(const Query& query, const Therapist& therapist) {
  const bool remote = SharesRemoteModality(query, therapist);
  if (!MayTreatIn(query, therapist, query.musts.location.region, remote)) return false;
  const absl::string_view office = OfficeElsewhere(query, therapist);
  return office.empty() || MayTreatInOffice(query, therapist, office);
}

bool PassesLanguage(const Query& query, const Therapist& therapist) {
  const auto& asked = query.musts.languages;
  return asked.empty() || std::any_of(asked.begin(), asked.end(), [&](const std::string& language) {
           return std::any_of(therapist.languages.begin(), therapist.languages.end(),
                              [&](const std::string& spoken) { return LanguagesMeet(language, spoken); });
         });
}

bool PassesPayer(const Query& query, const Therapist& therapist) {
  return query.musts.payers.empty() || Intersects(query.musts.payers, therapist.payers);
}

bool PassesModality(const Query& query, const Therapist& therapist) {
  return query.musts.modalities.empty() || Intersects(query.musts.modalities, therapist.modalities);
}

bool PassesDistance(const Query& query, const Therapist& therapist) {
  if (!query.musts.max_distance_km || SharesRemoteModality(query, therapist)) return true;
  const std::optional<double> distance_km = DistanceKm(query, therapist);
  return distance_km && *distance_km <= *query.musts.max_distance_km;
}

bool PassesHours(const Query& query, const Therapist& therapist) {
  if (query.musts.hours.none()) return true;
  return therapist.time_zone &&
         ShareAnHour(query.musts.hours, therapist.hours, MinutesAhead(query, *therapist.time_zone));
}

bool PassesFee(const Query& query, const Therapist& therapist) {
  const std::optional<Money>& limit = query.musts.max_fee;
  if (!limit) return true;
  return therapist.fee && therapist.fee->currency == limit->currency &&
         therapist.fee->minor_units <= limit->minor_units;
}

bool PassesConfirmed(const Query& query, const Listing& listing) {
  return query.now - listing.last_confirmed <= query.confirmation_limit_days * absl::Hours(24);
}

}  // namespace

Query MakeQuery(const Catalog& catalog, Needs needs, std::vector<std::string> tried_therapist_ids,
                absl::Time now) {
  Query query;
  query.musts = std::move(needs.musts);
  query.concerns = MakeWordSet(std::move(needs.context.concerns));
  query.in_person_modalities = catalog.in_person_modalities();
  query.tried_therapist_ids = std::move(tried_therapist_ids);
  std::sort(query.tried_therapist_ids.begin(), query.tried_therapist_ids.end());
  query.now = now;
  const auto day_in = [&](const absl::TimeZone& zone) {
    const absl::CivilDay today = absl::ToCivilDay(now, zone);
    return std::max(today, query.musts.starts_on.value_or(today));
  };
  // Made once: making one takes a lock that the whole process shares.
  static const absl::TimeZone westernmost = absl::FixedTimeZone(kWesternmost);
  static const absl::TimeZone easternmost = absl::FixedTimeZone(kEasternmost);
  query.day = day_in(query.musts.time_zone.value_or(westernmost));
  query.last_day = query.musts.time_zone ? query.day : day_in(easternmost);
  query.confirmation_limit_days = catalog.settings().confirmation_limit_days;
  return query;
}

bool Passes(Rule rule, const Query& query, const Listing& listing) {
  const Therapist& therapist = *listing.therapist;
  switch (rule) {
    case Rule::kLicence:
      return PassesLicence(query, therapist);
    case Rule::kAlreadyTried:
      return !Named(query.tried_therapist_ids, therapist.id);
    case Rule::kExcludedByClient:
      return !Named(query.musts.excluded_therapist_ids, therapist.id);
    case Rule::kConcernDeclined:
      return !Intersects(query.concerns, therapist.declined_concerns);
    case Rule::kAgeGroup:
      return Contains(therapist.age_groups, query.musts.age_group);
    case Rule::kFormat:
      return Contains(therapist.formats, query.musts.format);
    case Rule::kLanguage:
      return PassesLanguage(query, therapist);
    case Rule::kPayer:
      return PassesPayer(query, therapist);
    case Rule::kModality:
      return PassesModality(query, therapist);
    case Rule::kDistance:
      return PassesDistance(query, therapist);
    case Rule::kHours:
      return PassesHours(query, therapist);
    case Rule::kFee:
      return PassesFee(query, therapist);
    case Rule::kRequiredTag:
      return Includes(therapist.tags, query.musts.required_tags);
    case Rule::kExcludedTag:
      return !Intersects(query.musts.excluded_tags, therapist.tags);
    case Rule::kSeat:
      return listing.SeatsFree(query.now) > 0;
    case Rule::kConfirmed:
      return PassesConfirmed(query, listing);
  }
  return false;
}

RuleSet FailedRules(const Query& query, const Listing& listing) {
  RuleSet failed;
  for (const Rule rule : kRulesInOrder) failed[IndexOf(rule)] = !Passes(rule, query, listing);
  return failed;
}

std::optional<Rule> FirstFailed(const RuleSet& failed) {
  for (const Rule rule : kRulesInOrder) {
    if (failed[IndexOf(rule)]) return rule;
  }
  return std::nullopt;
}

bool SharesRemoteModality(const Query& query, const Therapist& therapist) {
  const WordSet& asked = query.musts.modalities;
  return std::any_of(therapist.modalities.begin(), therapist.modalities.end(), [&](Word modality) {
    return !Contains(query.in_person_modalities, modality) && (asked.empty() || Contains(asked, modality));
  });
}

bool SharesInPersonModality(const Query& query, const Therapist& therapist) {
  const WordSet& asked = query.musts.modalities;
  return std::any_of(therapist.modalities.begin(), therapist.modalities.end(), [&](Word modality) {
    return Contains(query.in_person_modalities, modality) && (asked.empty() || Contains(asked, modality));
  });
}

bool RegionsMeet(absl::string_view a, absl::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return absl::StartsWith(b, a) && (a.size() == b.size() || b[a.size()] == '-');
}

bool RightIn(const Credential& credential, absl::string_view region, bool remote, absl::CivilDay day) {
  return credential.region == region && credential.ValidOn(day) &&
         (credential.kind != CredentialKind::kTelehealthRegistration || remote);
}

bool MayTreatIn(const Query& query, const Therapist& therapist, absl::string_view region, bool remote) {
  absl::CivilDay day = query.day;  // those before are covered
  while (true) {
    std::optional<absl::CivilDay> covered_until;
    for (const Credential& credential : therapist.credentials) {
      if (!RightIn(credential, region, remote, day)) continue;
      if (!credential.valid_until || *credential.valid_until >= query.last_day) return true;
      covered_until = std::max(covered_until.value_or(day), *credential.valid_until);
    }
    if (!covered_until) return false;
    day = *covered_until + 1;
  }
}

absl::string_view OfficeElsewhere(const Query& query, const Therapist& therapist) {
  if (!therapist.place || RegionsMeet(therapist.place->region, query.musts.location.region) ||
      SharesRemoteModality(query, therapist) || !SharesInPersonModality(query, therapist)) {
    return "";
  }
  return therapist.place->region;
}

bool MayTreatInOffice(const Query& query, const Therapist& therapist, absl::string_view office) {
  return std::any_of(
      therapist.credentials.begin(), therapist.credentials.end(), [&](const Credential& credential) {
        return credential.region.size() <= office.size() && RegionsMeet(credential.region, office) &&
               MayTreatIn(query, therapist, credential.region, false);
      });
}

std::optional<double> DistanceKm(const Query& query, const Therapist& therapist) {
  const std::optional<Coordinates>& from = query.musts.location.coordinates;
  if (!from || !therapist.place || !therapist.place->coordinates) return std::nullopt;
  return GreatCircleKm(*from, *therapist.place->coordinates);
}

int MinutesAhead(const Query& query, const absl::TimeZone& therapist_zone) {
  const absl::TimeZone client_zone = query.musts.Zone();
  const bool later = query.musts.starts_on && query.day > absl::ToCivilDay(query.now, client_zone);
  const absl::Time at = later ? absl::FromCivil(absl::CivilHour(query.day) + 12, client_zone) : query.now;
  return (therapist_zone.At(at).offset - client_zone.At(at).offset) / 60;
}

}  // namespace rapport::matcher
