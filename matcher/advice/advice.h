// Advice after a session: stay, talk it through, or try another, with the numbers and the rule behind it. A
// client is owed an honest answer to "is it me, is it them, should I give it more time?": what one session
// shows lasts only in part, another therapist is no certainty, and changing has a cost of its own.
//
//   Advice advice = AdviseNextStep(catalog, model, model.View(client_id, context), therapist, fit_checks,
//                                  {{"t2", bond, log_reach, log_start, 2}, ...});
//   advice.step == NextStep::kTalkItThrough; advice.stay.Probability() == .44; advice.sentences ...
//
// The arithmetic and its sources stand in matcher/advice/README.md.
#ifndef RAPPORT_MATCHER_ADVICE_ADVICE_H_
#define RAPPORT_MATCHER_ADVICE_ADVICE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "matcher/domain/catalog.h"
#include "matcher/domain/feedback.h"
#include "matcher/domain/therapist.h"
#include "matcher/fit/model.h"

namespace rapport::matcher {

enum class NextStep { kStay = 1, kTalkItThrough = 2, kTryAnother = 3 };

// Which rule decided; the first that holds, in this order.
enum class AdviceRule {
  // No fit check of this pair says anything: silence is not a bad match. Stay.
  kNothingHeard = 1,
  // The client's last verdict is to continue, and named nothing that got in the way since. Stay.
  kClientWouldContinue = 2,
  // The client would continue, and named what got in the way. Talk it through.
  kContinueAndSayWhat = 3,
  // A change gains more than it costs. Try another.
  kGainBeyondCost = 4,
  // Nobody else is eligible now. Talk it through.
  kNobodyElse = 5,
  // A change costs more than it gains. Talk it through.
  kCostBeyondGain = 6,
};

// Another therapist, as ranked for this client now.
struct Alternative {
  std::string therapist_id;
  LatentBond bond;
  double log_reach = 0;  // log P(the therapist answers and takes the client)
  double log_start = 0;  // log P(the client attends | wait)
  double wait_weeks = 0;

  // P(this referral ends in a good bond), as in a shortlist.
  double Good() const;
  // The same, once the therapist has taken the client.
  double Taken() const;
};

struct Advice {
  NextStep step = NextStep::kStay;
  AdviceRule rule = AdviceRule::kNothingHeard;
  // P(bond | stay): at the next session with the present therapist, first scores regressed to the mean.
  LatentBond stay;
  // P(good) of the best alternative; nothing where there is none.
  std::optional<double> alternative_good;
  // P(one of the alternatives takes the client), where they are asked one after another. 0 without any.
  double place_given = 0;
  // What changing to the best alternative costs, in probability of a good bond, when they take the client:
  // the hazard of dropping out between two therapists, and the weeks of waiting. 0 without an alternative.
  double switch_cost = 0;
  // Expected change in the probability of a good bond, cost deducted, by giving the present place up and
  // asking the alternatives one after another until one takes the client. 0 without an alternative.
  double gain = 0;
  // For the client, the advice first. About this pair and these numbers; nobody is blamed.
  std::vector<std::string> sentences;
};

// Advises after the fit checks `earlier` of this client with `present` (any order; those of one session
// number count as one; the last verdict speaks for what the client wants now). The model has learned from
// them. `alternatives`: those to be asked, best first. Pure; O(fit checks · J³).
Advice AdviseNextStep(const Catalog& catalog, const Model& model, const ClientView& client,
                      const Therapist& present, absl::Span<const FitCheck> earlier,
                      absl::Span<const Alternative> alternatives);

// "gain_beyond_cost": the stable code of a rule.
absl::string_view CodeOf(AdviceRule rule);

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_ADVICE_ADVICE_H_
