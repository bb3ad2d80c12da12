// What a call needs follows what calls took, and what those say who came too late.
#include "services/runtime/time_needed.h"

#include <gtest/gtest.h>

namespace rapport::runtime {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'900'000'000);

TEST(TimeNeeded, IsNothingAtFirst) {
  EXPECT_EQ(TimeNeeded().At(kNow), absl::ZeroDuration());
}

TEST(TimeNeeded, FollowsWhatCallsTook) {
  TimeNeeded needed;
  for (int i = 0; i < 200; ++i) needed.Took(absl::Milliseconds(8));
  EXPECT_NEAR(absl::ToDoubleMilliseconds(needed.At(kNow)), 8, .1);
  for (int i = 0; i < 200; ++i) needed.Took(absl::Milliseconds(1));
  EXPECT_NEAR(absl::ToDoubleMilliseconds(needed.At(kNow)), 1, .1);
}

TEST(TimeNeeded, IsNeverMuchWhateverTheClockDoes) {
  TimeNeeded needed;
  needed.Took(absl::Hours(10));
  EXPECT_LE(needed.At(kNow), absl::Milliseconds(7));
  needed.Took(-absl::Hours(10));
  EXPECT_GE(needed.At(kNow), absl::ZeroDuration());
  for (int i = 0; i < 2'000; ++i) {
    needed.Took(absl::InfiniteDuration());
    needed.CameTooLate(kNow);
  }
  EXPECT_LE(needed.At(kNow), absl::Milliseconds(150));
  for (int i = 0; i < 200; ++i) needed.Took(absl::ZeroDuration());
  EXPECT_LE(needed.At(kNow + absl::Seconds(1)), absl::Milliseconds(1));
}

TEST(TimeNeeded, ThoseWhoComeTooLateTellOfAWaitThatPasses) {
  TimeNeeded needed;
  for (int i = 0; i < 400; ++i) needed.CameTooLate(kNow);
  EXPECT_NEAR(absl::ToDoubleMilliseconds(needed.At(kNow)), 10, .1);
  for (int i = 0; i < 100'000; ++i) needed.CameTooLate(kNow);
  EXPECT_LE(needed.At(kNow), absl::Milliseconds(50)) << "there is a most";
  EXPECT_LE(needed.At(kNow + absl::Milliseconds(500)), absl::Microseconds(5));
  EXPECT_LE(needed.At(kNow - absl::Hours(1)), absl::Milliseconds(50)) << "a clock that was set back";
}

TEST(TimeNeeded, IsDoubtedWhereNobodyIsBegun) {
  TimeNeeded needed;
  for (int i = 0; i < 200; ++i) needed.Took(absl::Milliseconds(80));
  for (int i = 0; i < 2'000; ++i) needed.CameTooLate(kNow);
  EXPECT_LE(needed.At(kNow + absl::Seconds(1)), absl::Microseconds(10));
}

}  // namespace
}  // namespace rapport::runtime
