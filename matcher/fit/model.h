// The fit model: multivariate crossed effects, learned online. Ratings mix who is rated with who rates; the
// model holds the two apart, with uncertainty, and says how likely a client would continue with a therapist.
//
//   y_j = x'β_j + a_cj + b_tj + λ_j Σ_k w_k u_tk + [j = verdict] θ_c'f_t + e_j
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
#include "absl/types/span.h"
#include "matcher/domain/catalog.h"
#include "matcher/domain/feedback.h"
#include "matcher/domain/needs.h"
#include "matcher/domain/therapist.h"
#include "matcher/fit/features.h"
#include "matcher/fit/innovation.h"
#include "matcher/fit/observation.h"
#include "matcher/fit/parameters.h"
#include "matcher/fit/track_record.h"
#include "matcher/versioned/map.h"

namespace rapport::matcher {

// A fit check as it was heard: with its context filled in, and the profile of that time (null: none held).
struct Heard {
  std::shared_ptr<const FitCheck> fit_check;
  std::shared_ptr<const Therapist> therapist;
};

// What is known of one client.
struct ClientState {
  Belief leniency;                      // J
  Belief slopes;                        // by facet
  Eigen::VectorXd learned_style_wish;   // by style dimension, each within [-1, 1]; what frictions taught
  ClientContext context;                // wishes and concerns as last stated
  std::vector<std::string> therapists;  // those this client has answered about; sorted
  std::vector<std::int32_t> answers;    // how many answers about each of them taught anything
  std::vector<std::int32_t> verdicts;   // and how many of those had a verdict
  WordSet frictions;                    // those this client has named
  std::int64_t fit_checks = 0;
};

// What is known of one therapist.
struct TherapistState {
  Belief effects;  // J
  TrackRecords records;
  std::int64_t fit_checks = 0;
  std::int64_t clients = 0;
};

// The latent bond of a pair: p = Φ(shift + slope · mean / √(1 + variance)), rising in mean / √(1 + variance)
// whatever the calibration map, which is the same for all pairs of one model.
struct LatentBond {
  double mean = 0;
  double variance = 0;
  double shift = 0;
  double slope = 1;  // above 0

  double Probability() const;
  // Ends of the central 95 % interval of Φ(shift + slope · η), η ~ N(mean, variance), wide enough to hold
  // Probability().
  double Low() const;
  double High() const;
  // The same, of a Probability() that is known already.
  double Low(double probability) const;
  double High(double probability) const;
};

// One part of a latent bond's mean, as it is handed to a visitor: a code and, where it has one, a subject.
enum class BondPart { kFeature, kClient, kTherapist, kTrackRecord, kSlope };
using BondVisitor = absl::FunctionRef<void(BondPart part, int subject, double value)>;

// A client as the model sees them for one ranking: beliefs looked up once, wishes put together once.
struct ClientView {
  const ClientState* state = nullptr;  // null: never heard of
  ClientContext context;
  Eigen::VectorXd style_wish;  // stated and learned
  FeatureSpace::ClientPart features;
  double leniency_mean = 0;  // on the verdict
  double leniency_variance = 0;
};

// What an answer about a pair depends on.
struct PairDesign {
  Eigen::VectorXd x;           // features
  Eigen::VectorXd perceived;   // the therapist's expected effect by facet, what a client's slopes act on
  std::vector<Word> concerns;  // those whose track record it tells of
  double concern_weight = 0;   // of each
};

// The model. A value: copies are cheap and share what they have in common; a copy never changes. Not
// thread-safe for writing; any number of threads may read one.
class Model {
 public:
  // Day 0.
  explicit Model(std::shared_ptr<const Catalog> catalog);
  // A published model, before it has heard anything. `parameters` are of this catalog (CheckParameters).
  Model(std::shared_ptr<const Catalog> catalog, Parameters parameters);

  // Remembers what a client stated, for fit checks that come without it. O(log clients).
  void RememberContext(const std::string& client_id, const ClientContext& context);

  // Learns from one fit check about `therapist` (null: a profile no longer held; features that need it are
  // left out). A fit check without any answer counts as given and teaches nothing; later answers of a pair
  // teach less than its first, later verdicts than its first verdict. Effects of features stay as they are
  // while it hears what its parameters were estimated from (Parameters::seen). Closed form, O(J³ + J F²).
  void Learn(const FitCheck& fit_check, const Therapist* therapist);

  // The model that `parameters` (of this catalog: CheckParameters) make of the same history: they are taken
  // as what was believed before anything was heard, `heard` is learned again in its order, and what clients
  // stated is kept. So a published model and a state folded from the log agree to the last bit, and erasing a
  // client is folding without them. O(heard) times Learn.
  Model Published(Parameters parameters, const std::vector<Heard>& heard) const;

  // What a fit check would be learned with, as things stand now.
  PairDesign Design(const FitCheck& fit_check, const Therapist* therapist) const;

  // The client as seen now; pointers into the model live as long as this Model value.
  ClientView View(absl::string_view client_id, ClientContext context) const;

  // The latent bond of a pair. `visit` is handed every part of the mean, in a fixed order: the parts sum to
  // it exactly, since this sum is the mean.
  LatentBond Predict(const ClientView& client, const Therapist& therapist, BondVisitor visit) const;

  // A numeric answer of the pair, in norm standard deviations: its expectation, and its variance with the
  // noise of one answer. `channel` is not the verdict's.
  struct Expected {
    double mean = 0;
    double variance = 0;
  };
  Expected PredictAnswer(const ClientView& client, const Therapist& therapist, Channel channel) const;

  // The latent bond of a pair at its next session, given the fit checks it has had (which the model has
  // learned from). What an answer shows beyond what the client, the therapist and the features explain lasts
  // in part: r = (G − s) / (1 − s), where G is the settings' session_reliability and s the share of variance
  // that client, therapist and track record explain; so a first answer regresses to the mean. Units: the
  // noise of one session, so that Probability() and the interval mean what they mean for Predict.
  // O(fit checks · J³).
  LatentBond PredictAgain(const ClientView& view, const Therapist& therapist,
                          absl::Span<const FitCheck> earlier) const;

  const ClientState* Client(absl::string_view client_id) const { return clients_.Find(client_id); }
  const TherapistState* TherapistOf(absl::string_view therapist_id) const {
    return therapists_.Find(therapist_id);
  }
  // Asks for the memory that Predict will read of what is known of these therapists.
  void Fetch(absl::Span<const absl::string_view> therapist_ids) const { therapists_.Fetch(therapist_ids); }
  // Calls visit(client id, state) for everybody who has stated or answered anything.
  template <typename Visit>
  void ForEachClient(Visit visit) const {
    clients_.ForEach([&](const std::string& id, const auto& state) { visit(id, *state); });
  }
  // Calls visit(therapist id, state) for everybody whom a client has answered about.
  template <typename Visit>
  void ForEachTherapist(Visit visit) const {
    therapists_.ForEach([&](const std::string& id, const auto& state) { visit(id, *state); });
  }
  const FeatureSpace& features() const { return *features_; }
  const Parameters& parameters() const { return *parameters_; }
  // Effects of features by channel, F × J, as learned so far.
  const Eigen::MatrixXd& effects() const { return effects_->mean; }
  // Covariance of the effects on the verdict, F × F.
  const Eigen::MatrixXd& verdict_covariance() const { return *effects_->covariance[kVerdictChannel]; }
  // Channel of each facet, by facet number.
  const std::vector<Channel>& facet_channels() const { return catalog_->facet_channels(); }
  // Learned from every pair's first verdict but those that the parameters were estimated from.
  const Calibration& calibration() const { return calibration_; }
  void SetCalibration(const Calibration& calibration) { calibration_ = calibration; }

  // For keeping a model and putting it back bit for bit: into one with the same parameters that has heard
  // nothing.
  void RestoreClient(const std::string& id, std::shared_ptr<const ClientState> client) {
    clients_.Set(id, std::move(client));
  }
  void RestoreTherapist(const std::string& id, std::shared_ptr<const TherapistState> therapist) {
    therapists_.Set(id, std::move(therapist));
  }
  // What was learned that holds for all: effects of features with their covariances by channel, F × F,
  // calibration, and how many fit checks were heard.
  struct Common {
    Eigen::MatrixXd effects;
    std::vector<Eigen::MatrixXd> covariance;
    Calibration calibration;
    std::int64_t heard = 0;
  };
  Common common() const;
  void RestoreCommon(Common common);

  // P(bond) = Φ(calibration_shift() + calibration_slope() · mean / √(1 + variance)); slope above 0.
  double calibration_shift() const { return calibration_.mean[0]; }
  double calibration_slope() const { return calibration_.mean[1]; }
  // Share of the variance of a therapist's effect on the verdict that is left after what was heard, 0 to 1.
  // `known`: what this model holds of the therapist; null: nothing.
  double PriorShare(const TherapistState* known) const;

 private:
  struct Effects {
    Eigen::MatrixXd mean;                                            // F × J
    std::vector<std::shared_ptr<const Eigen::MatrixXd>> covariance;  // J of F × F
  };
  // Whether the client (null: never heard of) has answered about nobody but this therapist.
  static bool IsFirst(const ClientState* client, absl::string_view therapist_id);
  // What a therapist's records with a client's concerns add to the verdict.
  RecordSum Record(absl::Span<const Word> concerns, const TherapistState* known) const;
  // What an answer tells of the effects of features. `along`: their covariance × the pair's features, by
  // observed channel; it is used up.
  void LearnEffects(const Innovation& seen, Eigen::MatrixXd& along);
  // Learns what came of a pair that was foretold Φ(z) before calibration.
  void Calibrate(double z, bool bond);

  ClientState NewClient() const;
  TherapistState NewTherapist() const;
  // By facet: each is a channel, so they fit on the stack.
  using FacetVector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, Catalog::kMaxChannels, 1>;
  FacetVector Perceived(const TherapistState* therapist) const;

  std::shared_ptr<const Catalog> catalog_;
  std::shared_ptr<const FeatureSpace> features_;
  std::shared_ptr<const Parameters> parameters_;
  Eigen::VectorXd record_loading_;  // λ, by channel
  std::shared_ptr<const Effects> effects_;
  Calibration calibration_;
  std::int64_t heard_ = 0;
  VersionedMap<ClientState> clients_;
  VersionedMap<TherapistState> therapists_;
};

}  // namespace rapport::matcher

#endif  // RAPPORT_MATCHER_FIT_MODEL_H_
