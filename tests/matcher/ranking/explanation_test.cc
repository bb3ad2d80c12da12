// Sentences of features that other networks declare: what they say is so, and which of them says it.
#include "matcher/ranking/explanation.h"

#include <map>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/ranking/rank.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

std::shared_ptr<const Catalog> CatalogWithTongues() {
  CatalogLists lists = SmallCatalog()->lists();
  lists.attributes = {{"age", "age", {40, 10}}, {"weight", "how much age matters", {5, 2}}};
  lists.tag_sets = {{"tongue", "mother tongue", {0, 1}}};
  lists.features = {{"s", FeatureForm::kSameTag, .5, 1, 0},
                    {"d", FeatureForm::kAttributeDistance, -.5, 1, 0},
                    {"m", FeatureForm::kAttributeDistance, -.5, 1, 0, 1}};
  return Catalog::Create(std::move(lists)).value();
}

class ExplanationTest : public ::testing::Test {
 protected:
  ExplanationTest() {
    therapist_ = *network_.MakeListing("t1")->therapist;
    therapist_.attributes = {{0, 60}};
    request_.client_id = "c1";
    request_.now = RandomNetwork::Now();
    request_.needs = network_.MakeNeeds();
    request_.needs.context.own_tags = {0};
    request_.needs.context.attributes = {{0, 30}, {1, 9}};
  }

  // By code, what is said of each part of the bond.
  std::map<std::string, std::string> Said() const {
    Listing listing;
    listing.therapist = std::make_shared<Therapist>(therapist_);
    const ClientView client = state_.model.View(request_.client_id, request_.needs.context);
    TextPool text;
    const Candidate candidate = Describe(state_, QueryOf(state_, request_), client, listing, text);
    std::map<std::string, std::string> said;
    for (const Term& term : candidate.explanation.bond_terms)
      said.emplace(std::string(term.code), std::string(term.sentence));
    return said;
  }

  RandomNetwork network_{4};
  State state_{CatalogWithTongues()};
  Therapist therapist_;
  RankRequest request_;
};

TEST_F(ExplanationTest, WhatIsTheSameIsSaidToBe) {
  therapist_.tags = {0, 1};
  EXPECT_EQ(Said()["same:tongue"], "the same: mother tongue");
  therapist_.tags = {1};
  EXPECT_EQ(Said()["same:tongue"], "not the same: mother tongue");
}

TEST_F(ExplanationTest, AModeratedFeatureSaysByWhat) {
  const auto said = Said();
  EXPECT_EQ(said.at("distance:age"), "how near the two are in age");
  EXPECT_EQ(said.at("distance:age*weight"),
            "how near the two are in age (by the client's own answer: how much age matters)");
}

}  // namespace
}  // namespace rapport::matcher
