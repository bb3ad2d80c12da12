#include "services/contract/calendar.h"

#include <limits>

#include "gtest/gtest.h"

namespace rapport::contract {
namespace {

TEST(Calendar, ReadsRealDaysOnly) {
  EXPECT_EQ(ParseDate("2024-02-29"), absl::CivilDay(2024, 2, 29));
  EXPECT_EQ(ParseDate("0001-01-01"), absl::CivilDay(1, 1, 1));
  for (const char* wrong :
       {"", "2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "2024-4-01", "24-04-01", "2024/04/01",
        "0000-01-01", "2024-04-01 ", "+024-04-01", "2024-04-0x"}) {
    EXPECT_FALSE(ParseDate(wrong)) << wrong;
  }
}

TEST(Calendar, WritesDaysAsItReadsThem) {
  for (const char* date : {"0001-01-01", "0987-12-31", "2024-02-29", "9999-12-31"}) {
    EXPECT_EQ(FormatDate(ParseDate(date).value()), date);
  }
}

TEST(Calendar, KnowsTheZonesOfTheDatabaseAndNothingElse) {
  for (const char* name :
       {"America/New_York", "Asia/Kolkata", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"}) {
    ASSERT_TRUE(FindTimeZone(name)) << name;
    EXPECT_EQ(FindTimeZone(name)->name(), name);
    EXPECT_EQ(FindTimeZone(name)->name(), name) << "the second time";
  }
  for (const char* name :
       {"", "America", "America/Nowhere", "localtime", "/etc/localtime", "../zoneinfo/UTC", "America/../UTC",
        "America//New_York", "file:UTC", "Fixed/UTC+05:00", "EST5EDT,M3.2.0,M11.1.0"}) {
    EXPECT_FALSE(FindTimeZone(name)) << name;
  }
  EXPECT_FALSE(FindTimeZone(std::string(65, 'A')));
}

TEST(Calendar, TimestampsRoundTripToTheNanosecond) {
  google::protobuf::Timestamp timestamp;
  for (const std::int64_t seconds : {-62'135'596'800LL, -1LL, 0LL, 1'700'000'000LL, 253'402'300'799LL}) {
    for (const int nanos : {0, 1, 999'999'999}) {
      timestamp.set_seconds(seconds);
      timestamp.set_nanos(nanos);
      ASSERT_TRUE(IsValidTimestamp(timestamp));
      EXPECT_EQ(ToTimestamp(ToTime(timestamp)).SerializeAsString(), timestamp.SerializeAsString());
    }
  }
}

TEST(Calendar, TimesBeyondATimestampAreCut) {
  EXPECT_EQ(ToTimestamp(absl::InfinitePast()).seconds(), -62'135'596'800);
  EXPECT_EQ(ToTimestamp(absl::InfiniteFuture()).seconds(), 253'402'300'799);
  EXPECT_EQ(ToTimestamp(absl::InfiniteFuture()).nanos(), 999'999'999);
}

TEST(Calendar, RefusesTimestampsThatAreNone) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_nanos(-1);
  EXPECT_FALSE(IsValidTimestamp(timestamp));
  timestamp.set_nanos(1'000'000'000);
  EXPECT_FALSE(IsValidTimestamp(timestamp));
  timestamp.set_nanos(0);
  timestamp.set_seconds(std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(IsValidTimestamp(timestamp));
}

}  // namespace
}  // namespace rapport::contract
