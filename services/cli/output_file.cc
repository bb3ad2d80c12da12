// A temporary file beside the target, so that taking its place is one step of the file system.
#include "services/cli/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace rapport::cli {
namespace {

namespace fs = std::filesystem;

absl::Status CannotWrite(const std::string& path, int error) {
  return absl::InvalidArgumentError(absl::StrCat("cannot write ", path, ": ", std::strerror(error)));
}

// /dev/stdout may lead to a regular file, but it is not there that somebody wants another one.
bool IsDevice(const std::string& path) {
  return absl::StartsWith(path, "/dev/") || absl::StartsWith(path, "/proc/");
}

// What a new file is allowed.
fs::perms Usual() {
  const mode_t mask = umask(0);
  umask(mask);
  return static_cast<fs::perms>(0666 & ~mask);
}

// A full disk is sometimes told only here.
bool Synced(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool synced = fsync(file) == 0;
  return close(file) == 0 && synced;
}

}  // namespace

OutputFile::OutputFile(std::string path, std::string part) : path_(std::move(path)), part_(std::move(part)) {}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : path_(std::move(other.path_)),
      part_(std::exchange(other.part_, {})),
      stream_(std::move(other.stream_)) {}

OutputFile::~OutputFile() {
  if (part_.empty()) return;
  stream_.close();
  unlink(part_.c_str());
}

absl::StatusOr<OutputFile> OutputFile::Open(const std::string& path) {
  std::error_code error;
  const fs::file_status before = fs::status(path, error);
  const bool exists = fs::exists(before);
  // What a link without an end leads to is made by whoever opens it.
  const bool directly = exists ? !fs::is_regular_file(before) || IsDevice(path)
                               : fs::is_symlink(fs::symlink_status(path, error));
  // A file that may not be written is not replaced either, though its folder would allow that.
  if (exists && access(path.c_str(), W_OK) != 0) return CannotWrite(path, errno);
  // Behind a link it is the file that changes, not the link.
  const std::string target = exists && !directly ? fs::canonical(path, error).string() : path;
  if (error && exists) return CannotWrite(path, error.value());
  OutputFile file(target, "");
  if (!directly) {
    std::string part = absl::StrCat(target, ".part-XXXXXX");
    const int made = mkostemp(part.data(), O_CLOEXEC);
    if (made < 0) return CannotWrite(absl::StrCat(target, ".part"), errno);
    close(made);
    file.part_ = std::move(part);
  }
  const std::string& written = directly ? file.path_ : file.part_;
  errno = 0;
  file.stream_.open(written, std::ios::binary);
  if (!file.stream_) return CannotWrite(written, errno);
  if (!directly) {
    fs::permissions(written, exists ? before.permissions() : Usual(), error);
    if (error) return CannotWrite(written, error.value());
    // Root leaves a file to whom it belonged; nobody else can give one away.
    struct stat owned = {};
    if (exists && stat(target.c_str(), &owned) == 0) [[maybe_unused]]
      const int given = chown(written.c_str(), owned.st_uid, owned.st_gid);
  }
  return file;
}

absl::Status OutputFile::Commit() {
  stream_.close();
  const bool written = stream_.good() && (part_.empty() || Synced(part_));
  if (!written || (!part_.empty() && std::rename(part_.c_str(), path_.c_str()) != 0)) {
    return absl::DataLossError(absl::StrCat(path_, ": the output could not be written in full"));
  }
  part_.clear();
  return absl::OkStatus();
}

}  // namespace rapport::cli
