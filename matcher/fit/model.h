// The fit model: multivariate crossed effects, learned online. Ratings mix who is rated with who rates; the
// model holds the two apart, with uncertainty, and says how likely a client would continue with a therapist.
//
//   y_j = x'β_j + a_cj + b_tj + [j = verdict] (Σ_k w_k u_tk + θ_c'f_t) + e_j
//
// a: the client's leniency, b: the therapist's effects, u: therapist × concern track record, θ: the client's
// own slopes on what others felt with the therapist (f: expected b on facets). The verdict is a probit
// observation. The mathematics, with its sources, stands in matcher/fit/README.md.
#ifndef RAPPORT_MATCHER_FIT_MODEL_H_
#define RAPPORT_MATCHER_FIT_MODEL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "Eigen/Core"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "matcher/domain/catalog.h"
#include "matcher/domain/feedback.h"
#include "matcher/domain/needs.h"
#include "matcher/domain/therapist.h"
#include "matcher/fit/features.h"
#include "matcher/fit/observation.h"
#include "matcher/fit/parameters.h"
#include "matcher/versioned/map.h"

namespace rapport::matcher {

// A normal belief.
struct Belief {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

// What is known of one client.
struct ClientState {
  Belief leniency;                      // J
  Belief slopes;                        // by facet
  Eigen::VectorXd learned_style_wish;   // by style dimension, each within [-1, 1]; what frictions taught
  ClientContext context;                // wishes and concerns as last stated
  std::vector<std::string> therapists;  // those this client has answered about; sorted
  WordSet frictions;                    // those this client has named
  std::int64_t fit_checks = 0;
};

// A therapist's record with one concern.
struct TrackRecord {
  Word concern = 0;
  double mean = 0;
  double variance = 0;
};

// What is known of one therapist.
struct TherapistState {
  Belief effects;                    // J
  std::vector<TrackRecord> records;  // sorted by concern; only those ever answered about
  std::int64_t fit_checks = 0;
  std::int64_t clients = 0;
};

// The latent bond of a pair: p = Φ(mean / √(1 + variance)).
struct LatentBond {
  double mean = 0;
  double variance = 0;

  double Probability() const;
  // Ends of the central 95 % interval of Φ(η), η ~ N(mean, variance).
  double Low() const;
  double High() const;
};

// One part of a latent bond's mean, as it is handed to a visitor: a code and, where it has one, a subject.
enum class BondPart { kFeature, kClient, kTherapist, kTrackRecord, kSlope };
using BondVisitor = absl::FunctionRef<void(BondPart part, int subject, double value)>;

// A client as the model sees them for one ranking: beliefs looked up once, wishes put together once.
struct ClientView {
  const ClientState* state = nullptr;  // null: never heard of
  ClientContext context;
  Eigen::VectorXd style_wish;  // stated and learned
  double leniency_mean = 0;    // on the verdict
  double leniency_variance = 0;
};

// The model. A value: copies are cheap and share what they have in common; a copy never changes. Not
// thread-safe for writing; any number of threads may read one.
class Model {
 public:
  // Day 0.
  explicit Model(std::shared_ptr<const Catalog> catalog);

  // Remembers what a client stated, for fit checks that come without it. O(log clients).
  void RememberContext(const std::string& client_id, const ClientContext& context);

  // Learns from one fit check about `therapist` (null: a profile no longer held; features that need it are
  // left out). A fit check without any answer counts as given and teaches nothing. Closed form, O(J³ + J F²).
  void Learn(const FitCheck& fit_check, const Therapist* therapist);

  // The client as seen now; pointers into the model live as long as this Model value.
  ClientView View(absl::string_view client_id, const ClientContext& context) const;

  // The latent bond of a pair. `visit` is handed every part of the mean, in a fixed order: the parts sum to
  // it exactly, since this sum is the mean.
  LatentBond Predict(const ClientView& client, const Therapist& therapist, BondVisitor visit) const;

  const ClientState* Client(absl::string_view client_id) const { return clients_.Find(client_id); }
  const TherapistState* TherapistOf(absl::string_view therapist_id) const {
    return therapists_.Find(therapist_id);
  }
  const FeatureSpace& features() const { return *features_; }
  const Parameters& parameters() const { return *parameters_; }
  // Effects of features by channel, F × J, as learned so far.
  const Eigen::MatrixXd& effects() const { return effects_->mean; }
  // Share of the variance of a therapist's effect on the verdict that is left after what was heard, 0 to 1.
  double PriorShare(absl::string_view therapist_id) const;

 private:
  struct Effects {
    Eigen::MatrixXd mean;                     // F × J
    std::vector<Eigen::MatrixXd> covariance;  // J of F × F
  };

  ClientState NewClient() const;
  TherapistState NewTherapist() const;
  Eigen::VectorXd Perceived(const TherapistState* therapist) const;

  std::shared_ptr<const Catalog> catalog_;
  std::shared_ptr<const FeatureSpace> features_;
  std::shared_ptr<const Parameters> parameters_;
  std::shared_ptr<const Effects> effects_;
  VersionedMap<ClientState> clients_;
  VersionedMap<TherapistState> therapists_;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_MODEL_H_
