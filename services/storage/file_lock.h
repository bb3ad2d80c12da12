// Holds a file for one process: SQLite serves one replica, and a second one must hear so at once instead of
// finding out through lost updates of its in-memory state.
#ifndef RAPPORT_SERVICES_STORAGE_FILE_LOCK_H_
#define RAPPORT_SERVICES_STORAGE_FILE_LOCK_H_

#include <string>

#include "absl/status/statusor.h"

namespace rapport::storage {

// An exclusive lock on `path`, released by destruction or by the end of the process, however it ends.
// Movable.
class FileLock {
 public:
  // Whether another process holds the open file `fd`; if not, this one does from now on, until `fd` is
  // closed. Beside the lock on a file of its own: whoever tidies that file away does not let a second process
  // in.
  static bool HeldByAnother(int fd);

  // Creates the file (mode 0600) when it is missing; it is never removed. Does not wait.
  //   FAILED_PRECONDITION  held by another process, or by another FileLock of this one
  //   UNAVAILABLE          the file cannot be opened or locked; the message has the system's reason
  static absl::StatusOr<FileLock> Acquire(const std::string& path);

  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) = delete;
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace rapport::storage

#endif  // RAPPORT_SERVICES_STORAGE_FILE_LOCK_H_
