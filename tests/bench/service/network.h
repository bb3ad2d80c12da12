// An invented network in the words of the built-in catalog, and the needs of its clients: states of very
// unequal size, a typical request being met by four or five therapists in a thousand. The same for the same
// seed.
#ifndef RAPPORT_TESTS_BENCH_SERVICE_NETWORK_H_
#define RAPPORT_TESTS_BENCH_SERVICE_NETWORK_H_

#include <random>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "grpcpp/support/byte_buffer.h"
#include "matcher/domain/catalog.h"
#include "rapport/matcher/v1/needs.pb.h"
#include "rapport/therapist/v1/therapist.pb.h"

namespace rapport::bench {

class Network {
 public:
  Network(const matcher::Catalog& catalog, absl::Time now) : catalog_(catalog), now_(now) {}

  therapist::v1::Therapist Therapist(int number);
  // State, payer, language, age group and telehealth asked for, with two concerns and three wishes.
  matcher::v1::Needs TypicalNeeds();

 private:
  std::size_t Below(std::size_t limit) { return random_() % limit; }
  std::string State();
  std::string Language();
  template <typename Words>
  const std::string& One(const Words& words) {
    return words[Below(words.size())].id;
  }

  const matcher::Catalog& catalog_;
  const absl::Time now_;
  std::mt19937_64 random_{7};
};

// RankTherapists requests of 256 clients with typical needs, as bytes.
std::vector<grpc::ByteBuffer> TypicalRequests();

}  // namespace rapport::bench

#endif  // RAPPORT_TESTS_BENCH_SERVICE_NETWORK_H_
