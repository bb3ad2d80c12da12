#include "services/contract/convert.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

namespace rapport::contract {
namespace {

using google::protobuf::RepeatedPtrField;

// Look-up of a word in one list of the catalog.
using Find = std::optional<matcher::Word> (matcher::Catalog::*)(absl::string_view) const;

matcher::WordSet Words(const matcher::Catalog& catalog, Find find, const RepeatedPtrField<std::string>& ids) {
  matcher::WordSet words;
  words.reserve(static_cast<std::size_t>(ids.size()));
  for (const std::string& id : ids) {
    if (const auto word = (catalog.*find)(id)) words.push_back(*word);
  }
  return matcher::MakeWordSet(std::move(words));
}

template <typename Entries>
void AddIds(const matcher::WordSet& words, const Entries& entries, RepeatedPtrField<std::string>& ids) {
  for (const matcher::Word word : words) ids.Add(std::string(entries[word].id));
}

std::vector<std::string> SortedSet(const RepeatedPtrField<std::string>& texts) {
  std::vector<std::string> set(texts.begin(), texts.end());
  std::sort(set.begin(), set.end());
  set.erase(std::unique(set.begin(), set.end()), set.end());
  return set;
}

matcher::Place ToPlace(const therapist::v1::Place& message) {
  matcher::Place place{message.region(), message.city(), std::nullopt};
  if (message.has_latitude() && message.has_longitude()) {
    place.coordinates = matcher::Coordinates{message.latitude(), message.longitude()};
  }
  return place;
}

therapist::v1::Place ToProto(const matcher::Place& place) {
  therapist::v1::Place message;
  message.set_region(place.region);
  message.set_city(place.city);
  if (place.coordinates) {
    message.set_latitude(place.coordinates->latitude);
    message.set_longitude(place.coordinates->longitude);
  }
  return message;
}

matcher::Money ToMoney(const therapist::v1::Money& message) {
  return {message.currency(), message.minor_units()};
}

matcher::Credential ToCredential(const therapist::v1::Credential& message) {
  matcher::Credential credential;
  credential.region = message.region();
  credential.kind = static_cast<matcher::CredentialKind>(message.kind());
  credential.active = message.status() == therapist::v1::CREDENTIAL_STATUS_ACTIVE;
  credential.valid_from = ParseDate(message.valid_from());
  credential.valid_until = ParseDate(message.valid_until());
  credential.code = message.code();
  credential.evidence_date = ParseDate(message.evidence_date());
  return credential;
}

therapist::v1::Credential ToProto(const matcher::Credential& credential) {
  therapist::v1::Credential message;
  message.set_region(credential.region);
  message.set_kind(static_cast<therapist::v1::CredentialKind>(credential.kind));
  message.set_status(credential.active ? therapist::v1::CREDENTIAL_STATUS_ACTIVE
                                       : therapist::v1::CREDENTIAL_STATUS_INACTIVE);
  if (credential.valid_from) message.set_valid_from(FormatDate(*credential.valid_from));
  if (credential.valid_until) message.set_valid_until(FormatDate(*credential.valid_until));
  message.set_code(credential.code);
  if (credential.evidence_date) message.set_evidence_date(FormatDate(*credential.evidence_date));
  return message;
}

std::vector<matcher::Credential> ToCredentials(const RepeatedPtrField<therapist::v1::Credential>& messages) {
  const auto key = [](const matcher::Credential& row) {
    return std::tie(row.region, row.kind, row.active, row.valid_from, row.valid_until, row.code,
                    row.evidence_date);
  };
  std::vector<matcher::Credential> rows;
  for (const therapist::v1::Credential& message : messages) rows.push_back(ToCredential(message));
  std::sort(rows.begin(), rows.end(), [&key](const auto& a, const auto& b) { return key(a) < key(b); });
  rows.erase(std::unique(rows.begin(), rows.end(),
                         [&key](const auto& a, const auto& b) { return key(a) == key(b); }),
             rows.end());
  return rows;
}

}  // namespace

matcher::Therapist ToDomain(const matcher::Catalog& catalog, const therapist::v1::Therapist& message) {
  using matcher::Catalog;
  matcher::Therapist therapist;
  therapist.id = message.therapist_id();
  therapist.display_name = message.display_name();
  therapist.title = message.title();
  therapist.invented = message.invented();
  therapist.credentials = ToCredentials(message.credentials());
  therapist.payers = Words(catalog, &Catalog::Payer, message.payers());
  therapist.languages = SortedSet(message.languages());
  therapist.age_groups = Words(catalog, &Catalog::AgeGroup, message.age_groups());
  therapist.formats = Words(catalog, &Catalog::Format, message.formats());
  therapist.modalities = Words(catalog, &Catalog::ModalityWord, message.modalities());
  if (message.has_place()) therapist.place = ToPlace(message.place());
  therapist.time_zone = FindTimeZone(message.time_zone());
  // A zone that the tz database has dropped since: hours in it mean nothing any more.
  if (therapist.time_zone) therapist.hours = ToDomain(message.hours());
  if (message.has_fee()) therapist.fee = ToMoney(message.fee());
  therapist.seats = message.seats();
  therapist.wait_weeks = message.wait_weeks();
  if (message.has_last_confirmed()) therapist.last_confirmed = ToTime(message.last_confirmed());
  therapist.concerns = Words(catalog, &Catalog::Concern, message.concerns());
  therapist.declined_concerns = Words(catalog, &Catalog::Concern, message.declined_concerns());
  therapist.approaches = Words(catalog, &Catalog::Approach, message.approaches());
  therapist.tags = Words(catalog, &Catalog::Tag, message.tags());
  therapist.style.resize(catalog.lists().style_dimensions.size());
  for (const therapist::v1::StyleRating& rating : message.style()) {
    if (const auto dimension = catalog.Dimension(rating.dimension()))
      therapist.style[*dimension] = rating.value();
  }
  therapist.attributes = ToAttributes(catalog, message.attributes());
  return therapist;
}

therapist::v1::Therapist ToProto(const matcher::Catalog& catalog, const matcher::Therapist& therapist) {
  const matcher::CatalogLists& lists = catalog.lists();
  therapist::v1::Therapist message;
  message.set_therapist_id(therapist.id);
  message.set_display_name(therapist.display_name);
  message.set_title(therapist.title);
  message.set_invented(therapist.invented);
  for (const matcher::Credential& credential : therapist.credentials) {
    *message.add_credentials() = ToProto(credential);
  }
  AddIds(therapist.payers, lists.payers, *message.mutable_payers());
  message.mutable_languages()->Assign(therapist.languages.begin(), therapist.languages.end());
  AddIds(therapist.age_groups, lists.age_groups, *message.mutable_age_groups());
  AddIds(therapist.formats, lists.formats, *message.mutable_formats());
  AddIds(therapist.modalities, lists.modalities, *message.mutable_modalities());
  if (therapist.place) *message.mutable_place() = ToProto(*therapist.place);
  *message.mutable_hours() = ToProto(therapist.hours);
  if (therapist.time_zone) message.set_time_zone(therapist.time_zone->name());
  if (therapist.fee) {
    message.mutable_fee()->set_currency(therapist.fee->currency);
    message.mutable_fee()->set_minor_units(therapist.fee->minor_units);
  }
  message.set_seats(therapist.seats);
  message.set_wait_weeks(therapist.wait_weeks);
  if (therapist.last_confirmed != absl::InfinitePast()) {
    *message.mutable_last_confirmed() = ToTimestamp(therapist.last_confirmed);
  }
  AddIds(therapist.concerns, lists.concerns, *message.mutable_concerns());
  AddIds(therapist.declined_concerns, lists.concerns, *message.mutable_declined_concerns());
  AddIds(therapist.approaches, lists.approaches, *message.mutable_approaches());
  AddIds(therapist.tags, lists.tags, *message.mutable_tags());
  for (std::size_t i = 0; i < therapist.style.size(); ++i) {
    if (!therapist.style[i]) continue;
    therapist::v1::StyleRating& rating = *message.add_style();
    rating.set_dimension(lists.style_dimensions[i].id);
    rating.set_value(*therapist.style[i]);
  }
  *message.mutable_attributes() = ToProto(catalog, therapist.attributes);
  return message;
}

bool KnowsMusts(const matcher::Catalog& catalog, const matcher::v1::Needs& message) {
  using matcher::Catalog;
  const auto all = [&catalog](auto find, const auto& ids) {
    return std::all_of(ids.begin(), ids.end(),
                       [&](const std::string& id) { return (catalog.*find)(id).has_value(); });
  };
  return catalog.AgeGroup(message.age_group()) && catalog.Format(message.format()) &&
         all(&Catalog::Payer, message.payers()) && all(&Catalog::ModalityWord, message.modalities()) &&
         all(&Catalog::Tag, message.required_tags()) && all(&Catalog::Tag, message.excluded_tags()) &&
         (message.time_zone().empty() || FindTimeZone(message.time_zone()));
}

matcher::Needs ToDomain(const matcher::Catalog& catalog, const matcher::v1::Needs& message) {
  using matcher::Catalog;
  matcher::Needs needs;
  matcher::Musts& musts = needs.musts;
  musts.location = ToPlace(message.location());
  musts.payers = Words(catalog, &Catalog::Payer, message.payers());
  musts.languages = SortedSet(message.languages());
  musts.age_group = catalog.AgeGroup(message.age_group()).value();
  musts.format = catalog.Format(message.format()).value();
  musts.modalities = Words(catalog, &Catalog::ModalityWord, message.modalities());
  if (message.has_max_distance_km()) musts.max_distance_km = message.max_distance_km();
  musts.hours = ToDomain(message.hours());
  if (!message.time_zone().empty()) musts.time_zone = FindTimeZone(message.time_zone());
  if (message.has_max_fee()) musts.max_fee = ToMoney(message.max_fee());
  musts.required_tags = Words(catalog, &Catalog::Tag, message.required_tags());
  musts.excluded_tags = Words(catalog, &Catalog::Tag, message.excluded_tags());
  musts.excluded_therapist_ids = SortedSet(message.excluded_therapist_ids());
  musts.starts_on = ParseDate(message.starts_on());
  needs.context = ToContext(catalog, message);
  return needs;
}

matcher::v1::Needs ToProto(const matcher::Catalog& catalog, const matcher::Needs& needs) {
  const matcher::CatalogLists& lists = catalog.lists();
  const matcher::Musts& musts = needs.musts;
  matcher::v1::Needs message;
  *message.mutable_location() = ToProto(musts.location);
  AddIds(musts.payers, lists.payers, *message.mutable_payers());
  message.mutable_languages()->Assign(musts.languages.begin(), musts.languages.end());
  message.set_age_group(lists.age_groups[musts.age_group].id);
  message.set_format(lists.formats[musts.format].id);
  AddIds(musts.modalities, lists.modalities, *message.mutable_modalities());
  if (musts.max_distance_km) message.set_max_distance_km(*musts.max_distance_km);
  *message.mutable_hours() = ToProto(musts.hours);
  if (musts.time_zone) message.set_time_zone(musts.time_zone->name());
  if (musts.max_fee) {
    message.mutable_max_fee()->set_currency(musts.max_fee->currency);
    message.mutable_max_fee()->set_minor_units(musts.max_fee->minor_units);
  }
  AddIds(musts.required_tags, lists.tags, *message.mutable_required_tags());
  AddIds(musts.excluded_tags, lists.tags, *message.mutable_excluded_tags());
  message.mutable_excluded_therapist_ids()->Assign(musts.excluded_therapist_ids.begin(),
                                                   musts.excluded_therapist_ids.end());
  if (musts.starts_on) message.set_starts_on(FormatDate(*musts.starts_on));
  matcher::v1::ClientContext context = ToProto(catalog, needs.context);
  message.mutable_concerns()->Swap(context.mutable_concerns());
  message.mutable_wishes()->Swap(context.mutable_wishes());
  message.mutable_own_tags()->Swap(context.mutable_own_tags());
  message.mutable_attributes()->Swap(context.mutable_attributes());
  return message;
}

matcher::FitCheck ToDomain(const matcher::Catalog& catalog, const log::v1::FitRecorded& message) {
  matcher::FitCheck check;
  check.id = message.fit_check_id();
  check.client_id = message.client_id();
  check.therapist_id = message.therapist_id();
  check.session_number = message.session_number();
  check.occurred_at = ToTime(message.occurred_at());
  if (message.verdict() != matcher::v1::VERDICT_UNSPECIFIED) {
    check.verdict = static_cast<matcher::Verdict>(message.verdict());
  }
  for (const matcher::v1::Answer& answer : message.answers()) {
    if (catalog.Target(answer.id())) check.answers.push_back({answer.id(), answer.value()});
  }
  check.frictions = Words(catalog, &matcher::Catalog::FrictionWord, message.frictions());
  if (message.has_context()) check.context = ToDomain(catalog, message.context());
  return check;
}

matcher::WeekHours ToDomain(const RepeatedPtrField<therapist::v1::HourRange>& ranges) {
  matcher::WeekHours hours;
  for (const therapist::v1::HourRange& range : ranges) {
    const int midnight = 24 * (range.day() - therapist::v1::WEEKDAY_MONDAY);
    for (int hour = range.start_hour(); hour < range.end_hour(); ++hour) hours.set(midnight + hour);
  }
  return hours;
}

RepeatedPtrField<therapist::v1::HourRange> ToProto(const matcher::WeekHours& hours) {
  RepeatedPtrField<therapist::v1::HourRange> ranges;
  for (int day = 0; day < 7; ++day) {
    for (int hour = 0; hour < 24; ++hour) {
      if (!hours[24 * day + hour]) continue;
      therapist::v1::HourRange& range = *ranges.Add();
      range.set_day(static_cast<therapist::v1::Weekday>(therapist::v1::WEEKDAY_MONDAY + day));
      range.set_start_hour(hour);
      while (hour < 24 && hours[24 * day + hour]) ++hour;
      range.set_end_hour(hour);
    }
  }
  return ranges;
}

}  // namespace rapport::contract
