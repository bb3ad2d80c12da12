// Files of each format become profiles; bad rows are told with line and column, and stop nobody.
#include "services/cli/import/profile_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/import/cell_values.h"
#include "services/cli/import/csv_writer.h"
#include "services/cli/import/profile_columns.h"

namespace rapport::cli {
namespace {

using testing::HasSubstr;

std::vector<ProfileRow> ReadAll(const std::string& text, const ReaderOptions& options = {}) {
  std::istringstream in(text);
  auto reader = ProfileReader::Create(in, options);
  EXPECT_TRUE(reader.ok()) << reader.status();
  std::vector<ProfileRow> rows;
  if (!reader.ok()) return rows;
  for (ProfileRow row; reader->Next(row);) rows.push_back(row);
  return rows;
}

std::string FailureOf(const std::string& text, const ReaderOptions& options = {}) {
  std::istringstream in(text);
  const auto reader = ProfileReader::Create(in, options);
  return reader.ok() ? "" : std::string(reader.status().message());
}

TEST(RapportCsv, EveryFieldOfAProfileThatACallerWritesHasAColumn) {
  std::set<std::string> with_column = {"etag", "seats_free"};  // the server's own
  for (const ProfileColumn& column : ProfileColumns()) with_column.insert(column.field);
  const auto* profile = therapist::v1::Therapist::descriptor();
  for (int i = 0; i < profile->field_count(); ++i) {
    EXPECT_TRUE(with_column.contains(profile->field(i)->name())) << profile->field(i)->name();
  }
}

TEST(RapportCsv, WhatSomebodyWroteIntoAProfileIsNoFormulaAndReadsBack) {
  therapist::v1::Therapist profile;
  profile.set_therapist_id("t-1");
  profile.set_display_name("=HYPERLINK(\"http://x\",\"Ana\")");
  profile.set_title("@title");
  profile.mutable_place()->set_region("US-MA");
  profile.mutable_place()->set_latitude(42.36);
  profile.mutable_place()->set_longitude(-71.06);
  *profile.mutable_last_confirmed() = ParseTime("2026-01-31").value();
  std::ostringstream file;
  WriteProfileHeader(file);
  WriteProfile(file, profile);
  EXPECT_THAT(file.str(), HasSubstr(",\"'=HYPERLINK(\"\"http://x\"\",\"\"Ana\"\")\",'@title,"));
  EXPECT_THAT(file.str(), HasSubstr(",-71.06,"));
  const auto rows = ReadAll(file.str());
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].profile.SerializeAsString(), profile.SerializeAsString());
}

TEST(RapportCsv, ReadsGoodRowsAndTellsBadOnes) {
  const auto rows = ReadAll(
      "seats,therapist_id,display_name,fee,hours,last_confirmed\n"
      "2,t-1,\"Ana\nRuiz\",120.00 USD,mon 9-12;tue 13-17,2026-01-31\n"
      "two,t-2,Ben,120 dollars,,2026-01-31\n"
      "1,t-3,Cy\n"
      "1,t-4,Di,,,2026-01-31\n");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_TRUE(rows[0].violations.empty());
  EXPECT_EQ(rows[0].line, 2);
  EXPECT_EQ(rows[0].profile.seats(), 2);
  EXPECT_EQ(rows[0].profile.fee().minor_units(), 12000);
  EXPECT_EQ(rows[0].profile.hours_size(), 2);
  ASSERT_EQ(rows[1].violations.size(), 2u);
  EXPECT_EQ(rows[1].line, 4);
  EXPECT_EQ(rows[1].violations[0].field(), "fee");
  EXPECT_EQ(rows[1].violations[1].field(), "seats");
  ASSERT_EQ(rows[2].violations.size(), 1u);
  EXPECT_EQ(rows[2].line, 5);
  EXPECT_THAT(rows[2].violations[0].description(), HasSubstr("3 fields, the header 6"));
  EXPECT_TRUE(rows[3].violations.empty());
  EXPECT_FALSE(rows[3].profile.has_fee());
}

TEST(RapportCsv, AStrayQuoteInATitleSwallowsNoOtherRow) {
  std::string file = "therapist_id,display_name,title,last_confirmed\n";
  absl::StrAppend(&file, "t-1,Ana,\"Best therapist\" of Boston 2024,2026-01-31\n");
  for (int i = 2; i <= 100; ++i) absl::StrAppend(&file, "t-", i, ",Ben,\"LICSW, PhD\",2026-01-31\n");
  absl::StrAppend(&file, "t-101,Cy,\"open,2026-01-31\nt-102,Di,,2026-01-31\n");
  const auto rows = ReadAll(file);
  ASSERT_EQ(rows.size(), 102u);
  for (const ProfileRow& row : rows) {
    const bool is_wrong = row.line == 2 || row.line == 102;
    EXPECT_EQ(row.violations.size(), is_wrong ? 1u : 0u) << row.line;
    EXPECT_EQ(row.profile.therapist_id(), is_wrong ? "" : absl::StrCat("t-", row.line - 1));
  }
  EXPECT_THAT(rows[0].violations[0].description(), HasSubstr("a closing quote"));
  EXPECT_THAT(rows[100].violations[0].description(), HasSubstr("never closed"));
}

TEST(RapportCsv, ARowOfManyLinesSaysHowFarItReaches) {
  const auto rows = ReadAll("therapist_id,display_name\nt-1,\"Ana\nt-2,Ben\nt-3,\",\nt-4,Di\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_THAT(rows[0].violations[0].description(),
              HasSubstr("the row, which reaches to line 4, has 3 fields, the header 2"));
  EXPECT_EQ(rows[1].line, 5);
}

TEST(RapportCsv, ACellThatIsNotUtf8RefusesItsRowOnly) {
  const auto rows = ReadAll(
      "therapist_id,display_name,tags,last_confirmed\n"
      "t-1,Jos\xE9,,2026-01-31\n"
      "t-\xE9,Jo\xC3\xA3o,a;\xFF,2026-01-31\n"
      "t-3,Jos\xC3\xA9,,2026-01-31\n");
  ASSERT_EQ(rows.size(), 3u);
  ASSERT_EQ(rows[0].violations.size(), 1u);
  EXPECT_EQ(rows[0].line, 2);
  EXPECT_EQ(rows[0].violations[0].field(), "display_name");
  EXPECT_EQ(rows[0].violations[0].description(), "is not UTF-8: save the file as UTF-8");
  EXPECT_EQ(rows[0].profile.display_name(), "");
  ASSERT_EQ(rows[1].violations.size(), 2u);
  EXPECT_EQ(rows[1].profile.therapist_id(), "") << "the verdict is a message too";
  EXPECT_TRUE(rows[2].violations.empty());
}

TEST(RapportCsv, DefaultsFillEmptyCellsAndConfirmedOnOverrules) {
  ReaderOptions options;
  options.defaults = {"seats=3", "languages=en;es"};
  options.confirmed_on = "2026-02-01";
  const auto rows =
      ReadAll("therapist_id,seats,last_confirmed\nt-1,,2020-01-01\nt-2,1,2020-01-01\n", options);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].profile.seats(), 3);
  EXPECT_EQ(rows[1].profile.seats(), 1);
  EXPECT_EQ(rows[0].profile.languages_size(), 2);
  EXPECT_EQ(FormatTime(rows[0].profile.last_confirmed()), "2026-02-01");
}

TEST(RapportCsv, RefusesFilesAndOptionsThatDoNotFit) {
  EXPECT_THAT(FailureOf(""), HasSubstr("empty"));
  EXPECT_THAT(FailureOf("therapist_id,nickname\n"), HasSubstr("\"nickname\""));
  EXPECT_THAT(FailureOf("seats,seats\n"), HasSubstr("twice"));
  ReaderOptions options;
  options.defaults = {"seats=many"};
  EXPECT_THAT(FailureOf("seats\n", options), HasSubstr("--default seats=many"));
  options.defaults = {"nickname=x"};
  EXPECT_THAT(FailureOf("seats\n", options), HasSubstr("COLUMN=VALUE"));
  options.defaults = {};
  options.confirmed_on = "2018";
  EXPECT_THAT(FailureOf("seats\n", options), HasSubstr("--confirmed-on"));
  options.confirmed_on = "";
  options.format = FileFormat::kMapped;
  EXPECT_THAT(FailureOf("seats\n", options), HasSubstr("--mapping"));
}

TEST(RapportCsv, AHeaderThatDoesNotFitIsToldWhatItSeemsToBe) {
  const std::string semicolons = "separated by semicolons: save the file with commas";
  EXPECT_THAT(FailureOf("therapist_id;display_name;seats\n"), HasSubstr(semicolons));
  EXPECT_THAT(FailureOf("\"therapist_id\";\"display_name\"\n"), HasSubstr(semicolons));
  EXPECT_THAT(FailureOf("therapist_id\tdisplay_name\n"), HasSubstr("separated by tabs"));
  EXPECT_THAT(FailureOf("Therapist_ID,display_name\n"), HasSubstr("\"Therapist_ID\" (write therapist_id)"));
  for (const std::string& wide :
       {std::string("\xFF\xFEs\0,\0t\0\r\0\n\0", 12), std::string("\xFE\xFF\0s\0\n", 6)}) {
    EXPECT_THAT(FailureOf(wide), HasSubstr("UTF-16: save it as UTF-8"));
  }
  EXPECT_EQ(FailureOf("seats,therapist_id\n"), "");
}

// An invented registry file: the columns we read and one that we do not.
class NppesFile {
 public:
  NppesFile() {
    header_ = {"NPI",
               "Entity Type Code",
               "Replacement NPI",
               "Provider Last Name (Legal Name)",
               "Provider First Name",
               "Provider Credential Text",
               "Provider Business Practice Location Address City Name",
               "Provider Business Practice Location Address State Name",
               "Provider Business Practice Location Address Country Code (If outside U.S.)",
               "Last Update Date",
               "NPI Deactivation Date",
               "NPI Reactivation Date"};
    for (int i = 1; i <= 15; ++i) {
      header_.push_back(absl::StrCat("Healthcare Provider Taxonomy Code_", i));
      header_.push_back(absl::StrCat("Provider License Number_", i));
      header_.push_back(absl::StrCat("Provider License Number State Code_", i));
      header_.push_back(absl::StrCat("Healthcare Provider Primary Taxonomy Switch_", i));
    }
    text_ = "\"" + absl::StrJoin(header_, "\",\"") + "\"\n";
  }

  void Add(std::vector<std::string> fields) {
    fields.resize(header_.size());
    absl::StrAppend(&text_, "\"", absl::StrJoin(fields, "\",\""), "\"\n");
  }
  const std::string& text() const { return text_; }

 private:
  std::vector<std::string> header_;
  std::string text_;
};

TEST(Nppes, TakesMentalHealthIndividualsAndSaysWhyNotTheOthers) {
  NppesFile file;
  file.Add({"1000000001", "1",          "",   "RUIZ", "ANA",        "LICSW", "BOSTON", "MA",
            "US",         "03/15/2026", "",   "",     "1041C0700X", "12345", "MA",     "Y",
            "207Q00000X", "777",        "NY", "N",    "101YM0800X", "",      "RI",     "N"});
  file.Add(
      {"1000000002", "1", "", "DOE", "JO", "MD", "BOSTON", "MA", "US", "03/15/2026", "", "", "207Q00000X"});
  file.Add({"1000000003", "2", "", "", "", "", "BOSTON", "MA", "US", "03/15/2026", "", "", "1041C0700X"});
  file.Add({"1000000004", "1", "", "GO", "NE", "", "BOSTON", "MA", "US", "03/15/2026", "04/01/2026", "",
            "1041C0700X", "1", "MA", "Y"});
  file.Add({"1000000005", "1", "", "BA", "CK", "", "PARIS", "", "FR", "05/15/2026", "04/01/2026",
            "04/20/2026", "103TC0700X", "9", "MA", "Y"});
  file.Add({"1000000006", "", "", "", "", "", "", "", "", "", "04/01/2026", ""});
  const auto rows = ReadAll(file.text());
  ASSERT_EQ(rows.size(), 6u);

  ASSERT_TRUE(rows[0].violations.empty());
  const auto& ana = rows[0].profile;
  EXPECT_EQ(ana.therapist_id(), "1000000001");
  EXPECT_EQ(ana.display_name(), "ANA RUIZ");
  ASSERT_EQ(ana.credentials_size(), 2);
  EXPECT_EQ(FormatCredential(ana.credentials(0)), "US-MA:licence:active:::12345:2026-03-15");
  EXPECT_EQ(FormatCredential(ana.credentials(1)), "US-RI:licence:active:::101YM0800X:2026-03-15");
  EXPECT_EQ(ana.place().region(), "US-MA");
  EXPECT_EQ(FormatTime(ana.last_confirmed()), "2026-03-15");

  EXPECT_EQ(rows[1].skipped_because, "not a mental-health provider");
  EXPECT_EQ(rows[2].skipped_because, "an organisation");
  EXPECT_TRUE(rows[4].violations.empty()) << "reactivated";
  EXPECT_FALSE(rows[4].profile.has_place()) << "abroad";
  EXPECT_EQ(rows[4].withdrawn_because, "");
}

TEST(Nppes, ADeactivatedNumberWithdrawsTheLicencesAndSaysNothingElse) {
  NppesFile file;
  file.Add({"1000000004", "1", "", "GO", "NE", "", "BOSTON", "MA", "US", "03/15/2026", "04/01/2026", "",
            "1041C0700X", "1", "MA", "Y"});
  file.Add(
      {"1000000006", "", "", "", "", "", "", "", "", "", "04/01/2026", ""});  // as the registry empties it
  file.Add({"1000000007", "2", "", "", "", "", "", "", "", "", "04/01/2026", ""});
  ReaderOptions options;
  options.defaults = {"seats=2"};
  options.confirmed_on = "2026-05-01";
  const auto rows = ReadAll(file.text(), options);
  ASSERT_EQ(rows.size(), 3u);
  for (int i : {0, 1}) {
    EXPECT_TRUE(rows[i].violations.empty());
    EXPECT_EQ(rows[i].skipped_because, "");
    EXPECT_EQ(rows[i].withdrawn_because, "deactivated in the registry: licences withdrawn");
    therapist::v1::Therapist only_id;
    only_id.set_therapist_id(i == 0 ? "1000000004" : "1000000006");
    EXPECT_EQ(rows[i].profile.DebugString(), only_id.DebugString());
  }
  EXPECT_EQ(rows[2].skipped_because, "an organisation");
}

TEST(Nppes, AFileWithoutItsColumnsIsTold) {
  ReaderOptions options;
  options.format = FileFormat::kNppes;
  EXPECT_THAT(FailureOf("NPI,Entity Type Code\n", options), HasSubstr("\"Last Update Date\""));
}

TEST(Nppes, AColumnThatIsReadIsThereOnce) {
  const std::string file = NppesFile().text();
  EXPECT_THAT(FailureOf("NPI," + file), HasSubstr("the column \"NPI\" is there twice"));
  EXPECT_THAT(FailureOf("Healthcare Provider Taxonomy Code_1," + file),
              HasSubstr("\"Healthcare Provider Taxonomy Code_1\" is there twice"));
  EXPECT_EQ(FailureOf("Replacement NPI," + file), "") << "nobody reads it";
}

TEST(Nppes, AHeaderInOtherCapitalsIsToldWhatItSeemsToBe) {
  const std::string file = NppesFile().text();
  EXPECT_THAT(FailureOf(absl::AsciiStrToLower(file)), HasSubstr("write them as the registry does"));
}

ReaderOptions ProvidersMapping() {
  std::ifstream file(std::string(CLI_TEST_DATA) + "/providers.mapping");
  std::ostringstream text;
  text << file.rdbuf();
  auto mapping = Mapping::Parse(text.str(), "providers.mapping");
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  ReaderOptions options;
  if (mapping.ok()) options.mapping = *std::move(mapping);
  return options;
}

constexpr char kProvidersHeader[] =
    "provider_key,entity,credential,gender,city,state,zip3,enumeration_year,last_update,deactivated,sole_"
    "proprietor,"
    "taxonomies,primary,license_states,display\n";

TEST(MappedCsv, ReadsARegistryExtract) {
  const auto rows = ReadAll(
      std::string(kProvidersHeader) +
          "pa1,1,PH.D.,F,QUINCY,MA,021,2005,2018,False,N,103T00000X;103TC0700X,103TC0700X,CT;MA,"
          "Psychologist\n"
          "pa2,1,LICSW,F,QUINCY,MA,021,2005,2007,True,N,1041C0700X,1041C0700X,MA,Clinical Social Worker\n"
          "pa3,1,MD,M,QUINCY,MA,021,2005,2012,False,N,2084N0400X,2084N0400X,MA,Neurology\n"
          "pa4,1,,M,QUINCY,MA,021,2005,2012,False,N,1041C0700X,,MA,Clinical Social Worker\n",
      ProvidersMapping());
  ASSERT_EQ(rows.size(), 4u);
  ASSERT_TRUE(rows[0].violations.empty()) << rows[0].violations[0].description();
  const auto& first = rows[0].profile;
  EXPECT_EQ(first.therapist_id(), "pa1");
  EXPECT_EQ(first.title(), "PhD");
  ASSERT_EQ(first.credentials_size(), 2);
  EXPECT_EQ(FormatCredential(first.credentials(0)), "US-CT:licence:active:::103TC0700X:");
  EXPECT_EQ(FormatTime(first.last_confirmed()), "2018-01-01");
  ASSERT_EQ(rows[1].violations.size(), 1u);
  EXPECT_EQ(rows[1].violations[0].field(), "deactivated");
  EXPECT_EQ(rows[1].violations[0].description(), "deactivated in the registry");
  EXPECT_EQ(rows[2].skipped_because, "not a mental-health provider");
  EXPECT_TRUE(rows[3].violations.empty());
  EXPECT_EQ(rows[3].profile.title(), "");
}

ReaderOptions WithMapping(const std::string& text) {
  auto mapping = Mapping::Parse(text, "m");
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  ReaderOptions options;
  if (mapping.ok()) options.mapping = *std::move(mapping);
  return options;
}

TEST(MappedCsv, ListsGoInStep) {
  const ReaderOptions options = WithMapping(
      "list \"codes\" split \";\"\nlist \"states\" split \";\"\n"
      "credentials = each \"US-{states}:licence:active:::{codes}\"\n");
  const auto rows = ReadAll("codes,states\nA;B,MA;RI\nA;B,MA\nA;,MA;RI\n", options);
  ASSERT_EQ(rows.size(), 3u);
  ASSERT_EQ(rows[0].profile.credentials_size(), 2);
  EXPECT_EQ(rows[0].profile.credentials(1).code(), "B");
  EXPECT_EQ(rows[0].profile.credentials(1).region(), "US-RI");
  ASSERT_EQ(rows[1].violations.size(), 1u);
  EXPECT_THAT(rows[1].violations[0].description(), HasSubstr("in step"));
  EXPECT_EQ(rows[2].profile.credentials_size(), 1) << "an item with an empty part is left out";
}

TEST(MappedCsv, TranslatesWordsAndEmptiesTextsWithoutTheirColumn) {
  const ReaderOptions options = WithMapping(
      "list \"topics\" split \",\"\n"
      "concerns = each \"{topics}\"\n"
      "map concerns \"Loss\" -> \"grief\"\n"
      "map concerns otherwise \"\"\n"
      "display_name = \"{first?} {last}\"\n"
      "place_region = \"US-{state}\"\n");
  const auto rows = ReadAll("topics,first,last,state\n\"Loss,Other\",,Ruiz,\n", options);
  ASSERT_EQ(rows.size(), 1u);
  ASSERT_EQ(rows[0].profile.concerns_size(), 1);
  EXPECT_EQ(rows[0].profile.concerns(0), "grief");
  EXPECT_EQ(rows[0].profile.display_name(), " Ruiz");
  EXPECT_FALSE(rows[0].profile.has_place());
}

TEST(MappedCsv, AColumnThatTheMappingNamesIsThereOnce) {
  const ReaderOptions options = WithMapping("therapist_id = \"{key}\"\n");
  EXPECT_THAT(FailureOf("key,note,key\n", options), HasSubstr("m:1: the file has the column \"key\" twice"));
  EXPECT_EQ(FailureOf("key,note,note\n", options), "") << "nobody reads it";
}

TEST(MappedCsv, AColumnInOtherCapitalsIsToldWithItsName) {
  const ReaderOptions options = WithMapping("therapist_id = \"{key}\"\n");
  EXPECT_THAT(FailureOf("Key,note\n", options), HasSubstr("no column \"key\": write \"Key\""));
  EXPECT_THAT(FailureOf("key;note\n", options), HasSubstr("separated by semicolons"));
}

TEST(MappedCsv, ColumnsThatAreNotThereAreToldWithTheirLine) {
  const ReaderOptions options =
      WithMapping("therapist_id = \"{key}\"\nlist \"a\" split \";\"\ntags = each \"{key}\"\n");
  const std::string message = FailureOf("id\n", options);
  EXPECT_THAT(message, HasSubstr("m:1: the file has no column \"key\""));
  EXPECT_THAT(message, HasSubstr("m:2: the file has no column \"a\""));
  EXPECT_THAT(message, HasSubstr("m:3: \"each\" needs a column that is declared as a list"));
}

}  // namespace
}  // namespace rapport::cli
