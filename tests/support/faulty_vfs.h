// A file system for SQLite that fails on command and can lose power: every storage error that a disk can
// give, without a disk that gives it. Wraps SQLite's default VFS; select it with DatabaseOptions.vfs.
//
//     FaultyVfs vfs("faulty");
//     auto db = Database::Open({.url = url, .vfs = vfs.name()});
//     vfs.Arm({.operations = {Operation::kWrite}, .code = SQLITE_FULL, .lasting = true});   // the disk is
//     full
#ifndef RAPPORT_TESTS_SUPPORT_FAULTY_VFS_H_
#define RAPPORT_TESTS_SUPPORT_FAULTY_VFS_H_

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace rapport::testing {

enum class Operation { kOpen, kDelete, kAccess, kRead, kWrite, kTruncate, kSync, kFileSize, kSharedMemory };

struct Fault {
  std::set<Operation> operations = {};  // Which calls count; empty: all.
  int64_t nth = 1;                      // The n-th of them from now on fails.
  int code = 0;          // With this SQLite result; 0: the operation's own SQLITE_IOERR_... or CANTOPEN.
  bool lasting = false;  // So do all after it, until Disarm.
};

// Thread-safe. Outlives every database that uses it. One process may have several, under different names.
class FaultyVfs {
 public:
  explicit FaultyVfs(std::string name);
  ~FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  const std::string& name() const { return name_; }

  void Arm(const Fault& fault);
  void Disarm();
  // True when a call has failed since Arm.
  bool fired() const;

  // From now on a sync is acknowledged and not done: the mutant that a durability test must catch.
  void IgnoreSync();

  // Writes into `folder` the files as they would be found if the power went off now: what was synced, and of
  // the rest a random part chosen by `seed`, for a disk may write in any order. The running database does not
  // notice.
  void LosePower(const std::string& folder, uint64_t seed) const;

 private:
  friend struct FaultyCalls;

  // A change since the last sync; `truncate`: the file is cut to `offset`.
  struct Change {
    int64_t offset;
    std::string data;
    bool truncate;
  };
  struct File {
    std::string synced;
    std::vector<Change> unsynced;
  };

  static void Apply(const Change& change, std::string& content);
  // SQLITE_OK, or the result with which this call has to fail.
  int Next(Operation operation, int own_code);
  void Opened(const std::string& path);
  void Changed(const std::string& path, Change change);
  void Synced(const std::string& path);
  void Deleted(const std::string& path);

  const std::string name_;
  sqlite3_vfs* const real_;
  sqlite3_vfs vfs_;

  mutable std::mutex mutex_;  // Guards what follows.
  bool armed_ = false;
  bool fired_ = false;
  bool ignore_sync_ = false;
  int64_t counted_ = 0;
  Fault fault_;
  std::map<std::string, File> files_;
};

}  // namespace rapport::testing

#endif  // RAPPORT_TESTS_SUPPORT_FAULTY_VFS_H_
