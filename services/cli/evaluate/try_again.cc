#include "services/cli/evaluate/try_again.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>

namespace rapport::evaluate {
namespace {

constexpr std::size_t kLeastChoice = 3, kLeastClients = 20;

using Choices =
    std::map<std::string, std::vector<const Meeting*>>;  // by client: one meeting with each therapist

// By wave. Clients with too little choice are left out.
std::map<std::string, Choices> ChoicesOf(const Replay& replay) {
  std::map<std::string, Choices> waves;
  for (const Meeting& meeting : replay.meetings) {
    if (!meeting.scored || !meeting.accepted) continue;
    std::vector<const Meeting*>& met = waves[meeting.wave][meeting.client_id];
    const bool again = std::any_of(met.begin(), met.end(), [&](const Meeting* earlier) {
      return earlier->therapist_id == meeting.therapist_id;
    });
    if (!again) met.push_back(&meeting);
  }
  for (auto& [wave, choices] : waves) {
    std::erase_if(choices, [](const auto& one) { return one.second.size() < kLeastChoice; });
  }
  return waves;
}

// What a client tells after a first session.
Meeting Told(const Meeting& meeting) {
  Meeting told = meeting;
  std::erase_if(told.answers, [](const auto& answer) { return answer.first != "bond"; });
  return told;
}

Search Lead(std::vector<const Meeting*> left, Learner& learner, std::map<std::string, int>& taken) {
  Search search;
  while (search.tries < kMostTries && !search.found) {
    std::erase_if(left, [&](const Meeting* one) { return taken[one->therapist_id] >= kSeats; });
    if (left.empty()) break;
    std::size_t best = 0;
    double best_p = -1;
    for (std::size_t i = 0; i < left.size(); ++i) {
      const double p = learner.Predict(*left[i]);
      if (p > best_p) {
        best = i;
        best_p = p;
      }
    }
    const Meeting& meeting = *left[best];
    ++search.tries;
    search.found = *meeting.accepted;
    if (search.found) ++taken[meeting.therapist_id];
    learner.Learn(Told(meeting));
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  return search;
}

}  // namespace

std::vector<Search> TryAgain(const Replay& replay, Learner& learner, int rounds) {
  const std::map<std::string, Choices> waves = ChoicesOf(replay);
  std::size_t clients = 0;
  for (const auto& [wave, choices] : waves) clients += choices.size();
  if (clients < kLeastClients) return {};
  for (const Meeting& meeting : replay.meetings) {
    if (!meeting.scored) learner.Learn(meeting);
  }
  learner.StartWave();

  std::vector<Search> searches;
  for (int round = 0; round < rounds; ++round) {
    // No round knows how an earlier one ended: these are the same people.
    const std::unique_ptr<Learner> fresh = learner.Copy();
    std::mt19937_64 random(static_cast<std::uint64_t>(round) + 1);
    int group = 0;
    for (const auto& [wave, choices] : waves) {
      fresh->ForgetPeople();
      // Each client with a number that is theirs in every round, and their choice in an order that favours
      // nobody.
      std::vector<std::pair<int, std::vector<const Meeting*>>> queue;
      for (const auto& [client, met] : choices) queue.emplace_back(group++, met);
      std::shuffle(queue.begin(), queue.end(), random);
      std::map<std::string, int> taken;
      for (auto& [number, met] : queue) {
        std::shuffle(met.begin(), met.end(), random);
        Search search = Lead(met, *fresh, taken);
        search.group = number;
        if (search.tries > 0) searches.push_back(search);
      }
    }
  }
  return searches;
}

}  // namespace rapport::evaluate
