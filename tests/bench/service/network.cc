#include "tests/bench/service/network.h"

#include <array>
#include <cmath>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "rapport/matcher/v1/matcher.pb.h"
#include "services/contract/catalog_file.h"
#include "services/runtime/codec.h"

namespace rapport::bench {
namespace {

constexpr std::array kStates = {
    "US-CA", "US-TX", "US-FL", "US-NY", "US-PA", "US-IL", "US-OH", "US-GA", "US-NC", "US-MI",
    "US-NJ", "US-VA", "US-WA", "US-AZ", "US-MA", "US-TN", "US-IN", "US-MD", "US-MO", "US-WI",
    "US-CO", "US-MN", "US-SC", "US-AL", "US-LA", "US-KY", "US-OR", "US-OK", "US-CT", "US-UT",
    "US-IA", "US-NV", "US-AR", "US-MS", "US-KS", "US-NM", "US-NE", "US-ID", "US-WV", "US-HI",
    "US-NH", "US-ME", "US-RI", "US-MT", "US-DE", "US-SD", "US-ND", "US-AK", "US-VT", "US-WY"};
constexpr std::array kLanguages = {"en", "es", "zh", "vi", "ko", "ru", "ar", "fr"};

}  // namespace

std::string Network::State() {
  // About one in nine in the first, then ever fewer.
  const double u = static_cast<double>(random_() >> 11) * 0x1p-53;
  return kStates[static_cast<std::size_t>(std::pow(u, 1.8) * kStates.size())];
}

std::string Network::Language() {
  return Below(3) == 0 ? kLanguages[Below(kLanguages.size())] : kLanguages[0];
}

therapist::v1::Therapist Network::Therapist(int number) {
  const matcher::CatalogLists& words = catalog_.lists();
  therapist::v1::Therapist therapist;
  therapist.set_therapist_id(absl::StrCat("t", number));
  therapist.set_display_name(absl::StrCat("Invented Person ", number));
  therapist.set_title("LCSW");
  therapist.set_invented(true);
  therapist::v1::Credential& licence = *therapist.add_credentials();
  licence.set_region(State());
  licence.set_kind(therapist::v1::CREDENTIAL_KIND_LICENCE);
  licence.set_status(therapist::v1::CREDENTIAL_STATUS_ACTIVE);
  licence.set_valid_until(Below(20) == 0 ? "2020-01-31" : "2090-01-31");
  therapist.mutable_place()->set_region(licence.region());
  for (int i = 0; i < 4; ++i) therapist.add_payers(One(words.payers));
  therapist.add_languages("en");
  if (Below(3) == 0) therapist.add_languages(Language());
  for (const auto& age : words.age_groups) {
    if (Below(2) == 0) therapist.add_age_groups(age.id);
  }
  therapist.add_formats(words.formats[0].id);
  for (const auto& modality : words.modalities) {
    if (Below(3) != 0) therapist.add_modalities(modality.id);
  }
  therapist.set_seats(Below(10) < 6 ? 3 : 0);
  therapist.set_wait_weeks(static_cast<double>(Below(9)) / 2);
  therapist.mutable_last_confirmed()->set_seconds(absl::ToUnixSeconds(now_) -
                                                  static_cast<std::int64_t>(Below(80 * 86'400)));
  for (int i = 0; i < 5; ++i) therapist.add_concerns(One(words.concerns));
  for (int i = 0; i < 2; ++i) therapist.add_approaches(One(words.approaches));
  for (int i = 0; i < 2; ++i) therapist.add_tags(One(words.tags));
  for (const auto& dimension : words.style_dimensions) {
    therapist::v1::StyleRating& rating = *therapist.add_style();
    rating.set_dimension(dimension.id);
    rating.set_value(static_cast<double>(Below(201)) / 100 - 1);
  }
  return therapist;
}

matcher::v1::Needs Network::TypicalNeeds() {
  const matcher::CatalogLists& words = catalog_.lists();
  matcher::v1::Needs needs;
  needs.mutable_location()->set_region(State());
  needs.add_payers(One(words.payers));
  needs.add_languages(Language());
  needs.set_age_group(One(words.age_groups));
  needs.set_format(words.formats[0].id);
  for (const auto& modality : words.modalities) {
    if (!modality.in_person) needs.add_modalities(modality.id);
  }
  for (std::size_t i = 0, first = Below(words.concerns.size()); i < 2; ++i) {
    needs.add_concerns(words.concerns[(first + i) % words.concerns.size()].id);
  }
  needs.mutable_risk()->set_level(matcher::v1::RISK_LEVEL_NONE);
  for (const auto* dimension : {&words.style_dimensions[0], &words.style_dimensions[1]}) {
    matcher::v1::Wish& wish = *needs.add_wishes();
    wish.mutable_style()->set_dimension(dimension->id);
    wish.mutable_style()->set_value(Below(2) == 0 ? .8 : -.8);
    wish.set_strength(.7);
  }
  matcher::v1::Wish& heard = *needs.add_wishes();
  heard.set_facet(words.facets[0].id);
  heard.set_strength(1);
  return needs;
}

std::vector<grpc::ByteBuffer> TypicalRequests() {
  const auto loaded = contract::LoadCatalog("");
  Network network(*loaded->catalog, absl::Now());
  std::vector<grpc::ByteBuffer> requests(256);
  for (std::size_t i = 0; i < requests.size(); ++i) {
    matcher::v1::RankTherapistsRequest request;
    request.set_client_id(absl::StrCat("client-", i));
    *request.mutable_needs() = network.TypicalNeeds();
    request.set_omit_relaxations(true);
    if (!runtime::Encode(request, &requests[i]).ok()) std::abort();
  }
  return requests;
}

}  // namespace rapport::bench
