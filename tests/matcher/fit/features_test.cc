// Each feature form by hand, and what is left out when one side has not said.
#include "matcher/fit/features.h"

#include "gtest/gtest.h"

namespace rapport::matcher {
namespace {

class FeaturesTest : public ::testing::Test {
 protected:
  FeaturesTest() {
    CatalogLists lists;
    lists.tags = {{"en", "English"}, {"es", "Spanish"}, {"quiet", "quiet"}};
    lists.attributes = {{"age", "age", {40, 10}},
                        {"art", "art", {5, 2}},
                        {"sport", "sport", {5, 2}},
                        {"film", "film", {5, 2}}};
    lists.tag_sets = {{"tongue", "mother tongue", {0, 1}}};
    lists.attribute_sets = {{"interests", "interests", {1, 2, 3}}};
    lists.features = {
        {"d", FeatureForm::kAttributeDistance, 0, 1, 0},  {"s", FeatureForm::kSameTag, 0, 1, 0},
        {"a", FeatureForm::kAttributeCosine, 0, 1, 0},    {"c", FeatureForm::kClientAttribute, 0, 1, 0},
        {"t", FeatureForm::kTherapistAttribute, 0, 1, 0}, {"m", FeatureForm::kSameTag, 0, 1, 0, 0},
        {"f", FeatureForm::kFirstTherapist, 0, 1}};
    catalog_ = Catalog::Create(std::move(lists)).value();
    client_.own_tags = {0, 2};
    client_.attributes = {{0, 30}, {1, 9}, {2, 1}, {3, 5}};
    therapist_.tags = {0};
    therapist_.attributes = {{0, 55}, {1, 7}, {2, 3}, {3, 5}};
  }

  Eigen::VectorXd Values(bool first = false) const {
    return FeatureSpace(*catalog_).Values(client_, Eigen::VectorXd(), therapist_, Eigen::VectorXd(), first);
  }

  std::shared_ptr<const Catalog> catalog_;
  ClientContext client_;
  Therapist therapist_;
};

TEST_F(FeaturesTest, EachFormByHand) {
  const FeatureSpace space(*catalog_);
  ASSERT_EQ(space.size(), 8);
  EXPECT_EQ(space.code(1), "distance:age");
  EXPECT_EQ(space.code(3), "alike:interests");
  EXPECT_EQ(space.code(6), "same:tongue*age");
  EXPECT_EQ(space.code(7), "first_therapist");
  EXPECT_EQ(Values(true)[7], 1);
  const Eigen::VectorXd x = Values();
  EXPECT_EQ(x[7], 0);
  EXPECT_EQ(x[0], 1);
  EXPECT_DOUBLE_EQ(x[1], 2.5);  // |30 − 55| / 10
  EXPECT_DOUBLE_EQ(x[2], .5);   // both English
  EXPECT_NEAR(x[3], 1, 1e-12);  // (4, −4, 0) and (2, −2, 0) point the same way
  EXPECT_DOUBLE_EQ(x[4], -1);
  EXPECT_DOUBLE_EQ(x[5], 1.5);
  EXPECT_DOUBLE_EQ(x[6], -.5);  // same tongue × the client's age
}

TEST_F(FeaturesTest, DifferentIsNotTheSameAsUnknown) {
  therapist_.tags = {1};
  EXPECT_DOUBLE_EQ(Values()[2], -.5);
  therapist_.tags = {2};  // says nothing of mother tongues
  EXPECT_EQ(Values()[2], 0);
  client_.own_tags = {};
  therapist_.tags = {0};
  EXPECT_EQ(Values()[2], 0);
}

TEST_F(FeaturesTest, WhatOneSideHasNotSaidCountsForNothing) {
  client_.attributes = {{1, 9}};
  const Eigen::VectorXd x = Values();
  EXPECT_EQ(x[1], 0);
  EXPECT_EQ(x[3], 0) << "one shared interest gives no direction";
  EXPECT_EQ(x[4], 0);
  EXPECT_EQ(x[6], 0);
  EXPECT_DOUBLE_EQ(x[5], 1.5);
}

TEST_F(FeaturesTest, ExtremeAttributesAreHeldAndFlatInterestsHaveNoDirection) {
  client_.attributes = {{0, 1e300}, {1, 5}, {2, 5}, {3, 5}};
  const Eigen::VectorXd x = Values();
  EXPECT_DOUBLE_EQ(x[4], 4);
  EXPECT_EQ(x[3], 0);
  EXPECT_TRUE(x.allFinite());
}

}  // namespace
}  // namespace rapport::matcher
