// Published parameters are taken only where they belong.
#include "matcher/fit/parameters.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "matcher/fit/model.h"
#include "tests/support/random_network.h"

namespace rapport::matcher {
namespace {

using ::testing::HasSubstr;

class ParametersTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Catalog> catalog_ = SmallCatalog();
  Parameters parameters_ = DayZero(*catalog_);

  std::string Refusal() const { return std::string(CheckParameters(*catalog_, parameters_).message()); }
};

TEST_F(ParametersTest, DayZeroBelongs) {
  EXPECT_TRUE(CheckParameters(*catalog_, parameters_).ok());
}

TEST_F(ParametersTest, WhateverSharesACatalogStatesDayZeroBelongs) {
  for (const double therapist : {0., .01, .07, .3}) {
    for (const double client : {0., .02, .35, .6}) {
      for (const double track : {0., .013, .05}) {
        CatalogLists lists = catalog_->lists();
        lists.settings.therapist_variance_share = therapist;
        lists.settings.client_variance_share = client;
        lists.settings.track_record_variance_share = track;
        lists.settings.client_slope_variance = 0;
        const auto catalog = Catalog::Create(lists).value();
        const absl::Status status = CheckParameters(*catalog, DayZero(*catalog));
        EXPECT_TRUE(status.ok()) << status << " " << therapist << " " << client << " " << track;
      }
    }
  }
}

TEST_F(ParametersTest, AnotherCatalogsAreRefusedByName) {
  CatalogLists lists = catalog_->lists();
  lists.facets[0].id = "taken_seriously";
  const Parameters others = DayZero(*Catalog::Create(lists).value());
  const absl::Status status = CheckParameters(*catalog_, others);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"taken_seriously\", not \"heard\""));

  lists = catalog_->lists();
  lists.features.pop_back();
  EXPECT_THAT(std::string(CheckParameters(*catalog_, DayZero(*Catalog::Create(lists).value())).message()),
              HasSubstr("feature 7 is \"none\", not \"perceived:heard\""));
}

// What is standardised otherwise means something else.
TEST_F(ParametersTest, OtherNormsAreRefusedByName) {
  CatalogLists lists = catalog_->lists();
  lists.facets[0].norm.mean = 5;
  const auto others = Catalog::Create(lists).value();
  absl::Status status = CheckParameters(*others, parameters_);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("norm of \"heard\" is "));
  EXPECT_THAT(std::string(status.message()), HasSubstr(", not 5 ± "));
  EXPECT_TRUE(CheckParameters(*others, DayZero(*others)).ok());
  parameters_.norms.clear();  // as models were published before
  EXPECT_TRUE(CheckParameters(*others, parameters_).ok());
}

TEST_F(ParametersTest, TheWidthOfUnsureIsTheCatalogsWhereNoneWasFound) {
  EXPECT_EQ(UnsureWidth(*catalog_, parameters_), .5);
  parameters_.unsure_width = .8;
  EXPECT_EQ(UnsureWidth(*catalog_, parameters_), .8);
  EXPECT_TRUE(CheckParameters(*catalog_, parameters_).ok());
  CatalogLists lists = catalog_->lists();
  lists.settings.unsure_width = 0;
  const auto two_answers = Catalog::Create(lists).value();
  EXPECT_THAT(std::string(CheckParameters(*two_answers, parameters_).message()), HasSubstr("third answer"));
  parameters_.unsure_width = 0;
  EXPECT_EQ(UnsureWidth(*catalog_, parameters_), .5);
  EXPECT_EQ(UnsureWidth(*two_answers, parameters_), 0);
  for (const double wrong : {-1., 3.5, std::numeric_limits<double>::quiet_NaN()}) {
    parameters_.unsure_width = wrong;
    EXPECT_THAT(Refusal(), HasSubstr("unsure")) << wrong;
  }
}

TEST_F(ParametersTest, WhatIsNoCovarianceIsRefusedByName) {
  parameters_.therapist(0, 1) += .5;
  EXPECT_THAT(Refusal(), HasSubstr("therapist"));
  parameters_ = DayZero(*catalog_);
  parameters_.error(2, 2) = -1;
  EXPECT_THAT(Refusal(), HasSubstr("error"));
  parameters_ = DayZero(*catalog_);
  parameters_.client(1, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(Refusal(), HasSubstr("client"));
  parameters_ = DayZero(*catalog_);
  parameters_.effect_mean.resize(1, 1);
  EXPECT_THAT(Refusal(), HasSubstr("effects"));
  parameters_ = DayZero(*catalog_);
  parameters_.track_record_variance = -1;
  EXPECT_THAT(Refusal(), HasSubstr("variances"));
}

}  // namespace
}  // namespace rapport::matcher
