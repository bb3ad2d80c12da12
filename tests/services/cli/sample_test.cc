// The invented network: valid, deterministic, uneven like a real one; and export and import are each other's
// inverse.
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "absl/time/time.h"
#include "services/cli/import/csv_writer.h"
#include "services/cli/import/profile_reader.h"
#include "services/cli/sample/network.h"
#include "services/contract/catalog_file.h"
#include "services/contract/validate.h"

namespace rapport::cli {
namespace {

constexpr absl::CivilDay kToday(2026, 11, 22);

TEST(Sample, EveryProfileKeepsTheContract) {
  const auto catalog = contract::LoadCatalog("");
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  const absl::Time now = absl::FromCivil(kToday + 1, absl::UTCTimeZone());
  for (int i = 1; i <= 2000; ++i) {
    runtime::Violations violations;
    const auto profile = SampleTherapist(7, i, kToday);
    contract::ValidateTherapist(*catalog->catalog, profile, now, "", violations);
    ASSERT_TRUE(violations.empty()) << profile.therapist_id() << " " << violations.items()[0].field_path
                                    << " " << violations.items()[0].description;
    EXPECT_TRUE(profile.invented());
  }
}

TEST(Sample, TheSameSeedGivesTheSameNetworkAndAnotherAnother) {
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(SampleTherapist(7, 5, kToday),
                                                                 SampleTherapist(7, 5, kToday)));
  EXPECT_FALSE(google::protobuf::util::MessageDifferencer::Equals(SampleTherapist(7, 5, kToday),
                                                                  SampleTherapist(8, 5, kToday)));
}

TEST(Sample, IsAsUnevenAsARealNetwork) {
  int full = 0;
  int stale = 0;
  int lapsed = 0;
  int compact = 0;
  std::set<std::string> regions;
  for (int i = 1; i <= 300; ++i) {
    const auto profile = SampleTherapist(7, i, kToday);
    regions.insert(profile.place().region());
    full += profile.seats() == 0 ? 1 : 0;
    const absl::Time confirmed = absl::FromUnixSeconds(profile.last_confirmed().seconds());
    stale += confirmed < absl::FromCivil(kToday - 90, absl::UTCTimeZone()) ? 1 : 0;
    for (const auto& credential : profile.credentials()) {
      lapsed += credential.valid_until() < absl::FormatCivilTime(kToday) ? 1 : 0;
      compact += credential.kind() == therapist::v1::CREDENTIAL_KIND_COMPACT_PRIVILEGE ? 1 : 0;
    }
  }
  EXPECT_EQ(regions, (std::set<std::string>{"CA-NL", "US-CT", "US-MA", "US-NY", "US-RI"}));
  EXPECT_GT(full, 30);
  EXPECT_LT(full, 100);
  EXPECT_GT(stale, 10);
  EXPECT_GT(lapsed, 5);
  EXPECT_GT(compact, 1);
}

TEST(Sample, WrittenAsCsvAndReadBackIsTheSame) {
  std::stringstream file;
  WriteProfileHeader(file);
  for (int i = 1; i <= 300; ++i) WriteProfile(file, SampleTherapist(7, i, kToday));
  auto reader = ProfileReader::Create(file, {});
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(reader->format_name(), "rapport");
  ProfileRow row;
  int count = 0;
  while (reader->Next(row)) {
    ASSERT_TRUE(row.violations.empty()) << row.violations[0].description();
    EXPECT_EQ(row.line, ++count + 1);
    EXPECT_TRUE(
        google::protobuf::util::MessageDifferencer::Equals(row.profile, SampleTherapist(7, count, kToday)))
        << row.profile.DebugString();
  }
  EXPECT_EQ(count, 300);
}

}  // namespace
}  // namespace rapport::cli
