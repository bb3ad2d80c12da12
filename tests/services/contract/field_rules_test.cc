// Rules whose corners the tables of whole messages do not reach: UTF-8, language codes, near words, update
// masks.
#include "gmock/gmock.h"
#include "services/contract/calendar.h"
#include "services/contract/catalog_words.h"
#include "services/contract/language_codes.h"
#include "services/contract/text.h"
#include "services/contract/update_fields.h"
#include "services/contract/validate.h"
#include "tests/services/contract/samples.h"

namespace rapport::contract {
namespace {

using testing::ElementsAre;

TEST(Text, RefusesWhatIsNoText) {
  const auto fine = [](absl::string_view text) { return TextProblem(text, 8, Presence::kOptional).empty(); };
  for (const char* text : {"", "a", "\x7E", "é", "\u00A0", "한국어", "\U0001F642", "\U0010FFFF"})
    EXPECT_TRUE(fine(text)) << text;
  for (const char* text : {"\t", "\x7F", "\xC2\x85", "\u2028", "\u202E", "\u2066",  // controls
                           "\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF8\x88\x80\x80\x80", "\xE2\x28\xA1", "123456789"}) {
    EXPECT_FALSE(fine(text)) << testing::PrintToString(text);
  }
  EXPECT_FALSE(fine(absl::string_view("a\0b", 3)));
  EXPECT_EQ(TextProblem(" ", 8, Presence::kRequired), "must be set");
}

TEST(LanguageCodes, FindsTheShorterOne) {
  EXPECT_EQ(ShortLanguageCode("aar"), "aa");
  EXPECT_EQ(ShortLanguageCode("ger"), "de");
  EXPECT_EQ(ShortLanguageCode("deu"), "de");
  EXPECT_EQ(ShortLanguageCode("zul"), "zu");
  EXPECT_EQ(ShortLanguageCode("iw"), "he");
  EXPECT_EQ(ShortLanguageCode("cmn"), "zh");
  EXPECT_EQ(ShortLanguageCode("ase"), "");
  EXPECT_EQ(ShortLanguageCode("zzz"), "");
  EXPECT_EQ(ShortLanguageCode("en"), "");
}

TEST(CatalogWords, NearestIsWithinTwoEdits) {
  const auto nearest = [](absl::string_view unknown) {
    NearestWord search(unknown);
    for (const char* word : {"grief", "sleep", "stress", "substance_use"}) search.Offer(word);
    return std::string(search.nearest());
  };
  EXPECT_EQ(nearest("greif"), "grief");
  EXPECT_EQ(nearest("rief"), "grief");
  EXPECT_EQ(nearest("stres_s"), "stress");
  EXPECT_EQ(nearest("substanceuse"), "substance_use");
  EXPECT_EQ(nearest("substances"), "");
  EXPECT_EQ(nearest("job"), "");
  EXPECT_EQ(nearest(std::string(65, 'x')), "");
}

TEST(CatalogWords, AnIdIsLowerSnakeCase) {
  for (const std::string& id :
       {std::string("a"), std::string("a_1"), std::string("core10"), std::string(64, 'a')}) {
    EXPECT_TRUE(IsWordId(id)) << id;
  }
  for (const std::string& id :
       {std::string(), std::string("_a"), std::string("a_"), std::string("a__b"), std::string("1a"),
        std::string("A"), std::string("a-b"), std::string(65, 'a')}) {
    EXPECT_FALSE(IsWordId(id)) << id;
  }
}

TEST(UpdateFields, RefusesUnknownFixedAndRepeatedNames) {
  google::protobuf::RepeatedPtrField<std::string> names;
  for (const char* name : {"fee", "fees", "therapist_id", "fee", "fee.currency", ""}) names.Add(name);
  runtime::Violations violations;
  ValidateUpdateFields(names, *therapist::v1::Therapist::descriptor(), {"therapist_id", "etag"},
                       "update_mask.paths", violations);
  EXPECT_THAT(Paths(violations),
              ElementsAre("update_mask.paths[1]", "update_mask.paths[2]", "update_mask.paths[3]",
                          "update_mask.paths[4]", "update_mask.paths[5]"));
}

TEST(UpdateFields, ReplacesListsAndMessagesAndClearsWhatIsAbsent) {
  const auto source =
      Parse<therapist::v1::Therapist>("payers: 'eap' fee { currency: 'EUR' } seats: 9 title: 'x'");
  auto target = Parse<therapist::v1::Therapist>(kTherapist);
  google::protobuf::RepeatedPtrField<std::string> names;
  for (const char* name : {"payers", "fee", "place", "seats"}) names.Add(name);
  auto expected = target;
  expected.clear_payers();
  expected.add_payers("eap");
  *expected.mutable_fee() = source.fee();
  expected.clear_place();
  expected.set_seats(9);
  CopyFields(names, source, target);
  EXPECT_EQ(target.SerializeAsString(), expected.SerializeAsString());
}

TEST(Timestamps, MayBeFiveMinutesAhead) {
  const auto violated = [](bool given, absl::Time time) {
    runtime::Violations violations;
    ValidatePastTimestamp(given, ToTimestamp(time), Now(), "at", violations);
    return !violations.empty();
  };
  EXPECT_FALSE(violated(true, Now() + absl::Minutes(5)));
  EXPECT_TRUE(violated(true, Now() + absl::Minutes(5) + absl::Nanoseconds(1)));
  EXPECT_TRUE(violated(false, Now()));
}

}  // namespace
}  // namespace rapport::contract
