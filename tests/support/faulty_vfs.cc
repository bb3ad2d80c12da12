// The C callbacks that SQLite asks of a VFS, each: fail if told so, else do the real thing and note what
// changed.
#include "tests/support/faulty_vfs.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <utility>

namespace rapport::testing {
namespace {

// SQLite allocates szOsFile bytes for a file: this, and after it the real file.
struct WrappedFile {
  sqlite3_file base;
  FaultyVfs* vfs;
  std::string* path;  // Null for a temporary file without a name.
};

WrappedFile* Wrapped(sqlite3_file* file) {
  return reinterpret_cast<WrappedFile*>(file);
}
sqlite3_file* Real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(Wrapped(file) + 1);
}
FaultyVfs& Owner(sqlite3_vfs* vfs) {
  return *static_cast<FaultyVfs*>(vfs->pAppData);
}

std::string Slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

}  // namespace

// In one struct so that it can be a friend.
struct FaultyCalls {
  static int Close(sqlite3_file* file) {
    const int result = Real(file)->pMethods->xClose(Real(file));
    delete Wrapped(file)->path;
    return result;
  }

  static int Read(sqlite3_file* file, void* data, int size, sqlite3_int64 offset) {
    if (int code = Wrapped(file)->vfs->Next(Operation::kRead, SQLITE_IOERR_READ)) return code;
    return Real(file)->pMethods->xRead(Real(file), data, size, offset);
  }

  static int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
    if (int code = Wrapped(file)->vfs->Next(Operation::kWrite, SQLITE_IOERR_WRITE)) return code;
    const int result = Real(file)->pMethods->xWrite(Real(file), data, size, offset);
    if (result == SQLITE_OK && Wrapped(file)->path != nullptr) {
      Wrapped(file)->vfs->Changed(
          *Wrapped(file)->path,
          {offset, std::string(static_cast<const char*>(data), static_cast<size_t>(size)), false});
    }
    return result;
  }

  static int Truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (int code = Wrapped(file)->vfs->Next(Operation::kTruncate, SQLITE_IOERR_TRUNCATE)) return code;
    const int result = Real(file)->pMethods->xTruncate(Real(file), size);
    if (result == SQLITE_OK && Wrapped(file)->path != nullptr) {
      Wrapped(file)->vfs->Changed(*Wrapped(file)->path, {size, "", true});
    }
    return result;
  }

  // The real sync is left out: durability is simulated here, and tests stay fast.
  static int Sync(sqlite3_file* file, int) {
    if (int code = Wrapped(file)->vfs->Next(Operation::kSync, SQLITE_IOERR_FSYNC)) return code;
    if (Wrapped(file)->path != nullptr) Wrapped(file)->vfs->Synced(*Wrapped(file)->path);
    return SQLITE_OK;
  }

  static int FileSize(sqlite3_file* file, sqlite3_int64* size) {
    if (int code = Wrapped(file)->vfs->Next(Operation::kFileSize, SQLITE_IOERR_FSTAT)) return code;
    return Real(file)->pMethods->xFileSize(Real(file), size);
  }

  static int Lock(sqlite3_file* file, int level) { return Real(file)->pMethods->xLock(Real(file), level); }
  static int Unlock(sqlite3_file* file, int level) {
    return Real(file)->pMethods->xUnlock(Real(file), level);
  }
  static int CheckReservedLock(sqlite3_file* file, int* held) {
    return Real(file)->pMethods->xCheckReservedLock(Real(file), held);
  }
  static int FileControl(sqlite3_file* file, int op, void* argument) {
    return Real(file)->pMethods->xFileControl(Real(file), op, argument);
  }
  static int SectorSize(sqlite3_file* file) { return Real(file)->pMethods->xSectorSize(Real(file)); }
  static int DeviceCharacteristics(sqlite3_file* file) {
    return Real(file)->pMethods->xDeviceCharacteristics(Real(file));
  }

  static int ShmMap(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
    if (int code = Wrapped(file)->vfs->Next(Operation::kSharedMemory, SQLITE_IOERR_SHMMAP)) return code;
    return Real(file)->pMethods->xShmMap(Real(file), page, size, extend, memory);
  }
  static int ShmLock(sqlite3_file* file, int offset, int n, int flags) {
    return Real(file)->pMethods->xShmLock(Real(file), offset, n, flags);
  }
  static void ShmBarrier(sqlite3_file* file) { Real(file)->pMethods->xShmBarrier(Real(file)); }
  static int ShmUnmap(sqlite3_file* file, int remove) {
    return Real(file)->pMethods->xShmUnmap(Real(file), remove);
  }

  static int Open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    // Version 2: shared memory, but no memory-mapped pages, which would bypass Read and Write.
    static const sqlite3_io_methods kMethods = {2,
                                                Close,
                                                Read,
                                                Write,
                                                Truncate,
                                                Sync,
                                                FileSize,
                                                Lock,
                                                Unlock,
                                                CheckReservedLock,
                                                FileControl,
                                                SectorSize,
                                                DeviceCharacteristics,
                                                ShmMap,
                                                ShmLock,
                                                ShmBarrier,
                                                ShmUnmap,
                                                nullptr,
                                                nullptr};
    FaultyVfs& owner = Owner(vfs);
    file->pMethods = nullptr;
    if (int code = owner.Next(Operation::kOpen, SQLITE_CANTOPEN)) return code;
    const int result = owner.real_->xOpen(owner.real_, path, Real(file), flags, out_flags);
    if (result != SQLITE_OK) return result;
    file->pMethods = &kMethods;
    Wrapped(file)->vfs = &owner;
    Wrapped(file)->path = path == nullptr ? nullptr : new std::string(path);
    if (path != nullptr) owner.Opened(path);
    return SQLITE_OK;
  }

  static int Delete(sqlite3_vfs* vfs, const char* path, int sync_folder) {
    FaultyVfs& owner = Owner(vfs);
    if (int code = owner.Next(Operation::kDelete, SQLITE_IOERR_DELETE)) return code;
    const int result = owner.real_->xDelete(owner.real_, path, sync_folder);
    if (result == SQLITE_OK) owner.Deleted(path);
    return result;
  }

  static int Access(sqlite3_vfs* vfs, const char* path, int flags, int* result) {
    FaultyVfs& owner = Owner(vfs);
    if (int code = owner.Next(Operation::kAccess, SQLITE_IOERR_ACCESS)) return code;
    return owner.real_->xAccess(owner.real_, path, flags, result);
  }
};

FaultyVfs::FaultyVfs(std::string name)
    : name_(std::move(name)), real_(sqlite3_vfs_find(nullptr)), vfs_(*real_) {
  vfs_.zName = name_.c_str();
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(WrappedFile)) + real_->szOsFile;
  vfs_.xOpen = FaultyCalls::Open;
  vfs_.xDelete = FaultyCalls::Delete;
  vfs_.xAccess = FaultyCalls::Access;
  // What is left of the copy (xFullPathname, xRandomness, xSleep ...) does not look at pAppData.
  sqlite3_vfs_register(&vfs_, /*makeDflt=*/0);
}

FaultyVfs::~FaultyVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

void FaultyVfs::Arm(const Fault& fault) {
  std::lock_guard<std::mutex> hold(mutex_);
  fault_ = fault;
  armed_ = true;
  fired_ = false;
  counted_ = 0;
}

void FaultyVfs::Disarm() {
  std::lock_guard<std::mutex> hold(mutex_);
  armed_ = false;
}

bool FaultyVfs::fired() const {
  std::lock_guard<std::mutex> hold(mutex_);
  return fired_;
}

void FaultyVfs::IgnoreSync() {
  std::lock_guard<std::mutex> hold(mutex_);
  ignore_sync_ = true;
}

void FaultyVfs::Apply(const Change& change, std::string& content) {
  const size_t offset = static_cast<size_t>(change.offset);
  if (change.truncate) {
    content.resize(std::min(content.size(), offset));
    return;
  }
  content.resize(std::max(content.size(), offset + change.data.size()));
  content.replace(offset, change.data.size(), change.data);
}

void FaultyVfs::LosePower(const std::string& folder, uint64_t seed) const {
  std::lock_guard<std::mutex> hold(mutex_);
  std::mt19937_64 random(seed);
  for (const auto& [path, file] : files_) {
    std::string content = file.synced;
    for (const Change& change : file.unsynced) {
      if (random() % 2 == 0) Apply(change, content);
    }
    std::ofstream out(std::filesystem::path(folder) / std::filesystem::path(path).filename(),
                      std::ios::binary);
    out << content;
  }
}

int FaultyVfs::Next(Operation operation, int own_code) {
  std::lock_guard<std::mutex> hold(mutex_);
  if (!armed_ || (!fault_.operations.empty() && fault_.operations.count(operation) == 0)) return SQLITE_OK;
  ++counted_;
  if (counted_ < fault_.nth || (counted_ > fault_.nth && !fault_.lasting)) return SQLITE_OK;
  fired_ = true;
  return fault_.code != 0 ? fault_.code : own_code;
}

void FaultyVfs::Opened(const std::string& path) {
  std::lock_guard<std::mutex> hold(mutex_);
  // What was there before this VFS saw the file counts as synced.
  if (files_.count(path) == 0) files_[path].synced = Slurp(path);
}

void FaultyVfs::Changed(const std::string& path, Change change) {
  std::lock_guard<std::mutex> hold(mutex_);
  files_[path].unsynced.push_back(std::move(change));
}

void FaultyVfs::Synced(const std::string& path) {
  std::lock_guard<std::mutex> hold(mutex_);
  if (ignore_sync_) return;
  File& file = files_[path];
  for (const Change& change : file.unsynced) Apply(change, file.synced);
  file.unsynced.clear();
}

void FaultyVfs::Deleted(const std::string& path) {
  std::lock_guard<std::mutex> hold(mutex_);
  files_.erase(path);
}

}  // namespace rapport::testing
