// The people of a replay in the words of a network: a catalog made from its columns by fixed rules, and each
// person's context or profile in it. The rules stand in tests/evaluation/README.md.
#ifndef RAPPORT_SERVICES_CLI_EVALUATE_WORLD_H_
#define RAPPORT_SERVICES_CLI_EVALUATE_WORLD_H_

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "matcher/domain/catalog.h"
#include "matcher/domain/feedback.h"
#include "matcher/domain/needs.h"
#include "matcher/domain/therapist.h"
#include "services/cli/evaluate/replay.h"

namespace rapport::evaluate {

// What a network's catalog states about its answers before the first of them is foretold.
struct AnswerOutlook {
  matcher::Norm norm = {6, 2};
  // Shares of an answer's variance, 0 to 1.
  double client_variance_share = matcher::Settings().client_variance_share;
  double therapist_variance_share = matcher::Settings().therapist_variance_share;
};

// What meetings can be about, and what else may be known of one beforehand.
struct MeetingWords {
  std::set<std::string> concerns;
  std::map<std::string, matcher::Norm> circumstances;  // by column
};

// Const after construction.
class World {
 public:
  // A world of these people whose answers are "bond" and `facets`. INVALID_ARGUMENT: they need a larger
  // catalog than there can be (domain/catalog.h), or name a facet or a style twice.
  static absl::StatusOr<World> Create(const std::map<std::string, Features>& clients,
                                      const std::map<std::string, Features>& therapists,
                                      const std::vector<std::string>& facets,
                                      const AnswerOutlook& outlook = {}, const MeetingWords& words = {});
  // The world of a replay.
  static absl::StatusOr<World> Create(const Replay& replay);

  const std::shared_ptr<const matcher::Catalog>& catalog() const { return catalog_; }
  // What the client states when this meeting comes. Words that this world does not have are left out.
  matcher::ClientContext Context(const Encounter& encounter) const;
  const matcher::Therapist& Profile(const std::string& therapist_id) const {
    return profiles_.at(therapist_id);
  }
  // What a meeting's answers are as a fit check.
  matcher::FitCheck Check(const Meeting& meeting) const;

 private:
  World() = default;
  void AddClient(const std::string& id, const Features& features);
  void AddTherapist(const std::string& id, const Features& features);

  std::shared_ptr<const matcher::Catalog> catalog_;
  std::map<std::string, matcher::ClientContext> contexts_;
  std::map<std::string, matcher::Therapist> profiles_;
  std::map<std::string, matcher::Word> concerns_;
  std::vector<int> concern_attributes_;       // 1 where a concern is stated, by concern
  std::map<std::string, int> circumstances_;  // attribute of each column
  std::map<std::string, int> attributes_;     // the same of people's columns
  std::vector<std::string> facets_;
};

// What the bonds that are only learned from say: mean and standard deviation where there are 30 of them,
// shares of variance (by restricted maximum likelihood) where there are 300; the default of each otherwise.
AnswerOutlook OutlookOf(const Replay& replay);

// The words of a replay's meetings. Norms are those of the meetings that are only learned from; 0 and 1 where
// none of them says a number.
MeetingWords WordsOf(const Replay& replay);

// Facets that clients' wishes ("pref_...") name: those that answers are about where no answer was seen yet.
std::vector<std::string> WishedFacets(const std::map<std::string, Features>& clients);

}  // namespace rapport::evaluate

#endif  // RAPPORT_SERVICES_CLI_EVALUATE_WORLD_H_
