// Therapists who share clients, joined into groups.
#ifndef RAPPORT_MATCHER_FIT_THERAPIST_GROUPS_H_
#define RAPPORT_MATCHER_FIT_THERAPIST_GROUPS_H_

#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace rapport::matcher {

class TherapistGroups {
 public:
  // `unknowns`: of each therapist; a group gets at most `most` of them together.
  TherapistGroups(std::vector<int> unknowns, int most)
      : most_(most), unknowns_(std::move(unknowns)), parent_(unknowns_.size()) {
    std::iota(parent_.begin(), parent_.end(), 0);
  }

  // One therapist of the group, the same for all of it until the next Join.
  int Root(int therapist) {
    while (parent_[static_cast<std::size_t>(therapist)] != therapist) {
      int& up = parent_[static_cast<std::size_t>(therapist)];
      up = parent_[static_cast<std::size_t>(up)];
      therapist = up;
    }
    return therapist;
  }

  // Makes one group of two, unless it were too large.
  void Join(int a, int b) {
    const int root = Root(a), other = Root(b);
    int& unknowns = unknowns_[static_cast<std::size_t>(root)];
    const int more = unknowns_[static_cast<std::size_t>(other)];
    if (root == other || unknowns + more > most_) return;
    parent_[static_cast<std::size_t>(other)] = root;
    unknowns += more;
  }

 private:
  int most_;
  std::vector<int> unknowns_, parent_;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_THERAPIST_GROUPS_H_
