// Names for new things: unguessable, and sorted by time so that fresh rows lie together in an index.
#ifndef RAPPORT_SERVICES_RUNTIME_IDS_H_
#define RAPPORT_SERVICES_RUNTIME_IDS_H_

#include <cstdint>
#include <mutex>
#include <random>
#include <string>

#include "absl/strings/string_view.h"
#include "services/runtime/clock.h"

namespace rapport::runtime {

class IdSource {
 public:
  virtual ~IdSource() = default;

  // `prefix` + "_" + 26 characters of 0-9a-z without i, l, o, u: 48 bits of milliseconds, then 80 bits that
  // differ. Ids of different milliseconds sort by time. Thread-safe.
  virtual std::string NewId(absl::string_view prefix) = 0;
};

// The 80 bits come from the operating system's generator (through OpenSSL).
class RandomIds : public IdSource {
 public:
  // `clock` must outlive this.
  explicit RandomIds(const Clock& clock) : clock_(clock) {}
  std::string NewId(absl::string_view prefix) override;

 private:
  const Clock& clock_;
};

// For tests: the same seed gives the same ids in the same order; a counter stands for the time.
class SeededIds : public IdSource {
 public:
  explicit SeededIds(uint64_t seed) : random_(seed) {}
  std::string NewId(absl::string_view prefix) override;

 private:
  std::mutex mutex_;
  std::mt19937_64 random_;
  uint64_t count_ = 0;
};

}  // namespace rapport::runtime

#endif  // RAPPORT_SERVICES_RUNTIME_IDS_H_
