// The built-in catalog holds what it promises; broken catalogs are told with all their mistakes, each at its
// line.
#include <cstdio>
#include <fstream>
#include <set>

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "services/contract/catalog_file.h"
#include "tests/services/contract/samples.h"

namespace rapport::contract {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::HasSubstr;

// A catalog of another network, as small as can be, with one entry a line.
constexpr char kSmall[] = R"(version: "small"
style_dimensions { id: "pace" label: "Pace" low_pole: "slow" high_pole: "quick" }
facets { id: "seen" label: "Seen" norm_mean: 7 norm_sd: 2 }
frictions { id: "hurried" label: "Hurried" facets: "seen" style_hints { dimension: "pace" direction: -1 } }
formats { id: "one" label: "One" }
age_groups { id: "any" label: "Any" }
instruments { id: "scale" label: "S" scales { id: "sum" maximum: 9 direction: SCORE_DIRECTION_LOWER_IS_BETTER } }
fit_questions { id: "again" label: "Again?" channel: "again" norm_mean: 7 norm_sd: 2 }
features { id: "pace_wish" form: FEATURE_FORM_WISH_TIMES_SELF_DESCRIBED prior_variance: .1 }
settings { therapist_variance_share: 0 reach_prior_weight: 9 }
)";

// "line:column" of each mistake in `text`.
std::vector<std::string> Places(const std::string& text) {
  const auto loaded = ParseCatalog(text, "net.textproto");
  if (loaded.ok()) return {};
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument);
  std::vector<std::string> places;
  for (absl::string_view line : absl::StrSplit(loaded.status().message(), '\n')) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 3));
    EXPECT_EQ(parts.size(), 4u) << line;
    EXPECT_EQ(parts[0], "net.textproto");
    places.push_back(parts[1] + ":" + parts[2]);
  }
  return places;
}

TEST(DefaultCatalog, HoldsWhatItPromises) {
  const matcher::Catalog& catalog = DefaultCatalog();
  const matcher::CatalogLists& lists = catalog.lists();
  EXPECT_EQ(lists.version, "default-1");
  EXPECT_EQ(lists.style_dimensions.size(), 4u);
  EXPECT_EQ(lists.facets.size(), 5u);
  EXPECT_EQ(lists.formats.size(), 4u);
  EXPECT_EQ(lists.age_groups.size(), 5u);
  EXPECT_EQ(lists.fit_questions.size(), 4u);
  EXPECT_GE(lists.concerns.size(), 31u);
  EXPECT_GE(lists.approaches.size(), 25u);
  EXPECT_GE(lists.tags.size(), 40u);
  EXPECT_GE(lists.frictions.size(), 16u);
  EXPECT_THAT(catalog.channels(), ElementsAre("verdict", "bond", "goals", "tasks", "come_back", "heard",
                                              "respected", "accepted", "at_ease", "way_suits"));
  std::set<matcher::FeatureForm> forms;
  for (const matcher::Feature& feature : lists.features) forms.insert(feature.form);
  EXPECT_EQ(forms.size(), 6u);

  for (const char* payer : {"self_pay", "medicare", "medicaid", "tricare", "eap"})
    EXPECT_TRUE(catalog.Payer(payer));
  EXPECT_EQ(catalog.in_person_modalities(), matcher::WordSet{catalog.ModalityWord("in_person").value()});
  EXPECT_EQ(catalog.Target("wai_sr.bond")->channel, catalog.Target("heard_respected")->channel);
  EXPECT_FALSE(catalog.Target("phq9.total"));

  const matcher::Friction& advice =
      lists.frictions[catalog.FrictionWord("advice_before_understanding").value()];
  EXPECT_EQ(advice.facets, std::vector<int>{catalog.FacetWord("heard").value()});
  ASSERT_EQ(advice.style_hints.size(), 1u);
  EXPECT_EQ(advice.style_hints[0].dimension, catalog.Dimension("directiveness").value());
  EXPECT_LT(advice.style_hints[0].direction, 0);
}

TEST(DefaultCatalog, ItsStatedSettingsAreTheLibrarysDefaults) {
  const matcher::Settings defaults;
  const matcher::Settings& stated = DefaultCatalog().settings();
  EXPECT_EQ(stated.confirmation_limit_days, defaults.confirmation_limit_days);
  EXPECT_EQ(stated.freshness_half_life_days, defaults.freshness_half_life_days);
  EXPECT_EQ(stated.reach_prior_mean, defaults.reach_prior_mean);
  EXPECT_EQ(stated.reach_prior_weight, defaults.reach_prior_weight);
  EXPECT_EQ(stated.start_probability, defaults.start_probability);
  EXPECT_EQ(stated.start_odds_per_week, defaults.start_odds_per_week);
  EXPECT_EQ(stated.bond_prior_mean, defaults.bond_prior_mean);
  EXPECT_EQ(stated.therapist_variance_share, defaults.therapist_variance_share);
  EXPECT_EQ(stated.client_variance_share, defaults.client_variance_share);
  EXPECT_EQ(stated.track_record_variance_share, defaults.track_record_variance_share);
  EXPECT_EQ(stated.client_slope_variance, defaults.client_slope_variance);
  EXPECT_EQ(stated.unsure_width, defaults.unsure_width);
  EXPECT_EQ(stated.session_reliability, defaults.session_reliability);
  EXPECT_EQ(stated.switch_dropout, defaults.switch_dropout);
  EXPECT_EQ(stated.switch_cost_per_week, defaults.switch_cost_per_week);
  EXPECT_EQ(stated.reservation, defaults.reservation);
}

TEST(CatalogFile, TakesANetworksOwnWords) {
  const auto loaded = ParseCatalog(kSmall, "net.textproto");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_TRUE(loaded->catalog->Dimension("pace"));
  EXPECT_FALSE(loaded->catalog->Dimension("directiveness"));
  EXPECT_THAT(loaded->catalog->channels(), ElementsAre("verdict", "again", "seen"));
}

TEST(CatalogFile, FillsInSettingsLeftOutAndKeepsAStatedZero) {
  const auto loaded = ParseCatalog(kSmall, "net.textproto");
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->message.settings().confirmation_limit_days(), 90);
  EXPECT_EQ(loaded->message.settings().reservation_hours(), 72);
  EXPECT_EQ(loaded->message.settings().client_slope_variance(), .005);
  EXPECT_EQ(loaded->message.settings().reach_prior_weight(), 9);
  EXPECT_EQ(loaded->message.settings().therapist_variance_share(), 0);
  EXPECT_EQ(loaded->catalog->settings().reservation, absl::Hours(72));
  EXPECT_EQ(loaded->catalog->settings().therapist_variance_share, 0);
}

TEST(CatalogFile, WhatIsPrintedIsReadAgain) {
  LoadedCatalog without = *LoadCatalog("");
  without.message.mutable_settings()->set_unsure_width(0);
  without.message.mutable_settings()->set_switch_dropout(0);
  for (const LoadedCatalog& loaded : {*LoadCatalog(""), *ParseCatalog(kSmall, "net.textproto"), without}) {
    const auto again = ParseCatalog(CatalogText(loaded.message), "printed");
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->message.SerializeAsString(), loaded.message.SerializeAsString());
  }
}

struct Broken {
  const char* from;
  const char* to;
  std::vector<std::pair<int, const char*>>
      mistakes;  // line, and what the column points at; "": the line's start
};

TEST(CatalogFile, TellsTheLineOfEachMistake) {
  const std::vector<Broken> table = {
      {"version: \"small\"", "", {{1, ""}}},
      {"version: \"small\"", "version: \"small\" colour: \"blue\"\nshade: 1", {{1, ": \"blue"}, {2, ": 1"}}},
      {"id: \"pace\" label", "id: \"Pace\" label", {{2, "id"}, {4, "dimension"}}},
      {"label: \"Pace\"", "label: \"\"", {{2, "label"}}},
      {"low_pole: \"slow\"", "", {{2, ""}}},
      {"id: \"seen\"", "id: \"verdict\"", {{3, "id"}, {4, "facets"}}},
      {"id: \"seen\"", "id: \"again\"", {{3, "id"}, {4, "facets"}}},
      {"norm_mean: 7 norm_sd: 2 }\nfric",
       "norm_mean: 11 norm_sd: 0 }\nfric",
       {{3, "norm_mean"}, {3, "norm_sd"}}},
      {"facets: \"seen\"", "facets: [\"seen\", \"sene\", \"seen\"]", {{4, "facets"}, {4, "facets"}}},
      {"facets: \"seen\"", "facets: \"seen\" facets: 'sene'", {{4, "facets: 'sene'"}}},
      {"direction: -1", "direction: 0", {{4, "direction"}}},
      {"direction: -1", "direction: nan", {{4, "direction"}}},
      {"facets: \"seen\" style_hints { dimension: \"pace\" direction: -1 }", "", {{4, ""}}},
      {"formats { id: \"one\" label: \"One\" }", "", {{1, ""}}},
      {"formats {",
       "formats { id: \"two\" label: \"2\" }\nformats { id: \"one\" label: \"1\" }\nformats {",
       {{7, "id"}}},
      {"maximum: 9", "maximum: 0", {{7, "maximum"}}},
      {"maximum: 9", "maximum: inf", {{7, "maximum"}}},
      {"direction: SCORE_DIRECTION_LOWER_IS_BETTER", "", {{7, "scales"}}},
      {"maximum: 9", "maximum: 9 triage_at: 10 cut_off: -1", {{7, "triage_at"}, {7, "cut_off"}}},
      {"maximum: 9", "maximum: 9 channel: \"seen\"", {{7, "scales"}}},
      {"scales { id: \"sum\" maximum",
       "scales { id: \"sum\" maximum: 1 direction: 1 } scales { id:\"sum\" maximum",
       {{7, "id:\"sum\""}}},
      {"channel: \"again\"", "", {{8, ""}}},
      {"form: FEATURE_FORM_WISH_TIMES_SELF_DESCRIBED", "", {{9, ""}}},
      {"FEATURE_FORM_WISH_TIMES_SELF_DESCRIBED", "FEATURE_FORM_GUESS", {{9, "prior_variance"}}},
      {"prior_variance: .1", "prior_variance: -.1", {{9, "prior_variance"}}},
      {"prior_variance: .1", "prior_variance: inf", {{9, "prior_variance"}}},
      {"prior_variance: .1", "prior_variance: 1 prior_mean: 1e300", {{9, "prior_mean"}}},
      {"settings {",
       "features { id: \"again\" form: FEATURE_FORM_WISH_TIMES_SELF_DESCRIBED prior_variance: 1 }\nsettings "
       "{",
       {{10, ""}}},
      {"reach_prior_weight: 9",
       "reach_prior_mean: 1 reservation_hours: 0",
       {{10, "reach_prior_mean"}, {10, "reservation_hours"}}},
      {"reach_prior_weight: 9", "client_variance_share: .81", {{10, "client_variance_share"}}},
      {"reach_prior_weight: 9", "client_variance_share: .8 track_record_variance_share: .1", {{10, ""}}},
      {"formats {", "modalities { id: \"video\" label: \"Video\" }\nformats {", {{5, ""}}},
      {"formats {", "formats <<", {{5, "< id"}}},
  };
  for (const Broken& broken : table) {
    ASSERT_THAT(kSmall, HasSubstr(broken.from));
    const std::string text = absl::StrReplaceAll(kSmall, {{broken.from, broken.to}});
    const std::vector<std::string> lines = absl::StrSplit(text, '\n');
    std::vector<std::string> places;
    for (const auto& [line, what] : broken.mistakes) {
      places.push_back(absl::StrCat(line, ":", lines[line - 1].find(what) + 1));
    }
    EXPECT_THAT(Places(text), ElementsAreArray(places)) << ParseCatalog(text, "x").status();
  }
}

TEST(CatalogFile, TellsAllMistakesAtOnce) {
  const std::string text = absl::StrReplaceAll(
      kSmall, {{"version: \"small\"", "colour: 1"}, {"high_pole: \"quick\"", ""}, {"\"one\"", "\"One\""}});
  EXPECT_THAT(Places(text), testing::UnorderedElementsAre("1:7", "1:1", "2:1", "5:11"));
}

TEST(CatalogFile, HoldsItsLimits) {
  std::string text = kSmall;
  for (int i = 1; i < 18; ++i) absl::StrAppend(&text, "formats { id: \"f", i, "\" label: \"F\" }\n");
  EXPECT_THAT(Places(text), ElementsAre("26:1"));  // the seventeenth format; the first stands in line 5

  std::string channels = kSmall;
  for (int i = 0; i < 15; ++i) {
    absl::StrAppend(&channels, "fit_questions { id: \"q", i, "\" label: \"Q\" channel: \"c", i,
                    "\" norm_mean: 5 norm_sd: 1 }\n");
  }
  for (int i = 0; i < 15; ++i) {
    absl::StrAppend(&channels, "facets { id: \"g", i, "\" label: \"G\" norm_mean: 5 norm_sd: 1 }\n");
  }
  EXPECT_THAT(Places(channels).size(), 1u);
}

TEST(CatalogFile, AModelThatNoMessageCouldHoldIsRefused) {
  const auto with = [](int features) {
    std::string text = kSmall;
    for (int i = 0; i < 15; ++i) {
      absl::StrAppend(&text, "facets { id: \"g", i, "\" label: \"G\" norm_mean: 5 norm_sd: 1 }\n");
    }
    for (int i = 0; i < features; ++i) {
      absl::StrAppend(&text, "attributes { id: \"a", i, "\" label: \"A\" norm_sd: 1 }\nfeatures { id: \"f", i,
                      "\" form: FEATURE_FORM_WISH_TIMES_PERCEIVED prior_variance: .1 moderator: \"a", i,
                      "\" }\n");
    }
    return text;
  };
  EXPECT_TRUE(ParseCatalog(with(9), "x").ok()) << ParseCatalog(with(9), "x").status();
  EXPECT_THAT(std::string(ParseCatalog(with(10), "x").status().message()),
              HasSubstr("a model of 18 channels and 162 features"));
}

TEST(CatalogFile, ReadsFromDisk) {
  const std::string path = testing::TempDir() + "/contract_catalog_test.textproto";
  std::ofstream(path) << kSmall;
  const auto loaded = LoadCatalog(path);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->message.version(), "small");
  std::remove(path.c_str());
  EXPECT_EQ(LoadCatalog(path).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(LoadCatalog(testing::TempDir()).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace rapport::contract
