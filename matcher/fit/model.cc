#include "matcher/fit/model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "matcher/fit/innovation.h"
#include "matcher/fit/normal.h"
#include "matcher/fit/sessions.h"
#include "matcher/fit/square.h"

namespace rapport::matcher {
namespace {

constexpr double kLeastSlope = .25;

}  // namespace

double LatentBond::Probability() const {
  return NormalCdf(shift + slope * mean / std::sqrt(1 + variance));
}
double LatentBond::Low() const {
  return Low(Probability());
}
double LatentBond::High() const {
  return High(Probability());
}
double LatentBond::Low(double probability) const {
  return std::min(probability, NormalCdf(shift + slope * (mean - 1.959964 * std::sqrt(variance))));
}
double LatentBond::High(double probability) const {
  return std::max(probability, NormalCdf(shift + slope * (mean + 1.959964 * std::sqrt(variance))));
}

Model::Model(std::shared_ptr<const Catalog> catalog) : Model(catalog, DayZero(*catalog)) {}

Model::Model(std::shared_ptr<const Catalog> catalog, Parameters parameters)
    : catalog_(std::move(catalog)),
      features_(std::make_shared<FeatureSpace>(*catalog_)),
      parameters_(std::make_shared<Parameters>(std::move(parameters))),
      record_loading_(RecordLoading(*parameters_)),
      calibration_(parameters_->calibration) {
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

bool Model::IsFirst(const ClientState* client, absl::string_view therapist_id) {
  return client == nullptr || client->therapists.empty() ||
         (client->therapists.size() == 1 && client->therapists[0] == therapist_id);
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
  // A search is for somebody new: whoever has answered about one therapist looks for a second.
  const bool first = view.state == nullptr || view.state->therapists.empty();
  view.features = features_->PartOf(view.context, view.style_wish, first);
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
  double of_therapist = parameters_->therapist(kVerdictChannel, kVerdictChannel);
  if (known != nullptr) {
    add(BondPart::kTherapist, 0, known->effects.mean[kVerdictChannel]);
    of_therapist = known->effects.covariance(kVerdictChannel, kVerdictChannel);
  }
  const double weight = ConcernWeight(client.context.concerns);
  double along = 1;  // b with what is along it
  for (const Word concern : client.context.concerns) {
    const TrackRecord* record = known == nullptr ? nullptr : FindRecord(known->records, concern);
    if (record != nullptr) {
      add(BondPart::kTrackRecord, concern, weight * record->mean);
      along += weight * record->along;
    }
    bond.variance +=
        weight * weight * (record != nullptr ? record->variance : parameters_->track_record_variance);
  }
  bond.variance += along * along * of_therapist;
  if (client.state != nullptr && known != nullptr) {
    const Belief& slopes = client.state->slopes;
    for (Eigen::Index i = 0; i < perceived.size(); ++i) {
      add(BondPart::kSlope, static_cast<int>(i), slopes.mean[i] * perceived[i]);
    }
    bond.variance += perceived.dot(slopes.covariance * perceived);
  }
  return bond;
}

RecordSum Model::Record(absl::Span<const Word> concerns, const TherapistState* known) const {
  return SumOf(known == nullptr ? nullptr : &known->records, concerns, parameters_->track_record_variance,
               parameters_->therapist.rows());
}

Model::Expected Model::PredictAnswer(const ClientView& client, const Therapist& therapist,
                                     Channel channel) const {
  const TherapistState* known = therapists_.Find(therapist.id);
  Eigen::VectorXd x = Eigen::VectorXd::Zero(features_->size());
  features_->ForEach(client.features, client.context, therapist, Perceived(known),
                     [&x](int feature, double value) { x[feature] = value; });
  const auto j = static_cast<Eigen::Index>(channel);
  Expected expected{
      x.dot(effects_->mean.col(j)),
      x.dot(*effects_->covariance[static_cast<std::size_t>(channel)] * x) + parameters_->error(j, j)};
  const Belief* leniency = client.state != nullptr ? &client.state->leniency : nullptr;
  expected.mean +=
      (leniency != nullptr ? leniency->mean[j] : 0) + (known != nullptr ? known->effects.mean[j] : 0);
  expected.variance += leniency != nullptr ? leniency->covariance(j, j) : parameters_->client(j, j);
  // b_j + λ_j Σ_k w_k u_tk.
  const Eigen::MatrixXd& of_therapist = known != nullptr ? known->effects.covariance : parameters_->therapist;
  const RecordSum record = Record(client.context.concerns, known);
  ChannelVector shown = record_loading_[j] * record.regression;
  shown[j] += 1;
  expected.mean += record_loading_[j] * record.mean;
  expected.variance +=
      shown.dot(of_therapist.lazyProduct(shown)) + record_loading_[j] * record_loading_[j] * record.rest;
  return expected;
}

LatentBond Model::PredictAgain(const ClientView& view, const Therapist& therapist,
                               absl::Span<const FitCheck> earlier) const {
  const bool first = IsFirst(view.state, therapist.id);
  ClientView client = view;  // as this pair has it
  client.features = features_->PartOf(client.context, client.style_wish, first);
  const TherapistState* known = therapists_.Find(therapist.id);
  const Eigen::VectorXd perceived = Perceived(known);
  const Eigen::VectorXd x = features_->Values(client.context, client.style_wish, therapist, perceived, first);
  const LatentBond bond = Predict(client, therapist, [](BondPart, int, double) {});
  Eigen::VectorXd expected = effects_->mean.transpose() * x;
  if (client.state != nullptr) expected += client.state->leniency.mean;
  if (known != nullptr) expected += known->effects.mean;
  expected += Record(client.context.concerns, known).mean * record_loading_;
  expected[kVerdictChannel] = bond.mean;

  // What lasts in this pair of what nobody's general effects explain: prior r Σ_e, each session adds noise
  // (1 − r) Σ_e.
  const double lasting = LastingShare(catalog_->settings());
  Belief pair = {Eigen::VectorXd::Zero(expected.size()), lasting * parameters_->error};
  for (const FitCheck& fit_check : earlier) {
    const Observation observation = Observe(*catalog_, fit_check, UnsureWidth(*catalog_, *parameters_));
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
  design.concern_weight = ConcernWeight(context.concerns);
  if (therapist != nullptr) {
    Eigen::VectorXd wish =
        StatedStyleWish(context, static_cast<int>(catalog_->lists().style_dimensions.size()));
    if (client != nullptr) wish += client->learned_style_wish;
    design.x = features_->Values(context, wish, *therapist, design.perceived,
                                 IsFirst(client, fit_check.therapist_id));
  } else {
    design.x = Eigen::VectorXd::Zero(features_->size());
    design.x[0] = 1;
  }
  return design;
}

Model::Common Model::common() const {
  Common common{effects_->mean, {}, calibration_, heard_};
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
  heard_ = common.heard;
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
  // Scaled before it is squared: so it stays symmetric to the last bit.
  const Eigen::Vector2d lost = std::sqrt(std::max(0.0, (1 - heard.variance / total) / total)) * along;
  calibration_.covariance -= lost * lost.transpose();
}

void Model::LearnEffects(const Innovation& seen, Eigen::MatrixXd& along) {
  // Each channel's effects are made anew from the old ones, which others may hold; channels that were not
  // answered are shared.
  auto effects = std::make_shared<Effects>(*effects_);
  for (Eigen::Index i = 0; i < along.cols(); ++i) {
    const auto j = static_cast<std::size_t>(seen.channels[static_cast<std::size_t>(i)]);
    effects->mean.col(static_cast<Eigen::Index>(j)) += seen.weight * seen.pull[i] * along.col(i);
    along.col(i) *= std::sqrt(seen.Shrink(i));
    auto covariance = std::make_shared<Eigen::MatrixXd>(along.rows(), along.rows());
    LessSquare(*effects_->covariance[j], along.col(i).data(), *covariance);
    effects->covariance[j] = std::move(covariance);
  }
  effects_ = std::move(effects);
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
    client->verdicts.insert(client->verdicts.begin() + rated_place, 0);
    ++rated->clients;
  }

  const Observation observation = Observe(*catalog_, fit_check, UnsureWidth(*catalog_, *parameters_));
  if (!observation.empty()) {
    std::int32_t& answers = client->answers[static_cast<std::size_t>(rated_place)];
    std::int32_t& verdicts = client->verdicts[static_cast<std::size_t>(rated_place)];
    const bool verdict = observation.verdict.has_value();  // then it is the first of the observed channels
    const bool new_to_parameters = heard_ >= parameters_->seen;
    const bool foretold = verdict && verdicts == 0 && new_to_parameters;
    HoldRecords(concerns, parameters_->track_record_variance, rated->effects.mean.size(), rated->records);
    if (answers == 0) CountClient(concerns, rated->records);
    const RecordSum record = Record(concerns, rated.get());

    Innovation seen;
    // A scale that was filled in says nothing of what a verdict will be worth.
    seen.weight = NextWeight(verdict ? verdicts : answers, LastingShare(catalog_->settings()));
    ++answers;
    verdicts += verdict ? 1 : 0;
    seen.channels = observation.Channels();
    const auto size = static_cast<Eigen::Index>(seen.channels.size());

    ChannelMatrix& total = seen.total;
    total.resize(size, size);
    ChannelVector residual(size);  // δ; the verdict's entry is filled in below
    ChannelVector loading(size);   // λ of the records
    for (Eigen::Index i = 0; i < size; ++i) {
      loading[i] = record_loading_[seen.channels[static_cast<std::size_t>(i)]];
    }
    // What a record shows is in part the therapist's effects: λ G'b, by G = w Σ_k g_k.
    const ChannelVector with_record = rated->effects.covariance.lazyProduct(record.regression);
    const double of_record = record.regression.dot(with_record) + record.rest;
    Eigen::MatrixXd along(x.size(), size);  // covariance × x, by observed channel
    for (Eigen::Index i = 0; i < size; ++i) {
      const int j = seen.channels[static_cast<std::size_t>(i)];
      for (Eigen::Index k = 0; k < size; ++k) {
        const int l = seen.channels[static_cast<std::size_t>(k)];
        total(i, k) = client->leniency.covariance(j, l) + rated->effects.covariance(j, l) +
                      with_record[j] * loading[k] + loading[i] * with_record[l] +
                      loading[i] * loading[k] * of_record + parameters_->error(j, l);
      }
      Times(*effects_->covariance[static_cast<std::size_t>(j)], x, along.col(i).data());
      total(i, i) += x.dot(along.col(i));
      double expected = x.dot(effects_->mean.col(j)) + client->leniency.mean[j] + rated->effects.mean[j] +
                        loading[i] * record.mean;
      if (j == kVerdictChannel) {
        expected += client->slopes.mean.dot(perceived);
        total(i, i) += perceived.dot(client->slopes.covariance * perceived);
        residual[i] = -expected;  // until the interval is looked at: 0 − expected
        // Everything in `total` but the answer's own noise of 1 is what Predict calls the variance (which
        // leaves out what several records have in common). Predict is about pairs who have yet to meet.
        if (foretold) Calibrate(expected / std::sqrt(total(i, i)), observation.verdict->low >= 0);
      } else {
        residual[i] = *observation.answers[static_cast<std::size_t>(j)] - expected;
      }
    }
    Hear(observation, residual, seen);

    Condition(seen, client->leniency);
    if (verdict) {
      Eigen::VectorXd with_slopes = client->slopes.covariance * perceived;
      client->slopes.mean += seen.weight * seen.pull[0] * with_slopes;
      with_slopes *= std::sqrt(seen.Shrink(0));
      LessSquare(client->slopes.covariance, with_slopes.data(), client->slopes.covariance);
    }
    // Whoever is beyond all expectation is heard in full about themself; of others they are believed a little
    // less, so that no single voice carries a therapist's name.
    seen.weight *= seen.Trust();
    if (new_to_parameters) LearnEffects(seen, along);
    ChannelVector moved = -rated->effects.mean;
    const ChannelMatrix columns = Condition(seen, loading, record.regression, rated->effects);
    moved += rated->effects.mean;
    LearnRecords(seen, concerns, loading, columns, moved, rated->effects, rated->records);
  }

  client->learned_style_wish =
      (client->learned_style_wish + HintedStyleWish(*catalog_, fit_check)).cwiseMax(-1).cwiseMin(1);
  for (const Word friction : fit_check.frictions) client->frictions.push_back(friction);
  client->frictions = MakeWordSet(std::move(client->frictions));
  ++heard_;
  ++client->fit_checks;
  ++rated->fit_checks;
  clients_.Set(fit_check.client_id, std::move(client));
  therapists_.Set(fit_check.therapist_id, std::move(rated));
}

}  // namespace rapport::matcher
