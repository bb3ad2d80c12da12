#include "matcher/eligibility/epoch.h"

#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

TEST(Epoch, LastsUntilItIsCopied) {
  Epoch epoch;
  const auto first = epoch.Current();
  EXPECT_EQ(epoch.Current(), first);
  Epoch copy = epoch;
  EXPECT_GT(copy.Current(), first);
  EXPECT_GT(epoch.Current(), first);
  EXPECT_EQ(epoch.Current(), epoch.Current());
}

TEST(Epoch, OfACopyIsNewerThanAnythingItShares) {
  Epoch original;
  const auto shared = original.Current();
  Epoch copy = original;
  EXPECT_GT(copy.Current(), shared);
  Epoch assigned;
  assigned = copy;
  EXPECT_GT(assigned.Current(), shared);
}

TEST(Epoch, GoesOnAfterAssignmentToItself) {
  Epoch epoch;
  const auto before = epoch.Current();
  const Epoch& same = epoch;
  epoch = same;
  EXPECT_EQ(epoch.Current(), before);
}

}  // namespace
}  // namespace rapport::matcher
