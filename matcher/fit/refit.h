// Refit: the parameters of the fit model estimated anew from all fit checks, and judged before anybody sees
// them. Covariances by expectation maximisation, effects by the exact solution of the mixed-model equations
// (Henderson): each client's block is eliminated by itself, each group of therapists who share clients is
// factorised by Cholesky, the effects of features are what is left. With improper effects the covariances
// are the restricted maximum likelihood's. Verdicts enter by expectation propagation on their latent value.
#ifndef RAPPORT_MATCHER_FIT_REFIT_H_
#define RAPPORT_MATCHER_FIT_REFIT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "matcher/domain/catalog.h"
#include "matcher/fit/model.h"
#include "matcher/fit/parameters.h"

namespace rapport::matcher {

struct RefitOptions {
  int max_iterations = 60;
  // The estimate stands when no variance moves by more than this share of itself in an iteration.
  double tolerance = 1e-3;
  // Day 0 counts as much as this many people (for Σ_e: answers) whose effects were known for sure, so that a
  // small network keeps its senses; real people are known by few answers, so it weighs as two to five times
  // as many of them.
  double day_zero_weight = 20;
  // Share of the fit checks, the last ones, that the model is judged by; 0: it is not judged, and not
  // accepted.
  double held_out = .1;
  // Verdicts, the first of their pair, that it is judged by at least, some of them that the client would
  // continue and some not: where the share has fewer, up to a third of the fit checks are held out.
  std::int64_t least_verdicts = 20;
  // So many of the fit checks, the first ones as they are given, are those that the serving parameters were
  // estimated from. Nobody is judged by them: the serving model has seen them, and would foretell them better
  // than what is new.
  std::size_t seen_by_serving = 0;
};

struct RefitReport {
  std::int64_t fit_checks = 0;
  std::int64_t clients = 0;
  std::int64_t therapists = 0;
  // Parts that clients were counted as beyond one each, where too many therapists hang together to be solved
  // for at once.
  std::int64_t divided_clients = 0;
  int iterations = 0;
  std::int64_t held_out = 0;         // first verdicts of pairs that both models were judged by: new to both
  double held_out_loss_serving = 0;  // mean −log of the probability given to what was said; 0 when none
  double held_out_loss_refit = 0;    // the same, of parameters estimated without them
  bool accepted = false;
  std::string reason;  // in words, why it was refused or accepted
};

struct RefitResult {
  // `version` is left as the serving one's: the publisher numbers it; `seen`: all of what was heard.
  Parameters parameters;
  RefitReport report;
};

// Estimates parameters from `heard`, in any order: they are put in the order of time (then id), so the result
// depends on what was heard and not on the order of the vector. `progress` is told the share done, 0 to 1;
// `cancelled` is asked often. CANCELLED: it said yes. FAILED_PRECONDITION: nothing was heard, or too few
// verdicts that are new, or none of one kind, to judge by. INTERNAL: an estimate was not finite. Cost of an
// iteration: O(N (J F)² + Σ over groups of therapists of unknowns³).
absl::StatusOr<RefitResult> Refit(const std::shared_ptr<const Catalog>& catalog, const Parameters& serving,
                                  std::vector<Heard> heard, const RefitOptions& options,
                                  absl::FunctionRef<void(double)> progress,
                                  absl::FunctionRef<bool()> cancelled);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_REFIT_H_
