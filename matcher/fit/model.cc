#include "matcher/fit/model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "Eigen/Cholesky"
#include "absl/container/inlined_vector.h"
#include "matcher/fit/normal.h"
#include "matcher/fit/sessions.h"

namespace rapport::matcher {
namespace {

// Day-0 variance of the calibration map's shift and slope: it bends only for what many answers say.
constexpr double kCalibrationVariance = .01;
constexpr double kLeastSlope = .25;

// Weight of each of a client's concerns in the track record: the weights' squares sum to 1, so that the
// record's variance is the same however many concerns a client names.
double ConcernWeight(const ClientContext& context) {
  return context.concerns.empty() ? 0 : 1 / std::sqrt(static_cast<double>(context.concerns.size()));
}

const TrackRecord* FindRecord(const TherapistState* therapist, Word concern) {
  if (therapist == nullptr) return nullptr;
  const auto at =
      std::lower_bound(therapist->records.begin(), therapist->records.end(), concern,
                       [](const TrackRecord& record, Word word) { return record.concern < word; });
  return at != therapist->records.end() && at->concern == concern ? &*at : nullptr;
}

TrackRecord& RecordFor(TherapistState& therapist, Word concern, double prior_variance) {
  const auto at =
      std::lower_bound(therapist.records.begin(), therapist.records.end(), concern,
                       [](const TrackRecord& record, Word word) { return record.concern < word; });
  if (at != therapist.records.end() && at->concern == concern) return *at;
  return *therapist.records.insert(at, {concern, 0, prior_variance});
}

// Of the channels of one answer: small enough to live on the stack.
constexpr int kMost = Catalog::kMaxChannels;
using ChannelVector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, kMost, 1>;
using ChannelMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, kMost, kMost>;

// The channels answered, the innovation in each, and how certain it is: what every block of beliefs is moved
// by.
struct Innovation {
  std::vector<int> channels;    // those observed
  ChannelVector pull;           // S⁻¹ δ, by observed channel
  ChannelMatrix total;          // S
  ChannelMatrix precision;      // S⁻¹
  ChannelVector verdict;        // column of S⁻¹ of the verdict; zero where it was not given
  double verdict_variance = 0;  // variance left in the latent verdict after it was heard
  double weight = 1;            // how much of the way each block goes

  // How fast a block that enters one observed channel alone loses variance: entry of S⁻¹ − τ² v v'.
  double Shrink(Eigen::Index i) const {
    return weight * std::max(0.0, precision(i, i) - verdict_variance * verdict[i] * verdict[i]);
  }
  // The same of a block that enters all of them, each by its loading.
  double Shrink(const ChannelVector& loading) const {
    const double by_verdict = verdict.dot(loading);
    return weight * std::max(0.0, loading.dot(precision.lazyProduct(loading)) -
                                      verdict_variance * by_verdict * by_verdict);
  }
};

// Completes an innovation from its channels, its covariance `total` and the residual δ of each channel, where
// the verdict's is 0 − its expectation: the latent verdict given the numeric answers is normal; given the
// interval that was said it is a truncated normal, whose moments are taken.
void Hear(const Observation& observation, ChannelVector residual, Innovation& seen) {
  const Eigen::Index size = residual.size();
  seen.precision = Eigen::LLT<ChannelMatrix>(seen.total).solve(ChannelMatrix::Identity(size, size));
  seen.verdict = ChannelVector::Zero(size);
  if (observation.verdict) {
    const double variance_given = 1 / seen.precision(0, 0);
    const double expected = -residual[0];
    double mean_given = expected;
    for (Eigen::Index i = 1; i < size; ++i) mean_given -= variance_given * seen.precision(0, i) * residual[i];
    const Moments heard =
        TruncatedNormal(mean_given, variance_given, observation.verdict->low, observation.verdict->high);
    residual[0] = heard.mean - expected;
    seen.verdict = seen.precision.col(0);
    seen.verdict_variance = heard.variance;
  }
  seen.pull = seen.precision.lazyProduct(residual);
}

// Conditions a J-dimensional belief on an innovation in its own units, in Joseph's form: the result stays
// symmetric and positive definite whatever the rounding.
void Condition(const Innovation& innovation, Belief& belief) {
  const Eigen::Index size = belief.mean.size();
  const auto observed = static_cast<Eigen::Index>(innovation.channels.size());
  ChannelMatrix columns(size, observed);    // covariance with the observed channels
  ChannelMatrix noise(observed, observed);  // R = S − H P H', seen by this block
  for (Eigen::Index i = 0; i < observed; ++i) {
    const int channel = innovation.channels[static_cast<std::size_t>(i)];
    columns.col(i) = belief.covariance.col(channel);
    for (Eigen::Index k = 0; k < observed; ++k) {
      noise(k, i) = innovation.total(k, i) -
                    belief.covariance(innovation.channels[static_cast<std::size_t>(k)], channel);
    }
  }
  const ChannelMatrix gain = columns.lazyProduct(innovation.precision);
  const ChannelVector verdict_gain = columns.lazyProduct(innovation.verdict);
  belief.mean += innovation.weight * columns.lazyProduct(innovation.pull);
  // (I − K H) P (I − K H)' + K R K' + τ² k k'.
  ChannelMatrix keep = ChannelMatrix::Identity(size, size);
  for (Eigen::Index i = 0; i < observed; ++i)
    keep.col(innovation.channels[static_cast<std::size_t>(i)]) -= gain.col(i);
  const ChannelMatrix kept = keep.lazyProduct(belief.covariance);
  const ChannelMatrix noisy = gain.lazyProduct(noise);
  ChannelMatrix next = kept.lazyProduct(keep.transpose());
  next += noisy.lazyProduct(gain.transpose());
  next += innovation.verdict_variance * verdict_gain.lazyProduct(verdict_gain.transpose());
  const double half = .5 * innovation.weight;
  if (innovation.weight == 1) {
    belief.covariance = half * (next + next.transpose());
  } else {  // between two positive definite matrices all are
    belief.covariance = (1 - innovation.weight) * belief.covariance + half * (next + next.transpose());
  }
}

// What is left of a covariance P after conditioning along h: P − (√s P h)(√s P h)', symmetric to the last bit
// as P is. `along` is P h.
template <typename Out>
void Shrink(const Eigen::MatrixXd& covariance, const Eigen::VectorXd& along, double shrink, Out& out) {
  const Eigen::VectorXd scaled = std::sqrt(shrink) * along;
  for (Eigen::Index k = 0; k < scaled.size(); ++k) {
    out.col(k) = covariance.col(k) - scaled[k] * scaled;
  }
}

}  // namespace

double LatentBond::Probability() const {
  return NormalCdf(shift + slope * mean / std::sqrt(1 + variance));
}
double LatentBond::Low() const {
  return std::min(Probability(), NormalCdf(shift + slope * (mean - 1.959964 * std::sqrt(variance))));
}
double LatentBond::High() const {
  return std::max(Probability(), NormalCdf(shift + slope * (mean + 1.959964 * std::sqrt(variance))));
}

Model::Model(std::shared_ptr<const Catalog> catalog) : Model(catalog, DayZero(*catalog)) {}

Model::Model(std::shared_ptr<const Catalog> catalog, Parameters parameters)
    : catalog_(std::move(catalog)),
      features_(std::make_shared<FeatureSpace>(*catalog_)),
      parameters_(std::make_shared<Parameters>(std::move(parameters))),
      record_loading_(RecordLoading(*parameters_)),
      calibration_{Eigen::Vector2d(0, 1), kCalibrationVariance * Eigen::Matrix2d::Identity()} {
  auto effects = std::make_shared<Effects>();
  effects->mean = parameters_->effect_mean;
  for (const Eigen::MatrixXd& covariance : parameters_->effect_covariance) {
    effects->covariance.push_back(std::make_shared<Eigen::MatrixXd>(covariance));
  }
  effects_ = std::move(effects);
}

ClientState Model::NewClient() const {
  const auto facets = static_cast<Eigen::Index>(catalog_->lists().facets.size());
  ClientState client;
  client.leniency = {Eigen::VectorXd::Zero(parameters_->client.rows()), parameters_->client};
  client.slopes = {Eigen::VectorXd::Zero(facets),
                   parameters_->client_slope_variance * Eigen::MatrixXd::Identity(facets, facets)};
  client.learned_style_wish =
      Eigen::VectorXd::Zero(static_cast<Eigen::Index>(catalog_->lists().style_dimensions.size()));
  return client;
}

TherapistState Model::NewTherapist() const {
  TherapistState therapist;
  therapist.effects = {Eigen::VectorXd::Zero(parameters_->therapist.rows()), parameters_->therapist};
  return therapist;
}

Model::FacetVector Model::Perceived(const TherapistState* therapist) const {
  const std::vector<Channel>& facets = catalog_->facet_channels();
  FacetVector perceived = FacetVector::Zero(static_cast<Eigen::Index>(facets.size()));
  if (therapist == nullptr) return perceived;
  for (std::size_t i = 0; i < facets.size(); ++i) {
    perceived[static_cast<Eigen::Index>(i)] = therapist->effects.mean[facets[i]];
  }
  return perceived;
}

void Model::RememberContext(const std::string& client_id, const ClientContext& context) {
  const ClientState* known = clients_.Find(client_id);
  auto client = std::make_shared<ClientState>(known != nullptr ? *known : NewClient());
  client->context = context;
  clients_.Set(client_id, std::move(client));
}

ClientView Model::View(absl::string_view client_id, ClientContext context) const {
  ClientView view;
  view.state = clients_.Find(client_id);
  view.context = std::move(context);
  view.style_wish =
      StatedStyleWish(view.context, static_cast<int>(catalog_->lists().style_dimensions.size()));
  view.leniency_variance = parameters_->client(kVerdictChannel, kVerdictChannel);
  if (view.state != nullptr) {
    view.style_wish += view.state->learned_style_wish;
    view.leniency_mean = view.state->leniency.mean[kVerdictChannel];
    view.leniency_variance = view.state->leniency.covariance(kVerdictChannel, kVerdictChannel);
  }
  view.features = features_->PartOf(view.context, view.style_wish);
  return view;
}

LatentBond Model::Predict(const ClientView& client, const Therapist& therapist, BondVisitor visit) const {
  const TherapistState* known = therapists_.Find(therapist.id);
  const FacetVector perceived = Perceived(known);
  LatentBond bond;
  bond.shift = calibration_.mean[0];
  bond.slope = calibration_.mean[1];
  const auto add = [&bond, &visit](BondPart part, int subject, double value) {
    bond.mean += value;
    visit(part, subject, value);
  };
  // Most features say nothing of a pair: xᵀ Σ_β x over the few that do.
  absl::InlinedVector<std::pair<int, double>, 32> present;
  const auto effects = effects_->mean.col(kVerdictChannel);
  features_->ForEach(client.features, client.context, therapist, perceived, [&](int feature, double value) {
    add(BondPart::kFeature, feature, value * effects[feature]);
    present.emplace_back(feature, value);
  });
  const Eigen::MatrixXd& covariance = *effects_->covariance[kVerdictChannel];
  for (std::size_t i = 0; i < present.size(); ++i) {
    const auto [feature, value] = present[i];
    const auto column = covariance.col(feature);
    double across = 0;
    for (std::size_t j = 0; j < i; ++j) across += column[present[j].first] * present[j].second;
    bond.variance += value * (column[feature] * value + 2 * across);
  }
  add(BondPart::kClient, 0, client.leniency_mean);
  bond.variance += client.leniency_variance;
  if (known != nullptr) {
    add(BondPart::kTherapist, 0, known->effects.mean[kVerdictChannel]);
    bond.variance += known->effects.covariance(kVerdictChannel, kVerdictChannel);
  } else {
    bond.variance += parameters_->therapist(kVerdictChannel, kVerdictChannel);
  }
  const double weight = ConcernWeight(client.context);
  for (const Word concern : client.context.concerns) {
    const TrackRecord* record = FindRecord(known, concern);
    if (record != nullptr) add(BondPart::kTrackRecord, concern, weight * record->mean);
    bond.variance +=
        weight * weight * (record != nullptr ? record->variance : parameters_->track_record_variance);
  }
  if (client.state != nullptr && known != nullptr) {
    const Belief& slopes = client.state->slopes;
    for (Eigen::Index i = 0; i < perceived.size(); ++i) {
      add(BondPart::kSlope, static_cast<int>(i), slopes.mean[i] * perceived[i]);
    }
    bond.variance += perceived.dot(slopes.covariance * perceived);
  }
  return bond;
}

Model::RecordSum Model::Record(const ClientContext& context, const TherapistState* known) const {
  RecordSum sum;
  const double weight = ConcernWeight(context);
  for (const Word concern : context.concerns) {
    const TrackRecord* record = FindRecord(known, concern);
    if (record != nullptr) sum.mean += weight * record->mean;
    sum.variance +=
        weight * weight * (record != nullptr ? record->variance : parameters_->track_record_variance);
  }
  return sum;
}

Model::Expected Model::PredictAnswer(const ClientView& client, const Therapist& therapist,
                                     Channel channel) const {
  const TherapistState* known = therapists_.Find(therapist.id);
  const Eigen::VectorXd x = features_->Values(client.context, client.style_wish, therapist, Perceived(known));
  const auto j = static_cast<Eigen::Index>(channel);
  Expected expected{
      x.dot(effects_->mean.col(j)),
      x.dot(*effects_->covariance[static_cast<std::size_t>(channel)] * x) + parameters_->error(j, j)};
  const Belief* leniency = client.state != nullptr ? &client.state->leniency : nullptr;
  expected.mean +=
      (leniency != nullptr ? leniency->mean[j] : 0) + (known != nullptr ? known->effects.mean[j] : 0);
  expected.variance += leniency != nullptr ? leniency->covariance(j, j) : parameters_->client(j, j);
  expected.variance += known != nullptr ? known->effects.covariance(j, j) : parameters_->therapist(j, j);
  const RecordSum record = Record(client.context, known);
  expected.mean += record_loading_[j] * record.mean;
  expected.variance += record_loading_[j] * record_loading_[j] * record.variance;
  return expected;
}

LatentBond Model::PredictAgain(const ClientView& client, const Therapist& therapist,
                               absl::Span<const FitCheck> earlier) const {
  const TherapistState* known = therapists_.Find(therapist.id);
  const Eigen::VectorXd perceived = Perceived(known);
  const Eigen::VectorXd x = features_->Values(client.context, client.style_wish, therapist, perceived);
  const LatentBond bond = Predict(client, therapist, [](BondPart, int, double) {});
  Eigen::VectorXd expected = effects_->mean.transpose() * x;
  if (client.state != nullptr) expected += client.state->leniency.mean;
  if (known != nullptr) expected += known->effects.mean;
  expected += Record(client.context, known).mean * record_loading_;
  expected[kVerdictChannel] = bond.mean;

  // What lasts in this pair of what nobody's general effects explain: prior r Σ_e, each session adds noise
  // (1 − r) Σ_e.
  const double lasting = LastingShare(catalog_->settings());
  Belief pair = {Eigen::VectorXd::Zero(expected.size()), lasting * parameters_->error};
  for (const FitCheck& fit_check : earlier) {
    const Observation observation = Observe(*catalog_, fit_check);
    if (observation.empty()) continue;
    Innovation seen;
    seen.channels = observation.Channels();
    const auto size = static_cast<Eigen::Index>(seen.channels.size());
    seen.total.resize(size, size);
    ChannelVector residual(size);
    for (Eigen::Index i = 0; i < size; ++i) {
      const int j = seen.channels[static_cast<std::size_t>(i)];
      for (Eigen::Index k = 0; k < size; ++k) {
        const int l = seen.channels[static_cast<std::size_t>(k)];
        seen.total(i, k) = pair.covariance(j, l) + (1 - lasting) * parameters_->error(j, l);
      }
      residual[i] = (j == kVerdictChannel ? 0 : *observation.answers[static_cast<std::size_t>(j)]) -
                    expected[j] - pair.mean[j];
    }
    Hear(observation, std::move(residual), seen);
    Condition(seen, pair);
  }
  const double noise = 1 - lasting;  // of the verdict's next session
  LatentBond again = bond;
  again.mean = (bond.mean + pair.mean[kVerdictChannel]) / std::sqrt(noise);
  again.variance = (bond.variance + pair.covariance(kVerdictChannel, kVerdictChannel)) / noise;
  return again;
}

Model Model::Published(Parameters parameters, const std::vector<Heard>& heard) const {
  Model model(catalog_, std::move(parameters));
  for (const Heard& one : heard) model.Learn(*one.fit_check, one.therapist.get());
  clients_.ForEach([&model](const std::string& id, const std::shared_ptr<const ClientState>& client) {
    model.RememberContext(id, client->context);
  });
  model.calibration_ = calibration_;
  return model;
}

PairDesign Model::Design(const FitCheck& fit_check, const Therapist* therapist) const {
  const ClientState* client = clients_.Find(fit_check.client_id);
  static const ClientContext kNothingStated;
  const ClientContext& context = fit_check.context   ? *fit_check.context
                                 : client != nullptr ? client->context
                                                     : kNothingStated;
  PairDesign design;
  design.perceived = Perceived(therapists_.Find(fit_check.therapist_id));
  design.concerns = context.concerns;
  design.concern_weight = ConcernWeight(context);
  if (therapist != nullptr) {
    Eigen::VectorXd wish =
        StatedStyleWish(context, static_cast<int>(catalog_->lists().style_dimensions.size()));
    if (client != nullptr) wish += client->learned_style_wish;
    design.x = features_->Values(context, wish, *therapist, design.perceived);
  } else {
    design.x = Eigen::VectorXd::Zero(features_->size());
    design.x[0] = 1;
  }
  return design;
}

Model::Common Model::common() const {
  Common common{effects_->mean, {}, calibration_};
  for (const auto& covariance : effects_->covariance) common.covariance.push_back(*covariance);
  return common;
}

void Model::RestoreCommon(Common common) {
  auto effects = std::make_shared<Effects>();
  effects->mean = std::move(common.effects);
  for (Eigen::MatrixXd& covariance : common.covariance)
    effects->covariance.push_back(std::make_shared<const Eigen::MatrixXd>(std::move(covariance)));
  effects_ = std::move(effects);
  calibration_ = common.calibration;
}

double Model::PriorShare(const TherapistState* known) const {
  if (known == nullptr) return 1;
  return known->effects.covariance(kVerdictChannel, kVerdictChannel) /
         parameters_->therapist(kVerdictChannel, kVerdictChannel);
}

void Model::Calibrate(double z, bool bond) {
  const Eigen::Vector2d h(1, z);
  const Eigen::Vector2d along = calibration_.covariance * h;
  const double expected = calibration_.mean.dot(h), total = 1 + h.dot(along);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Moments heard =
      bond ? TruncatedNormal(expected, total, 0, kInfinity) : TruncatedNormal(expected, total, -kInfinity, 0);
  calibration_.mean += along * ((heard.mean - expected) / total);
  calibration_.mean[1] = std::max(kLeastSlope, calibration_.mean[1]);
  calibration_.covariance -= ((1 - heard.variance / total) / total) * along * along.transpose();
}

void Model::Learn(const FitCheck& fit_check, const Therapist* therapist) {
  const ClientState* known_client = clients_.Find(fit_check.client_id);
  const TherapistState* known_therapist = therapists_.Find(fit_check.therapist_id);
  auto client = std::make_shared<ClientState>(known_client != nullptr ? *known_client : NewClient());
  auto rated =
      std::make_shared<TherapistState>(known_therapist != nullptr ? *known_therapist : NewTherapist());
  if (fit_check.context) client->context = *fit_check.context;
  const auto [x, perceived, concerns, weight] = Design(fit_check, therapist);

  const auto rated_at =
      std::lower_bound(client->therapists.begin(), client->therapists.end(), fit_check.therapist_id);
  const auto rated_place = rated_at - client->therapists.begin();
  if (rated_at == client->therapists.end() || *rated_at != fit_check.therapist_id) {
    client->therapists.insert(rated_at, fit_check.therapist_id);
    client->answers.insert(client->answers.begin() + rated_place, 0);
    ++rated->clients;
  }

  const Observation observation = Observe(*catalog_, fit_check);
  if (!observation.empty()) {
    std::int32_t& answers = client->answers[static_cast<std::size_t>(rated_place)];
    std::vector<TrackRecord*> records;
    for (const Word concern : concerns) RecordFor(*rated, concern, parameters_->track_record_variance);
    for (const Word concern : concerns) {
      records.push_back(&RecordFor(*rated, concern, parameters_->track_record_variance));
    }
    double record_mean = 0, record_variance = 0;  // of Σ_k w_k u_tk
    for (const TrackRecord* record : records) {
      record_mean += weight * record->mean;
      record_variance += weight * weight * record->variance;
    }

    Innovation seen;
    seen.weight = NextWeight(answers++, LastingShare(catalog_->settings()));
    seen.channels = observation.Channels();
    const auto size = static_cast<Eigen::Index>(seen.channels.size());
    const bool verdict = observation.verdict.has_value();  // then it is the first of the observed channels

    ChannelMatrix& total = seen.total;
    total.resize(size, size);
    ChannelVector residual(size);        // δ; the verdict's entry is filled in below
    std::vector<Eigen::VectorXd> along;  // covariance × x, by observed channel
    for (Eigen::Index i = 0; i < size; ++i) {
      const int j = seen.channels[static_cast<std::size_t>(i)];
      for (Eigen::Index k = 0; k < size; ++k) {
        const int l = seen.channels[static_cast<std::size_t>(k)];
        total(i, k) = client->leniency.covariance(j, l) + rated->effects.covariance(j, l) +
                      record_variance * record_loading_[j] * record_loading_[l] + parameters_->error(j, l);
      }
      along.emplace_back(*effects_->covariance[static_cast<std::size_t>(j)] * x);
      total(i, i) += x.dot(along.back());
      double expected = x.dot(effects_->mean.col(j)) + client->leniency.mean[j] + rated->effects.mean[j] +
                        record_loading_[j] * record_mean;
      if (j == kVerdictChannel) {
        expected += client->slopes.mean.dot(perceived);
        total(i, i) += perceived.dot(client->slopes.covariance * perceived);
        residual[i] = -expected;  // until the interval is looked at: 0 − expected
        // Everything in `total` but the answer's own noise of 1 is what Predict calls the variance. Predict
        // is about pairs who have yet to meet.
        if (seen.weight == 1) Calibrate(expected / std::sqrt(total(i, i)), observation.verdict->low >= 0);
      } else {
        residual[i] = *observation.answers[static_cast<std::size_t>(j)] - expected;
      }
    }
    Hear(observation, residual, seen);

    // Each channel's effects are made anew from the old ones, which others may hold; channels that were not
    // answered are shared.
    auto effects = std::make_shared<Effects>(*effects_);
    for (Eigen::Index i = 0; i < size; ++i) {
      const auto j = static_cast<std::size_t>(seen.channels[static_cast<std::size_t>(i)]);
      effects->mean.col(static_cast<Eigen::Index>(j)) +=
          seen.weight * seen.pull[i] * along[static_cast<std::size_t>(i)];
      auto covariance = std::make_shared<Eigen::MatrixXd>(x.size(), x.size());
      Shrink(*effects_->covariance[j], along[static_cast<std::size_t>(i)], seen.Shrink(i), *covariance);
      effects->covariance[j] = std::move(covariance);
    }
    effects_ = std::move(effects);
    Condition(seen, client->leniency);
    Condition(seen, rated->effects);
    if (!records.empty()) {
      ChannelVector loading(size);
      for (Eigen::Index i = 0; i < size; ++i) {
        loading[i] = record_loading_[seen.channels[static_cast<std::size_t>(i)]];
      }
      const double pull = seen.weight * loading.dot(seen.pull), shrink = seen.Shrink(loading);
      for (TrackRecord* record : records) {
        const double share = record->variance * weight;
        record->mean += share * pull;
        record->variance -= shrink * share * share;
      }
    }
    if (verdict) {
      const Eigen::VectorXd with_slopes = client->slopes.covariance * perceived;
      client->slopes.mean += seen.weight * seen.pull[0] * with_slopes;
      Shrink(client->slopes.covariance, with_slopes, seen.Shrink(0), client->slopes.covariance);
    }
  }

  client->learned_style_wish =
      (client->learned_style_wish + HintedStyleWish(*catalog_, fit_check)).cwiseMax(-1).cwiseMin(1);
  for (const Word friction : fit_check.frictions) client->frictions.push_back(friction);
  client->frictions = MakeWordSet(std::move(client->frictions));
  ++client->fit_checks;
  ++rated->fit_checks;
  clients_.Set(fit_check.client_id, std::move(client));
  therapists_.Set(fit_check.therapist_id, std::move(rated));
}

}  // namespace rapport::matcher
