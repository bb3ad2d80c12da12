// Opening: what is made, what is refused, and in which words.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "tests/services/storage/scratch.h"

namespace rapport::storage {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

absl::Status OpenStatus(const std::string& url) {
  return Database::Open({.url = url}).status();
}

// One clear line: it names the file and is not a driver's dump.
auto OneLineAbout(const std::string& path) {
  return AllOf(HasSubstr(path), Not(HasSubstr("\n")));
}

void WriteFile(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

TEST(OpenTest, MakesAFileOnlyItsUserCanRead) {
  Scratch scratch;
  auto db = OpenOrDie(scratch.url());
  ASSERT_THAT(Exec(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT"), IsOk());
  for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
    struct stat file;
    ASSERT_EQ(stat((scratch.file() + suffix).c_str(), &file), 0) << suffix;
    EXPECT_EQ(file.st_mode & 0777, 0600u) << suffix;
  }
}

TEST(OpenTest, DataIsThereAfterReopening) {
  Scratch scratch;
  ASSERT_THAT(Exec(*OpenOrDie(scratch.url()), "CREATE TABLE t AS SELECT 5 AS id"), IsOk());
  EXPECT_THAT(Ints(*OpenOrDie(scratch.url()), "SELECT id FROM t"), ::testing::ElementsAre(5));
}

TEST(OpenTest, ANameWithoutAFolderIsMadeInTheWorkingFolder) {
  Scratch scratch;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(scratch.folder());
  EXPECT_THAT(OpenStatus("sqlite:test.db"), IsOk());
  std::filesystem::current_path(before);
  EXPECT_TRUE(std::filesystem::exists(scratch.file()));
}

TEST(OpenTest, FolderIsMadeOnlyWhenAsked) {
  Scratch scratch;
  const std::string folder = scratch.folder() + "/a/b";
  EXPECT_THAT(OpenStatus("sqlite:" + folder + "/test.db"),
              StatusIs(absl::StatusCode::kNotFound, OneLineAbout(folder)));
  EXPECT_THAT(Database::Open({.url = "sqlite:" + folder + "/test.db", .create_folder = true}).status(),
              IsOk());
}

TEST(OpenTest, WrongOptionsAreRefusedWithoutRepeatingTheUrl) {
  for (const char* url : {"", "sqlite:", "/plain/path.db", "postgresql://user:hunter2@host/db"}) {
    EXPECT_THAT(OpenStatus(url), StatusIs(absl::StatusCode::kInvalidArgument, Not(HasSubstr("hunter2"))))
        << url;
  }
  Scratch scratch;
  for (int readers : {0, 65}) {
    EXPECT_THAT(Database::Open({.url = scratch.url(), .readers = readers}).status(),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 to 64")));
  }
}

TEST(OpenTest, SecondProcessIsRefusedUntilTheFirstEnds) {
  Scratch scratch;
  int ready[2], leave[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(leave), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto db = Database::Open({.url = scratch.url()});
    char signal = db.ok() ? 'y' : 'n';
    close(leave[1]);
    const bool told = write(ready[1], &signal, 1) == 1;
    while (told && read(leave[0], &signal, 1) > 0) {
    }
    _exit(0);  // Without any clean-up, as if it were killed.
  }
  char signal = 'n';
  ASSERT_EQ(read(ready[0], &signal, 1), 1);
  ASSERT_EQ(signal, 'y');
  EXPECT_THAT(OpenStatus(scratch.url()),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("SQLite serves one replica"), HasSubstr("in use by another process"),
                             OneLineAbout(scratch.file()))));
  ASSERT_TRUE(std::filesystem::remove(scratch.file() + ".lock")) << "as somebody who tidies up";
  EXPECT_THAT(OpenStatus(scratch.url()),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("in use by another process")));
  close(leave[1]);
  int how;
  ASSERT_EQ(waitpid(child, &how, 0), child);
  EXPECT_THAT(OpenStatus(scratch.url()), IsOk());
  for (int fd : {ready[0], ready[1], leave[0]}) close(fd);
}

TEST(OpenTest, SecondDatabaseOfThisProcessIsRefusedAlsoThroughALink) {
  Scratch scratch;
  auto db = OpenOrDie(scratch.url());
  const std::string link = scratch.folder() + "/link.db";
  std::filesystem::create_symlink(scratch.file(), link);
  EXPECT_EQ(OpenStatus(scratch.url()).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(OpenStatus("sqlite:" + link).code(), absl::StatusCode::kFailedPrecondition);
}

TEST(OpenTest, FileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  Scratch scratch;
  const std::string letter(5000, 'x');
  WriteFile(scratch.file(), letter);
  EXPECT_THAT(OpenStatus(scratch.url()),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(OneLineAbout(scratch.file()), HasSubstr("not a database"))));
  std::ifstream in(scratch.file());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), letter);
}

TEST(OpenTest, CorruptPagesAreFoundWhereverTheyAre) {
  Scratch scratch;
  {
    auto db = OpenOrDie(scratch.url());
    ASSERT_THAT(Exec(*db, "CREATE TABLE t (id INTEGER PRIMARY KEY, body TEXT) STRICT"), IsOk());
    for (int i = 0; i < 200; ++i) {
      ASSERT_THAT(Exec(*db, "INSERT INTO t (body) VALUES ($1)", {std::string(500, 'a')}), IsOk());
    }
  }
  std::ifstream in(scratch.file(), std::ios::binary);
  const std::string sound{std::istreambuf_iterator<char>(in), {}};
  constexpr size_t kPage = 4096;
  ASSERT_GT(sound.size(), 10 * kPage);
  for (size_t page = 0; page < sound.size() / kPage; ++page) {
    std::string broken = sound;
    // Page 1 starts with the file's header; every other page with the header of its tree node.
    broken.replace(page * kPage + (page == 0 ? 100 : 0), 12, 12, '\xee');
    WriteFile(scratch.file(), broken);
    EXPECT_THAT(OpenStatus(scratch.url()),
                StatusIs(absl::StatusCode::kDataLoss,
                         AllOf(OneLineAbout(scratch.file()), HasSubstr("restore a backup"))))
        << "page " << page + 1;
  }
  // The same beside what goes on.
  std::string broken = sound;
  broken.replace(7 * kPage, 12, 12, '\xee');
  WriteFile(scratch.file(), broken);
  auto beside = Database::Open({.url = scratch.url(), .check_beside = true});
  ASSERT_THAT(beside.status(), IsOk());
  for (int again = 0; again < 2; ++again)
    EXPECT_THAT((*beside)->AwaitCheck(),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("restore a backup")));
  beside->reset();

  WriteFile(scratch.file(), sound.substr(0, sound.size() - 2 * kPage));
  EXPECT_EQ(OpenStatus(scratch.url()).code(), absl::StatusCode::kDataLoss);
}

TEST(OpenTest, PathThatCannotBeWrittenIsOneClearLine) {
  Scratch scratch;
  WriteFile(scratch.folder() + "/plain", "a file");
  const std::string below = scratch.folder() + "/plain/test.db";
  const absl::Status status = OpenStatus("sqlite:" + below);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), OneLineAbout(scratch.folder() + "/plain"));
  EXPECT_THAT(Database::Open({.url = "sqlite:" + below + "/deep/test.db", .create_folder = true}).status(),
              StatusIs(absl::StatusCode::kUnavailable, OneLineAbout(below)));
  std::filesystem::create_directory(scratch.file());
  EXPECT_THAT(OpenStatus(scratch.url()),
              StatusIs(absl::StatusCode::kUnavailable, OneLineAbout(scratch.file())));
}

}  // namespace
}  // namespace rapport::storage
