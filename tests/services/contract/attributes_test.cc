// Attributes: a network's own numbers and tag sets, from its catalog through a request to the library and
// back.
#include "gmock/gmock.h"
#include "services/contract/catalog_file.h"
#include "services/contract/convert.h"
#include "services/contract/validate.h"
#include "tests/services/contract/samples.h"

namespace rapport::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kCatalog[] = R"(version: "own-numbers"
formats { id: "one" label: "One" }
age_groups { id: "any" label: "Any" }
tags { id: "mother_tongue_en" label: "English" }
tags { id: "mother_tongue_es" label: "Spanish" }
attributes { id: "age" label: "Age" norm_mean: 40 norm_sd: 12 }
attributes { id: "music" label: "Likes music" norm_mean: 5 norm_sd: 2 }
attributes { id: "sports" label: "Likes sports" norm_mean: 5 norm_sd: 2 }
tag_sets { id: "tongue" label: "Mother tongue" tags: "mother_tongue_en" tags: "mother_tongue_es" }
attribute_sets { id: "interests" label: "Interests" attributes: "music" attributes: "sports" }
features { id: "age_gap" form: FEATURE_FORM_ATTRIBUTE_DISTANCE prior_variance: .1 subject: "age" }
features { id: "tongue" form: FEATURE_FORM_SAME_TAG prior_variance: .1 subject: "tongue" moderator: "age" }
features { id: "alike" form: FEATURE_FORM_ATTRIBUTE_COSINE prior_variance: .1 subject: "interests" }
features { id: "own_age" form: FEATURE_FORM_CLIENT_ATTRIBUTE prior_variance: .1 subject: "age" }
features { id: "their_age" form: FEATURE_FORM_THERAPIST_ATTRIBUTE prior_variance: .1 subject: "age" }
features { id: "first" form: FEATURE_FORM_FIRST_THERAPIST prior_variance: .1 }
)";

const matcher::Catalog& OwnNumbers() {
  static const LoadedCatalog* const loaded = new LoadedCatalog(ParseCatalog(kCatalog, "own").value());
  return *loaded->catalog;
}

TEST(Attributes, ACatalogDeclaresThemAndTheirFeatures) {
  const matcher::CatalogLists& lists = OwnNumbers().lists();
  ASSERT_EQ(lists.features.size(), 6u);
  EXPECT_EQ(lists.features[0].form, matcher::FeatureForm::kAttributeDistance);
  EXPECT_EQ(lists.features[0].subject, 0);
  EXPECT_FALSE(lists.features[0].moderator);
  EXPECT_EQ(lists.features[1].form, matcher::FeatureForm::kSameTag);
  EXPECT_EQ(lists.features[1].moderator, 0);
  EXPECT_EQ(lists.features[2].form, matcher::FeatureForm::kAttributeCosine);
  EXPECT_EQ(lists.features[3].form, matcher::FeatureForm::kClientAttribute);
  EXPECT_EQ(lists.features[4].form, matcher::FeatureForm::kTherapistAttribute);
  EXPECT_EQ(lists.features[5].form, matcher::FeatureForm::kFirstTherapist);
  EXPECT_THAT(lists.tag_sets[0].tags, ElementsAre(0, 1));
  EXPECT_THAT(lists.attribute_sets[0].attributes, ElementsAre(1, 2));
}

TEST(Attributes, MistakesAreToldWithTheirPlace) {
  const std::string broken = std::string(kCatalog) +
                             R"(attributes { id: "flat" label: "Flat" }
tag_sets { id: "empty" label: "Empty" }
attribute_sets { id: "single" label: "Single" attributes: "age" }
features { id: "a" form: FEATURE_FORM_ATTRIBUTE_DISTANCE prior_variance: .1 subject: "agee" }
features { id: "b" form: FEATURE_FORM_TAG_WISH prior_variance: .1 subject: "age" }
features { id: "c" form: FEATURE_FORM_TAG_WISH prior_variance: .1 moderator: "tongue" }
)";
  const absl::Status refused = ParseCatalog(broken, "own").status();
  ASSERT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  const std::string message(refused.message());
  EXPECT_THAT(message, HasSubstr("norm_sd must be above 0"));
  EXPECT_THAT(message, HasSubstr("a tag set must have at least one tag"));
  EXPECT_THAT(message, HasSubstr("an attribute set must have at least two attributes"));
  EXPECT_THAT(message, HasSubstr("\"agee\" is not among the catalog's attributes; the nearest is \"age\""));
  EXPECT_THAT(message, HasSubstr("subject must be empty"));
  EXPECT_THAT(message, HasSubstr("\"tongue\" is not among the catalog's attributes"));
}

TEST(Attributes, ComeBackAsTheyWereGiven) {
  const auto profile = Parse<therapist::v1::Therapist>(R"pb(
    therapist_id: "t1"
    attributes { attribute: "music" value: 8 }
    attributes { attribute: "age" value: 51 }
  )pb");
  const matcher::Therapist therapist = ToDomain(OwnNumbers(), profile);
  ASSERT_EQ(therapist.attributes.size(), 2u);
  EXPECT_EQ(therapist.attributes[0].attribute, 0) << "in the order of the catalog";
  EXPECT_EQ(therapist.attributes[0].value, 51);
  EXPECT_EQ(ToProto(OwnNumbers(), therapist).attributes(1).attribute(), "music");
  EXPECT_THAT(ToDomain(DefaultCatalog(), profile).attributes, IsEmpty());

  const auto needs = Parse<matcher::v1::Needs>(R"pb(
    location { region: "US-MA" }
    age_group: "any"
    format: "one"
    own_tags: "mother_tongue_es"
    own_tags: "mother_tongue_en"
    attributes { attribute: "age" value: 30 }
  )pb");
  const matcher::Needs converted = ToDomain(OwnNumbers(), needs);
  EXPECT_THAT(converted.context.own_tags, ElementsAre(0, 1));
  EXPECT_EQ(converted.context.attributes[0].value, 30);
  const matcher::v1::Needs back = ToProto(OwnNumbers(), converted);
  EXPECT_THAT(back.own_tags(), ElementsAre("mother_tongue_en", "mother_tongue_es"));
  EXPECT_EQ(back.attributes(0).attribute(), "age");
}

TEST(Attributes, AreCheckedWhereverTheyStand) {
  const auto needs = Parse<matcher::v1::Needs>(R"pb(
    own_tags: "mother_tongue_xx"
    attributes { attribute: "age" value: 30 }
    attributes { attribute: "age" value: 31 }
    attributes { attribute: "height" value: 2 }
    attributes { attribute: "music" value: inf }
  )pb");
  runtime::Violations violations;
  ValidateOwn(OwnNumbers(), needs.own_tags(), needs.attributes(), "needs", violations);
  EXPECT_THAT(Paths(violations),
              UnorderedElementsAre("needs.own_tags[0]", "needs.attributes[1].attribute",
                                   "needs.attributes[2].attribute", "needs.attributes[3].value"));
}

}  // namespace
}  // namespace rapport::contract
