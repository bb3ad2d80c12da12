// Everything heard, as rows of the mixed-model equations.
#ifndef RAPPORT_MATCHER_FIT_EVIDENCE_H_
#define RAPPORT_MATCHER_FIT_EVIDENCE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "matcher/domain/catalog.h"
#include "matcher/fit/equations.h"
#include "matcher/fit/model.h"
#include "matcher/fit/observation.h"
#include "matcher/fit/parameters.h"

namespace rapport::matcher {

struct Evidence {
  std::vector<Observation> observations;  // by row
  std::vector<AnswerRow> rows;            // grouped by client
  std::vector<double> weights;            // by row: what the sessions of one pair tell beside each other
  double answers = 0;                     // sum of the weights
  EquationSizes sizes;
  std::int64_t fit_checks = 0;
  std::int64_t clients = 0;
  std::vector<int> effect_kinds;  // by feature: those of one form are of one kind; −1: the constant
};

// Walks a model through `heard` (in order) and notes what each answer depended on when it came.
Evidence Collect(const std::shared_ptr<const Catalog>& catalog, const Parameters& serving,
                 const std::vector<Heard>& heard);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_EVIDENCE_H_
