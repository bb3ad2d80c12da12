// Random therapists and clients of a small invented network, the same for the same seed. Values are drawn
// from short lists, so that dates, limits and words meet exactly as often as they miss by one.
#ifndef RAPPORT_TESTS_SUPPORT_RANDOM_NETWORK_H_
#define RAPPORT_TESTS_SUPPORT_RANDOM_NETWORK_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "matcher/domain/catalog.h"
#include "matcher/domain/needs.h"
#include "matcher/domain/therapist.h"

namespace rapport::matcher {

// A valid catalog with a few words of each kind; modality 0 is in person, the others are remote.
std::shared_ptr<const Catalog> SmallCatalog();

// Draws from one seeded sequence. Not thread-safe.
class RandomNetwork {
 public:
  explicit RandomNetwork(std::uint64_t seed) : random_(seed) {}

  const Catalog& catalog() const { return *catalog_; }

  // The time about which dates, confirmations and reservations lie: 2026-11-22 12:00 UTC.
  static absl::Time Now();

  // A therapist with reservations and answered offers. All fields may vary, but most would suit most clients.
  std::shared_ptr<const Listing> MakeListing(const std::string& therapist_id);

  // A client's needs: each must is asked for about every third time. Valid: has an age group, format and
  // location.
  Needs MakeNeeds();

  // 0 to below `limit`, which is above 0.
  std::uint64_t Below(std::uint64_t limit) { return random_() % limit; }
  // True `percent` times in a hundred.
  bool Chance(int percent) { return Below(100) < static_cast<std::uint64_t>(percent); }
  // From `low` up to below `high`.
  double Between(double low, double high);
  // A subset of the words 0 to `words` - 1, each taken with `percent`.
  WordSet Words(std::size_t words, int percent);

 private:
  std::vector<std::string> Languages(int percent);
  Place MakePlace();
  WeekHours MakeHours();
  Credential MakeCredential();
  Therapist MakeTherapist(const std::string& id);

  std::mt19937_64 random_;
  std::shared_ptr<const Catalog> catalog_ = SmallCatalog();
};

}  // namespace rapport::matcher

#endif  // RAPPORT_TESTS_SUPPORT_RANDOM_NETWORK_H_
