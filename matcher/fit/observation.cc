#include "matcher/fit/observation.h"

#include <algorithm>
#include <limits>

namespace rapport::matcher {
namespace {

// A friction that was named counts as this answer on its facets at most, in norm standard deviations.
constexpr double kFrictionAnswer = -1;

// Strength of the wish that one friction teaches.
constexpr double kHintStrength = .5;

// An extreme answer on a narrow norm must not drown everything else.
constexpr double kMostExtremeAnswer = 4;

VerdictInterval Interval(Verdict verdict, double unsure_width) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  switch (verdict) {
    case Verdict::kWouldContinue:
      return {0, kInfinity};
    case Verdict::kUnsure:
      return {unsure_width > 0 ? -unsure_width : -kInfinity, 0};
    case Verdict::kWouldNotContinue:
      break;
  }
  return {-kInfinity, -unsure_width};
}

}  // namespace

bool Observation::empty() const {
  return !verdict &&
         std::none_of(answers.begin(), answers.end(), [](const auto& answer) { return answer.has_value(); });
}

std::vector<int> Observation::Channels() const {
  std::vector<int> channels;
  if (verdict) channels.push_back(kVerdictChannel);
  for (std::size_t j = 1; j < answers.size(); ++j) {
    if (answers[j]) channels.push_back(static_cast<int>(j));
  }
  return channels;
}

Observation Observe(const Catalog& catalog, const FitCheck& fit_check) {
  return Observe(catalog, fit_check, catalog.settings().unsure_width);
}

Observation Observe(const Catalog& catalog, const FitCheck& fit_check, double unsure_width) {
  Observation observation;
  if (fit_check.verdict) observation.verdict = Interval(*fit_check.verdict, unsure_width);
  observation.answers.resize(catalog.channels().size());
  std::vector<int> given(catalog.channels().size(), 0);
  for (const Answer& answer : fit_check.answers) {
    const std::optional<AnswerTarget> target = catalog.Target(answer.id);
    if (!target || target->channel == kVerdictChannel) continue;
    const double direction = target->higher_is_better ? 1 : -1;
    const double standardised = std::clamp(direction * (answer.value - target->norm.mean) / target->norm.sd,
                                           -kMostExtremeAnswer, kMostExtremeAnswer);
    const auto channel = static_cast<std::size_t>(target->channel);
    const double sum = observation.answers[channel].value_or(0) * given[channel] + standardised;
    observation.answers[channel] = sum / ++given[channel];
  }
  double marks = 0, sum_of_marks = 0;
  for (const std::optional<double>& answer : observation.answers) {
    if (!answer) continue;
    ++marks;
    sum_of_marks += *answer;
  }
  const double friction_answer =
      marks > 0 ? std::min(kFrictionAnswer, sum_of_marks / marks) : kFrictionAnswer;
  for (const Word friction : fit_check.frictions) {
    for (const int facet : catalog.lists().frictions[friction].facets) {
      auto& answer =
          observation
              .answers[static_cast<std::size_t>(catalog.facet_channels()[static_cast<std::size_t>(facet)])];
      if (!answer) answer = friction_answer;
    }
  }
  return observation;
}

Eigen::VectorXd HintedStyleWish(const Catalog& catalog, const FitCheck& fit_check) {
  Eigen::VectorXd wish =
      Eigen::VectorXd::Zero(static_cast<Eigen::Index>(catalog.lists().style_dimensions.size()));
  for (const Word friction : fit_check.frictions) {
    for (const StyleHint& hint : catalog.lists().frictions[friction].style_hints) {
      wish[hint.dimension] += kHintStrength * hint.direction;
    }
  }
  return wish;
}

}  // namespace rapport::matcher
