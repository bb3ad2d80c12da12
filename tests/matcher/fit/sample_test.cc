// A share of the clients: whole clients, and the same ones whatever the order.
#include "matcher/fit/sample.h"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

Heard From(const std::string& client_id, int number) {
  auto fit_check = std::make_shared<FitCheck>();
  fit_check->id = absl::StrCat(client_id, "-", number);
  fit_check->client_id = client_id;
  return {std::move(fit_check), nullptr};
}

// One to five fit checks each.
std::vector<Heard> Everybody(int clients) {
  std::vector<Heard> heard;
  for (int c = 0; c < clients; ++c) {
    for (int n = 0; n <= c % 5; ++n) heard.push_back(From(absl::StrCat("client-", c), n));
  }
  return heard;
}

std::set<std::string> Ids(const std::vector<Heard>& heard) {
  std::set<std::string> ids;
  for (const Heard& one : heard) ids.insert(one.fit_check->id);
  return ids;
}

TEST(HeardSampleTest, HoldsEverythingThatFits) {
  const std::vector<Heard> all = Everybody(100);
  HeardSample sample(all.size());
  for (const Heard& one : all) sample.Add(one);
  EXPECT_EQ(sample.share(), 1);
  EXPECT_EQ(Ids(sample.Take()), Ids(all));
}

TEST(HeardSampleTest, HoldsAllFitChecksOfAShareOfTheClients) {
  const std::vector<Heard> all = Everybody(10'000);
  HeardSample sample(4'000);
  for (const Heard& one : all) sample.Add(one);
  EXPECT_EQ(sample.share(), 1. / 8);
  const std::vector<Heard> held = sample.Take();
  EXPECT_LE(held.size(), 4'000u);
  EXPECT_GT(held.size(), 3'000u);
  std::map<std::string, int> given, kept;
  for (const Heard& one : all) ++given[one.fit_check->client_id];
  for (const Heard& one : held) ++kept[one.fit_check->client_id];
  for (const auto& [client, count] : kept) EXPECT_EQ(count, given[client]) << client;
}

TEST(HeardSampleTest, IsTheSameInEveryOrder) {
  std::vector<Heard> all = Everybody(2'000);
  HeardSample sample(500);
  for (const Heard& one : all) sample.Add(one);
  std::mt19937_64 random(5);
  std::shuffle(all.begin(), all.end(), random);
  HeardSample shuffled(500);
  for (const Heard& one : all) shuffled.Add(one);
  EXPECT_EQ(sample.share(), shuffled.share());
  EXPECT_EQ(Ids(sample.Take()), Ids(shuffled.Take()));
}

TEST(HeardSampleTest, KnowsWhichOfThoseHeldCameBeforeTheMark) {
  HeardSample sample(500);
  std::vector<std::string> before;
  for (int n = 0; n < 3'000; ++n) {
    Heard heard = From(absl::StrCat("c", n % 700), n);
    if (n < 1'000) before.push_back(heard.fit_check->id);
    if (n == 1'000) sample.Mark(1'000);
    sample.Add(std::move(heard));
  }
  const std::size_t marked = sample.marked();
  const std::vector<Heard> held = sample.Take();
  ASSERT_LT(held.size(), 3'000u) << "the share was halved after the mark, too";
  std::size_t found = 0;
  for (std::size_t i = 0; i < held.size(); ++i) {
    const bool is_before = std::find(before.begin(), before.end(), held[i].fit_check->id) != before.end();
    EXPECT_EQ(is_before, i < marked) << i;
    found += is_before ? 1 : 0;
  }
  EXPECT_EQ(found, marked);
  EXPECT_GT(found, 0u);
}

TEST(HeardSampleTest, HoldsSoManyOfOneClient) {
  HeardSample sample(10'000);
  for (int n = 0; n < 1'000; ++n) {
    sample.Add(From("anonymous", n));
    sample.Add(From(absl::StrCat("client-", n), 0));
  }
  EXPECT_EQ(sample.added(), 2'000u);
  EXPECT_EQ(sample.size(), 1'000u + HeardSample::kMostOfAClient);
}

TEST(HeardSampleTest, KeepsAClientWhoGaveMoreThanItHolds) {
  HeardSample sample(10);
  for (int n = 0; n < 100; ++n) sample.Add(From("talkative", n));
  EXPECT_EQ(sample.size(), 100u);
}

}  // namespace
}  // namespace rapport::matcher
