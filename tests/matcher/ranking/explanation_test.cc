// Sentences of features that other networks declare: what they say is so, and which of them says it.
#include "matcher/ranking/explanation.h"

#include <map>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/ranking/rank.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::shared_ptr<const Catalog> CatalogWithTongues() {
  CatalogLists lists = SmallCatalog()->lists();
  lists.attributes = {{"age", "age", {40, 10}}, {"weight", "how much age matters", {5, 2}}};
  lists.tag_sets = {{"tongue", "mother tongue", {0, 1}}};
  lists.features = {{"s", FeatureForm::kSameTag, .5, 1, 0},
                    {"d", FeatureForm::kAttributeDistance, -.5, 1, 0},
                    {"m", FeatureForm::kAttributeDistance, -.5, 1, 0, 1},
                    {"o", FeatureForm::kClientAttribute, .5, 1, 1},
                    {"f", FeatureForm::kFirstTherapist, .5, 1}};
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

  // Calls visit(explanation).
  template <typename Visit>
  void Explained(Visit visit) const {
    Listing listing;
    listing.therapist = std::make_shared<Therapist>(therapist_);
    const ClientView client = state_.model.View(request_.client_id, request_.needs.context);
    TextPool text;
    visit(Describe(state_, QueryOf(state_, request_), client, listing, text).explanation);
  }
  // By code, what is said of each part of the bond.
  std::map<std::string, std::string> Said() const {
    std::map<std::string, std::string> said;
    Explained([&said](const Explanation& explanation) {
      for (const Term& term : explanation.bond_terms)
        said.emplace(std::string(term.code), std::string(term.sentence));
    });
    return said;
  }
  // The strongest reasons, in one text.
  std::string Reasons() const {
    std::string reasons;
    Explained(
        [&reasons](const Explanation& explanation) { reasons = absl::StrJoin(explanation.sentences, "\n"); });
    return reasons;
  }
  // So many new clients with `concern` would not stay with the therapist.
  void Refuse(int clients, Word concern) {
    for (int i = 0; i < clients; ++i) {
      const std::string id = absl::StrCat("other", ++heard_);
      ClientContext context;
      context.concerns = {concern};
      state_.model.Learn(
          {id, id, therapist_.id, 1, request_.now, Verdict::kWouldNotContinue, {}, {}, context}, &therapist_);
    }
  }

  RandomNetwork network_{4};
  State state_{CatalogWithTongues()};
  Therapist therapist_;
  RankRequest request_;
  int heard_ = 0;
};

// What few have answered would tell one of them what another said, be it by its sign alone.
TEST_F(ExplanationTest, FewClientsAreNotSpokenOf) {
  request_.needs.context.concerns = {2};
  Refuse(10, 2);
  EXPECT_EQ(Said()["therapist"], "few clients have answered so far");
  EXPECT_EQ(Said()["track_record:concern_2"], "few clients with concern 2 have answered so far");
  EXPECT_THAT(Reasons(), Not(HasSubstr("clients")));
  Refuse(1, 3);
  EXPECT_EQ(Said()["therapist"], "what earlier clients answered speaks against a good bond");
  EXPECT_THAT(Reasons(), HasSubstr("− what earlier clients answered speaks against a good bond"));
  EXPECT_EQ(Said()["track_record:concern_2"], "few clients with concern 2 have answered so far")
      << "eleven clients, ten of them with this concern";
  EXPECT_THAT(Reasons(), Not(HasSubstr("few")));
  Refuse(1, 2);
  EXPECT_EQ(Said()["track_record:concern_2"], "what clients with concern 2 answered speaks against it");
}

// Where few of several concerns are met, that counts against a therapist, and the words must bear it.
TEST_F(ExplanationTest, APartOfTheConcernsIsSaidToBeAPart) {
  state_ = State(SmallCatalog());
  therapist_.attributes.clear();
  request_.needs.context.attributes.clear();
  therapist_.concerns = {1, 3};
  request_.needs.context.concerns = {3, 1};
  EXPECT_EQ(Said()["concerns"], "works with concern 3, concern 1");
  request_.needs.context.concerns = {2, 3, 0};
  EXPECT_EQ(Said()["concerns"], "works with concern 3, 1 of 3 concerns");
  request_.needs.context.concerns = {0};
  EXPECT_EQ(Said()["concerns"], "states none of the concerns");
}

// It is in the sum, and with every therapist alike.
TEST_F(ExplanationTest, WhatIsTheClientsAloneIsNoReason) {
  EXPECT_EQ(Said()["first_therapist"], "nobody else was rated before");
  EXPECT_EQ(Said()["client:weight"], "how much age matters");
  EXPECT_THAT(Reasons(), Not(HasSubstr("nobody else was rated before")));
  EXPECT_THAT(Reasons(), Not(HasSubstr(" how much age matters\n")));
}

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
