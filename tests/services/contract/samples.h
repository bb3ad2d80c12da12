// What the tests of the contract share: the built-in catalog, one valid message of each kind, and violated
// paths.
#ifndef RAPPORT_TESTS_SERVICES_CONTRACT_SAMPLES_H_
#define RAPPORT_TESTS_SERVICES_CONTRACT_SAMPLES_H_

#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/contract/catalog_file.h"
#include "services/runtime/errors.h"

namespace rapport::contract {

inline const matcher::Catalog& DefaultCatalog() {
  static const LoadedCatalog* const loaded = new LoadedCatalog(LoadCatalog("").value());
  return *loaded->catalog;
}

// The message written as text; a mistake in the text fails the test.
template <typename M>
M Parse(const std::string& text) {
  M message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// `base` with the fields of `text` merged over it: lists grow, all else is replaced.
template <typename M>
M With(const M& base, const std::string& text) {
  M message = base;
  EXPECT_TRUE(google::protobuf::TextFormat::MergeFromString(text, &message)) << text;
  return message;
}

inline std::vector<std::string> Paths(const runtime::Violations& violations) {
  std::vector<std::string> paths;
  for (const auto& item : violations.items()) paths.push_back(item.field_path);
  return paths;
}

inline absl::Time Now() {
  return absl::FromUnixSeconds(1'800'000'000);
}

inline constexpr char kTherapist[] = R"pb(
  therapist_id: "t-1"
  display_name: "Dr. Noa Ánchez"
  title: "LICSW"
  credentials {
    region: "US-MA"
    kind: CREDENTIAL_KIND_LICENCE
    status: CREDENTIAL_STATUS_ACTIVE
    valid_from: "2020-01-01"
    valid_until: "2030-12-31"
    code: "1041C0700X"
    evidence_date: "2026-02-01"
  }
  payers: "medicare"
  languages: "en"
  age_groups: "adult"
  formats: "individual"
  modalities: "video"
  place { region: "US-MA" city: "Salem" latitude: 42.5 longitude: -70.9 }
  hours { day: WEEKDAY_MONDAY start_hour: 9 end_hour: 12 }
  time_zone: "America/New_York"
  fee { currency: "USD" minor_units: 15000 }
  seats: 3
  wait_weeks: 1.5
  last_confirmed { seconds: 1799990000 }
  concerns: "grief"
  declined_concerns: "psychosis"
  approaches: "act"
  tags: "woman"
  style { dimension: "directiveness" value: -0.5 }
)pb";

inline constexpr char kNeeds[] = R"pb(
  location { region: "US-MA" }
  payers: "medicare"
  languages: "en"
  age_group: "adult"
  format: "individual"
  modalities: "video"
  max_distance_km: 20
  hours { day: WEEKDAY_SUNDAY start_hour: 0 end_hour: 24 }
  time_zone: "America/New_York"
  max_fee { currency: "USD" minor_units: 20000 }
  concerns: "grief"
  required_tags: "woman"
  excluded_tags: "man"
  excluded_therapist_ids: "t-9"
  starts_on: "2027-02-01"
  risk {
    level: RISK_LEVEL_NONE
    screenings { instrument: "phq9" scale: "item9" score: 0 }
  }
  wishes {
    style { dimension: "directiveness" value: 0.5 }
    strength: 1
  }
)pb";

}  // namespace rapport::contract

#endif  // RAPPORT_TESTS_SERVICES_CONTRACT_SAMPLES_H_
