#include "matcher/fit/refit.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "matcher/fit/estimation.h"
#include "matcher/fit/evidence.h"
#include "matcher/fit/model.h"

namespace rapport::matcher {
namespace {

bool Earlier(const Heard& a, const Heard& b) {
  const auto key = [](const Heard& heard) {
    const FitCheck& check = *heard.fit_check;
    return std::tie(check.occurred_at, check.id, check.client_id, check.therapist_id, check.session_number);
  };
  return key(a) < key(b);
}

using FitChecks = absl::flat_hash_set<const FitCheck*>;

// Those that a model may be judged by how it foretells them: what a client says first of a therapist, which
// is what forecasts are about, unless it was seen.
FitChecks Judges(const std::vector<Heard>& heard, const FitChecks& seen) {
  FitChecks judges;
  absl::flat_hash_set<std::pair<absl::string_view, absl::string_view>> pairs;
  for (const Heard& one : heard) {
    const FitCheck& check = *one.fit_check;
    if (!check.verdict || !pairs.emplace(check.client_id, check.therapist_id).second) continue;
    if (one.therapist != nullptr && !seen.contains(&check)) judges.insert(&check);
  }
  return judges;
}

struct Judgement {
  double loss = 0;            // mean −log of the probability given to what was said; 0 when nothing was
  std::int64_t verdicts = 0;  // that it is of
  Calibration calibration;    // the map afterwards
};

// Foretells `judged`, each before it is learned. The model walks through `heard` with what its parameters
// were estimated from first, whenever that was said: it tests nothing.
Judgement Judge(const std::shared_ptr<const Catalog>& catalog, Parameters parameters,
                std::vector<Heard> heard, const FitChecks& estimated_from, const FitChecks& judged) {
  const auto rest = std::stable_partition(heard.begin(), heard.end(), [&](const Heard& one) {
    return estimated_from.contains(one.fit_check.get());
  });
  parameters.seen = rest - heard.begin();
  Model model(catalog, std::move(parameters));
  double loss = 0;
  std::int64_t verdicts = 0;
  for (std::size_t i = 0; i < heard.size(); ++i) {
    const FitCheck& check = *heard[i].fit_check;
    if (judged.contains(&check)) {
      static const ClientContext kNothingStated;
      const ClientContext& context = check.context ? *check.context : kNothingStated;
      const double p = std::clamp(model
                                      .Predict(model.View(check.client_id, context), *heard[i].therapist,
                                               [](BondPart, int, double) {})
                                      .Probability(),
                                  1e-6, 1 - 1e-6);
      loss -= std::log(*check.verdict == Verdict::kWouldContinue ? p : 1 - p);
      ++verdicts;
    }
    model.Learn(check, heard[i].therapist.get());
  }
  return {verdicts == 0 ? 0 : loss / static_cast<double>(verdicts), verdicts, model.calibration()};
}

// The place of the first fit check that is held out; heard.size(): none is.
absl::StatusOr<std::size_t> FirstHeldOut(const std::vector<Heard>& heard, const RefitOptions& options,
                                         const FitChecks& judges) {
  if (heard.empty()) return absl::FailedPreconditionError("no fit check has said anything yet");
  if (options.held_out <= 0) return heard.size();
  std::int64_t verdicts = 0, contented = 0;
  const auto count = [&](const Heard& one) {
    if (!judges.contains(one.fit_check.get())) return;
    ++verdicts;
    contented += *one.fit_check->verdict == Verdict::kWouldContinue ? 1 : 0;
  };
  const auto enough = [&] {
    return verdicts >= options.least_verdicts && contented > 0 && contented < verdicts;
  };
  std::size_t first =
      heard.size() - static_cast<std::size_t>(options.held_out * static_cast<double>(heard.size()));
  std::for_each(heard.begin() + static_cast<std::ptrdiff_t>(first), heard.end(), count);
  const std::size_t least = heard.size() - heard.size() / 3;
  while (!enough() && first > least) count(heard[--first]);
  if (!enough()) {
    return absl::FailedPreconditionError(
        absl::StrCat("a new model is judged by at least ", options.least_verdicts,
                     " first verdicts of pairs that are new since the serving one, from the last third of "
                     "what was heard at most, some that the client would continue and some not: there are ",
                     verdicts, " so far, ", contented, " of them that the client would"));
  }
  return first;
}

}  // namespace

absl::StatusOr<RefitResult> Refit(const std::shared_ptr<const Catalog>& catalog, const Parameters& serving,
                                  std::vector<Heard> heard, const RefitOptions& options,
                                  absl::FunctionRef<void(double)> progress,
                                  absl::FunctionRef<bool()> cancelled) {
  FitChecks seen;
  for (std::size_t i = 0; i < std::min(options.seen_by_serving, heard.size()); ++i)
    seen.insert(heard[i].fit_check.get());
  std::sort(heard.begin(), heard.end(), Earlier);
  const FitChecks judges = Judges(heard, seen);
  const Parameters day_zero = DayZero(*catalog);
  RefitResult result;
  const auto estimate = [&](const std::vector<Heard>& from, const Parameters& start, double share_from,
                            double share_to) -> absl::StatusOr<Parameters> {
    Evidence evidence = Collect(catalog, start, from);
    if (evidence.rows.empty()) return absl::FailedPreconditionError("no fit check has said anything yet");
    const absl::StatusOr<Estimate> estimated = EstimateParameters(
        day_zero, start, options, evidence,
        [&](double done) { progress(share_from + done * (share_to - share_from)); }, cancelled);
    if (!estimated.ok()) return estimated.status();
    result.report.iterations = estimated->iterations;
    result.report.fit_checks = evidence.fit_checks;
    result.report.clients = evidence.clients;
    result.report.divided_clients = evidence.sizes.clients - evidence.clients;
    result.report.therapists = evidence.sizes.therapists;
    return estimated->parameters;
  };

  const absl::StatusOr<std::size_t> held_out = FirstHeldOut(heard, options, judges);
  if (!held_out.ok()) return held_out.status();
  const std::size_t first = *held_out;
  Parameters start = serving;
  RefitReport& report = result.report;
  Calibration calibration;
  if (first > 0 && first < heard.size()) {
    // What the serving model has seen, its rival may see too: nobody is judged by it.
    std::vector<Heard> earlier(heard.begin(), heard.begin() + static_cast<std::ptrdiff_t>(first));
    std::copy_if(heard.begin() + static_cast<std::ptrdiff_t>(first), heard.end(), std::back_inserter(earlier),
                 [&](const Heard& one) { return seen.contains(one.fit_check.get()); });
    absl::StatusOr<Parameters> without = estimate(earlier, serving, 0, .5);
    if (!without.ok()) return without.status();
    FitChecks estimated_from, judged;
    for (const Heard& one : earlier) estimated_from.insert(one.fit_check.get());
    for (std::size_t i = first; i < heard.size(); ++i)
      if (judges.contains(heard[i].fit_check.get())) judged.insert(heard[i].fit_check.get());
    without->calibration = Calibration();
    report.held_out_loss_serving = Judge(catalog, serving, heard, seen, judged).loss;
    const Judgement refit = Judge(catalog, *without, heard, estimated_from, judged);
    report.held_out_loss_refit = refit.loss;
    report.held_out = refit.verdicts;
    calibration = refit.calibration;
    start = *std::move(without);
  }
  absl::StatusOr<Parameters> parameters = estimate(heard, start, .5, 1);
  if (!parameters.ok()) return parameters.status();
  result.parameters = *std::move(parameters);
  result.parameters.version = serving.version;
  result.parameters.norms = day_zero.norms;  // by which all was standardised; models of before have none
  result.parameters.seen = static_cast<std::int64_t>(heard.size());
  result.parameters.calibration = calibration;
  if (absl::Status status = CheckParameters(*catalog, result.parameters); !status.ok()) {
    return absl::InternalError(status.message());
  }
  if (report.held_out == 0) {
    report.reason = "no verdict was left to judge by";
  } else {
    report.accepted = report.held_out_loss_refit <= report.held_out_loss_serving;
    report.reason =
        absl::StrFormat("on the last %d verdicts the log-loss is %.4f, and %.4f with the serving model",
                        report.held_out, report.held_out_loss_refit, report.held_out_loss_serving);
  }
  progress(1);
  return result;
}

}  // namespace rapport::matcher
