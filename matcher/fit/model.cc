#include "matcher/fit/model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "Eigen/Cholesky"
#include "matcher/fit/normal.h"

namespace rapport::matcher {
namespace {

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

// The channels answered, the innovation in each, and how certain it is: what every block of beliefs is moved
// by.
struct Innovation {
  std::vector<int> channels;    // those observed
  Eigen::VectorXd pull;         // S⁻¹ δ, by observed channel
  Eigen::MatrixXd total;        // S
  Eigen::MatrixXd precision;    // S⁻¹
  Eigen::VectorXd verdict;      // column of S⁻¹ of the verdict; zero where it was not given
  double verdict_variance = 0;  // variance left in the latent verdict after it was heard
};

// Conditions a J-dimensional belief on an innovation in its own units, in Joseph's form: the result stays
// symmetric and positive definite whatever the rounding.
void Condition(const Innovation& innovation, Belief& belief) {
  const Eigen::Index size = belief.mean.size();
  const auto observed = static_cast<Eigen::Index>(innovation.channels.size());
  Eigen::MatrixXd columns(size, observed);  // covariance with the observed channels
  Eigen::MatrixXd own(observed, observed);
  for (Eigen::Index i = 0; i < observed; ++i) {
    columns.col(i) = belief.covariance.col(innovation.channels[static_cast<std::size_t>(i)]);
    for (Eigen::Index k = 0; k < observed; ++k) {
      own(k, i) = belief.covariance(innovation.channels[static_cast<std::size_t>(k)],
                                    innovation.channels[static_cast<std::size_t>(i)]);
    }
  }
  const Eigen::MatrixXd gain = columns * innovation.precision;
  const Eigen::VectorXd verdict_gain = columns * innovation.verdict;
  belief.mean += columns * innovation.pull;
  // (I − K H) P (I − K H)' + K R K' + τ² k k', with R = S − H P H' the noise seen by this block.
  Eigen::MatrixXd keep = Eigen::MatrixXd::Identity(size, size);
  for (Eigen::Index i = 0; i < observed; ++i)
    keep.col(innovation.channels[static_cast<std::size_t>(i)]) -= gain.col(i);
  Eigen::MatrixXd next =
      keep * belief.covariance * keep.transpose() + gain * (innovation.total - own) * gain.transpose();
  next += innovation.verdict_variance * verdict_gain * verdict_gain.transpose();
  belief.covariance = .5 * (next + next.transpose());
}

// Conditions a belief that enters one channel through a vector h: h'z. `pull`, `precision` and `verdict` are
// that channel's entries.
void ConditionAlong(const Eigen::VectorXd& h, double pull, double precision, double verdict,
                    double verdict_variance, Eigen::Ref<Eigen::VectorXd> mean, Eigen::MatrixXd& covariance) {
  const Eigen::VectorXd along = covariance * h;
  mean += pull * along;
  const double shrink = precision - verdict_variance * verdict * verdict;
  const Eigen::MatrixXd square =
      along * along.transpose();  // symmetric to the last bit, and so is what is left
  covariance -= shrink * square;
}

}  // namespace

double LatentBond::Probability() const {
  return NormalCdf(mean / std::sqrt(1 + variance));
}
double LatentBond::Low() const {
  return NormalCdf(mean - 1.959964 * std::sqrt(variance));
}
double LatentBond::High() const {
  return NormalCdf(mean + 1.959964 * std::sqrt(variance));
}

Model::Model(std::shared_ptr<const Catalog> catalog)
    : catalog_(std::move(catalog)),
      features_(std::make_shared<FeatureSpace>(*catalog_)),
      parameters_(std::make_shared<Parameters>(DayZero(*catalog_))) {
  auto effects = std::make_shared<Effects>();
  effects->mean = parameters_->effect_mean;
  for (Eigen::Index j = 0; j < parameters_->effect_mean.cols(); ++j) {
    effects->covariance.push_back(parameters_->effect_variance.col(j).asDiagonal());
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

Eigen::VectorXd Model::Perceived(const TherapistState* therapist) const {
  const std::vector<Channel>& facets = catalog_->facet_channels();
  Eigen::VectorXd perceived = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(facets.size()));
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

ClientView Model::View(absl::string_view client_id, const ClientContext& context) const {
  ClientView view;
  view.state = clients_.Find(client_id);
  view.context = context;
  view.style_wish = StatedStyleWish(context, static_cast<int>(catalog_->lists().style_dimensions.size()));
  view.leniency_variance = parameters_->client(kVerdictChannel, kVerdictChannel);
  if (view.state != nullptr) {
    view.style_wish += view.state->learned_style_wish;
    view.leniency_mean = view.state->leniency.mean[kVerdictChannel];
    view.leniency_variance = view.state->leniency.covariance(kVerdictChannel, kVerdictChannel);
  }
  return view;
}

LatentBond Model::Predict(const ClientView& client, const Therapist& therapist, BondVisitor visit) const {
  const TherapistState* known = therapists_.Find(therapist.id);
  const Eigen::VectorXd perceived = Perceived(known);
  const Eigen::VectorXd x = features_->Values(client.context, client.style_wish, therapist, perceived);
  LatentBond bond;
  const auto add = [&bond, &visit](BondPart part, int subject, double value) {
    bond.mean += value;
    visit(part, subject, value);
  };
  for (int i = 0; i < features_->size(); ++i) {
    if (x[i] != 0) add(BondPart::kFeature, i, x[i] * effects_->mean(i, kVerdictChannel));
  }
  bond.variance += x.dot(effects_->covariance[kVerdictChannel] * x);
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

double Model::PriorShare(absl::string_view therapist_id) const {
  const TherapistState* known = therapists_.Find(therapist_id);
  if (known == nullptr) return 1;
  return known->effects.covariance(kVerdictChannel, kVerdictChannel) /
         parameters_->therapist(kVerdictChannel, kVerdictChannel);
}

void Model::Learn(const FitCheck& fit_check, const Therapist* therapist) {
  const ClientState* known_client = clients_.Find(fit_check.client_id);
  const TherapistState* known_therapist = therapists_.Find(fit_check.therapist_id);
  auto client = std::make_shared<ClientState>(known_client != nullptr ? *known_client : NewClient());
  auto rated =
      std::make_shared<TherapistState>(known_therapist != nullptr ? *known_therapist : NewTherapist());
  if (fit_check.context) client->context = *fit_check.context;
  const ClientContext& context = client->context;

  const Eigen::VectorXd perceived = Perceived(known_therapist);
  Eigen::VectorXd x = Eigen::VectorXd::Zero(features_->size());
  x[0] = 1;
  if (therapist != nullptr) {
    const Eigen::VectorXd wish =
        StatedStyleWish(context, static_cast<int>(client->learned_style_wish.size())) +
        client->learned_style_wish;
    x = features_->Values(context, wish, *therapist, perceived);
  }

  const Observation observation = Observe(*catalog_, fit_check);
  if (!observation.empty()) {
    const double weight = ConcernWeight(context);
    std::vector<TrackRecord*> records;
    for (const Word concern : context.concerns)
      RecordFor(*rated, concern, parameters_->track_record_variance);
    for (const Word concern : context.concerns) {
      records.push_back(&RecordFor(*rated, concern, parameters_->track_record_variance));
    }

    Innovation seen;
    for (int j = 0; j < static_cast<int>(observation.answers.size()); ++j) {
      if (j == kVerdictChannel ? observation.verdict.has_value()
                               : observation.answers[static_cast<std::size_t>(j)].has_value()) {
        seen.channels.push_back(j);
      }
    }
    const auto size = static_cast<Eigen::Index>(seen.channels.size());
    const bool verdict = observation.verdict.has_value();  // then it is the first of the observed channels

    auto effects = std::make_shared<Effects>(*effects_);
    Eigen::MatrixXd& total = seen.total;
    total.resize(size, size);
    Eigen::VectorXd residual(size);  // δ; the verdict's entry is filled in below
    for (Eigen::Index i = 0; i < size; ++i) {
      const int j = seen.channels[static_cast<std::size_t>(i)];
      for (Eigen::Index k = 0; k < size; ++k) {
        const int l = seen.channels[static_cast<std::size_t>(k)];
        total(i, k) =
            client->leniency.covariance(j, l) + rated->effects.covariance(j, l) + parameters_->error(j, l);
      }
      total(i, i) += x.dot(effects->covariance[static_cast<std::size_t>(j)] * x);
      double expected = x.dot(effects->mean.col(j)) + client->leniency.mean[j] + rated->effects.mean[j];
      if (j == kVerdictChannel) {
        for (const TrackRecord* record : records) {
          expected += weight * record->mean;
          total(i, i) += weight * weight * record->variance;
        }
        expected += client->slopes.mean.dot(perceived);
        total(i, i) += perceived.dot(client->slopes.covariance * perceived);
        residual[i] = -expected;  // until the interval is looked at: 0 − expected
      } else {
        residual[i] = *observation.answers[static_cast<std::size_t>(j)] - expected;
      }
    }
    const Eigen::LLT<Eigen::MatrixXd> factor(total);
    seen.precision = factor.solve(Eigen::MatrixXd::Identity(size, size));
    seen.verdict = Eigen::VectorXd::Zero(size);
    if (verdict) {
      // The latent verdict given the numeric answers, then given that it lies in the interval that was said.
      const double variance_given = 1 / seen.precision(0, 0);
      const double expected = -residual[0];
      double mean_given = expected;
      for (Eigen::Index i = 1; i < size; ++i)
        mean_given -= variance_given * seen.precision(0, i) * residual[i];
      const Moments heard =
          TruncatedNormal(mean_given, variance_given, observation.verdict->low, observation.verdict->high);
      residual[0] = heard.mean - expected;
      seen.verdict = seen.precision.col(0);
      seen.verdict_variance = heard.variance;
    }
    seen.pull = seen.precision * residual;

    for (Eigen::Index i = 0; i < size; ++i) {
      const int j = seen.channels[static_cast<std::size_t>(i)];
      ConditionAlong(x, seen.pull[i], seen.precision(i, i), seen.verdict[i], seen.verdict_variance,
                     effects->mean.col(j), effects->covariance[static_cast<std::size_t>(j)]);
    }
    effects_ = std::move(effects);
    Condition(seen, client->leniency);
    Condition(seen, rated->effects);
    if (verdict) {
      const double shrink = seen.precision(0, 0) - seen.verdict_variance * seen.verdict[0] * seen.verdict[0];
      for (TrackRecord* record : records) {
        const double along = record->variance * weight;
        record->mean += along * seen.pull[0];
        record->variance -= shrink * along * along;
      }
      ConditionAlong(perceived, seen.pull[0], seen.precision(0, 0), seen.verdict[0], seen.verdict_variance,
                     client->slopes.mean, client->slopes.covariance);
    }
  }

  client->learned_style_wish =
      (client->learned_style_wish + HintedStyleWish(*catalog_, fit_check)).cwiseMax(-1).cwiseMin(1);
  for (const Word friction : fit_check.frictions) client->frictions.push_back(friction);
  client->frictions = MakeWordSet(std::move(client->frictions));
  ++client->fit_checks;
  ++rated->fit_checks;
  const auto at =
      std::lower_bound(client->therapists.begin(), client->therapists.end(), fit_check.therapist_id);
  if (at == client->therapists.end() || *at != fit_check.therapist_id) {
    client->therapists.insert(at, fit_check.therapist_id);
    ++rated->clients;
  }
  clients_.Set(fit_check.client_id, std::move(client));
  therapists_.Set(fit_check.therapist_id, std::move(rated));
}

}  // namespace rapport::matcher
