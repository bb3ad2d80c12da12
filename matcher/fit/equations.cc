#include "matcher/fit/equations.h"

#include <algorithm>
#include <numeric>

#include "Eigen/Cholesky"
#include "Eigen/LU"
#include "matcher/fit/dense.h"

namespace rapport::matcher {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Root of the group that `therapist` belongs to.
int Root(std::vector<int>& parent, int therapist) {
  while (parent[static_cast<std::size_t>(therapist)] != therapist) {
    int& up = parent[static_cast<std::size_t>(therapist)];
    up = parent[static_cast<std::size_t>(up)];
    therapist = up;
  }
  return therapist;
}

// One client's part of the equations: own block A, links B to the group's unknowns (columns `at`) and C to
// effects.
struct ClientBlock {
  Eigen::LLT<MatrixXd> own;
  VectorXd mean_part;
  std::vector<int> at;  // unknowns of the group that this client's answers touch, ascending
  MatrixXd to_group;    // A⁻¹ B
  MatrixXd to_effects;  // A⁻¹ C
};

}  // namespace

Equations::Equations(const std::vector<AnswerRow>& rows, EquationSizes sizes)
    : rows_(rows), sizes_(std::move(sizes)) {
  client_rows_.assign(static_cast<std::size_t>(sizes_.clients), {0, 0});
  std::vector<int> parent(static_cast<std::size_t>(sizes_.therapists));
  std::iota(parent.begin(), parent.end(), 0);
  for (std::size_t begin = 0; begin < rows_.size();) {
    std::size_t end = begin;
    while (end < rows_.size() && rows_[end].client == rows_[begin].client) {
      parent[static_cast<std::size_t>(Root(parent, rows_[end].therapist))] =
          Root(parent, rows_[begin].therapist);
      ++end;
    }
    client_rows_[static_cast<std::size_t>(rows_[begin].client)] = {begin, end};
    begin = end;
  }
  std::vector<int> group_of(parent.size(), -1);
  therapist_place_.resize(parent.size());
  for (int t = 0; t < sizes_.therapists; ++t) {
    int& group = group_of[static_cast<std::size_t>(Root(parent, t))];
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

absl::StatusOr<Posterior> Equations::Solve(const Covariances& covariances,
                                           absl::FunctionRef<bool()> cancelled) const {
  const Index channels = sizes_.channels, features = sizes_.features, slopes = sizes_.slopes;
  const Index own_size = channels + slopes, effects = channels * features;
  MatrixXd own_prior = MatrixXd::Zero(own_size, own_size);
  own_prior.topLeftCorner(channels, channels) = covariances.client.inverse();
  own_prior.diagonal().tail(slopes).setConstant(1 / covariances.slope);
  const MatrixXd therapist_prior = covariances.therapist.inverse();
  const VectorXd& loading = covariances.record_loading;

  // The effects' own part; groups add theirs. Effect of feature f on channel j is unknown j F + f.
  MatrixXd effect_matrix = MatrixXd::Zero(effects, effects);
  VectorXd effect_rhs = VectorXd::Zero(effects);
  const MatrixXd precision_root = covariances.effect_precision.cwiseSqrt();
  for (Index j = 0; j < channels; ++j) {
    for (Index k = 0; k < channels; ++k) {
      const VectorXd precision =
          covariances.effect_coupling(j, k) * precision_root.col(j).cwiseProduct(precision_root.col(k));
      effect_matrix.block(j * features, k * features, features, features).diagonal() = precision;
      effect_rhs.segment(j * features, features) += precision.cwiseProduct(covariances.effect_mean.col(k));
    }
  }

  std::vector<ClientBlock> blocks(static_cast<std::size_t>(sizes_.clients));
  struct Group {
    MatrixXd to_effects;  // D⁻¹ E
    VectorXd mean_part;   // D⁻¹ r
    MatrixXd inverse;     // D⁻¹
  };
  std::vector<Group> groups(group_size_.size());
  MatrixXd own_by_channel(channels, own_size);  // [I, e₀ f']
  MatrixXd square(features, features);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (cancelled()) return absl::CancelledError("the refit was cancelled");
    const Index size = group_size_[g];
    MatrixXd matrix = MatrixXd::Zero(size, size);  // lower triangle
    MatrixXd links = MatrixXd::Zero(size, effects);
    VectorXd rhs = VectorXd::Zero(size);
    for (const int t : group_therapists_[g]) {
      const int at = therapist_place_[static_cast<std::size_t>(t)].at;
      matrix.block(at, at, channels, channels) = therapist_prior;
    }
    for (const int record : group_records_[g]) {
      const int at = record_place_[static_cast<std::size_t>(record)].at;
      matrix(at, at) = 1 / covariances.record;
    }
    for (const int c : group_clients_[g]) {
      ClientBlock& block = blocks[static_cast<std::size_t>(c)];
      const auto [begin, end] = client_rows_[static_cast<std::size_t>(c)];
      for (std::size_t i = begin; i < end; ++i) {
        const int at = therapist_place_[static_cast<std::size_t>(rows_[i].therapist)].at;
        for (int j = 0; j < channels; ++j) block.at.push_back(at + j);
        for (const int record : rows_[i].records) {
          block.at.push_back(record_place_[static_cast<std::size_t>(record)].at);
        }
      }
      std::sort(block.at.begin(), block.at.end());
      block.at.erase(std::unique(block.at.begin(), block.at.end()), block.at.end());
      const auto local = [&block](int unknown) {
        return std::lower_bound(block.at.begin(), block.at.end(), unknown) - block.at.begin();
      };
      const auto touched = static_cast<Index>(block.at.size());
      MatrixXd own = own_prior;
      VectorXd own_rhs = VectorXd::Zero(own_size);
      MatrixXd own_group = MatrixXd::Zero(own_size, touched);
      MatrixXd own_effects = MatrixXd::Zero(own_size, effects);
      for (std::size_t i = begin; i < end; ++i) {
        const AnswerRow& row = rows_[i];
        const MatrixXd& information = row.information;
        own_by_channel.setZero();
        own_by_channel.leftCols(channels).setIdentity();
        if (row.slopes.size() > 0) own_by_channel.row(0).tail(slopes) = row.slopes.transpose();
        const MatrixXd own_information = own_by_channel.transpose() * information;  // own × J
        own += own_information * own_by_channel;
        own_rhs += own_by_channel.transpose() * row.information_mean;
        const int at = therapist_place_[static_cast<std::size_t>(row.therapist)].at;
        own_group.middleCols(local(at), channels) += own_information;
        const VectorXd on_record = row.record_weight * loading;  // how the answer depends on each
        matrix.block(at, at, channels, channels) += information;
        rhs.segment(at, channels) += row.information_mean;
        for (const int record : row.records) {
          const int place = record_place_[static_cast<std::size_t>(record)].at;
          own_group.col(local(place)) += own_information * on_record;
          // Records stand behind all therapists, so this is the lower triangle.
          matrix.block(place, at, 1, channels) += on_record.transpose() * information;
          for (const int other : row.records) {
            const int beside = record_place_[static_cast<std::size_t>(other)].at;
            if (beside <= place) matrix(place, beside) += on_record.dot(information * on_record);
          }
          rhs[place] += on_record.dot(row.information_mean);
        }
        square.noalias() = row.x * row.x.transpose();
        for (Index j = 0; j < channels; ++j) {
          const Index first = j * features;
          own_effects.middleCols(first, features) += own_information.col(j) * row.x.transpose();
          links.block(at, first, channels, features) += information.col(j) * row.x.transpose();
          for (const int record : row.records) {
            links.block(record_place_[static_cast<std::size_t>(record)].at, first, 1, features) +=
                on_record.dot(information.col(j)) * row.x.transpose();
          }
          effect_rhs.segment(first, features) += row.information_mean[j] * row.x;
          for (Index k = 0; k <= j; ++k) {
            if (information(j, k) == 0) continue;
            effect_matrix.block(first, k * features, features, features) += information(j, k) * square;
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
        for (Index b = 0; b <= a; ++b) matrix(row, block.at[static_cast<std::size_t>(b)]) -= filled(a, b);
        rhs[row] -= own_group.col(a).dot(block.mean_part);
      }
      const MatrixXd filled_links = own_group.transpose() * block.to_effects;
      for (Index a = 0; a < touched; ++a)
        links.row(block.at[static_cast<std::size_t>(a)]) -= filled_links.row(a);
      effect_matrix.triangularView<Eigen::Lower>() -= own_effects.transpose() * block.to_effects;
      effect_rhs -= own_effects.transpose() * block.mean_part;
    }
    Group& group = groups[g];
    if (!Factorise(matrix)) return absl::InternalError("a group's equations are not positive definite");
    InvertFactor(matrix);
    group.inverse = std::move(matrix);
    group.to_effects = group.inverse * links;
    group.mean_part = group.inverse * rhs;
    effect_matrix.triangularView<Eigen::Lower>() -= links.transpose() * group.to_effects;
    effect_rhs -= links.transpose() * group.mean_part;
  }
  if (!Factorise(effect_matrix)) {
    return absl::InternalError("the effects' equations are not positive definite");
  }
  InvertFactor(effect_matrix);
  const MatrixXd& effect_inverse = effect_matrix;
  const VectorXd effect = effect_inverse * effect_rhs;

  Posterior posterior;
  posterior.effect_mean = effect.reshaped(features, channels);
  std::vector<MatrixXd> effect_root;  // by channel, a square root of its effects' covariance
  for (Index j = 0; j < channels; ++j) {
    const MatrixXd covariance = effect_inverse.block(j * features, j * features, features, features);
    posterior.effect_covariance.push_back(.5 * (covariance + covariance.transpose()));
    effect_root.push_back(posterior.effect_covariance.back().llt().matrixL());
  }
  posterior.client_square = MatrixXd::Zero(channels, channels);
  posterior.therapist_square = MatrixXd::Zero(channels, channels);
  posterior.client_mean = MatrixXd::Zero(channels, sizes_.clients);
  posterior.therapist_mean = MatrixXd::Zero(channels, sizes_.therapists);
  posterior.fitted.resize(rows_.size());
  posterior.uncertainty.resize(rows_.size());

  std::vector<VectorXd> group_mean(groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    group_mean[g] = groups[g].mean_part - groups[g].to_effects * effect;
  }
  // What the effects' uncertainty adds to unknowns `at` ... of a group, each of channel 0, 1, ...: T Sβ⁻¹ T',
  // T = D⁻¹ E, taken channel by channel (with one channel that is all of it).
  const auto spread_within = [&](const Group& group, Index at, Index size) {
    VectorXd spread(size);
    for (Index j = 0; j < size; ++j) {
      spread[j] = (group.to_effects.row(at + j).segment(j * features, features) *
                   effect_root[static_cast<std::size_t>(j)])
                      .squaredNorm();
    }
    return spread;
  };
  const auto covariance_within = [&](const Group& group, Index at, Index size) {
    MatrixXd covariance = group.inverse.block(at, at, size, size);
    covariance.diagonal() += spread_within(group, at, size);
    return covariance;
  };
  for (std::size_t t = 0; t < therapist_place_.size(); ++t) {
    const auto [g, at] = therapist_place_[t];
    const auto group = static_cast<std::size_t>(g);
    const VectorXd mean = group_mean[group].segment(at, channels);
    posterior.therapist_mean.col(static_cast<Index>(t)) = mean;
    posterior.therapist_square += mean * mean.transpose() + covariance_within(groups[group], at, channels);
  }
  for (const Place& place : record_place_) {
    const auto group = static_cast<std::size_t>(place.group);
    const double mean = group_mean[group][place.at];
    posterior.record_square += mean * mean + covariance_within(groups[group], place.at, 1)(0, 0);
  }
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (cancelled()) return absl::CancelledError("the refit was cancelled");
    for (const int c : group_clients_[g]) {
      const ClientBlock& block = blocks[static_cast<std::size_t>(c)];
      const auto [begin, end] = client_rows_[static_cast<std::size_t>(c)];
      const auto count = static_cast<Index>(end - begin);
      const auto touched = static_cast<Index>(block.at.size());
      VectorXd near(touched);
      MatrixXd inverse(touched, touched), through(touched, effects);
      for (Index a = 0; a < touched; ++a) {
        const int row = block.at[static_cast<std::size_t>(a)];
        near[a] = group_mean[g][row];
        through.row(a) = groups[g].to_effects.row(row);
        for (Index b = 0; b < touched; ++b) {
          inverse(a, b) = groups[g].inverse(row, block.at[static_cast<std::size_t>(b)]);
        }
      }
      const VectorXd own = block.mean_part - block.to_group * near - block.to_effects * effect;
      posterior.client_mean.col(c) = own.head(channels);

      // Rows: the client's own unknowns, then the fitted channels of each answer; columns: how each depends
      // on the group's unknowns once the client is eliminated. `spread`: what the effects' uncertainty adds.
      MatrixXd on_group = MatrixXd::Zero(own_size + count * channels, touched);
      VectorXd spread(own_size + count * channels);
      const auto spread_of = [&](Index row, Index channel, const VectorXd& on_effects) {
        const auto columns = through.middleCols(channel * features, features);
        const VectorXd all = on_effects - columns.transpose() * on_group.row(row).transpose();
        spread[row] = (effect_root[static_cast<std::size_t>(channel)].transpose() * all).squaredNorm();
      };
      on_group.topRows(own_size) = -block.to_group;
      for (Index k = 0; k < own_size; ++k) {
        const Index channel = k < channels ? k : 0;
        spread_of(k, channel, -block.to_effects.row(k).segment(channel * features, features).transpose());
      }
      const MatrixXd own_inverse = block.own.solve(MatrixXd::Identity(own_size, own_size));
      for (std::size_t i = begin; i < end; ++i) {
        const AnswerRow& row = rows_[i];
        const Index first = own_size + static_cast<Index>(i - begin) * channels;
        own_by_channel.setZero();
        own_by_channel.leftCols(channels).setIdentity();
        if (row.slopes.size() > 0) own_by_channel.row(0).tail(slopes) = row.slopes.transpose();
        on_group.middleRows(first, channels) = -own_by_channel * block.to_group;
        const auto local = [&block](int unknown) {
          return std::lower_bound(block.at.begin(), block.at.end(), unknown) - block.at.begin();
        };
        const Index at = local(therapist_place_[static_cast<std::size_t>(row.therapist)].at);
        VectorXd& fitted = posterior.fitted[i];
        fitted =
            own_by_channel * own + near.segment(at, channels) + posterior.effect_mean.transpose() * row.x;
        for (Index j = 0; j < channels; ++j) on_group(first + j, at + j) += 1;
        for (const int record : row.records) {
          const Index place = local(record_place_[static_cast<std::size_t>(record)].at);
          on_group.block(first, place, channels, 1) += row.record_weight * loading;
          fitted += row.record_weight * near[place] * loading;
        }
        for (Index j = 0; j < channels; ++j) {
          const auto columns = block.to_effects.middleCols(j * features, features);
          spread_of(first + j, j, row.x - columns.transpose() * own_by_channel.row(j).transpose());
        }
        posterior.uncertainty[i] = own_by_channel * own_inverse * own_by_channel.transpose();
      }
      const MatrixXd group_part = on_group * inverse;
      const auto covariance = [&](Index at, Index size) {
        MatrixXd added = group_part.middleRows(at, size) * on_group.middleRows(at, size).transpose();
        added.diagonal() += spread.segment(at, size);
        return added;
      };
      const MatrixXd own_covariance = own_inverse + covariance(0, own_size);
      posterior.client_square += own.head(channels) * own.head(channels).transpose() +
                                 own_covariance.topLeftCorner(channels, channels);
      posterior.slope_square +=
          own.tail(slopes).squaredNorm() + own_covariance.bottomRightCorner(slopes, slopes).trace();
      for (Index i = 0; i < count; ++i) {
        posterior.uncertainty[begin + static_cast<std::size_t>(i)] +=
            covariance(own_size + i * channels, channels);
      }
    }
  }
  return posterior;
}

}  // namespace rapport::matcher
