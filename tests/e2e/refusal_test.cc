// What cannot work is said before anything is served: one clear line on standard error, and an exit code that
// is not 0, from every program that serves.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/storage/database.h"
#include "tests/e2e/deployment.h"

namespace rapport::e2e {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Program {
  std::string name;  // with which its error begins
  std::vector<std::string> command;
  std::string data_flag;
  std::string database;  // of one service, within its folder
  bool takes_folder;     // or a database's URL

  std::string DataIn(const std::string& folder) const {
    return takes_folder ? folder : absl::StrCat("sqlite:", folder, "/", database);
  }
};

// How test runners show it.
void PrintTo(const Program& one, std::ostream* out) {
  *out << one.name;
}

std::vector<Program> AllPrograms() {
  std::vector<Program> programs = {{"rapport", {RAPPORT_BINARY, "serve"}, "--data-dir", "matcher.db", true}};
  for (Service service : kServices) {
    programs.push_back({NameOf(service), {BinaryOf(service)}, "--database", "own.db", false});
  }
  return programs;
}

using Flags = std::vector<std::string>;

const Flags kPlaintext = {"--insecure-loopback"};
const Flags kAnyPort = {"--address", "127.0.0.1:0", "--http-address", "127.0.0.1:0"};

class RefusalTest : public testing::TestWithParam<Program> {
 protected:
  std::vector<std::string> Command(const std::string& folder, const std::vector<Flags>& flags) const {
    std::vector<std::string> command = GetParam().command;
    command.push_back(GetParam().data_flag);
    command.push_back(GetParam().DataIn(folder));
    for (const Flags& each : flags) command.insert(command.end(), each.begin(), each.end());
    return command;
  }

  // Starts it on `data`, and returns the line that it says.
  std::string Refusal(const std::string& data, const std::vector<Flags>& flags = {kPlaintext, kAnyPort}) {
    Process process(Command(data, flags));
    EXPECT_GT(process.Wait(), 0) << "an exit code of its own\n" << process.Errors();
    const std::vector<std::string> lines = absl::StrSplit(process.Errors(), '\n', absl::SkipEmpty());
    if (lines.empty()) return "";
    EXPECT_THAT(lines[0], StartsWith(GetParam().name + ": "));
    // Of a file, each mistake has a line of its own.
    for (size_t i = 1; i < lines.size(); ++i) EXPECT_THAT(lines[i], StartsWith(folder()));
    return lines[0];
  }

  // Serves once and ends in order: leaves its databases behind.
  void ServeOnce() {
    Process process(Command(folder(), {kPlaintext, kAnyPort, {"--drain-delay", "0s"}}));
    WaitForPort(process);
    process.Signal(SIGTERM);
    EXPECT_EQ(process.Wait(), 0) << process.Errors();
  }

  const std::string& folder() const { return scratch_.folder(); }
  std::string database() const { return absl::StrCat(folder(), "/", GetParam().database); }

  const Scratch scratch_;
};

TEST_P(RefusalTest, DataUnderARegularFile) {
  std::ofstream(folder() + "/file") << "not a folder";
  EXPECT_THAT(Refusal(folder() + "/file/data"), HasSubstr("/file/data"));
}

TEST_P(RefusalTest, DataWhereNobodyMayWrite) {
  EXPECT_THAT(Refusal("/proc"), HasSubstr("/proc"));
}

TEST_P(RefusalTest, NotADatabase) {
  std::ofstream(database()) << std::string(4096, 'x');
  EXPECT_THAT(Refusal(folder()), HasSubstr(database()));
}

TEST_P(RefusalTest, ADatabaseOfANewerProgram) {
  ServeOnce();
  {
    auto opened = storage::Database::Open({.url = "sqlite:" + database()});
    ASSERT_TRUE(opened.ok()) << opened.status();
    const absl::Status written = (*opened)->Write([](storage::Transaction& tx) {
      return tx
          .Execute(
              "INSERT INTO schema_version (component, version, name) "
              "SELECT DISTINCT component, 1000, 'of tomorrow' FROM schema_version")
          .status();
    });
    ASSERT_TRUE(written.ok()) << written;
  }
  EXPECT_THAT(Refusal(folder()), HasSubstr("run the newer program"));
}

TEST_P(RefusalTest, ADatabaseInUse) {
  Process first(Command(folder(), {kPlaintext, kAnyPort}));
  WaitForPort(first);
  EXPECT_THAT(Refusal(folder()), HasSubstr(database()));
}

TEST_P(RefusalTest, APortThatIsTaken) {
  const int holder = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(bind(holder, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(holder, 1), 0);
  ASSERT_EQ(getsockname(holder, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string taken = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  for (const Flags& flags : {Flags{"--address", taken, "--http-address", "127.0.0.1:0"},
                             Flags{"--address", "127.0.0.1:0", "--http-address", taken}}) {
    EXPECT_THAT(Refusal(folder(), {kPlaintext, flags}), HasSubstr(absl::StrCat("cannot listen on ", taken)));
  }
  close(holder);
}

TEST_P(RefusalTest, ACatalogThatIsNone) {
  const std::string catalog = folder() + "/catalog.textproto";
  EXPECT_THAT(Refusal(folder(), {kPlaintext, kAnyPort, {"--catalog", catalog}}), HasSubstr(catalog));
  std::ofstream(catalog) << "version: 7 nonsense {";
  EXPECT_THAT(Refusal(folder(), {kPlaintext, kAnyPort, {"--catalog", catalog}}), HasSubstr(catalog));
  std::ofstream(catalog) << "version: \"empty-1\"";
  EXPECT_THAT(Refusal(folder(), {kPlaintext, kAnyPort, {"--catalog", catalog}}), HasSubstr(catalog));
}

TEST_P(RefusalTest, PlaintextThatNobodyAllowed) {
  EXPECT_THAT(Refusal(folder(), {kAnyPort}), HasSubstr("--insecure-loopback"));
}

TEST_P(RefusalTest, PlaintextBeyondLoopback) {
  EXPECT_THAT(Refusal(folder(), {kPlaintext, {"--address", "0.0.0.0:0", "--http-address", "127.0.0.1:0"}}),
              HasSubstr("--address"));
}

TEST_P(RefusalTest, ValuesOutOfRange) {
  const std::string line =
      Refusal(folder(), {kPlaintext, kAnyPort, {"--workers", "0", "--queue-length", "0"}});
  EXPECT_THAT(line, HasSubstr("--workers"));
  EXPECT_THAT(line, HasSubstr("--queue-length")) << "all of them at once";
}

INSTANTIATE_TEST_SUITE_P(Programs, RefusalTest, testing::ValuesIn(AllPrograms()), [](const auto& program) {
  std::string name = program.param.name;
  std::erase(name, '-');
  return name;
});

}  // namespace
}  // namespace rapport::e2e
