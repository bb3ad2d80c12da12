// The command against all three real services in this process, over a real socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "services/cli/all_in_one.h"
#include "services/cli/views/table.h"
#include "tests/services/cli/terminal.h"

namespace rapport::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

class EndToEnd : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "rapport-cli-XXXXXX";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    Serve();
    Terminal sample;
    ASSERT_EQ(sample.Run({"sample", "therapists", "--count", "300", "--seed", "7"}), ExitCode::kOk);
    sample_file_ = folder_ + "/sample.csv";
    std::ofstream(sample_file_) << sample.out();
  }

  void TearDown() override {
    all_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Serve() {
    AllInOneOptions options;
    options.server.address = "127.0.0.1:0";
    options.server.http_address = "";
    options.server.insecure_loopback = true;
    options.server.drain_delay = absl::ZeroDuration();
    options.data_dir = folder_ + "/data";
    auto all = AllInOne::Start(options, {clock_, ids_, authenticator_, metrics_, log_});
    ASSERT_TRUE(all.ok()) << all.status();
    all_ = *std::move(all);
  }

  ExitCode Run(std::vector<std::string> arguments) {
    arguments.push_back("--address");
    arguments.push_back(absl::StrCat("127.0.0.1:", all_->port()));
    return terminal_.Run(arguments);
  }

  nlohmann::json RunJson(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    EXPECT_EQ(Run(arguments), ExitCode::kOk) << terminal_.err();
    return nlohmann::json::parse(terminal_.out());
  }

  void Import() { ASSERT_EQ(Run({"import", "therapists", sample_file_}), ExitCode::kOk) << terminal_.out(); }

  static std::string TextOf(const std::string& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  std::string folder_;
  std::string sample_file_;
  runtime::RealClock clock_;
  runtime::RandomIds ids_{clock_};
  runtime::LoopbackAuthenticator authenticator_;
  runtime::Metrics metrics_;
  std::ostringstream log_text_;
  runtime::Log log_{log_text_, clock_};
  std::unique_ptr<AllInOne> all_;
  Terminal terminal_;
};

const std::string kNeeds = std::string(CLI_EXAMPLES) + "/needs.json";

TEST_F(EndToEnd, ImportExportImportChangesNothing) {
  ASSERT_EQ(Run({"import", "therapists", sample_file_}), ExitCode::kOk) << terminal_.out() << terminal_.err();
  EXPECT_THAT(terminal_.out(), HasSubstr("added      300"));
  ASSERT_EQ(Run({"export", "therapists", "--output", folder_ + "/export.csv"}), ExitCode::kOk)
      << terminal_.err();
  auto again = RunJson({"import", "therapists", folder_ + "/export.csv"});
  EXPECT_EQ(again["unchanged"], 300);
  EXPECT_EQ(again["refused"], 0);
  for (const auto& entry : std::filesystem::directory_iterator(folder_))
    EXPECT_FALSE(absl::StartsWith(entry.path().filename().string(), "export.csv.part")) << entry.path();
  const std::string exported = TextOf(folder_ + "/export.csv");
  ASSERT_EQ(Run({"export", "therapists"}), ExitCode::kOk);
  EXPECT_EQ(terminal_.out(), exported);
}

TEST_F(EndToEnd, BadRowsAreToldAndGoodOnesTaken) {
  std::ofstream(folder_ + "/mixed.csv") << "therapist_id,display_name,payers,seats,last_confirmed\n"
                                           "t-1,\"Ana\nRuiz\",aetna,1,2026-01-31\n"
                                           "t-2,Ben,no_such_payer,1,2026-01-31\n"
                                           "t-3,Cy,aetna,two,2026-01-31\n"
                                           "t-4,Di,aetna,1,2026-01-31\n";
  EXPECT_EQ(Run({"import", "therapists", folder_ + "/mixed.csv"}), ExitCode::kRefused);
  EXPECT_THAT(terminal_.out(), HasSubstr("line 2 (t-1): display_name: must not have control characters"));
  EXPECT_THAT(terminal_.out(), HasSubstr("line 4 (t-2): payers[0]"));
  EXPECT_THAT(terminal_.out(), HasSubstr("line 5 (t-3): seats: \"two\" is not a whole number"));
  EXPECT_THAT(terminal_.out(), HasSubstr("added      1"));
  EXPECT_EQ(Run({"therapist", "get", "t-4"}), ExitCode::kOk);
  EXPECT_EQ(Run({"therapist", "get", "t-3"}), ExitCode::kNotFound);
  EXPECT_THAT(terminal_.err(), HasSubstr("UNKNOWN_THERAPIST"));
}

TEST_F(EndToEnd, ARowThatIsNotUtf8IsToldAndTheOthersAreTaken) {
  std::ofstream(folder_ + "/latin1.csv") << "therapist_id,display_name,seats,last_confirmed\n"
                                            "i-13,Jos\xE9,1,2026-01-31\n"
                                            "i-14,Ok,1,2026-01-31\n";
  for (const char* json : {"", "--json"}) {
    std::vector<std::string> arguments = {"import", "therapists", folder_ + "/latin1.csv"};
    if (*json != '\0') arguments.emplace_back(json);
    EXPECT_EQ(Run(arguments), ExitCode::kRefused) << terminal_.err();
    EXPECT_THAT(terminal_.out(), HasSubstr("is not UTF-8: save the file as UTF-8"));
  }
  EXPECT_EQ(Run({"therapist", "get", "i-14"}), ExitCode::kOk);
  EXPECT_EQ(Run({"therapist", "get", "i-13"}), ExitCode::kNotFound);
}

TEST_F(EndToEnd, UpdateOnlyRefusesAWrongFieldAtOnceAndSkipsWhomNobodyKnows) {
  std::ofstream(folder_ + "/all.csv") << "therapist_id,display_name,seats,last_confirmed\n"
                                         "t-1,Ana,1,2026-01-31\n";
  ASSERT_EQ(Run({"import", "therapists", folder_ + "/all.csv"}), ExitCode::kOk) << terminal_.out();
  std::ofstream(folder_ + "/seats.csv") << "therapist_id,seats\nt-1,2\nt-9,3\n";
  EXPECT_EQ(Run({"import", "therapists", folder_ + "/seats.csv", "--update-only", "nope"}), ExitCode::kUsage);
  EXPECT_THAT(terminal_.err(), HasSubstr("\"nope\" is not a field that can be changed"));
  EXPECT_THAT(terminal_.err(), HasSubstr("credentials"));
  EXPECT_THAT(terminal_.err(), Not(HasSubstr("seats_free")));
  EXPECT_EQ(Run({"import", "therapists", folder_ + "/seats.csv", "--update-only", "seats"}), ExitCode::kOk)
      << terminal_.out();
  EXPECT_THAT(terminal_.out(), HasSubstr("changed    1"));
  EXPECT_THAT(terminal_.out(), HasSubstr("skipped    1  not in the directory"));
}

TEST_F(EndToEnd, ADeactivatedNumberLosesItsLicences) {
  std::string header =
      "NPI,Entity Type Code,Provider Last Name (Legal Name),Provider First Name,Provider Credential Text,"
      "Provider Business Practice Location Address City Name,"
      "Provider Business Practice Location Address State Name,Last Update Date,NPI Deactivation Date,"
      "NPI Reactivation Date,Healthcare Provider Taxonomy Code_1,Provider License Number_1,"
      "Provider License Number State Code_1\n";
  std::ofstream(folder_ + "/before.csv")
      << header << "1000000001,1,RUIZ,ANA,,BOSTON,MA,03/15/2026,,,1041C0700X,1,MA\n";
  std::ofstream(folder_ + "/after.csv") << header << "1000000001,,,,,,,,04/01/2026,,,,\n"
                                        << "1000000002,,,,,,,,04/01/2026,,,,\n";
  ASSERT_EQ(Run({"import", "therapists", folder_ + "/before.csv", "--default", "seats=2"}), ExitCode::kOk)
      << terminal_.out();
  EXPECT_EQ(Run({"import", "therapists", folder_ + "/after.csv", "--dry-run"}), ExitCode::kOk);
  EXPECT_EQ(Run({"import", "therapists", folder_ + "/after.csv", "--update-only", "seats"}), ExitCode::kOk)
      << terminal_.out();
  EXPECT_THAT(terminal_.out(),
              HasSubstr("line 2 (1000000001): deactivated in the registry: licences withdrawn"));
  EXPECT_THAT(terminal_.out(), HasSubstr("1  not in the directory"));
  const auto known = RunJson({"therapist", "get", "1000000001"});
  EXPECT_THAT(known.dump(), Not(HasSubstr("credentials")));
  EXPECT_THAT(known.dump(), HasSubstr("\"seats\":2")) << "nothing else is changed";
  const auto again = RunJson({"import", "therapists", folder_ + "/after.csv"});
  EXPECT_EQ(again["unchanged"], 1);
}

TEST_F(EndToEnd, TherapistsAreConfirmedAndDeleted) {
  Import();
  const auto confirmed = RunJson({"therapist", "confirm", "t-0001", "--seats", "9"});
  EXPECT_EQ(confirmed["therapist"]["seats"], 9);
  EXPECT_EQ(Run({"therapist", "delete", "t-0001", "--etag", "stale"}), ExitCode::kConflict);
  EXPECT_THAT(terminal_.err(), HasSubstr("ETAG_MISMATCH"));
  EXPECT_EQ(Run({"therapist", "delete", "t-0001"}), ExitCode::kOk) << terminal_.err();
  EXPECT_EQ(Run({"therapist", "get", "t-0001"}), ExitCode::kNotFound);
}

TEST_F(EndToEnd, RankExplainAndPredictAgree) {
  Import();
  const auto ranking = RunJson({"rank", "--needs", kNeeds, "--client", "c-1", "-k", "3"});
  ASSERT_FALSE(ranking["candidates"].empty());
  const std::string first = ranking["candidates"][0]["therapist_id"];
  const auto explained = RunJson({"explain", "--needs", kNeeds, "--client", "c-1", first});
  EXPECT_TRUE(explained["eligible"]);
  // Belief in an answer fades by the millisecond, so the two scores differ by as much as the calls lie apart.
  EXPECT_NEAR(explained["candidate"]["score"]["log_score"].get<double>(),
              ranking["candidates"][0]["score"]["log_score"].get<double>(), 1e-5);
  const auto predicted = RunJson({"predict", "--needs", kNeeds, "--client", "c-1", first});
  EXPECT_EQ(predicted["predictions"][0]["p_bond"], ranking["candidates"][0]["score"]["p_bond"]);

  const auto plan =
      RunJson({"rank", "--needs", kNeeds, "--client", "c-1", "-k", "3", "--try-plan", "--seed", "4"});
  EXPECT_GT(plan["at_least_one_good"].get<double>(), plan["candidates"][0]["score"]["p_good"].get<double>());
  EXPECT_EQ(Run({"rank", "--needs", kNeeds, "--client", "c-1", "--try-plan"}), ExitCode::kOk);
  EXPECT_THAT(terminal_.out(), HasSubstr("at least one is a good bond with probability ."));
  EXPECT_EQ(Run({"rank", "--needs", kNeeds, "--client", "c-1", "--seed", "4"}), ExitCode::kUsage);

  EXPECT_EQ(Run({"rank", "--needs", kNeeds, "--client", "c-1"}), ExitCode::kOk);
  EXPECT_THAT(terminal_.out(), Not(HasSubstr("at least one is a good bond")));
  EXPECT_THAT(terminal_.out(), HasSubstr("Of 300 therapists"));
  EXPECT_THAT(terminal_.out(), HasSubstr("not licensed in US-MA"));
  EXPECT_EQ(Run({"explain", "--needs", kNeeds, "--client", "c-1", first}), ExitCode::kOk);
  EXPECT_THAT(terminal_.out(), HasSubstr("passes every rule"));
  EXPECT_THAT(terminal_.out(), Not(HasSubstr("✗")));
}

TEST_F(EndToEnd, EveryViolationOfWrongNeedsIsTold) {
  std::ofstream(folder_ + "/wrong.json") << R"({"location": {"region": "nowhere"}, "age_group": "ancient"})";
  EXPECT_EQ(Run({"rank", "--needs", folder_ + "/wrong.json", "--client", "c-1"}), ExitCode::kRefused);
  for (const char* field : {"needs.location.region", "needs.age_group", "needs.format", "needs.risk"}) {
    EXPECT_THAT(terminal_.err(), HasSubstr(field));
  }
}

TEST_F(EndToEnd, AReferralIsLedStepByStepAndConflictsAreTold) {
  Import();
  const auto created =
      RunJson({"referral", "create", "--needs", kNeeds, "--client", "c-1", "--request-id", "r-1"});
  const std::string id = created["referral"]["referral_id"];
  const auto repeated =
      RunJson({"referral", "create", "--needs", kNeeds, "--client", "c-1", "--request-id", "r-1"});
  EXPECT_EQ(repeated["referral"]["referral_id"], id) << "same id, one effect";
  EXPECT_EQ(Run({"referral", "start", id}), ExitCode::kConflict);
  EXPECT_THAT(terminal_.err(), HasSubstr("ILLEGAL_TRANSITION"));
  const auto submitted = RunJson({"referral", "submit", id});
  ASSERT_EQ(submitted["referral"]["state"], "REFERRAL_STATE_SHORTLISTED");
  const std::string chosen = submitted["referral"]["shortlist"]["candidates"][0]["therapist_id"];
  EXPECT_EQ(Run({"referral", "choose", id, chosen, "--etag", "stale"}), ExitCode::kConflict);
  EXPECT_EQ(Run({"referral", "choose", id, chosen}), ExitCode::kOk) << terminal_.err();
  EXPECT_EQ(Run({"referral", "respond", id, "accepted"}), ExitCode::kOk) << terminal_.err();
  EXPECT_EQ(Run({"referral", "start", id}), ExitCode::kOk) << terminal_.err();
  EXPECT_EQ(
      Run({"feedback", "fit-check", "--client", "c-1", "--therapist", chosen, "--referral", id, "--session",
           "1", "--verdict", "would-not-continue", "--facet", "heard=2", "--friction", "rushed"}),
      ExitCode::kOk)
      << terminal_.err();
  EXPECT_EQ(Run({"feedback", "list", "--client", "c-1"}), ExitCode::kOk);
  EXPECT_THAT(terminal_.out(), HasSubstr("would not continue"));
  EXPECT_EQ(Run({"referral", "try-another", id}), ExitCode::kOk) << terminal_.err();
  EXPECT_EQ(Run({"referral", "close", id, "client-withdrew"}), ExitCode::kOk) << terminal_.err();
  EXPECT_EQ(Run({"referral", "watch", id}), ExitCode::kOk) << "a closed referral is shown once";
  EXPECT_THAT(terminal_.out(), HasSubstr("closed"));
  EXPECT_EQ(Run({"referral", "list", "--state", "closed"}), ExitCode::kOk);
  EXPECT_THAT(terminal_.out(), HasSubstr(id));
}

TEST_F(EndToEnd, TheSameFeedbackAgainOnOneDayIsHeardOnce) {
  Import();
  const std::vector<std::string> check = {"feedback",  "fit-check", "--client", "c-1",    "--therapist",
                                          "t-0002",    "--session", "1",        "--at",   "2026-01-31",
                                          "--verdict", "unsure",    "--facet",  "heard=4"};
  const std::vector<std::string> scores = {"feedback",    "instrument", "--client",     "c-1",
                                           "--therapist", "t-0002",     "--instrument", "phq9",
                                           "--at",        "2026-01-31", "--score",      "total=14"};
  for (const auto& arguments : {check, scores}) {
    ASSERT_EQ(Run(arguments), ExitCode::kOk) << terminal_.err();
    const std::string first = terminal_.out();
    ASSERT_EQ(Run(arguments), ExitCode::kOk) << terminal_.err();
    EXPECT_EQ(terminal_.out(), first);
  }
  auto another = check;
  another.back().back() = '5';
  ASSERT_EQ(Run(another), ExitCode::kOk) << terminal_.err();
  EXPECT_EQ(RunJson({"feedback", "list", "--client", "c-1"})["feedback"].size(), 3u);
}

TEST_F(EndToEnd, ScoresThatAskForAPersonAreSaidFirst) {
  Import();
  EXPECT_EQ(Run({"feedback", "instrument", "--client", "c-1", "--therapist", "t-0002", "--instrument", "phq9",
                 "--score", "total=14", "--score", "item9=2"}),
            ExitCode::kOk)
      << terminal_.err();
  EXPECT_THAT(terminal_.out(), testing::StartsWith("A person should look now"));
  EXPECT_THAT(terminal_.out(), HasSubstr("total 14, beyond the published cut-off"));
}

TEST_F(EndToEnd, TheWalkthroughReadsWellAndCanBeToldAgain) {
  Import();
  for (int telling = 0; telling < 2; ++telling) {
    ASSERT_EQ(Run({"walkthrough"}), ExitCode::kOk) << terminal_.err() << terminal_.out();
    for (const char* words : {"What she needs", "declines", "What changed", "Learned: ", "needs triage"}) {
      EXPECT_THAT(terminal_.out(), HasSubstr(words));
    }
    for (absl::string_view line : absl::StrSplit(terminal_.out(), '\n')) EXPECT_LE(Width(line), 100u) << line;
  }
}

TEST_F(EndToEnd, WithoutADirectoryTheWalkthroughSaysWhatItNeeds) {
  EXPECT_EQ(Run({"walkthrough"}), ExitCode::kConflict);
  EXPECT_THAT(terminal_.err(), HasSubstr("rapport sample therapists"));
}

TEST_F(EndToEnd, WhatWasWrittenIsThereAfterARestart) {
  Import();
  all_->Shutdown();
  all_.reset();
  Serve();
  EXPECT_EQ(Run({"therapist", "get", "t-0300"}), ExitCode::kOk) << terminal_.err();
}

TEST_F(EndToEnd, TheCatalogIsShown) {
  EXPECT_EQ(RunJson({"catalog", "show"})["version"], "default-1");
  ASSERT_EQ(Run({"catalog", "show", "--built-in"}), ExitCode::kOk);
  std::ofstream(folder_ + "/catalog.textproto") << terminal_.out();
  EXPECT_EQ(Run({"catalog", "check", folder_ + "/catalog.textproto"}), ExitCode::kOk) << terminal_.err();
  EXPECT_THAT(terminal_.out(), HasSubstr("in order: catalog default-1"));
}

}  // namespace
}  // namespace rapport::cli
