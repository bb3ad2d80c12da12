// A database is one connection that writes and a few that read, all on one file that this process alone may
// have open.
#include "services/storage/database.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/storage/file_lock.h"
#include "services/storage/sqlite_connection.h"

namespace rapport::storage {
namespace {

constexpr int kMaxReaders = 64;  // Each costs a file descriptor and a page cache of about 2 MB.

// Reading a state takes every core at first and one at its end: a check beside it waits for that one to be
// idle.
constexpr int kCheckNiceness = 10;

// The absolute path that `url` names, links resolved, so that one file cannot be locked under two names.
absl::StatusOr<std::filesystem::path> FileOf(absl::string_view url) {
  absl::string_view path = url;
  if (!absl::ConsumePrefix(&path, "sqlite:") || path.empty()) {
    return absl::InvalidArgumentError("the database url must look like sqlite:/path/file.db");
  }
  std::error_code error;
  // Absolute first: of a name that does not exist yet, the canonical form would stay relative.
  std::filesystem::path file = std::filesystem::absolute(std::string(path), error);
  // A link to what is not there yet is not resolved either; SQLite's own files stand beside what it leads to.
  constexpr int kMostLinks = 40;
  std::error_code no_link;
  for (int i = 0;
       i < kMostLinks && std::filesystem::is_symlink(std::filesystem::symlink_status(file, no_link)); ++i) {
    file = file.parent_path() / std::filesystem::read_symlink(file, no_link);
  }
  if (!error) file = std::filesystem::weakly_canonical(file, error);
  if (!error) return file;
  return absl::UnavailableError(absl::StrCat("database ", path, ": cannot open: ", error.message()));
}

absl::Status EnsureFolder(const std::filesystem::path& folder, bool create) {
  std::error_code error;
  if (std::filesystem::exists(folder, error)) return absl::OkStatus();
  if (!create) {
    return absl::NotFoundError(absl::StrCat("the database folder ", folder.native(),
                                            " does not exist; create it, or ask for it to be made"));
  }
  if (std::filesystem::create_directories(folder, error)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(
      absl::StrCat("cannot create the database folder ", folder.native(), ": ", error.message()));
}

// A file descriptor, closed at the end.
class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  OpenFile(OpenFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// Before SQLite does, so that only our user can read it: its other files copy this one's mode.
absl::StatusOr<OpenFile> EnsureFile(const std::string& path) {
  OpenFile file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.fd() < 0) {
    return absl::UnavailableError(absl::StrCat("database ", path, ": cannot open: ", std::strerror(errno)));
  }
  return file;
}

// Reads the file from its beginning to its end, so that the pages which a check and a start want in another
// order are in memory by then: from a disk that takes a fraction of the time.
void ReadThrough(const OpenFile& file) {
  std::vector<char> piece(1 << 20);
  for (off_t at = 0;;) {
    const ssize_t count = pread(file.fd(), piece.data(), piece.size(), at);
    if (count <= 0) return;  // the end; or an error, which whoever needs the page will hear of
    at += count;
  }
}

}  // namespace

struct Database::Impl {
  Impl(std::string file_path, FileLock file_lock, OpenFile open_file)
      : path(std::move(file_path)), lock(std::move(file_lock)), file(std::move(open_file)) {}
  ~Impl() { AwaitCheck().IgnoreError(); }

  absl::Status AwaitCheck() {
    std::lock_guard<std::mutex> hold(check_mutex);
    if (checker.joinable()) checker.join();
    return checked;
  }

  // Whether the path still leads to the file that is open: what is written to one that was removed is gone
  // with this process.
  absl::Status StillThere() const {
    struct stat open_now = {}, found = {};
    const bool both = fstat(file.fd(), &open_now) == 0 && stat(path.c_str(), &found) == 0;
    if (!both && errno != ENOENT)
      return absl::UnavailableError(absl::StrCat("database ", path, ": ", std::strerror(errno)));
    if (!both || open_now.st_dev != found.st_dev || open_now.st_ino != found.st_ino) {
      return absl::UnavailableError(
          absl::StrCat("database ", path, " was removed or replaced while it was open"));
    }
    return absl::OkStatus();
  }

  // The same of the log beside it, in which the newest commits are; it is made by the first one.
  absl::Status LogStillThere() {
    struct stat found = {};
    const bool there = stat((path + "-wal").c_str(), &found) == 0;
    if (!there && errno != ENOENT)
      return absl::UnavailableError(absl::StrCat("database ", path, "-wal: ", std::strerror(errno)));
    if (!there || (wal && *wal != found.st_ino)) {
      return absl::UnavailableError(
          absl::StrCat("database ", path, ": its log (-wal) was removed or replaced while it was open"));
    }
    wal = found.st_ino;
    return absl::OkStatus();
  }

  std::unique_ptr<Connection> TakeReader() {
    std::unique_lock<std::mutex> hold(readers_mutex);
    reader_returned.wait(hold, [this] { return !idle_readers.empty(); });
    std::unique_ptr<Connection> reader = std::move(idle_readers.back());
    idle_readers.pop_back();
    return reader;
  }

  void GiveBack(std::unique_ptr<Connection> reader) {
    {
      std::lock_guard<std::mutex> hold(readers_mutex);
      idle_readers.push_back(std::move(reader));
    }
    reader_returned.notify_one();
  }

  const std::string path;
  const FileLock lock;  // Before the connections: it is released after they are closed.
  const OpenFile file;  // The same: to close any descriptor of the file drops SQLite's own locks.

  std::mutex writer_mutex;
  std::unique_ptr<Connection> writer;  // Guarded by writer_mutex.
  std::optional<ino_t> wal;            // The same; of the log, once it was seen.

  std::mutex check_mutex;
  std::thread checker;   // Guarded by check_mutex.
  absl::Status checked;  // Written by the checker, read after it was joined.

  std::mutex readers_mutex;
  std::condition_variable reader_returned;
  std::vector<std::unique_ptr<Connection>>
      idle_readers;  // Guarded by readers_mutex. The last used is the warmest.
};

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const DatabaseOptions& options) {
  if (options.readers < 1 || options.readers > kMaxReaders) {
    return absl::InvalidArgumentError(absl::StrCat("database readers must be 1 to ", kMaxReaders));
  }
  absl::StatusOr<std::filesystem::path> file = FileOf(options.url);
  if (!file.ok()) return file.status();
  if (absl::Status s = EnsureFolder(file->parent_path(), options.create_folder); !s.ok()) return s;

  const std::string path = file->native();
  const auto in_use = [&] {
    return absl::FailedPreconditionError(
        absl::StrCat("SQLite serves one replica: ", path,
                     " is in use by another process; stop that one, or give each "
                     "its own database"));
  };
  absl::StatusOr<FileLock> lock = FileLock::Acquire(path + ".lock");
  if (absl::IsFailedPrecondition(lock.status())) return in_use();
  if (!lock.ok()) return lock.status();
  absl::StatusOr<OpenFile> opened = EnsureFile(path);
  if (!opened.ok()) return opened.status();
  if (FileLock::HeldByAnother(opened->fd())) return in_use();

  auto impl = std::make_unique<Impl>(path, *std::move(lock), *std::move(opened));
  for (int i = 0; i <= options.readers; ++i) {
    auto connection = Connection::Open(path, options.vfs, options.busy_timeout);
    if (!connection.ok()) return connection.status();
    if (i > 0) {
      impl->idle_readers.push_back(*std::move(connection));
      continue;
    }
    if (!options.check_beside) {
      if (absl::Status s = (*connection)->CheckIntegrity(); !s.ok()) return s;
    }
    impl->writer = *std::move(connection);
  }
  if (options.check_beside) {
    absl::StatusOr<std::unique_ptr<Connection>> own =
        Connection::Open(path, options.vfs, options.busy_timeout);
    if (!own.ok()) return own.status();
    impl->checker = std::thread([held = impl.get(), connection = *std::move(own)] {
      ReadThrough(held->file);
      ::setpriority(PRIO_PROCESS, 0, kCheckNiceness);  // of this thread alone, as Linux has it
      held->checked = connection->CheckIntegrity();
    });
  }
  return std::unique_ptr<Database>(new Database(std::move(impl)));
}

Database::Database(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Database::~Database() = default;

absl::Status Database::Write(absl::FunctionRef<absl::Status(Transaction&)> body) {
  std::lock_guard<std::mutex> hold(impl_->writer_mutex);
  return impl_->writer->Run(Access::kWrite, body);
}

absl::Status Database::Read(absl::FunctionRef<absl::Status(Transaction&)> body) const {
  std::unique_ptr<Connection> reader = impl_->TakeReader();
  absl::Cleanup give_back = [&] { impl_->GiveBack(std::move(reader)); };
  return reader->Run(Access::kRead, body);
}

absl::Status Database::AwaitCheck() {
  return impl_->AwaitCheck();
}

absl::Status Database::Ping() {
  if (absl::Status there = impl_->StillThere(); !there.ok()) return there;
  {
    std::lock_guard<std::mutex> hold(impl_->writer_mutex);
    if (absl::Status s = impl_->writer->Touch(); !s.ok()) return s;
    if (absl::Status there = impl_->LogStillThere(); !there.ok()) return there;
  }
  return Read([](Transaction&) { return absl::OkStatus(); });  // Taking a snapshot reads the file.
}

const std::string& Database::name() const {
  return impl_->path;
}

}  // namespace rapport::storage
