// A caller's life in short: writes of every kind in random order, and a set of reads whose answers say what
// was made of them.
#ifndef RAPPORT_TESTS_SERVICES_MATCHER_RANDOM_WRITES_H_
#define RAPPORT_TESTS_SERVICES_MATCHER_RANDOM_WRITES_H_

#include <random>
#include <string>
#include <vector>

#include "tests/services/matcher/matcher_process.h"

namespace rapport::matcher_service {

// Not thread-safe.
class RandomWrites {
 public:
  // The same seed writes the same. Turns the clock now and then.
  RandomWrites(Client& client, runtime::ManualClock& clock, std::uint64_t seed)
      : client_(client), clock_(clock), random_(seed) {}

  // `count` writes of random kinds; some are refused, as in life.
  void Run(int count);

 private:
  void Upsert();
  void Confirm();
  void Delete();
  void Reserve();
  void Release();
  void RecordReach();
  void RecordFit();

  int Below(int limit) { return static_cast<int>(random_() % static_cast<std::uint64_t>(limit)); }
  std::string Therapist();
  std::string ReservationId();

  Client& client_;
  runtime::ManualClock& clock_;
  std::mt19937_64 random_;
  std::vector<directory::v1::Reservation> reservations_;
};

// Answers of every read, as bytes, for the network of `client`.
std::vector<std::string> Answers(Client& client);

}  // namespace rapport::matcher_service

#endif  // RAPPORT_TESTS_SERVICES_MATCHER_RANDOM_WRITES_H_
