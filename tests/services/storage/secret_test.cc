// The secret is made once.
#include "services/storage/secret.h"

#include "tests/services/storage/scratch.h"

namespace rapport::storage {
namespace {

TEST(SecretTest, IsMadeOnceAndDiffersBetweenInstallations) {
  Scratch here, there;
  std::string first;
  {
    auto db = OpenOrDie(here.url());
    first = *InstallationSecret(*db);
    EXPECT_EQ(first.size(), 32u);
    EXPECT_EQ(*InstallationSecret(*db), first);
  }
  EXPECT_EQ(*InstallationSecret(*OpenOrDie(here.url())), first);
  EXPECT_NE(*InstallationSecret(*OpenOrDie(there.url())), first);
}

}  // namespace
}  // namespace rapport::storage
