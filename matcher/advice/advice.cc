#include "matcher/advice/advice.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace rapport::matcher {
namespace {

WordSet Union(const WordSet& a, const WordSet& b) {
  WordSet both;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

std::string Percent(double probability) {
  return absl::StrFormat("%.0f %%", 100 * probability);
}

std::string Weeks(double weeks) {
  if (weeks <= 0) return "at once";
  return absl::StrFormat("in about %.3g week%s", weeks, weeks == 1 ? "" : "s");
}

// How far a probability can be trusted, in words; an interval that leaves nothing out is not one to show.
std::string Range(const LatentBond& bond) {
  constexpr double kAlmostAnything = .97;
  if (bond.High() - bond.Low() > kAlmostAnything)
    return ", but so little is known yet that it may be anything";
  return absl::StrCat(", somewhere between ", Percent(bond.Low()), " and ", Percent(bond.High()));
}

// What was said of each session: what is filled in after one may come in parts, of which a scale is one.
// Those without a number stand for themselves. In the order of time; of one time in that of the list.
std::vector<FitCheck> BySession(absl::Span<const FitCheck> earlier) {
  std::vector<FitCheck> sessions(earlier.begin(), earlier.end());
  std::stable_sort(sessions.begin(), sessions.end(),
                   [](const FitCheck& a, const FitCheck& b) { return a.occurred_at < b.occurred_at; });
  std::map<int, std::size_t> place;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    const int number = sessions[i].session_number;
    const auto [found, first] = place.try_emplace(number, kept);
    if (number <= 0 || first) {
      if (kept != i) sessions[kept] = std::move(sessions[i]);
      ++kept;
      continue;
    }
    FitCheck& session = sessions[found->second];
    const FitCheck& part = sessions[i];
    if (part.verdict) session.verdict = part.verdict;
    session.answers.insert(session.answers.end(), part.answers.begin(), part.answers.end());
    session.frictions = Union(session.frictions, part.frictions);
  }
  sessions.resize(kept);
  return sessions;
}

// What the client wants now.
struct LastWord {
  bool spoken = false;  // false: nothing was ever answered
  std::optional<Verdict> verdict;
  WordSet frictions;  // named with it, or since
};

// The last verdict, for nobody is sent away who would continue: what is answered since without one (a scale)
// takes nothing back.
LastWord LastWordOf(absl::Span<const FitCheck> sessions) {
  LastWord last;
  for (const FitCheck& session : sessions) {
    if (!session.verdict && session.answers.empty() && session.frictions.empty()) continue;
    last.spoken = true;
    if (session.verdict || !last.verdict) last = {true, session.verdict, {}};
    last.frictions = Union(last.frictions, session.frictions);
  }
  return last;
}

std::string Frictions(const Catalog& catalog, const LastWord& last) {
  return absl::StrJoin(last.frictions, ", ", [&catalog](std::string* out, Word friction) {
    absl::StrAppend(out, "\"", catalog.lists().frictions[friction].label, "\"");
  });
}

// What changing to somebody costs, once they take the client.
double CostOf(const Settings& settings, const Alternative& alternative) {
  return settings.switch_dropout * alternative.Taken() +
         settings.switch_cost_per_week * std::max(0.0, alternative.wait_weeks);
}

AdviceRule Decide(const LastWord& last, bool anybody_else, double gain) {
  if (!last.spoken) return AdviceRule::kNothingHeard;
  if (last.verdict == Verdict::kWouldContinue) {
    return last.frictions.empty() ? AdviceRule::kClientWouldContinue : AdviceRule::kContinueAndSayWhat;
  }
  if (!anybody_else) return AdviceRule::kNobodyElse;
  return gain > 0 ? AdviceRule::kGainBeyondCost : AdviceRule::kCostBeyondGain;
}

NextStep StepOf(AdviceRule rule) {
  switch (rule) {
    case AdviceRule::kNothingHeard:
    case AdviceRule::kClientWouldContinue:
      return NextStep::kStay;
    case AdviceRule::kGainBeyondCost:
      return NextStep::kTryAnother;
    case AdviceRule::kContinueAndSayWhat:
    case AdviceRule::kNobodyElse:
    case AdviceRule::kCostBeyondGain:
      break;
  }
  return NextStep::kTalkItThrough;
}

std::string Opening(const Catalog& catalog, AdviceRule rule, const LastWord& last, bool anybody_else,
                    double gain) {
  switch (rule) {
    case AdviceRule::kNothingHeard:
      if (gain <= 0) return "Nothing has been answered yet, and nothing speaks for a change.";
      return "Nothing has been answered yet; the figures would rather see you with somebody else. Your own "
             "word counts for more: say how it was.";
    case AdviceRule::kClientWouldContinue:
      if (!anybody_else) return "You would continue: stay.";
      if (gain <= 0) return "You would continue, and the figures agree that this is worth it: stay.";
      return "You would continue, and your own word counts for more than the figures, which would rather see "
             "you with somebody else: stay.";
    case AdviceRule::kContinueAndSayWhat:
      return absl::StrCat("You would continue: stay, and say what got in the way (", Frictions(catalog, last),
                          "); it is a fair thing to ask for.");
    case AdviceRule::kGainBeyondCost:
      return "Try another therapist: the chance of a good bond is better there, cost counted. Two people can "
             "both do well and still not fit.";
    case AdviceRule::kNobodyElse:
      return "Nobody else in this network meets all of your needs now: talk it through where you are, and "
             "ask "
             "again at any time; a need that is given up may change it.";
    case AdviceRule::kCostBeyondGain:
      break;
  }
  return "Talk it through where you are first: a change would cost more than it is likely to gain.";
}

}  // namespace

double Alternative::Good() const {
  return std::exp(log_reach) * Taken();
}
double Alternative::Taken() const {
  return std::exp(log_start) * bond.Probability();
}

absl::string_view CodeOf(AdviceRule rule) {
  switch (rule) {
    case AdviceRule::kNothingHeard:
      return "nothing_heard";
    case AdviceRule::kClientWouldContinue:
      return "client_would_continue";
    case AdviceRule::kContinueAndSayWhat:
      return "continue_and_say_what";
    case AdviceRule::kGainBeyondCost:
      return "gain_beyond_cost";
    case AdviceRule::kNobodyElse:
      return "nobody_else";
    case AdviceRule::kCostBeyondGain:
      break;
  }
  return "cost_beyond_gain";
}

Advice AdviseNextStep(const Catalog& catalog, const Model& model, const ClientView& client,
                      const Therapist& present, absl::Span<const FitCheck> earlier,
                      absl::Span<const Alternative> alternatives) {
  const Settings& settings = catalog.settings();
  Advice advice;
  const std::vector<FitCheck> sessions = BySession(earlier);
  advice.stay = model.PredictAgain(client, present, sessions);
  const double stay = advice.stay.Probability();
  // They are asked in turn; the present place is given up, so with none of them there is no bond.
  double expected = 0, unplaced = 1;
  for (const Alternative& alternative : alternatives) {
    const double reach = std::exp(alternative.log_reach);
    expected += unplaced * reach * (alternative.Taken() - CostOf(settings, alternative));
    unplaced *= 1 - reach;
  }
  if (!alternatives.empty()) {
    advice.alternative_good = alternatives.front().Good();
    advice.place_given = 1 - unplaced;
    advice.switch_cost = CostOf(settings, alternatives.front());
    advice.gain = expected - stay;
  }
  const LastWord last = LastWordOf(sessions);
  advice.rule = Decide(last, !alternatives.empty(), advice.gain);
  advice.step = StepOf(advice.rule);

  advice.sentences.push_back(Opening(catalog, advice.rule, last, !alternatives.empty(), advice.gain));
  advice.sentences.push_back(
      absl::StrCat("A good bond where you are: ", Percent(stay), Range(advice.stay),
                   sessions.size() == 1 ? ". One session shows a part of it only." : "."));
  if (!alternatives.empty()) {
    const Alternative& best = alternatives.front();
    advice.sentences.push_back(
        absl::StrFormat("A good bond with the best other therapist, if a place is given there: %s, first "
                        "session %s; for the change itself %s is deducted.",
                        Percent(best.Taken()), Weeks(best.wait_weeks), Percent(advice.switch_cost)));
    advice.sentences.push_back(absl::StrCat(
        alternatives.size() == 1
            ? "That they have a place for you: "
            : absl::StrCat("That one of the best ", alternatives.size(), " others has a place for you: "),
        Percent(advice.place_given), ". Your present place is given back when you ask for another."));
  }
  if (advice.rule == AdviceRule::kGainBeyondCost) {
    advice.sentences.push_back("What you have told stays known: nothing needs to be told twice.");
  } else if (advice.rule != AdviceRule::kContinueAndSayWhat && !last.frictions.empty()) {
    advice.sentences.push_back(
        absl::StrCat("What could be said: ", Frictions(catalog, last), "; it is a fair thing to bring up."));
  }
  advice.sentences.push_back("This is advice: you may ask for another therapist at any time.");
  return advice;
}

}  // namespace rapport::matcher
