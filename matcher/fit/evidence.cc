#include "matcher/fit/evidence.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "matcher/fit/sessions.h"
#include "matcher/fit/therapist_groups.h"

namespace rapport::matcher {
namespace {

// Unknowns of therapists that are solved for together: a factor of 4,000 takes seconds. Where more hang
// together, a client whose therapists fall into two parts counts as two clients.
constexpr int kMostUnknowns = 4'000;

}  // namespace

Evidence Collect(const std::shared_ptr<const Catalog>& catalog, const Parameters& serving,
                 const std::vector<Heard>& heard) {
  Model model(catalog, serving);
  std::map<std::string, int> clients, therapists;
  for (const Heard& one : heard) {
    clients.emplace(one.fit_check->client_id, 0);
    therapists.emplace(one.fit_check->therapist_id, 0);
  }
  int number = 0;
  for (auto& [id, place] : clients) place = number++;
  number = 0;
  for (auto& [id, place] : therapists) place = number++;

  struct Noted {
    AnswerRow row;
    Observation observation;
  };
  std::vector<Noted> noted;
  std::map<std::pair<int, Word>, int> records;
  // What a pair's later answers depend on is that of its first one: since then the client's own word is in
  // how the therapist is perceived.
  struct First {
    Eigen::VectorXd x, perceived;
  };
  std::map<std::pair<int, int>, First> firsts;
  Evidence evidence;
  for (const Heard& one : heard) {
    const FitCheck& check = *one.fit_check;
    PairDesign design = model.Design(check, one.therapist.get());
    Noted& note = noted.emplace_back();
    note.observation = Observe(*catalog, check, UnsureWidth(*catalog, serving));
    note.row.client = clients[check.client_id];
    note.row.therapist = therapists[check.therapist_id];
    First own{std::move(design.x), std::move(design.perceived)};
    if (one.therapist != nullptr)  // without a profile there is nothing that later answers could take from it
      own = firsts.try_emplace({note.row.client, note.row.therapist}, std::move(own)).first->second;
    note.row.x = std::move(own.x);
    note.row.slopes = std::move(own.perceived);
    note.row.record_weight = design.concern_weight;
    model.Learn(check, one.therapist.get());
    ++evidence.fit_checks;
    if (note.observation.empty()) {
      noted.pop_back();
      continue;
    }
    for (const Word concern : design.concerns) {
      note.row.records.push_back(
          records.try_emplace({note.row.therapist, concern}, static_cast<int>(records.size())).first->second);
    }
  }
  const auto channels = static_cast<int>(catalog->channels().size());
  std::vector<int> unknowns(therapists.size(), channels);
  for (const auto& [of, place] : records) ++unknowns[static_cast<std::size_t>(of.first)];
  TherapistGroups groups(std::move(unknowns), kMostUnknowns);
  std::stable_sort(noted.begin(), noted.end(),
                   [](const Noted& a, const Noted& b) { return a.row.client < b.row.client; });
  for (std::size_t i = 0; i < noted.size(); ++i) {
    if (i > 0 && noted[i].row.client == noted[i - 1].row.client) {
      groups.Join(noted[i - 1].row.therapist, noted[i].row.therapist);
    } else {
      ++evidence.clients;
    }
  }
  std::map<std::pair<int, int>, int> parts;  // (client, group) → client of the equations
  for (Noted& note : noted) {
    const std::pair<int, int> part(note.row.client, groups.Root(note.row.therapist));
    note.row.client = parts.try_emplace(part, static_cast<int>(parts.size())).first->second;
  }
  struct Sessions {
    std::int32_t answers = 0, verdicts = 0;
  };
  std::map<std::pair<int, int>, Sessions> sessions;  // of a pair
  for (const Noted& note : noted) {
    Sessions& of_pair = sessions[{note.row.client, note.row.therapist}];
    ++of_pair.answers;
    of_pair.verdicts += note.observation.verdict ? 1 : 0;
  }
  std::stable_sort(noted.begin(), noted.end(),
                   [](const Noted& a, const Noted& b) { return a.row.client < b.row.client; });
  const double lasting = LastingShare(catalog->settings());
  for (Noted& note : noted) {
    const Sessions& of_pair = sessions[{note.row.client, note.row.therapist}];
    evidence.weights.push_back(
        EvenWeight(note.observation.verdict ? of_pair.verdicts : of_pair.answers, lasting));
    evidence.answers += evidence.weights.back();
    evidence.rows.push_back(std::move(note.row));
    evidence.observations.push_back(std::move(note.observation));
  }
  for (int f = 0; f < model.features().size(); ++f) {
    const auto form = model.features().meaning(f).form;
    evidence.effect_kinds.push_back(form ? static_cast<int>(*form) : -1);
  }
  EquationSizes& sizes = evidence.sizes;
  sizes.channels = channels;
  sizes.features = model.features().size();
  sizes.slopes = static_cast<int>(catalog->lists().facets.size());
  sizes.clients = static_cast<int>(parts.size());
  sizes.therapists = static_cast<int>(therapists.size());
  sizes.record_owner.resize(records.size());
  for (const auto& [of, place] : records) sizes.record_owner[static_cast<std::size_t>(place)] = of.first;
  return evidence;
}

}  // namespace rapport::matcher
