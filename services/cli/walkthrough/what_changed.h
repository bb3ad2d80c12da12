// What one fit check changed in a ranking: places before and after, and the terms that moved.
#ifndef RAPPORT_SERVICES_CLI_WALKTHROUGH_WHAT_CHANGED_H_
#define RAPPORT_SERVICES_CLI_WALKTHROUGH_WHAT_CHANGED_H_

#include <ostream>
#include <vector>

#include "google/protobuf/repeated_field.h"
#include "rapport/matcher/v1/matcher.pb.h"

namespace rapport::cli {

using Candidates = google::protobuf::RepeatedPtrField<matcher::v1::Candidate>;

// One term of the bond, in two rankings.
struct MovedTerm {
  std::string code;
  double before = 0;
  double after = 0;
  std::string sentence;  // as it is now
};

// The terms of the bond that differ by at least .005, the largest change first.
std::vector<MovedTerm> MovedTerms(const matcher::v1::Score& before, const matcher::v1::Score& after);

// A table of the first `shown` of `after` with their places in `before`, then the terms that moved: those
// that moved for everybody alike once, the others by therapist.
void PrintWhatChanged(std::ostream& out, const Candidates& before, const Candidates& after, int shown);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_WALKTHROUGH_WHAT_CHANGED_H_
