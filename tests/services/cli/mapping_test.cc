// The mapping language: what it says, and its mistakes with their lines.
#include "services/cli/import/mapping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/cli/import/profile_columns.h"

namespace rapport::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Mapping, ReadsEveryStatement) {
  const auto mapping = Mapping::Parse(
      "# comment\n"
      "list \"states\" split \"|\"\n"
      "refuse \"gone\" is \"yes\" \"true\" because \"gone\"   # why\n"
      "skip \"kind\" is not \"1\" because \"not a person\"\n"
      "\n"
      "therapist_id = \"p{key}\"\n"
      "credentials = each \"US-{states}:licence:active\"\n"
      "map title \"a \\\"b\\\"\" -> \"c\"\n"
      "map title otherwise \"\"\n",
      "m");
  ASSERT_TRUE(mapping.ok()) << mapping.status();
  EXPECT_EQ(mapping->lists.at("states").separator, "|");
  ASSERT_EQ(mapping->conditions.size(), 2u);
  EXPECT_TRUE(mapping->conditions[0].refuse);
  EXPECT_THAT(mapping->conditions[0].values, ElementsAre("yes", "true"));
  EXPECT_TRUE(mapping->conditions[1].is_not);
  ASSERT_EQ(mapping->assignments.size(), 2u);
  EXPECT_EQ(mapping->assignments[0].parts[0].literal, "p");
  EXPECT_EQ(mapping->assignments[0].parts[0].column, "key");
  EXPECT_TRUE(mapping->assignments[1].each);
  const auto& translation = mapping->translations.at(*FindProfileColumn("title"));
  EXPECT_EQ(translation.words.at("a \"b\""), "c");
  EXPECT_EQ(translation.otherwise, "");
}

TEST(Mapping, TellsEveryMistakeWithItsLine) {
  const auto mapping = Mapping::Parse(
      "therapist_id = \"{key}\"\n"
      "therapist_id = \"again\"\n"
      "nickname = \"x\"\n"
      "title = \"open\n"
      "title = \"{key\"\n"
      "seats = each \"{key}\"\n"
      "list \"a\" split \"\"\n"
      "refuse \"a\" is because \"b\"\n"
      "map title \"x\" = \"y\"\n"
      "title = \"x\" \"y\"\n",
      "their.mapping");
  ASSERT_FALSE(mapping.ok());
  const std::string message(mapping.status().message());
  EXPECT_THAT(message, HasSubstr("their.mapping:2: therapist_id was already set on line 1"));
  EXPECT_THAT(
      message,
      HasSubstr("their.mapping:3: a statement or the name of a profile column expected, found nickname"));
  EXPECT_THAT(message, HasSubstr("their.mapping:4: a quote is not closed"));
  EXPECT_THAT(message, HasSubstr("their.mapping:5: \"{\" without \"}\""));
  EXPECT_THAT(message, HasSubstr("their.mapping:6: seats holds one value"));
  EXPECT_THAT(message, HasSubstr("their.mapping:7: the separator is empty"));
  EXPECT_THAT(message, HasSubstr("their.mapping:8: a value in double quotes expected, found because"));
  EXPECT_THAT(message, HasSubstr("their.mapping:9: \"->\" expected, found ="));
  EXPECT_THAT(message, HasSubstr("their.mapping:10: end of line expected, found y"));
}

TEST(Mapping, WhatIsNotUtf8IsAMistake) {
  const auto mapping = Mapping::Parse("therapist_id <- ID\nskip if X because \"d\xe9j\xe0\"\n", "m");
  EXPECT_THAT(std::string(mapping.status().message()), HasSubstr("m:2: is not UTF-8 text"));
}

TEST(Mapping, AnEmptyOneIsAMistake) {
  EXPECT_FALSE(Mapping::Parse("# nothing\n", "m").ok());
}

}  // namespace
}  // namespace rapport::cli
