// Readiness goes red and green again with its checks, and stays red once draining.
#include "services/runtime/readiness.h"

#include <gtest/gtest.h>

#include <map>

namespace rapport::runtime {
namespace {

TEST(Readiness, FollowsItsChecks) {
  Metrics metrics;
  Readiness readiness(metrics);
  absl::Status database = absl::OkStatus();
  readiness.Add("a", "database", [&] { return database; });
  std::map<std::string, bool> heard;
  readiness.SetListener({"a", "b"}, [&](const std::string& service, bool ready) { heard[service] = ready; });
  EXPECT_FALSE(readiness.Ready("a"));  // nobody asked yet

  readiness.Step();
  EXPECT_EQ(heard, (std::map<std::string, bool>{{"", true}, {"a", true}, {"b", true}}));

  database = absl::UnavailableError("connection lost");
  readiness.Step();
  EXPECT_EQ(heard, (std::map<std::string, bool>{{"", false}, {"a", false}, {"b", true}}));
  ASSERT_EQ(readiness.Results().size(), 1u);
  EXPECT_EQ(readiness.Results()[0].status, database);
  EXPECT_NE(metrics.Text().find("rapport_ready{check=\"database\",service=\"a\"} 0"), std::string::npos)
      << metrics.Text();

  database = absl::OkStatus();
  readiness.Step();
  EXPECT_TRUE(readiness.Ready("a"));
  EXPECT_TRUE(heard[""]);

  readiness.BeginDrain();
  EXPECT_EQ(heard, (std::map<std::string, bool>{{"", false}, {"a", false}, {"b", false}}));
  readiness.Step();
  EXPECT_FALSE(heard["a"]);
}

}  // namespace
}  // namespace rapport::runtime
