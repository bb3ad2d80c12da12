// A file is written whole, or stays as it was.
#include "services/cli/output_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

namespace rapport::cli {
namespace {

using testing::HasSubstr;

class OutputFileTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "rapport-output-XXXXXX";
    ASSERT_NE(mkdtemp(folder_.data()), nullptr);
    path_ = folder_ + "/file.csv";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static std::string TextOf(const std::string& path) {
    std::ifstream file(path);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  static absl::Status Write(const std::string& path, const std::string& text) {
    absl::StatusOr<OutputFile> file = OutputFile::Open(path);
    if (!file.ok()) return file.status();
    file->stream() << text;
    return file->Commit();
  }
  int Files() const {
    int files = 0;
    for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_)) ++files;
    return files;
  }

  std::string folder_;
  std::string path_;
};

TEST_F(OutputFileTest, WhatIsCommittedTakesTheFilesPlace) {
  ASSERT_TRUE(Write(path_, "one").ok());
  EXPECT_EQ(TextOf(path_), "one");
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  ASSERT_TRUE(Write(path_, "two").ok());
  EXPECT_EQ(TextOf(path_), "two");
  EXPECT_EQ(std::filesystem::status(path_).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(Files(), 1);
}

TEST_F(OutputFileTest, WithoutACommitTheFileIsAsItWas) {
  ASSERT_TRUE(Write(path_, "before").ok());
  {
    absl::StatusOr<OutputFile> file = OutputFile::Open(path_);
    ASSERT_TRUE(file.ok()) << file.status();
    file->stream() << "half of" << std::flush;
    EXPECT_EQ(TextOf(path_), "before");
  }
  EXPECT_EQ(TextOf(path_), "before");
  EXPECT_EQ(Files(), 1);
}

TEST_F(OutputFileTest, BehindALinkTheFileIsReplacedAndTheLinkStays) {
  ASSERT_TRUE(Write(path_, "before").ok());
  const std::string link = folder_ + "/link.csv";
  std::filesystem::create_symlink(path_, link);
  ASSERT_TRUE(Write(link, "after").ok());
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(TextOf(path_), "after");
}

TEST_F(OutputFileTest, APipeIsWrittenDirectly) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = TextOf(path_); });
  const absl::Status status = Write(path_, "through");
  reader.join();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(read, "through");
  EXPECT_TRUE(std::filesystem::is_fifo(path_));
}

TEST_F(OutputFileTest, AFullDeviceIsTold) {
  EXPECT_EQ(Write("/dev/full", "something").code(), absl::StatusCode::kDataLoss);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

TEST_F(OutputFileTest, WhereNothingCanBeWrittenNothingChanges) {
  const absl::Status missing = Write(folder_ + "/no/such.csv", "something");
  EXPECT_EQ(missing.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("No such file or directory"));
  EXPECT_EQ(Write(folder_, "something").code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Files(), 0);
}

}  // namespace
}  // namespace rapport::cli
