// The command as a shell sees it: help, usage, exit codes, and the commands that need no server.
#include "services/cli/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <streambuf>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/command.h"
#include "services/cli/failure.h"
#include "services/runtime/errors.h"
#include "tests/services/cli/failing_file.h"
#include "tests/services/cli/terminal.h"

namespace rapport::cli {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(App, HelpNamesEveryCommandAndTheExitCodes) {
  Terminal terminal;
  EXPECT_EQ(terminal.Run({"--help"}), ExitCode::kOk);
  for (const char* word : {"serve", "rank", "referral", "walkthrough", "Exit codes", "RAPPORT_ADDRESS"}) {
    EXPECT_THAT(terminal.out(), HasSubstr(word));
  }
}

TEST(App, EveryCommandTeachesWithAnExampleThatBeginsWithItself) {
  for (const Command& command : Commands()) {
    EXPECT_THAT(command.example, StartsWith(absl::StrCat("rapport ", command.path)));
    Terminal terminal;
    std::vector<std::string> arguments = absl::StrSplit(command.path, ' ');
    arguments.emplace_back("--help");
    EXPECT_EQ(terminal.Run(arguments), ExitCode::kOk);
    EXPECT_THAT(terminal.out(), HasSubstr(command.example)) << command.path;
  }
}

TEST(App, WrongFlagsAreUsageErrors) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"dance"},
                                             {"referral"},
                                             {"rank", "--client", "c"},
                                             {"referral", "respond", "r", "perhaps"},
                                             {"model", "show", "--version", "-1"},
                                             {"model", "refit", "--republish", "18446744073709551616"},
                                             {"sample", "therapists", "--count", "0"},
                                             {"therapist", "list", "--timeout", "nan"},
                                             {"therapist", "list", "--timeout", "301"},
                                             {"therapist", "confirm", "t", "--wait-weeks", "nan"},
                                             {"therapist", "confirm", "t", "--wait-weeks", "-1"}}) {
    Terminal terminal;
    EXPECT_EQ(terminal.Run(arguments), ExitCode::kUsage);
    EXPECT_FALSE(terminal.err().empty());
  }
}

TEST(App, AWordThatIsNoCommandIsNamedBesideThoseThatAre) {
  struct Case {
    std::vector<std::string> arguments;
    const char* named;
    const char* listed;
  };
  const Case cases[] = {
      {{"frob"}, "\"frob\" is not a command of \"rapport\"", "Commands: serve, walkthrough, rank"},
      {{"referral", "frob"}, "\"frob\" is not a command of \"rapport referral\"", "Commands: create, get"},
      {{"import", "therapist", "x.csv"},
       "\"therapist\" is not a command of \"rapport import\"",
       "therapists"},
      {{"--frob"}, "\"--frob\" is not an option of \"rapport\"", "Commands: serve"},
      {{"referral"}, "\"rapport referral\" needs a command", "Commands: create, get"},
  };
  for (const Case& wrong : cases) {
    Terminal terminal;
    EXPECT_EQ(terminal.Run(wrong.arguments), ExitCode::kUsage);
    EXPECT_THAT(terminal.err(), HasSubstr(wrong.named));
    EXPECT_THAT(terminal.err(), HasSubstr(wrong.listed));
  }
}

TEST(App, AWordThatAFlagDoesNotTakeIsAnsweredWithThoseItTakes) {
  Terminal terminal;
  EXPECT_EQ(
      terminal.Run({"feedback", "fit-check", "--client", "c", "--therapist", "t", "--verdict", "maybe"}),
      ExitCode::kUsage);
  EXPECT_THAT(terminal.err(),
              HasSubstr("--verdict: must be one of would-continue, unsure, would-not-continue"));
  EXPECT_EQ(terminal.Run({"referral", "list", "--state", "maybe"}), ExitCode::kUsage);
  EXPECT_THAT(terminal.err(), HasSubstr("must be one of draft, submitted, needs-triage"));
  EXPECT_EQ(terminal.Run({"referral", "close", "r", "maybe"}), ExitCode::kUsage);
  EXPECT_THAT(terminal.err(), HasSubstr("must be one of completed, client-withdrew"));
}

TEST(App, HelpIsTrueOfWhatItStandsBelow) {
  Terminal terminal;
  EXPECT_EQ(terminal.Run({"referral", "--help"}), ExitCode::kOk);
  EXPECT_THAT(terminal.out(), Not(HasSubstr("options above")));
  EXPECT_EQ(terminal.Run({"feedback", "fit-check", "--help"}), ExitCode::kOk);
  EXPECT_THAT(terminal.out(), testing::ContainsRegex("--therapist TEXT REQUIRED"));
  EXPECT_THAT(terminal.out(), Not(HasSubstr("value in {")));
}

TEST(Failure, AsksForAServerOnlyWhereNoneWasReached) {
  auto told = [](const absl::Status& status) {
    std::ostringstream err;
    PrintFailure(status, err);
    return err.str();
  };
  const std::string hint = "Is the server running";
  EXPECT_THAT(told(FromCall(grpc::Status(grpc::StatusCode::UNAVAILABLE, "refused"))), HasSubstr(hint));
  EXPECT_THAT(told(absl::UnavailableError("a file")), Not(HasSubstr(hint)));
  const absl::Status away = runtime::Error(absl::StatusCode::kUnavailable, "MATCHER_AWAY", "away");
  EXPECT_THAT(told(FromCall(runtime::ToGrpc(away))), Not(HasSubstr(hint)));
  EXPECT_THAT(told(FromCall(runtime::ToGrpc(absl::UnavailableError("busy")))), Not(HasSubstr(hint)));
}

TEST(Failure, TellsEachViolationOnce) {
  runtime::Violations violations;
  violations.Add("needs.risk", "must be asked");
  violations.Add("needs.format", "must be set");
  std::ostringstream err;
  PrintFailure(violations.ToStatus(), err);
  EXPECT_EQ(
      err.str(),
      "rapport: 2 violations [INVALID_REQUEST]\n  needs.risk: must be asked\n  needs.format: must be set\n");
}

// A port of ours on which nobody listens: connecting is refused, and no other process can take it meanwhile.
class SilentPort {
 public:
  SilentPort() : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentPort() { close(socket_); }

  std::string address() const { return absl::StrCat("127.0.0.1:", port_); }

 private:
  int socket_;
  int port_ = 0;
};

TEST(App, AnAbsentServerIsToldWithWhatToDo) {
  const SilentPort silent;
  Terminal terminal;
  EXPECT_EQ(terminal.Run({"therapist", "get", "t-1", "--address", silent.address(), "--timeout", "20"}),
            ExitCode::kUnavailable);
  EXPECT_THAT(terminal.err(), StartsWith("rapport: "));
  EXPECT_THAT(terminal.err(), HasSubstr("rapport serve"));
}

TEST(App, AnImportThatStopsHalfWayIsWholeJsonAllTheSame) {
  const SilentPort silent;
  Terminal terminal(
      "therapist_id,display_name,seats,last_confirmed\nt-1,Ana,two,2026-01-31\nt-2,Ben,1,2026-01-31\n");
  EXPECT_EQ(terminal.Run({"import", "therapists", "-", "--json", "--address", silent.address()}),
            ExitCode::kUnavailable);
  EXPECT_THAT(terminal.err(), HasSubstr("the import stopped at the rows from line 3"));
  const auto report = nlohmann::json::parse(terminal.out(), nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(report.is_object()) << terminal.out();
  EXPECT_TRUE(report["interrupted"]);
  EXPECT_EQ(report["added"], 0);
}

TEST(App, OnlyLoopbackIsSpokenToInPlaintext) {
  Terminal terminal;
  EXPECT_NE(terminal.Run({"therapist", "list", "--address", "192.0.2.1:80"}), ExitCode::kOk);
  EXPECT_FALSE(terminal.err().empty());
}

// "Not found" is for what the server does not know, "unavailable" for a server.
TEST(App, FilesThatCannotBeReadOrWrittenAreUsageErrors) {
  const std::string folder = testing::TempDir();
  for (const std::string& file : {std::string("/no/such/file"), folder}) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"rank", "--client", "c", "--needs", file},
                                               {"import", "therapists", file},
                                               {"import", "therapists", "-", "--mapping", file},
                                               {"import", "therapists", "-", "--dry-run", "--catalog", file},
                                               {"catalog", "check", file},
                                               {"serve", "--data-dir", folder, "--catalog", file},
                                               {"evaluate", file},
                                               {"export", "therapists", "--output", file + "/no/such"}}) {
      Terminal terminal("therapist_id\n");
      EXPECT_EQ(terminal.Run(arguments), ExitCode::kUsage) << absl::StrJoin(arguments, " ");
      EXPECT_THAT(terminal.err(), StartsWith("rapport: "));
      EXPECT_THAT(terminal.err(), HasSubstr(file));
    }
  }
  Terminal terminal;
  terminal.Run({"import", "therapists", folder});
  EXPECT_THAT(terminal.err(), HasSubstr("cannot be read: Is a directory"));
}

TEST(App, AFileThatCannotBeReadToItsEndIsAnInterruptedImport) {
  FailingFile file(
      "therapist_id,display_name,seats,last_confirmed\nt-1,Ana,1,2026-01-31\nt-2,Ben,two,2026-01-31\nt-3,");
  std::istream in(&file);
  std::ostringstream out;
  std::ostringstream err;
  const runtime::RealClock clock;
  runtime::RandomIds ids(clock);
  Session session{in, out, err, clock, ids};
  const char* const argv[] = {"rapport", "import", "therapists", "-", "--dry-run", "--json"};
  EXPECT_EQ(cli::Run(6, argv, session), ExitCode::kUsage);
  EXPECT_THAT(err.str(), HasSubstr("cannot be read from line 4 on: Input/output error"));
  EXPECT_THAT(err.str(), HasSubstr("importing the file again is safe"));
  const auto report = nlohmann::json::parse(out.str(), nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(report.is_object()) << out.str();
  EXPECT_TRUE(report["interrupted"]);
  EXPECT_EQ(report["rows"], 2);
}

TEST(App, AnExportThatFailsLeavesTheFileAsItWas) {
  const SilentPort silent;
  const std::string path = testing::TempDir() + "rapport-export-that-fails.csv";
  std::ofstream(path) << "before";
  Terminal terminal;
  EXPECT_EQ(terminal.Run({"export", "therapists", "--output", path, "--address", silent.address()}),
            ExitCode::kUnavailable);
  std::stringstream after;
  after << std::ifstream(path).rdbuf();
  EXPECT_EQ(after.str(), "before");
  EXPECT_FALSE(std::filesystem::exists(path + ".part"));
  std::filesystem::remove(path);
}

// Takes nothing, as a full disk.
class FullDisk : public std::streambuf {};

TEST(App, OutputThatCannotBeWrittenIsNoSuccess) {
  const auto run = [](const std::vector<const char*>& argv, std::string& told) {
    FullDisk full;
    std::istringstream in("therapist_id\nt-1\n");
    std::ostream out(&full);
    std::ostringstream err;
    const runtime::RealClock clock;
    runtime::RandomIds ids(clock);
    Session session{in, out, err, clock, ids};
    const ExitCode code = cli::Run(static_cast<int>(argv.size()), argv.data(), session);
    told = err.str();
    return code;
  };
  std::string told;
  EXPECT_EQ(run({"rapport", "sample", "therapists", "--count", "1"}, told), ExitCode::kUnexpected);
  EXPECT_EQ(told, "rapport: the output could not be written in full\n");
  EXPECT_EQ(run({"rapport", "--help"}, told), ExitCode::kUnexpected);
  EXPECT_EQ(run({"rapport", "import", "therapists", "-", "--dry-run"}, told), ExitCode::kRefused)
      << "what failed before stays what is told";
  EXPECT_THAT(told, HasSubstr("could not be written in full"));
}

TEST(App, NeedsThatAreNoJsonAreUsageErrors) {
  Terminal terminal("{\"locution\": 1}");
  EXPECT_EQ(terminal.Run({"rank", "--client", "c", "--needs", "-"}), ExitCode::kUsage);
  EXPECT_THAT(terminal.err(), HasSubstr("rapport.matcher.v1.Needs"));
}

TEST(App, NeedsMayBeginWithAByteOrderMark) {
  const SilentPort silent;
  Terminal terminal("\xEF\xBB\xBF{}");
  EXPECT_EQ(terminal.Run({"rank", "--client", "c", "--needs", "-", "--address", silent.address()}),
            ExitCode::kUnavailable)
      << terminal.err();
}

// A folder of meetings, gone with its test.
class Meetings {
 public:
  explicit Meetings(const std::string& events) {
    folder_ = testing::TempDir() + "rapport-meetings-XXXXXX";
    EXPECT_NE(mkdtemp(folder_.data()), nullptr);
    std::ofstream(folder_ + "/clients.csv") << "\xEF\xBB\xBF"
                                            << "client_id,age\nc1,30\nc2,40\n";
    std::ofstream(folder_ + "/therapists.csv") << "therapist_id,age\nt1,50\nt2,60\n";
    std::ofstream(folder_ + "/events.csv") << events;
  }
  ~Meetings() { std::filesystem::remove_all(folder_); }

  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

constexpr char kEventsHeader[] = "event_id,t,client_id,therapist_id,split,accepted\n";

TEST(Evaluate, WithoutAnythingToScoreItFailsAndSaysWhy) {
  for (const char* rows : {"", "e1,1,c1,t1,train,1\n", "e1,1,c1,t1,test,\n"}) {
    const Meetings meetings(absl::StrCat(kEventsHeader, rows));
    Terminal terminal;
    EXPECT_EQ(terminal.Run({"evaluate", meetings.folder()}), ExitCode::kUsage) << rows;
    EXPECT_THAT(terminal.err(), HasSubstr("nothing to score"));
    EXPECT_EQ(terminal.out(), "");
  }
}

TEST(Evaluate, AnEventThatIsThereTwiceIsToldWithItsLine) {
  const Meetings meetings(
      absl::StrCat(kEventsHeader, "e1,1,c1,t1,train,1\n\ne2,2,c1,t2,train,1\ne1,3,c2,t1,test,0\n"));
  Terminal terminal;
  EXPECT_EQ(terminal.Run({"evaluate", meetings.folder()}), ExitCode::kUsage);
  EXPECT_THAT(terminal.err(), HasSubstr("events.csv:5: event_id e1 is there twice"));
}

TEST(Evaluate, OneClassHasNoAucAndADiagramThatCannotBeWrittenIsNoServersFault) {
  const Meetings meetings(absl::StrCat("\xEF\xBB\xBF", kEventsHeader,
                                       "e1,1,c1,t1,train,0\ne2,2,c1,t2,test,1\ne3,3,c2,t1,test,1\n"));
  Terminal terminal;
  EXPECT_EQ(terminal.Run({"evaluate", meetings.folder()}), ExitCode::kOk) << terminal.err();
  EXPECT_THAT(terminal.out(), HasSubstr("2 verdicts: log-loss"));
  EXPECT_THAT(terminal.out(), Not(HasSubstr("nan")));
  EXPECT_EQ(terminal.Run({"evaluate", meetings.folder(), "--diagram", meetings.folder() + "/no/such.svg"}),
            ExitCode::kUsage);
  EXPECT_THAT(terminal.err(), Not(HasSubstr("Is the server running")));
}

TEST(Evaluate, AQueryAfterAllMeetingsIsAnswered) {
  const Meetings meetings(absl::StrCat(kEventsHeader, "e1,1,c1,t1,train,1\ne2,2,c1,t2,train,0\n"));
  std::ofstream(meetings.folder() + "/queries.csv") << "query_id,kind,t,client_id,candidates\n"
                                                       "q1,early,2,c2,t1 t2\nq2,late,9,c2,t1 t2\n";
  std::ofstream(meetings.folder() + "/truth.csv")
      << "query_id,therapist_id,accepted\nq1,t1,1\nq1,t2,0\nq2,t1,1.0\nq2,t2,0.0\n";
  Terminal terminal;
  EXPECT_EQ(terminal.Run({"evaluate", meetings.folder()}), ExitCode::kOk) << terminal.err();
  EXPECT_THAT(terminal.out(), HasSubstr("1 early rankings"));
  EXPECT_THAT(terminal.out(), HasSubstr("1 late rankings"));
}

TEST(App, TheSampleIsInOrderByADryRun) {
  Terminal sample;
  ASSERT_EQ(sample.Run({"sample", "therapists", "--count", "50", "--seed", "7", "--today", "2026-11-20"}),
            ExitCode::kOk);
  Terminal import(sample.out());
  EXPECT_EQ(import.Run({"import", "therapists", "-", "--dry-run"}), ExitCode::kOk) << import.out();
  EXPECT_THAT(import.out(), HasSubstr("50 rows (rapport)"));
  EXPECT_THAT(import.out(), HasSubstr("nothing was sent"));
}

// As the directory would, which has the other fields already.
TEST(App, ADryRunOfAMaskLooksAtWhatTheMaskNames) {
  const std::string file = "therapist_id,seats\nt-1,3\nt-2,-1\n";
  Terminal terminal(file);
  EXPECT_EQ(terminal.Run({"import", "therapists", "-", "--dry-run", "--update-only", "seats"}),
            ExitCode::kRefused);
  EXPECT_THAT(terminal.out(), HasSubstr("line 3 (t-2): seats"));
  EXPECT_THAT(terminal.out(), Not(HasSubstr("t-1")));
  EXPECT_THAT(terminal.out(), Not(HasSubstr("display_name")));
}

TEST(App, ADryRunChecksAgainstTheCatalogAndShowsTheFirstRefusals) {
  std::string file = "therapist_id,display_name,payers,last_confirmed\n";
  for (int i = 1; i <= 30; ++i) absl::StrAppend(&file, "t-", i, ",Somebody,no_such_payer,2026-01-31\n");
  Terminal some(file);
  EXPECT_EQ(some.Run({"import", "therapists", "-", "--dry-run"}), ExitCode::kRefused);
  EXPECT_THAT(some.out(), HasSubstr("line 2 (t-1): payers[0]"));
  EXPECT_THAT(some.out(), HasSubstr("... and 10 more refused rows"));
  Terminal all(file);
  EXPECT_EQ(all.Run({"import", "therapists", "-", "--dry-run", "--all"}), ExitCode::kRefused);
  EXPECT_THAT(all.out(), HasSubstr("line 31 (t-30): payers[0]"));
}

}  // namespace
}  // namespace rapport::cli
