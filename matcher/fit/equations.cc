#include "matcher/fit/equations.h"

#include <algorithm>
#include <utility>

#include "Eigen/Cholesky"
#include "Eigen/LU"
#include "matcher/fit/dense.h"
#include "matcher/fit/therapist_groups.h"

namespace rapport::matcher {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// One client's part of the equations: own block A, links B to the group's unknowns (columns `at`) and C to
// effects.
struct ClientBlock {
  Eigen::LLT<MatrixXd> own;
  VectorXd mean_part;
  std::vector<int> at;  // unknowns of the group that this client's answers touch, ascending
  MatrixXd to_group;    // A⁻¹ B
  MatrixXd to_effects;  // A⁻¹ C

  // Where an unknown of the group stands in `at`.
  Index Local(int unknown) const { return std::lower_bound(at.begin(), at.end(), unknown) - at.begin(); }
};

// What effects on channels j and k are known by together, by feature.
VectorXd EffectPrecision(const Covariances& covariances, Index j, Index k) {
  const auto of_j = covariances.effect_precision.col(j), of_k = covariances.effect_precision.col(k);
  VectorXd precision = covariances.effect_coupling(j, k) * of_j.cwiseProduct(of_k).cwiseSqrt();
  const Index alone = covariances.uncoupled_features;
  precision.head(alone) = (j == k ? 1 : 0) * of_j.head(alone);
  return precision;
}

absl::Status Stopped() {
  return absl::CancelledError("the refit was cancelled");
}

}  // namespace

Equations::Equations(const std::vector<AnswerRow>& rows, EquationSizes sizes)
    : rows_(rows), sizes_(std::move(sizes)) {
  client_rows_.assign(static_cast<std::size_t>(sizes_.clients), {0, 0});
  TherapistGroups groups(std::vector<int>(static_cast<std::size_t>(sizes_.therapists), 1), sizes_.therapists);
  for (std::size_t begin = 0; begin < rows_.size();) {
    std::size_t end = begin;
    while (end < rows_.size() && rows_[end].client == rows_[begin].client) {
      groups.Join(rows_[begin].therapist, rows_[end].therapist);
      ++end;
    }
    client_rows_[static_cast<std::size_t>(rows_[begin].client)] = {begin, end};
    begin = end;
  }
  std::vector<int> group_of(static_cast<std::size_t>(sizes_.therapists), -1);
  therapist_place_.resize(group_of.size());
  for (int t = 0; t < sizes_.therapists; ++t) {
    int& group = group_of[static_cast<std::size_t>(groups.Root(t))];
    if (group < 0) {
      group = static_cast<int>(group_size_.size());
      group_size_.push_back(0);
      group_therapists_.emplace_back();
    }
    group_therapists_[static_cast<std::size_t>(group)].push_back(t);
    int& size = group_size_[static_cast<std::size_t>(group)];
    therapist_place_[static_cast<std::size_t>(t)] = {group, size};
    size += sizes_.channels;
  }
  group_records_.resize(group_size_.size());
  for (const int owner : sizes_.record_owner) {
    const int group = therapist_place_[static_cast<std::size_t>(owner)].group;
    group_records_[static_cast<std::size_t>(group)].push_back(static_cast<int>(record_place_.size()));
    record_place_.push_back({group, group_size_[static_cast<std::size_t>(group)]++});
  }
  group_clients_.resize(group_size_.size());
  for (int c = 0; c < sizes_.clients; ++c) {
    const auto [begin, end] = client_rows_[static_cast<std::size_t>(c)];
    if (begin == end) continue;
    const int group = therapist_place_[static_cast<std::size_t>(rows_[begin].therapist)].group;
    group_clients_[static_cast<std::size_t>(group)].push_back(c);
  }
}

// One solution under given covariances: groups are eliminated one after another, each after its clients; then
// the effects are known, and what was eliminated follows from them in the opposite direction.
class Equations::Solution {
 public:
  Solution(const Equations& equations, const Covariances& covariances);

  absl::Status EliminateGroup(std::size_t g, absl::FunctionRef<bool()> cancelled);
  absl::Status SolveEffects();
  // After SolveEffects; clients of a group one group at a time.
  void AddTherapists();
  absl::Status AddClients(std::size_t g, absl::FunctionRef<bool()> cancelled);
  Posterior&& posterior() { return std::move(posterior_); }

 private:
  // A group's equations while its clients are eliminated.
  struct Open {
    MatrixXd matrix;  // lower triangle
    MatrixXd links;   // to effects
    VectorXd rhs;
  };
  struct Group {
    MatrixXd to_effects;  // D⁻¹ E
    VectorXd mean_part;   // D⁻¹ r
    MatrixXd inverse;     // D⁻¹
    VectorXd mean;
  };

  int AtTherapist(int therapist) const {
    return of_.therapist_place_[static_cast<std::size_t>(therapist)].at;
  }
  int AtRecord(int record) const { return of_.record_place_[static_cast<std::size_t>(record)].at; }
  absl::Status EliminateClient(int client, Open& open);
  // How an answer's channels depend on its client's own unknowns: [I, e₀ f'].
  const MatrixXd& OwnByChannel(const AnswerRow& row);
  // What the effects' uncertainty adds to unknowns `at` ... of a group, each of channel 0, 1, ...: T Sβ⁻¹ T',
  // T = D⁻¹ E, taken channel by channel (with one channel that is all of it).
  VectorXd SpreadWithin(const Group& group, Index at, Index size) const;
  MatrixXd CovarianceWithin(const Group& group, Index at, Index size) const;
  void AddClient(int client, const Group& group);

  const Equations& of_;
  const Covariances& covariances_;
  const Index channels_, features_, slopes_;
  const Index own_size_, effects_;
  MatrixXd own_prior_;
  const MatrixXd therapist_prior_;
  // The effects' equations; groups add theirs. Effect of feature f on channel j is unknown j F + f.
  MatrixXd effect_matrix_;  // lower triangle; its inverse once solved
  VectorXd effect_rhs_;
  VectorXd effect_;
  std::vector<MatrixXd> effect_root_;  // by channel, a square root of its effects' covariance
  std::vector<ClientBlock> blocks_;
  std::vector<Group> groups_;
  Posterior posterior_;
  MatrixXd own_by_channel_, square_;  // kept for their memory
};

Equations::Solution::Solution(const Equations& equations, const Covariances& covariances)
    : of_(equations),
      covariances_(covariances),
      channels_(of_.sizes_.channels),
      features_(of_.sizes_.features),
      slopes_(of_.sizes_.slopes),
      own_size_(channels_ + slopes_),
      effects_(channels_ * features_),
      own_prior_(MatrixXd::Zero(own_size_, own_size_)),
      therapist_prior_(covariances.therapist.inverse()),
      effect_matrix_(MatrixXd::Zero(effects_, effects_)),
      effect_rhs_(VectorXd::Zero(effects_)),
      blocks_(static_cast<std::size_t>(of_.sizes_.clients)),
      groups_(of_.group_size_.size()),
      own_by_channel_(channels_, own_size_),
      square_(features_, features_) {
  own_prior_.topLeftCorner(channels_, channels_) = covariances.client.inverse();
  own_prior_.diagonal().tail(slopes_).setConstant(1 / covariances.slope);
  for (Index j = 0; j < channels_; ++j) {
    for (Index k = 0; k < channels_; ++k) {
      const VectorXd precision = EffectPrecision(covariances, j, k);
      effect_matrix_.block(j * features_, k * features_, features_, features_).diagonal() = precision;
      effect_rhs_.segment(j * features_, features_) += precision.cwiseProduct(covariances.effect_mean.col(k));
    }
  }
}

const MatrixXd& Equations::Solution::OwnByChannel(const AnswerRow& row) {
  own_by_channel_.setZero();
  own_by_channel_.leftCols(channels_).setIdentity();
  if (row.slopes.size() > 0) own_by_channel_.row(0).tail(slopes_) = row.slopes.transpose();
  return own_by_channel_;
}

absl::Status Equations::Solution::EliminateClient(int client, Open& open) {
  ClientBlock& block = blocks_[static_cast<std::size_t>(client)];
  const auto [begin, end] = of_.client_rows_[static_cast<std::size_t>(client)];
  for (std::size_t i = begin; i < end; ++i) {
    const AnswerRow& row = of_.rows_[i];
    for (int j = 0; j < of_.sizes_.channels; ++j) block.at.push_back(AtTherapist(row.therapist) + j);
    for (const int record : row.records) block.at.push_back(AtRecord(record));
  }
  std::sort(block.at.begin(), block.at.end());
  block.at.erase(std::unique(block.at.begin(), block.at.end()), block.at.end());
  const auto touched = static_cast<Index>(block.at.size());
  MatrixXd own = own_prior_;
  VectorXd own_rhs = VectorXd::Zero(own_size_);
  MatrixXd own_group = MatrixXd::Zero(own_size_, touched);
  MatrixXd own_effects = MatrixXd::Zero(own_size_, effects_);
  for (std::size_t i = begin; i < end; ++i) {
    const AnswerRow& row = of_.rows_[i];
    const MatrixXd& information = row.information;
    const MatrixXd& own_by_channel = OwnByChannel(row);
    const MatrixXd own_information = own_by_channel.transpose() * information;  // own × J
    own += own_information * own_by_channel;
    own_rhs += own_by_channel.transpose() * row.information_mean;
    const int at = AtTherapist(row.therapist);
    own_group.middleCols(block.Local(at), channels_) += own_information;
    const VectorXd on_record = row.record_weight * covariances_.record_loading;  // how it depends on each
    open.matrix.block(at, at, channels_, channels_) += information;
    open.rhs.segment(at, channels_) += row.information_mean;
    for (const int record : row.records) {
      const int place = AtRecord(record);
      own_group.col(block.Local(place)) += own_information * on_record;
      // Records stand behind all therapists, so this is the lower triangle.
      open.matrix.block(place, at, 1, channels_) += on_record.transpose() * information;
      for (const int other : row.records) {
        const int beside = AtRecord(other);
        if (beside <= place) open.matrix(place, beside) += on_record.dot(information * on_record);
      }
      open.rhs[place] += on_record.dot(row.information_mean);
    }
    square_.noalias() = row.x * row.x.transpose();
    for (Index j = 0; j < channels_; ++j) {
      const Index first = j * features_;
      own_effects.middleCols(first, features_) += own_information.col(j) * row.x.transpose();
      open.links.block(at, first, channels_, features_) += information.col(j) * row.x.transpose();
      for (const int record : row.records) {
        open.links.block(AtRecord(record), first, 1, features_) +=
            on_record.dot(information.col(j)) * row.x.transpose();
      }
      effect_rhs_.segment(first, features_) += row.information_mean[j] * row.x;
      for (Index k = 0; k <= j; ++k) {
        if (information(j, k) == 0) continue;
        effect_matrix_.block(first, k * features_, features_, features_) += information(j, k) * square_;
      }
    }
  }
  block.own.compute(own);
  if (block.own.info() != Eigen::Success) {
    return absl::InternalError("a client's equations are not positive definite");
  }
  block.mean_part = block.own.solve(own_rhs);
  block.to_group = block.own.solve(own_group);
  block.to_effects = block.own.solve(own_effects);
  const MatrixXd filled = own_group.transpose() * block.to_group;
  for (Index a = 0; a < touched; ++a) {
    const int row = block.at[static_cast<std::size_t>(a)];
    for (Index b = 0; b <= a; ++b) open.matrix(row, block.at[static_cast<std::size_t>(b)]) -= filled(a, b);
    open.rhs[row] -= own_group.col(a).dot(block.mean_part);
  }
  const MatrixXd filled_links = own_group.transpose() * block.to_effects;
  for (Index a = 0; a < touched; ++a)
    open.links.row(block.at[static_cast<std::size_t>(a)]) -= filled_links.row(a);
  effect_matrix_.triangularView<Eigen::Lower>() -= own_effects.transpose() * block.to_effects;
  effect_rhs_ -= own_effects.transpose() * block.mean_part;
  return absl::OkStatus();
}

absl::Status Equations::Solution::EliminateGroup(std::size_t g, absl::FunctionRef<bool()> cancelled) {
  const Index size = of_.group_size_[g];
  Open open{MatrixXd::Zero(size, size), MatrixXd::Zero(size, effects_), VectorXd::Zero(size)};
  for (const int t : of_.group_therapists_[g]) {
    open.matrix.block(AtTherapist(t), AtTherapist(t), channels_, channels_) = therapist_prior_;
  }
  for (const int record : of_.group_records_[g]) {
    open.matrix(AtRecord(record), AtRecord(record)) = 1 / covariances_.record;
  }
  for (const int client : of_.group_clients_[g]) {
    if (cancelled()) return Stopped();
    if (const absl::Status done = EliminateClient(client, open); !done.ok()) return done;
  }
  if (!Factorise(open.matrix)) return absl::InternalError("a group's equations are not positive definite");
  InvertFactor(open.matrix);
  Group& group = groups_[g];
  group.inverse = std::move(open.matrix);
  group.to_effects = group.inverse * open.links;
  group.mean_part = group.inverse * open.rhs;
  effect_matrix_.triangularView<Eigen::Lower>() -= open.links.transpose() * group.to_effects;
  effect_rhs_ -= open.links.transpose() * group.mean_part;
  return absl::OkStatus();
}

absl::Status Equations::Solution::SolveEffects() {
  if (!Factorise(effect_matrix_)) {
    return absl::InternalError("the effects' equations are not positive definite");
  }
  InvertFactor(effect_matrix_);
  effect_ = effect_matrix_ * effect_rhs_;
  posterior_.effect_mean = effect_.reshaped(features_, channels_);
  for (Index j = 0; j < channels_; ++j) {
    const MatrixXd covariance = effect_matrix_.block(j * features_, j * features_, features_, features_);
    posterior_.effect_covariance.push_back(.5 * (covariance + covariance.transpose()));
    effect_root_.push_back(posterior_.effect_covariance.back().llt().matrixL());
  }
  const MatrixXd moved = posterior_.effect_mean - covariances_.effect_mean;
  posterior_.effect_square = VectorXd::Zero(features_);
  for (Index j = 0; j < channels_; ++j) {
    for (Index k = 0; k < channels_; ++k) {
      const VectorXd square =
          moved.col(j).cwiseProduct(moved.col(k)) +
          effect_matrix_.block(j * features_, k * features_, features_, features_).diagonal();
      posterior_.effect_square += EffectPrecision(covariances_, j, k).cwiseProduct(square);
    }
  }
  for (Group& group : groups_) group.mean = group.mean_part - group.to_effects * effect_;
  return absl::OkStatus();
}

VectorXd Equations::Solution::SpreadWithin(const Group& group, Index at, Index size) const {
  VectorXd spread(size);
  for (Index j = 0; j < size; ++j) {
    spread[j] = (group.to_effects.row(at + j).segment(j * features_, features_) *
                 effect_root_[static_cast<std::size_t>(j)])
                    .squaredNorm();
  }
  return spread;
}

MatrixXd Equations::Solution::CovarianceWithin(const Group& group, Index at, Index size) const {
  MatrixXd covariance = group.inverse.block(at, at, size, size);
  covariance.diagonal() += SpreadWithin(group, at, size);
  return covariance;
}

void Equations::Solution::AddTherapists() {
  posterior_.therapist_square = MatrixXd::Zero(channels_, channels_);
  posterior_.therapist_mean = MatrixXd::Zero(channels_, of_.sizes_.therapists);
  posterior_.client_square = MatrixXd::Zero(channels_, channels_);
  posterior_.client_mean = MatrixXd::Zero(channels_, of_.sizes_.clients);
  posterior_.fitted.resize(of_.rows_.size());
  posterior_.uncertainty.resize(of_.rows_.size());
  for (std::size_t t = 0; t < of_.therapist_place_.size(); ++t) {
    const auto [g, at] = of_.therapist_place_[t];
    const Group& group = groups_[static_cast<std::size_t>(g)];
    const VectorXd mean = group.mean.segment(at, channels_);
    posterior_.therapist_mean.col(static_cast<Index>(t)) = mean;
    posterior_.therapist_square += mean * mean.transpose() + CovarianceWithin(group, at, channels_);
  }
  for (const Place& place : of_.record_place_) {
    const Group& group = groups_[static_cast<std::size_t>(place.group)];
    const double mean = group.mean[place.at];
    posterior_.record_square += mean * mean + CovarianceWithin(group, place.at, 1)(0, 0);
  }
}

absl::Status Equations::Solution::AddClients(std::size_t g, absl::FunctionRef<bool()> cancelled) {
  for (const int client : of_.group_clients_[g]) {
    if (cancelled()) return Stopped();
    AddClient(client, groups_[g]);
  }
  return absl::OkStatus();
}

void Equations::Solution::AddClient(int client, const Group& group) {
  const ClientBlock& block = blocks_[static_cast<std::size_t>(client)];
  const auto [begin, end] = of_.client_rows_[static_cast<std::size_t>(client)];
  const auto count = static_cast<Index>(end - begin);
  const auto touched = static_cast<Index>(block.at.size());
  VectorXd near(touched);
  MatrixXd inverse(touched, touched), through(touched, effects_);
  for (Index a = 0; a < touched; ++a) {
    const int row = block.at[static_cast<std::size_t>(a)];
    near[a] = group.mean[row];
    through.row(a) = group.to_effects.row(row);
    for (Index b = 0; b < touched; ++b) {
      inverse(a, b) = group.inverse(row, block.at[static_cast<std::size_t>(b)]);
    }
  }
  const VectorXd own = block.mean_part - block.to_group * near - block.to_effects * effect_;
  posterior_.client_mean.col(client) = own.head(channels_);

  // Rows: the client's own unknowns, then the fitted channels of each answer; columns: how each depends on
  // the group's unknowns once the client is eliminated. `spread`: what the effects' uncertainty adds.
  MatrixXd on_group = MatrixXd::Zero(own_size_ + count * channels_, touched);
  VectorXd spread(own_size_ + count * channels_);
  const auto spread_of = [&](Index row, Index channel, const VectorXd& on_effects) {
    const auto columns = through.middleCols(channel * features_, features_);
    const VectorXd all = on_effects - columns.transpose() * on_group.row(row).transpose();
    spread[row] = (effect_root_[static_cast<std::size_t>(channel)].transpose() * all).squaredNorm();
  };
  on_group.topRows(own_size_) = -block.to_group;
  for (Index k = 0; k < own_size_; ++k) {
    const Index channel = k < channels_ ? k : 0;
    spread_of(k, channel, -block.to_effects.row(k).segment(channel * features_, features_).transpose());
  }
  const MatrixXd own_inverse = block.own.solve(MatrixXd::Identity(own_size_, own_size_));
  for (std::size_t i = begin; i < end; ++i) {
    const AnswerRow& row = of_.rows_[i];
    const Index first = own_size_ + static_cast<Index>(i - begin) * channels_;
    const MatrixXd& own_by_channel = OwnByChannel(row);
    on_group.middleRows(first, channels_) = -own_by_channel * block.to_group;
    const Index at = block.Local(AtTherapist(row.therapist));
    VectorXd& fitted = posterior_.fitted[i];
    fitted = own_by_channel * own + near.segment(at, channels_) + posterior_.effect_mean.transpose() * row.x;
    for (Index j = 0; j < channels_; ++j) on_group(first + j, at + j) += 1;
    for (const int record : row.records) {
      const Index place = block.Local(AtRecord(record));
      on_group.block(first, place, channels_, 1) += row.record_weight * covariances_.record_loading;
      fitted += row.record_weight * near[place] * covariances_.record_loading;
    }
    for (Index j = 0; j < channels_; ++j) {
      const auto columns = block.to_effects.middleCols(j * features_, features_);
      spread_of(first + j, j, row.x - columns.transpose() * own_by_channel.row(j).transpose());
    }
    posterior_.uncertainty[i] = own_by_channel * own_inverse * own_by_channel.transpose();
  }
  const MatrixXd group_part = on_group * inverse;
  const auto covariance = [&](Index at, Index size) {
    MatrixXd added = group_part.middleRows(at, size) * on_group.middleRows(at, size).transpose();
    added.diagonal() += spread.segment(at, size);
    return added;
  };
  const MatrixXd own_covariance = own_inverse + covariance(0, own_size_);
  posterior_.client_square += own.head(channels_) * own.head(channels_).transpose() +
                              own_covariance.topLeftCorner(channels_, channels_);
  posterior_.slope_square +=
      own.tail(slopes_).squaredNorm() + own_covariance.bottomRightCorner(slopes_, slopes_).trace();
  for (Index i = 0; i < count; ++i) {
    posterior_.uncertainty[begin + static_cast<std::size_t>(i)] +=
        covariance(own_size_ + i * channels_, channels_);
  }
}

absl::StatusOr<Posterior> Equations::Solve(const Covariances& covariances,
                                           absl::FunctionRef<bool()> cancelled) const {
  Solution solution(*this, covariances);
  for (std::size_t g = 0; g < group_size_.size(); ++g) {
    if (const absl::Status done = solution.EliminateGroup(g, cancelled); !done.ok()) return done;
  }
  if (const absl::Status done = solution.SolveEffects(); !done.ok()) return done;
  solution.AddTherapists();
  for (std::size_t g = 0; g < group_size_.size(); ++g) {
    if (const absl::Status done = solution.AddClients(g, cancelled); !done.ok()) return done;
  }
  return solution.posterior();
}

}  // namespace rapport::matcher
