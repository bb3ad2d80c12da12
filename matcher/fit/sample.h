// A refit of a large network is made from a share of its clients, all fit checks of each (the first two
// hundred): covariances are known well from some ten thousand answers, and memory and time stay bounded
// beside serving.
//
//   HeardSample sample(30'000);
//   for (...) sample.Add(heard);          // in any order
//   sample.share();                       // 1, ½, ¼ ...: of the clients
//   Refit(catalog, serving, sample.Take(), ...);
#ifndef RAPPORT_MATCHER_FIT_SAMPLE_H_
#define RAPPORT_MATCHER_FIT_SAMPLE_H_

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "matcher/fit/model.h"

namespace rapport::matcher {

// Who is in it depends on ids and numbers alone: the same in every run and for every order.
class HeardSample {
 public:
  // Holds at most `most` fit checks, unless halving would leave none: a client's stay together.
  explicit HeardSample(std::size_t most) : most_(most) {}

  // Takes a fit check in, if its client belongs and has not kMostOfAClient yet: what one client's answers
  // cost an estimate grows with their square. Halves the share of clients while there are too many.
  static constexpr int kMostOfAClient = 200;
  void Add(Heard heard);

  // Share of the clients whose fit checks are held: 1 / 2^n.
  double share() const { return 1 / static_cast<double>(std::size_t{1} << halvings_); }
  std::size_t size() const { return heard_.size(); }
  // How often Add was called.
  std::size_t added() const { return added_; }

  // The first `first` of those held now are marked, all of them where there are fewer; marked(): how many of
  // those are held, the first ones of Take.
  void Mark(std::size_t first) { marked_ = std::min(first, heard_.size()); }
  std::size_t marked() const { return marked_; }

  // What is held, in the order of Add; leaves nothing.
  std::vector<Heard> Take() { return std::move(heard_); }

 private:
  static bool Belongs(const Heard& heard, int halvings);

  std::size_t most_;
  int halvings_ = 0;
  std::size_t marked_ = 0;
  std::size_t added_ = 0;
  std::vector<Heard> heard_;
  absl::flat_hash_map<std::string, int> of_client_;  // held
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_SAMPLE_H_
